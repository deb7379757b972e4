//! Running other programs.
//!
//! Takes a command, gives its success or an error that names it. The only file that spawns a process or edits the
//! environment a nested cargo sees.

use std::env;
use std::ffi::OsStr;
use std::io::{IsTerminal, stderr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Tells the person what is going on. Results go to standard output; this goes to standard error.
pub fn say(text: impl AsRef<str>) {
    let clear = if stderr().is_terminal() { "\r\x1b[K" } else { "" };
    eprintln!("{clear}{}", text.as_ref());
}

/// Runs a command with this terminal's output, without input.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("{shown}: cannot be started"))?;
    running().push(child.id());
    let status = child.wait();
    running().retain(|id| *id != child.id());
    let status = status?;
    if !status.success() {
        bail!("{shown}: ended with {status}; its own words are above");
    }
    Ok(())
}

/// Programs that [`run`] waits for, a thread each.
fn running() -> MutexGuard<'static, Vec<u32>> {
    static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends what other threads still run, so that a failed command leaves no compiler behind.
pub fn end_running() {
    let ids: Vec<String> = running().iter().map(u32::to_string).collect();
    if !ids.is_empty() {
        succeeds(Command::new("kill").args(ids));
    }
}

/// Runs a command and gives what it printed, trimmed; its standard error stays this terminal's.
pub fn capture(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{shown}: cannot be started"))?;
    if !output.status.success() {
        bail!("{shown}: ended with {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a command can be started and succeeds; it prints nothing.
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Like [`run`], but ends the command after `limit`.
pub fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("{shown}: cannot be started"))?;
    let begun = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("{shown}: ended with {status}"),
            None if begun.elapsed() > limit => {
                child.kill()?;
                child.wait()?;
                bail!("{shown}: not done after {} seconds", limit.as_secs());
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// A program on the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// The cargo that ran this program, as if it were called from a shell in the repository. It takes the versions of
/// Cargo.lock, and ends where that lacks one.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        if set_by_cargo_run(&name) {
            command.env_remove(name);
        }
    }
    command.arg("--locked");
    command
}

/// Another installation's cargo, given by its full path: it sees nothing of the toolchain that ran this program.
pub fn foreign_cargo(path: &str) -> Command {
    let mut command = Command::new(path);
    for (name, _) in env::vars_os() {
        if set_by_cargo_run(&name) || names_a_toolchain(&name) {
            command.env_remove(name);
        }
    }
    command.arg("--locked");
    command
}

/// The same command, yielding the processor to every other program.
pub fn low_priority(command: &Command) -> Command {
    if on_path("nice").is_none() {
        return copied(command, Command::new(command.get_program()));
    }
    let mut nice = Command::new("nice");
    nice.args(["-n", "15"]).arg(command.get_program());
    copied(command, nice)
}

/// Gives `to` the arguments, variables and folder of `command`.
fn copied(command: &Command, mut to: Command) -> Command {
    to.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        to.current_dir(folder);
    }
    to
}

/// Variables that `cargo run` sets for the program it runs; they must not reach a nested build.
fn set_by_cargo_run(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    matches!(
        &*name,
        "CARGO" | "CARGO_MANIFEST_DIR" | "CARGO_MANIFEST_PATH" | "CARGO_CRATE_NAME" | "CARGO_BIN_NAME" | "OUT_DIR"
    ) || name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_BIN_EXE_")
}

/// Variables that pick a compiler, its flags or its libraries. Settings of cargo's home and network stay.
fn names_a_toolchain(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    matches!(
        &*name,
        "RUSTC" | "RUSTDOC" | "RUSTFLAGS" | "RUSTC_WRAPPER" | "RUSTC_WORKSPACE_WRAPPER" | "LD_LIBRARY_PATH"
    ) || name.starts_with("RUSTUP_")
        || name.starts_with("RUST_RECURSION")
        || name.starts_with("CARGO_BUILD_")
        || name.starts_with("CARGO_ENCODED_")
        || name.starts_with("CARGO_TARGET_")
        || name.starts_with("CARGO_PROFILE_")
}

/// A command as a person would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_cargo_sees_settings_but_no_toolchain() {
        let hidden = |name: &str| set_by_cargo_run(OsStr::new(name)) || names_a_toolchain(OsStr::new(name));
        for name in [
            "CARGO",
            "CARGO_PKG_VERSION",
            "RUSTUP_TOOLCHAIN",
            "RUSTC",
            "CARGO_TARGET_DIR",
            "LD_LIBRARY_PATH",
        ] {
            assert!(hidden(name), "{name}");
        }
        for name in [
            "CARGO_HOME",
            "CARGO_HTTP_CAINFO",
            "CARGO_NET_OFFLINE",
            "PATH",
            "RUST_BACKTRACE",
            "HOME",
        ] {
            assert!(!hidden(name), "{name}");
        }
    }

    #[test]
    fn every_cargo_takes_the_locked_versions() {
        for command in [cargo(), foreign_cargo("/usr/bin/cargo")] {
            assert!(command.get_args().eq(["--locked"]));
        }
    }

    #[test]
    fn failures_name_the_command() {
        let error = run(Command::new("sh").args(["-c", "exit 3"]))
            .expect_err("it fails")
            .to_string();
        assert!(error.contains("sh -c exit 3") && error.contains('3'), "{error}");
        let error = run(&mut Command::new("no-such-program"))
            .expect_err("it fails")
            .to_string();
        assert!(error.contains("no-such-program: cannot be started"), "{error}");
        assert_eq!(capture(Command::new("echo").arg("a")).expect("printed"), "a");
    }

    #[test]
    fn low_priority_changes_nothing_else() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo $A $(pwd)"]).env("A", "b").current_dir("/");
        assert_eq!(capture(&mut low_priority(&command)).expect("printed"), "b /");
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        let begun = Instant::now();
        let error = run_within(Duration::from_millis(200), Command::new("sleep").arg("30")).expect_err("it is ended");
        assert!(error.to_string().contains("not done after"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
