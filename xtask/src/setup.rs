//! What a fresh machine lacks.
//!
//! Takes the machine as it is, installs a program only if it is missing, and says what and why. The second time each
//! step here is a look at a file or a version, and prints nothing. The wasm toolchain itself is chosen in `wasm`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::place::{Place, hex_of_file};
use crate::process::{capture, cargo, on_path, run, say, succeeds};

/// The oldest Node.js whose `node --test` and web streams the scripts use.
const NODE_MAJOR: u32 = 20;

/// Installs packages of the distribution, as root or through sudo.
///
/// # Errors
/// Says what to type if this user may not install, or the distribution has no apt.
pub fn apt_install(packages: &[&str], why: &str) -> Result<()> {
    let list = packages.join(" ");
    if on_path("apt-get").is_none() {
        bail!("{why}: apt-get was expected to install it ({list}), but this machine has none; install it by hand");
    }
    let apt = |words: &[&str]| {
        let mut command = if capture(Command::new("id").arg("-u")).is_ok_and(|id| id == "0") {
            Command::new("env")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env"]);
            sudo
        };
        command
            .args([
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "-q",
                "-o",
                "DPkg::Lock::Timeout=600",
            ])
            .args(words);
        command
    };
    if !succeeds(&mut apt(&["--version"])) {
        bail!("{why}: this user may not install it; type `sudo apt-get install {list}`, then run this command again");
    }
    say(format!("Installing {list} with apt-get: {why}"));
    // An out-of-date list is no failure yet: the install below decides.
    if let Err(failure) = run(&mut apt(&["update"])) {
        say(format!("{failure:#}"));
    }
    run(apt(&["install", "-y", "--no-install-recommends"]).args(packages)).with_context(|| why.to_owned())
}

/// Node.js and npm, new enough, and the packages of web/package-lock.json.
pub fn node_packages(place: &Place) -> Result<()> {
    npm_ci(&place.web(), "to build and test the site")
}

/// The libraries that the benchmark sets beside this one. Nothing else needs them, so nothing else installs them.
pub fn bench_packages(place: &Place) -> Result<()> {
    npm_ci(
        &place.bench(),
        "to measure them (about 250 MB); remove tests/bench/node_modules when done",
    )
}

/// The packages that a folder's package-lock.json pins, installed if that has changed since.
fn npm_ci(folder: &Path, why: &str) -> Result<()> {
    node()?;
    let lock = folder.join("package-lock.json");
    let expected =
        hex_of_file(&lock)?.with_context(|| format!("{}: expected beside package.json, not found", lock.display()))?;
    let stamp = folder.join("node_modules/.package-lock.sha256");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == expected) {
        return Ok(());
    }
    say(format!(
        "Installing the npm packages that {} pins, {why}",
        lock.display()
    ));
    run(Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder))?;
    fs::write(&stamp, expected).with_context(|| format!("{}: cannot be written", stamp.display()))
}

fn node() -> Result<()> {
    let version = || capture(Command::new("node").arg("--version")).ok();
    if version().is_none() || on_path("npm").is_none() {
        apt_install(&["nodejs", "npm"], "Node.js and npm build and test the site")?;
    }
    let found = version().context("node --version: expected to work once installed; is it on the PATH?")?;
    if major(&found).is_none_or(|major| major < NODE_MAJOR) {
        bail!(
            "Node.js {NODE_MAJOR} or newer was expected, {found} was found; install a newer one and put it first on the PATH"
        );
    }
    Ok(())
}

/// The 20 of `v20.1.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The executable of Chromium: `BERTLET_CHROMIUM`, else one on the PATH, else the distribution's.
pub fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("BERTLET_CHROMIUM").filter(|value| !value.is_empty()) {
        let path = PathBuf::from(chosen);
        if !path.is_file() {
            bail!(
                "BERTLET_CHROMIUM: an executable was expected at {}, none was found",
                path.display()
            );
        }
        return Ok(path);
    }
    let find = || {
        ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(on_path)
    };
    if find().is_none() {
        apt_install(
            &["chromium"],
            "a real browser runs the headless quick start and the browser tests",
        )?;
    }
    find().context("chromium: expected on the PATH once installed; set BERTLET_CHROMIUM to its executable")
}

/// The fonts without which Chinese text is empty boxes on the page's screenshots. Tests pass without them.
pub fn chinese_font() {
    let there = succeeds(Command::new("sh").args(["-c", "test -n \"$(fc-list :lang=zh 2>/dev/null)\""]));
    if there {
        return;
    }
    if let Err(failure) = apt_install(
        &["fonts-noto-cjk", "fontconfig"],
        "the page's tests look at Chinese text",
    ) {
        say(format!("Going on without a Chinese font: {failure:#}"));
    }
}

/// The wasm-bindgen command of exactly the version that the crate was locked to.
pub fn wasm_bindgen(place: &Place) -> Result<PathBuf> {
    let lock = place.cargo_lock()?;
    let version = locked_version(&lock, "wasm-bindgen")
        .context("Cargo.lock: a package wasm-bindgen was expected, none was found")?;
    let tools = place.tools();
    let program = tools.join("bin/wasm-bindgen");
    let expected = format!("wasm-bindgen {version}");
    if program.is_file() && capture(Command::new(&program).arg("--version")).is_ok_and(|found| found == expected) {
        return Ok(program);
    }
    say(format!(
        "Building wasm-bindgen {version} (a few minutes, once): it writes the JavaScript beside the wasm"
    ));
    fs::create_dir_all(&tools).with_context(|| format!("{}: cannot be made", tools.display()))?;
    let target = tools.join("building");
    // Without --locked: the lock file published with it names versions that no longer build. Run outside the
    // repository, so that its .cargo/config.toml has no say.
    run(cargo()
        .args([
            "install",
            "wasm-bindgen-cli",
            "--version",
            version,
            "--force",
            "--bin",
            "wasm-bindgen",
            "--root",
        ])
        .arg(&tools)
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(&tools))?;
    fs::remove_dir_all(&target).with_context(|| format!("{}: cannot be removed", target.display()))?;
    Ok(program)
}

/// The version of a package in the text of a Cargo.lock, which has one key a line.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock.lines();
    lines.find(|line| *line == format!("name = \"{package}\""))?;
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "bindgen"), None);
    }

    #[test]
    fn node_versions() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20.20.2"), None);
        assert_eq!(major("v"), None);
    }
}
