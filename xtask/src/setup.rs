//! What a fresh machine lacks.
//!
//! Takes the machine as it is, installs a program only if it is missing, and says what and why. The second time each
//! step here is a look at a file or a version, and prints nothing. The compiler for wasm32 is chosen in `toolchain`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use crate::process::{capture, on_path, run, say, succeeds};
use crate::progress;
use crate::workspace::{Workspace, hex_of_file};

/// The oldest Node.js whose `node --test` and web streams the scripts use.
const NODE_MAJOR: u32 = 20;

/// Steps run side by side, and each of these bears only one of itself.
static APT: Mutex<()> = Mutex::new(());
static NPM: Mutex<()> = Mutex::new(());

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
    let _alone = APT.lock().unwrap_or_else(PoisonError::into_inner);
    say(format!("Installing {list} with apt-get: {why}"));
    // An out-of-date list is no failure yet: the install below decides.
    if let Err(failure) = run(&mut apt(&["update"])) {
        say(format!("{failure:#}"));
    }
    run(apt(&["install", "-y", "--no-install-recommends"]).args(packages)).with_context(|| why.to_owned())
}

/// Python's package installer, which also brings programs that no other registry has compiled.
pub fn pip(why: &str) -> Result<Command> {
    let pip = || {
        let mut command = Command::new("python3");
        command.args(["-m", "pip"]);
        command
    };
    if !succeeds(pip().arg("--version")) {
        apt_install(&["python3-pip"], why)?;
    }
    Ok(pip())
}

/// Node.js and npm, new enough, and the packages of web/package-lock.json.
pub fn node_packages(workspace: &Workspace) -> Result<()> {
    npm_ci(workspace, &workspace.web(), "to build and test the site")
}

/// The libraries that the benchmark sets beside this one. Nothing else needs them, so nothing else installs them.
pub fn bench_packages(workspace: &Workspace) -> Result<()> {
    npm_ci(
        workspace,
        &workspace.bench(),
        "to measure them (about 250 MB); remove tests/bench/node_modules when done",
    )
}

/// The packages that a folder's package-lock.json pins, installed if that has changed since.
fn npm_ci(workspace: &Workspace, folder: &Path, why: &str) -> Result<()> {
    let _alone = NPM.lock().unwrap_or_else(PoisonError::into_inner);
    node()?;
    let lock = folder.join("package-lock.json");
    let expected =
        hex_of_file(&lock)?.with_context(|| format!("{}: expected beside package.json, not found", lock.display()))?;
    let stamp = folder.join("node_modules/.package-lock.sha256");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == expected) {
        return Ok(());
    }
    let shown = lock.strip_prefix(&workspace.root).unwrap_or(&lock).display();
    let what = format!("Installing the npm packages that {shown} pins, {why}");
    progress::step(workspace, &format!("npm {shown}"), &what, 10, || {
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(folder))
    })?;
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

/// Firefox, and WebKitGTK with its driver and a display for it: Safari's engine. The tests find them where Debian puts them.
pub fn other_browsers() -> Result<()> {
    let packages = [
        ("firefox-esr", "firefox-esr"),
        ("WebKitWebDriver", "webkit2gtk-driver"),
        ("Xvfb", "xvfb"),
    ];
    let missing = packages.iter().filter(|(program, _)| on_path(program).is_none());
    let missing: Vec<&str> = missing.map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    apt_install(
        &missing,
        "the library and the page are tested in Firefox and WebKit too",
    )
}

/// The Vulkan driver for the native tests of the GPU's shaders, as the Vulkan loader's `VK_DRIVER_FILES` takes it: that of
/// the environment, else Mesa's lavapipe, which computes on the CPU. None but on Linux, where the system brings one.
pub fn vulkan_driver() -> Result<Option<OsString>> {
    const DRIVERS: &str = "/usr/share/vulkan/icd.d";
    if let Some(chosen) = env::var_os("VK_DRIVER_FILES").filter(|value| !value.is_empty()) {
        return Ok(Some(chosen));
    }
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let find = || {
        let files = fs::read_dir(DRIVERS).ok()?.flatten().map(|file| file.path());
        let mut files = files.filter(|path| path.to_string_lossy().contains("lvp_icd"));
        files.next().map(PathBuf::into_os_string)
    };
    if find().is_none() {
        apt_install(
            &["mesa-vulkan-drivers", "libvulkan1"],
            "a software GPU runs the native tests of the shaders",
        )?;
    }
    let found =
        find().with_context(|| format!("lavapipe: expected in {DRIVERS} once installed; set VK_DRIVER_FILES"))?;
    Ok(Some(found))
}

/// The Vulkan driver for Dawn in Node.js, that of the environment, else Chromium's: Dawn refuses older lavapipes.
pub fn swiftshader() -> Result<OsString> {
    const DRIVER: &str = "vk_swiftshader_icd.json";
    if let Some(chosen) = env::var_os("VK_DRIVER_FILES").filter(|value| !value.is_empty()) {
        return Ok(chosen);
    }
    let chromium = chromium()?;
    let beside = fs::canonicalize(&chromium)?.with_file_name(DRIVER);
    // On Debian, what is on the PATH is a script.
    let places = [beside, Path::new("/usr/lib/chromium").join(DRIVER)];
    let found = places.into_iter().find(|path| path.is_file());
    let missing = || format!("{DRIVER}: expected beside {}; set VK_DRIVER_FILES", chromium.display());
    Ok(found.with_context(missing)?.into_os_string())
}

/// A Python with torch, in which runs that were taken away go on: `BERTLET_PYTHON`, else that of the references, in the
/// cache.
pub fn python_with_torch(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("BERTLET_PYTHON").filter(|value| !value.is_empty()) {
        return Ok(chosen.into());
    }
    let references = workspace.root.join("tests/reference");
    let made = workspace.cache.join("python");
    let [wanted, found] =
        [references.join("requirements.txt"), made.join("requirements.installed")].map(|list| fs::read(list).ok());
    if found.is_none() || wanted != found {
        let _alone = APT.lock().unwrap_or_else(PoisonError::into_inner);
        let what = "Installing Debian's torch, transformers and peft: runs that are taken away go on there";
        let mut setup = Command::new("bash");
        setup
            .arg(references.join("setup.sh"))
            .env("BERTLET_CACHE", &workspace.cache);
        progress::step(workspace, "python", what, 90, || run(&mut setup))
            .context("set BERTLET_PYTHON to a Python with torch, transformers and peft where this is not Debian 12")?;
    }
    Ok(made.join("bin/python"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20.20.2"), None);
        assert_eq!(major("v"), None);
    }
}
