//! The crate as WebAssembly, one build a device: crate/ -> web/wasm/.
//!
//! Takes the crate's sources, gives `NAME.js`, its types and `NAME_bg.wasm` of each build. What was made once of the
//! same sources is kept in the cache, so that no clone compiles it again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{cargo, low_priority, run};
use crate::progress::{self, Work, side_by_side};
use crate::toolchain::{TARGET, Toolchain};
use crate::workspace::{Workspace, hex, hex_of_file};

/// What a page may download: only the one that its browser can use best, and at times tokenizers.
#[derive(Debug)]
pub struct Build {
    pub name: &'static str,
    /// What the build is for, as a person says it.
    pub title: &'static str,
    features: &'static str,
    /// Compiled with atomics, the standard library along.
    threads: bool,
    /// The crate computes nothing in it, so that it too is compiled for size.
    small: bool,
    /// Seconds of a first compilation on two cores, until this machine's own are known.
    first: u32,
}

/// On an isolated page, every browser with relaxed SIMD takes it for the CPU.
pub static CPU_THREADS: Build = Build {
    name: "cpu_threads",
    title: "the CPU, with threads",
    features: "relaxed-simd,threads",
    threads: true,
    small: false,
    first: 170,
};
/// The same for Safari, which has threads but no relaxed SIMD.
pub static CPU_THREADS_PLAIN: Build = Build {
    name: "cpu_threads_plain",
    title: "the CPU, with threads and without relaxed SIMD",
    features: "threads",
    threads: true,
    small: false,
    first: 60,
};
pub static WEBGPU: Build = Build {
    name: "webgpu",
    title: "WebGPU",
    features: "webgpu",
    threads: false,
    small: true,
    first: 200,
};
pub static CPU_RELAXED: Build = Build {
    name: "cpu_relaxed",
    title: "the CPU, one thread",
    features: "relaxed-simd",
    threads: false,
    small: false,
    first: 60,
};
pub static CPU: Build = Build {
    name: "cpu",
    title: "the CPU, without relaxed SIMD",
    features: "cpu",
    threads: false,
    small: false,
    first: 50,
};

/// Beside one of the others, and only where a checkpoint's tokenizer is no WordPiece.
pub static TOKENIZERS: Build = Build {
    name: "tokenizers",
    title: "tokenizers of other kinds than BERT's",
    features: "any-tokenizer",
    threads: false,
    small: true,
    first: 30,
};

/// In the order in which they are made: those that most browsers take come first.
pub static BUILDS: [&Build; 6] = [
    &CPU_THREADS,
    &WEBGPU,
    &CPU_RELAXED,
    &CPU,
    &TOKENIZERS,
    &CPU_THREADS_PLAIN,
];

/// The build that a page served from here takes for the CPU, on a browser of this machine.
pub fn first() -> &'static Build {
    match std::thread::available_parallelism() {
        Ok(cores) if cores.get() > 1 => &CPU_THREADS,
        _ => &CPU_RELAXED,
    }
}

/// Files of a build; `NAME` stands for its name.
const FILES: [&str; 4] = ["NAME.js", "NAME_bg.wasm", "NAME.d.ts", "NAME_bg.wasm.d.ts"];
/// The crate itself, too, for size.
const SMALL: &str = r#"profile.release.package.bertlet.opt-level="s""#;
/// Made last in a folder of the cache: the files beside it are whole.
const WHOLE: &str = ".whole";
/// Results of one build that are kept in the cache, so that going back to another branch compiles nothing.
const KEPT: usize = 4;

/// The builds of these sources, and where each is kept.
pub struct Wasm<'a> {
    workspace: &'a Workspace,
    toolchain: Toolchain,
    /// Hash of all that every build depends on.
    sources: String,
    /// Leaves the processor to others: somebody uses the page meanwhile.
    gently: bool,
}

impl<'a> Wasm<'a> {
    /// Finds a compiler and reads the sources; compiles nothing.
    pub fn of(workspace: &'a Workspace) -> Result<Self> {
        let toolchain = Toolchain::find()?;
        let mut sources = vec![toolchain.version()?];
        let mut files = vec![];
        for folder in ["crate", "xtask/bind/src"] {
            list(&workspace.root.join(folder), &mut files)?;
        }
        for file in [
            "Cargo.toml",
            "Cargo.lock",
            ".cargo/config.toml",
            "xtask/src/wasm.rs",
            "xtask/src/toolchain.rs",
        ] {
            files.push(workspace.root.join(file));
        }
        files.sort();
        for file in files {
            sources.push(file.strip_prefix(&workspace.root)?.display().to_string());
            sources.push(hex_of_file(&file)?.unwrap_or_default());
        }
        Ok(Self {
            workspace,
            toolchain,
            sources: hex(sources.join("\n").as_bytes()),
            gently: false,
        })
    }

    /// The same, leaving the processor to what a person is waiting for.
    pub fn gently(self) -> Self {
        Self { gently: true, ..self }
    }

