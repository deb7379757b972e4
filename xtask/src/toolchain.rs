//! The compiler for wasm32: the toolchain in use if it can, else the distribution's.
//!
//! Takes the machine as it is, gives a cargo that builds for wasm32; adds what is missing with rustup or apt.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{capture, cargo, foreign_cargo, on_path, run_within, say};
use crate::setup;

pub const TARGET: &str = "wasm32-unknown-unknown";
/// rustup gets this long to fetch some 20 MB, so that a machine that cannot reach its server does not hang.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);
/// Debian's toolchain for web browsers: compiler, cargo and the standard library's sources, all of one version.
const DEBIAN: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// In place of the flags in .cargo/config.toml: memory that web workers share, up to all that wasm32 has, and what
/// wasm-bindgen needs to give each its own stack.
const THREADS_FLAGS: [&str; 8] = [
    "-Ctarget-feature=+simd128,+atomics,+bulk-memory,+mutable-globals",
    "-Clink-arg=--shared-memory",
    "-Clink-arg=--import-memory",
    "-Clink-arg=--max-memory=4294967296",
    "-Clink-arg=--export=__wasm_init_tls",
    "-Clink-arg=--export=__tls_size",
    "-Clink-arg=--export=__tls_align",
    "-Clink-arg=--export=__tls_base",
];

/// Which compiler, and so what it takes.
#[derive(Clone, Copy)]
pub enum Toolchain {
    /// The one in use, with wasm32's standard library and its sources.
    Active,
    Debian,
}

impl Toolchain {
    /// One that can build for wasm32, looked for from the quickest to the slowest way.
    pub fn find() -> Result<Self> {
        if active_is_complete()? {
            return Ok(Self::Active);
        }
        if debian_is_complete() {
            return Ok(Self::Debian);
        }
        if on_path("rustup").is_some() {
            say("Adding the wasm32 standard library and its sources with rustup: the crate is compiled to WebAssembly");
            let added =
                run_within(RUSTUP_LIMIT, Command::new("rustup").args(["target", "add", TARGET])).and_then(|()| {
                    run_within(
                        RUSTUP_LIMIT,
                        Command::new("rustup").args(["component", "add", "rust-src"]),
                    )
                });
            match added {
                Ok(()) if active_is_complete()? => return Ok(Self::Active),
                Ok(()) => {
                    say("rustup added it to another toolchain than the one in use; taking the distribution's instead")
                }
                Err(failure) => say(format!("{failure:#}; taking the distribution's compiler instead")),
            }
        }
        setup::apt_install(
            &DEBIAN,
            "a Rust toolchain for WebAssembly, with its standard library's sources",
        )
        .context("no toolchain for wasm32: neither rustup nor the distribution gave one")?;
        Ok(Self::Debian)
    }

    /// The compiler's version and host, all lines of it.
    pub fn version(self) -> Result<String> {
        capture(Command::new(self.rustc()).arg("-vV"))
    }

    fn rustc(self) -> &'static str {
        match self {
            Self::Active => "rustc",
            Self::Debian => DEBIAN_RUSTC,
        }
    }

    /// Cargo, ready to be told what to build.
    pub fn cargo(self, threads: bool) -> Result<Command> {
        let mut command = match self {
            Self::Active => cargo(),
            Self::Debian => debian(),
        };
        // Debian's carries no library for wasm32 but the sources; for threads all of it is compiled with atomics.
        if threads || matches!(self, Self::Debian) {
            command.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
        }
        let paths = self.without_this_machine()?;
        if threads {
            let flags = THREADS_FLAGS.map(String::from).into_iter().chain(paths);
            command.env("CARGO_ENCODED_RUSTFLAGS", flags.collect::<Vec<_>>().join("\x1f"));
        } else {
            // Added to those in .cargo/config.toml.
            command.args(["--config", &format!("target.{TARGET}.rustflags={paths:?}")]);
        }
        Ok(command)
    }

    /// Flags that shorten the sources' paths, which stand in messages of the wasm: what a site publishes must not tell
    /// its author's home.
    fn without_this_machine(self) -> Result<[String; 2]> {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
        let crates = home.context("no home directory")?.join("registry/src");
        let sysroot = capture(Command::new(self.rustc()).args(["--print", "sysroot"]))?;
        let rust = Path::new(&sysroot).join("lib/rustlib/src/rust");
        Ok([(crates, "crates"), (rust, "rust")]
            .map(|(path, name)| format!("--remap-path-prefix={}={name}", path.display())))
    }
}

/// Whether the toolchain in use has the standard library for wasm32, compiled and as sources.
fn active_is_complete() -> Result<bool> {
    let sysroot = capture(Command::new("rustc").args(["--print", "sysroot"]))?;
    let rustlib = Path::new(&sysroot).join("lib/rustlib");
    Ok(rustlib.join(TARGET).join("lib").is_dir() && rustlib.join("src/rust/library/Cargo.lock").is_file())
}

fn debian_is_complete() -> bool {
    on_path("dpkg-query").is_some()
        && capture(
            Command::new("sh")
                .args([
                    "-c",
                    "dpkg-query -W -f='${db:Status-Status}\\n' \"$@\" 2>/dev/null",
                    "sh",
                ])
                .args(DEBIAN),
        )
        .is_ok_and(|found| found.lines().filter(|status| *status == "installed").count() == DEBIAN.len())
}

/// Debian's cargo by its full name, since rustup's come first on the PATH.
fn debian() -> Command {
    let mut command = foreign_cargo("/usr/bin/cargo");
    command
        .env("RUSTC", DEBIAN_RUSTC)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19");
    command
}
