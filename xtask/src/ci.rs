//! The checks while writing, everything CI runs, and the benchmark.
//!
//! Takes the repository, gives success if every step passes; cheapest first, stopping at the first that fails. Each
//! runner's own words go to this terminal unchanged.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::cli::Suite;
use crate::process::{cargo, run};
use crate::workspace::Workspace;
use crate::{checkpoint, dependencies, headless, setup, site, walls};

/// A step of a command, with the command that does it alone.
struct Step<'a> {
    name: &'static str,
    again: &'static str,
    work: Box<dyn FnOnce() -> Result<()> + 'a>,
}

fn step<'a>(name: &'static str, again: &'static str, work: impl FnOnce() -> Result<()> + 'a) -> Step<'a> {
    let work = Box::new(work);
    Step { name, again, work }
}

/// Formatting, lints, types and walls: what can be said without running anything.
///
/// # Errors
/// Names the first step that failed.
pub fn check(workspace: &Workspace) -> Result<()> {
    in_turn("check", checks(workspace))
}

/// The steps that run nothing of the crate or the page.
fn checks(workspace: &Workspace) -> Vec<Step<'_>> {
    let cargo = |args: &'static str| move || run(&mut native(workspace, args)?);
    let npm = |script: &'static str| move || run(&mut npm(workspace, script)?);
    vec![
        step("formatting", "check", cargo("fmt --all --check")),
        step("walls", "check", || walls::hold(&workspace.root)),
        step("dependencies", "check", || dependencies::hold(workspace)),
        step("npm packages", "check", || setup::node_packages(workspace)),
        step("lints of web", "check", npm("lint")),
        step("types of web", "check", npm("check")),
        step(
            "clippy",
            "check",
            cargo("clippy --quiet --workspace --all-targets --features bertlet/webgpu -- -D warnings"),
        ),
    ]
}

/// Runs everything. The wasm is compiled beside the native steps, which each leave a processor idle at their ends.
///
/// # Errors
/// Names the first step that failed.
pub fn test(workspace: &Workspace) -> Result<()> {
    let built = build_beside(workspace);
    let mut steps = checks(workspace);
    steps.push(step("tests of xtask", "test", || {
        run(&mut native(workspace, "test --quiet --package xtask")?)
    }));
    steps.push(suite_step(workspace, Suite::Unit));
    steps.push(suite_step(workspace, Suite::Native));
    steps.push(step("fuzzer", "fuzz", || {
        fuzz(workspace, &["--seconds", "25", "--seed", "1"].map(OsString::from))
    }));
    steps.push(step("build", "build", || {
        let outcome = built.recv().context("the build ended without an outcome")?;
        // Nothing is compiled by now; this prints the sizes.
        outcome.and_then(|()| site::build(workspace, None))
    }));
    if has_script(workspace, "check:boundary") {
        steps.push(step("boundary types", "test", || {
            run(&mut npm(workspace, "check:boundary")?)
        }));
    }
    steps.push(step("browser", "test", || browser().map(drop)));
    steps.push(step("quick start", "start --headless --epochs 1", || {
        headless::test(workspace)
    }));
    steps.push(suite_step(workspace, Suite::Node));
    steps.push(suite_step(workspace, Suite::Browser));
    steps.push(suite_step(workspace, Suite::Studio));
    steps.push(step("other browsers", "test", setup::other_browsers));
    steps.push(suite_step(workspace, Suite::Others));
    in_turn("test", steps)
}

/// Runs one suite, or the tests of it with `name` in their name.
pub fn test_suite(workspace: &Workspace, suite: Suite, name: Option<&str>) -> Result<()> {
    match suite {
        Suite::Native => {}
        Suite::Unit => setup::node_packages(workspace)?,
        Suite::Node | Suite::Browser | Suite::Studio | Suite::Others => {
            let browsers = || {
                browser()?;
                match suite {
                    Suite::Others => setup::other_browsers(),
                    Suite::Node => setup::python_with_torch(workspace).map(drop),
                    _ => Ok(()),
                }
            };
            site::prepare(workspace, None, &crate::wasm::BUILDS, vec![Box::new(browsers)])?;
        }
    }
    run_suite(workspace, suite, name)
}

fn suite_step(workspace: &Workspace, suite: Suite) -> Step<'_> {
    let (name, again) = match suite {
        Suite::Native => ("tests of the crate", "test native"),
        Suite::Unit => ("tests in Node.js", "test unit"),
        Suite::Node => ("tests of the library in Node.js", "test node"),
        Suite::Browser => ("tests in Chromium", "test browser"),
        Suite::Studio => ("tests of the page", "test studio"),
        Suite::Others => ("tests in other browsers", "test others"),
    };
    step(name, again, move || run_suite(workspace, suite, None))
}