    /// Makes those of `builds` that the cache lacks and puts all of them into web/wasm/, as each is there.
    ///
    /// Those with threads have a standard library of their own and so share nothing with the others: the two kinds are
    /// made side by side, as the last crate of each keeps only one processor busy.
    pub fn make(&self, builds: &[&Build], each: &(dyn Fn(&Build) -> Result<()> + Sync)) -> Result<()> {
        let (threads, single): (Vec<&Build>, Vec<&Build>) = builds.iter().partition(|build| build.threads);
        let kinds = [threads, single].into_iter().filter(|kind| !kind.is_empty());
        let make = |build: &Build| {
            self.made(build)?;
            self.put(build)?;
            each(build)
        };
        let works = kinds.map(|kind| -> Work { Box::new(|| kind.into_iter().try_for_each(make)) });
        side_by_side(works.collect())
    }

    /// Empties web/wasm/ but for the builds of these sources that the cache has, and gives the names of those it lacks.
    pub fn put_known(&self) -> Result<Vec<&'static Build>> {
        let folder = self.workspace.wasm();
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{}: cannot be emptied", folder.display()))?;
        }
        fs::create_dir_all(&folder)?;
        let mut lacking = vec![];
        for build in BUILDS {
            if self.kept(build)?.join(WHOLE).is_file() {
                self.put(build)?;
            } else {
                lacking.push(build);
            }
        }
        Ok(lacking)
    }

    /// The cache's folder of a build.
    fn kept(&self, build: &Build) -> Result<PathBuf> {
        let size = if build.small { SMALL } else { "" };
        let key = hex(format!("{} {} {}{size}", self.sources, build.name, build.features).as_bytes());
        self.workspace.keyed("wasm", build.name, &key[..16], KEPT)
    }

    /// Copies a build out of the cache into web/wasm/.
    fn put(&self, build: &Build) -> Result<()> {
        let (from, to) = (self.kept(build)?, self.workspace.wasm());
        fs::create_dir_all(&to)?;
        for file in FILES {
            let file = file.replace("NAME", build.name);
            fs::copy(from.join(&file), to.join(&file)).with_context(|| format!("web/wasm/{file}"))?;
        }
        Ok(())
    }

    /// Compiles a build and binds it to JavaScript, unless the cache has it.
    fn made(&self, build: &Build) -> Result<()> {
        let folder = self.kept(build)?;
        if folder.join(WHOLE).is_file() {
            return Ok(());
        }
        let (target, compiled) = self.compiled_at(build)?;
        // After the dependencies only the crate itself is compiled.
        let again = target.join(TARGET).join("release/deps").is_dir();
        let (key, first) = match again {
            true => (format!("wasm {} again", build.name), 50.min(build.first)),
            false => (format!("wasm {}", build.name), build.first),
        };
        let what = format!("Compiling the crate to WebAssembly for {}", build.title);
        progress::step(self.workspace, &key, &what, first, || {
            self.compile(build, &target, &compiled)
        })?;
        bind(self.workspace, &compiled, &folder, build.name)?;
        fs::write(folder.join(WHOLE), "")?;
        Ok(())
    }

    /// The target folder of a build, and the file that cargo leaves there.
    fn compiled_at(&self, build: &Build) -> Result<(PathBuf, PathBuf)> {
        let kind = if build.threads { "wasm_threads" } else { "wasm" };
        let target = self.workspace.target(kind)?;
        let compiled = target.join(TARGET).join("release/bertlet.wasm");
        Ok((target, compiled))
    }

    fn compile(&self, build: &Build, target: &Path, compiled: &Path) -> Result<()> {
        // All builds of a folder have one file name, and cargo would take another build's file for its own.
        for stale in [
            compiled.to_path_buf(),
            compiled.with_file_name("deps").join("bertlet.wasm"),
        ] {
            if stale.exists() {
                fs::remove_file(stale)?;
            }
        }
        let mut command = self.toolchain.cargo(build.threads)?;
        if build.small {
            // Before `build`, as the toolchain's: cargo forgets those if others come after it.
            command.args(["--config", SMALL]);
        }
        command
            .args([
                "build",
                "--quiet",
                "--release",
                "--package",
                "bertlet",
                "--no-default-features",
            ])
            .args(["--features", build.features, "--target", TARGET])
            .env("CARGO_TARGET_DIR", target)
            .current_dir(&self.workspace.root);
        if self.gently {
            command = low_priority(&command);
        }
        run(&mut command)
    }
}

/// Compiles the program that binds wasm to JavaScript, and gives its path. Done a second time, it is a look.
pub fn binder(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.target("tools")?;
    let program = target.join("tool/bind");
    let compile = || {
        run(cargo()
            .args(["build", "--quiet", "--package", "bind", "--profile", "tool"])
            .env("CARGO_TARGET_DIR", &target)
            .current_dir(&workspace.root))
    };
    if program.is_file() {
        compile()?;
    } else {
        let what = "Compiling wasm-bindgen, which writes the JavaScript beside the wasm";
        progress::step(workspace, "wasm-bindgen", what, 40, compile)?;
    }
    Ok(program)
}

/// Puts what wasm-bindgen makes of the compiled crate into `folder`.
fn bind(workspace: &Workspace, compiled: &Path, folder: &Path, name: &str) -> Result<()> {
    run(Command::new(binder(workspace)?).arg(compiled).arg(folder).arg(name))
}

/// Every file below a folder.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{}: cannot be listed", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
