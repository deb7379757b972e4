//! Everything CI runs, and the benchmark.
//!
//! Takes the repository, gives success if every step passes; cheapest first, stopping at the first that fails. Each
//! runner's own words go to this terminal unchanged.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::process::{cargo, run};
use crate::{checkpoint, headless, setup, site};

/// What a step is called, and what it does.
type Step<'a> = (&'static str, Box<dyn Fn() -> Result<()> + 'a>);

/// Runs every check.
///
/// # Errors
/// Names the first step that failed.
pub fn test(place: &Place) -> Result<()> {
    let target = place.target("native")?;
    let model = checkpoint::folder(place, None)?;
    let native = |words: &'static str| -> Box<dyn Fn() -> Result<()>> {
        let (root, target, model) = (place.root.clone(), target.clone(), model.clone());
        Box::new(move || {
            run(cargo()
                .args(words.split(' '))
                .env("CARGO_TARGET_DIR", &target)
                // The tests hold the default checkpoint too, and may not skip it.
                .env("BERTLET_MODEL", &model)
                .current_dir(&root))
        })
    };
    let npm = |script: &'static str| -> Box<dyn Fn() -> Result<()> + '_> { Box::new(move || npm_run(place, script)) };
    let steps: Vec<Step> = vec![
        ("cargo fmt", native("fmt --all --check")),
        ("clippy", native("clippy --workspace --all-targets -- -D warnings")),
        ("tests of xtask", native("test --package xtask")),
        ("npm packages", Box::new(|| setup::node_packages(place))),
        ("lint of web", npm("lint")),
        ("types of web", npm("check")),
        ("tests of the crate", native("test --package bertlet")),
        ("build", Box::new(|| site::build(place, None))),
        ("browser", Box::new(browser)),
        ("quick start", Box::new(|| headless::test(place))),
        ("tests in node", npm("test:unit")),
        ("tests in the browser", npm("test:browser")),
        ("tests of the page", npm("test:studio")),
    ];
    let mut times = Vec::new();
    for (name, step) in steps {
        println!("\n== {name}");
        let begun = Instant::now();
        let outcome = step();
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "== {name}: {} after {seconds:.1} s",
            if outcome.is_ok() { "passed" } else { "FAILED" }
        );
        times.push((name, seconds));
        if outcome.is_err() {
            print_times(&times);
            return outcome.with_context(|| format!("cargo xtask test stopped at the step '{name}'"));
        }
    }
    print_times(&times);
    Ok(())
}

fn print_times(times: &[(&str, f64)]) {
    println!("\n{:<24}{:>9}", "step", "seconds");
    for (name, seconds) in times {
        println!("{name:<24}{seconds:>9.1}");
    }
    println!(
        "{:<24}{:>9.1}",
        "all",
        times.iter().map(|(_, seconds)| seconds).sum::<f64>()
    );
}

/// Builds the site, which prints its sizes, and prints the benchmark's tables.
pub fn bench(place: &Place) -> Result<()> {
    site::build(place, None)?;
    setup::bench_packages(place)?;
    npm_run(place, "bench")
}

/// The browser and the fonts that its screenshots need.
fn browser() -> Result<()> {
    setup::chinese_font();
    setup::chromium().map(drop)
}

/// Runs a script of web/package.json, which finds the browser in its environment.
fn npm_run(place: &Place, script: &str) -> Result<()> {
    let needs_browser = script.starts_with("test:") || script == "bench";
    let chromium: Option<PathBuf> = needs_browser.then(setup::chromium).transpose()?;
    let mut command = Command::new("npm");
    command.args(["run", "--silent", script]).current_dir(place.web());
    if let Some(path) = chromium {
        command.env("BERTLET_CHROMIUM", path);
    }
    if script == "bench" {
        command.env("BERTLET_SIZES", place.sizes());
    }
    run(&mut command)
}