fn run_suite(workspace: &Workspace, suite: Suite, name: Option<&str>) -> Result<()> {
    let mut command = match suite {
        Suite::Native => native(workspace, "test --package bertlet --features webgpu")?,
        Suite::Unit => npm(workspace, "test:unit")?,
        Suite::Node => npm(workspace, "test:node")?,
        Suite::Browser => npm(workspace, "test:browser")?,
        Suite::Studio => npm(workspace, "test:studio")?,
        Suite::Others => npm(workspace, "test:others")?,
    };
    if let Some(name) = name {
        if suite != Suite::Native {
            command.arg("--");
        }
        command.arg(name);
    }
    run(&mut command)
}

/// Starts building the site, and installing Python, in a thread of its own; what it gives comes through the receiver.
fn build_beside(workspace: &Workspace) -> Receiver<Result<()>> {
    let (sender, receiver) = channel();
    let workspace = workspace.clone();
    thread::spawn(move || {
        let python = || setup::python_with_torch(&workspace).map(drop);
        let built = site::prepare(&workspace, None, &crate::wasm::BUILDS, vec![Box::new(python)]);
        // Nobody waits for it once another step has failed.
        drop(sender.send(built.map(drop)));
    });
    receiver
}

/// Does the steps one after another and prints the time of each.
fn in_turn(command: &str, steps: Vec<Step>) -> Result<()> {
    let mut times = Vec::new();
    let mut outcome = Ok(());
    for Step { name, again, work } in steps {
        println!("\n== {name}");
        let begun = Instant::now();
        outcome = work();
        let seconds = begun.elapsed().as_secs_f64();
        let passed = if outcome.is_ok() { "passed" } else { "FAILED" };
        println!("== {name}: {passed} after {seconds:.1} s");
        times.push((name, seconds));
        if outcome.is_err() {
            outcome = outcome.with_context(|| {
                format!("cargo xtask {command} stopped at the step '{name}'; run it alone with: cargo xtask {again}")
            });
            break;
        }
    }
    println!("\n{:<32}{:>9}", "step", "seconds");
    let all = ("all", times.iter().map(|(_, seconds)| seconds).sum());
    for (name, seconds) in times.into_iter().chain([all]) {
        println!("{name:<32}{seconds:>9.1}");
    }
    outcome
}

/// Runs the fuzzer; of folders, their inputs again.
///
/// # Errors
/// Where an input panics, answers with no number, takes over a second, or too much memory.
pub fn fuzz(workspace: &Workspace, args: &[OsString]) -> Result<()> {
    let mut command = native(
        workspace,
        "test --quiet --package bertlet --features webgpu --test fuzz --",
    )?;
    // Cargo runs it in the crate's folder.
    let whole = |arg: &OsString| fs::canonicalize(arg).map_or_else(|_| arg.clone(), OsString::from);
    // One thread: the models are tiny, and a second one only waits.
    run(command.args(args.iter().map(whole)).env("RAYON_NUM_THREADS", "1"))
}

/// Prints the benchmark's tables, for the whole site and its sizes.
pub fn bench(workspace: &Workspace, args: &[OsString]) -> Result<()> {
    site::build(workspace, None)?;
    setup::bench_packages(workspace)?;
    let mut command = npm(workspace, "bench")?;
    run(command.env("BERTLET_SIZES", workspace.sizes()).arg("--").args(args))
}

/// Cargo with `args`, for this machine; the tests hold the default checkpoint too, and may not skip it.
fn native(workspace: &Workspace, args: &str) -> Result<Command> {
    let mut command = cargo();
    command
        .args(args.split(' '))
        .env("CARGO_TARGET_DIR", workspace.target("native")?)
        .current_dir(&workspace.root);
    if args.starts_with("test --package bertlet") {
        command.env("BERTLET_MODEL", checkpoint::folder(workspace, None)?);
        if let Some(driver) = setup::vulkan_driver()? {
            command.env("VK_DRIVER_FILES", driver);
        }
    }
    Ok(command)
}

/// A script of web/package.json, which finds the browser in its environment.
fn npm(workspace: &Workspace, script: &str) -> Result<Command> {
    let mut command = Command::new("npm");
    command.args(["run", "--silent", script]).current_dir(workspace.web());
    if matches!(script, "test:browser" | "test:studio" | "test:others" | "bench") {
        command.env("BERTLET_CHROMIUM", setup::chromium()?);
    }
    if script == "test:browser" {
        command.env("BERTLET_MODEL", checkpoint::folder(workspace, None)?);
    }
    if script == "test:node" {
        command.env("VK_DRIVER_FILES", setup::swiftshader()?);
        command.env("BERTLET_PYTHON", setup::python_with_torch(workspace)?);
    }
    Ok(command)
}

fn has_script(workspace: &Workspace, name: &str) -> bool {
    let package = fs::read_to_string(workspace.web().join("package.json")).unwrap_or_default();
    serde_json::from_str::<serde_json::Value>(&package).is_ok_and(|package| package["scripts"][name].is_string())
}

/// The browser and the fonts that its screenshots need.
fn browser() -> Result<PathBuf> {
    setup::chinese_font();
    setup::chromium()
}
