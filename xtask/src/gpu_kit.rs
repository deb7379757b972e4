//! `cargo xtask gpu-kit`: what one call on a machine with a GPU needs, packed so that nothing is fetched there.
//!
//! Takes the repository, gives `gpu-kit/run.sh` and `gpu-kit/kit.tar.xz`; holds their size and runs them here once, on
//! software adapters. `tests/bench/gpu/` has what is packed, and its README what to type.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{capture, cargo, on_path, run, say};
use crate::workspace::Workspace;
use crate::{setup, site};

/// What travels to such a machine at most, beside the repository's own files.
const MOST_BYTES: u64 = 48 * 1024 * 1024;
/// The site's files that Node.js loads on WebGPU.
const SITE: [&str; 6] = [
    "bertlet.js",
    "worker.js",
    "node.js",
    "node-worker.js",
    "wasm/webgpu.js",
    "wasm/webgpu_bg.wasm",
];
/// Dawn for Node.js, without the binaries for other machines.
const DAWN: [&str; 3] = ["index.js", "package.json", "dist/linux-x64/dawn.node"];
/// What a bare machine lacks beside the GPU's own driver: the Vulkan loader, and those that NVIDIA's driver asks for.
const LIBRARIES: [&str; 7] = [
    "libvulkan.so.1",
    "libGLdispatch.so.0",
    "libGLX.so.0",
    "libEGL.so.1",
    "libGL.so.1",
    "libGLESv2.so.2",
    "libOpenGL.so.0",
];
/// The packages that they come from.
const PACKAGES: [&str; 5] = ["libvulkan1", "libegl1", "libgl1", "libgles2", "libopengl0"];

/// Builds, packs, holds the size, and runs all but torch's part once on software.
pub fn make(workspace: &Workspace) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("gpu-kit: Linux on x86_64 was expected, since the kit holds programs for it");
    }
    site::build(workspace, None)?;
    let driver = setup::vulkan_driver()?.context("lavapipe")?;
    let (tests, bench) = (native_tests(workspace)?, gpu_bench(workspace)?);
    let folder = workspace.root.join("gpu-kit");
    let inside = folder.join("kit");
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&inside)?;
    copy(&tests, &inside.join("bin/native-tests"))?;
    copy(&bench, &inside.join("bin/gpu-bench"))?;
    copy(
        &on_path("node").context("node: expected on the PATH")?,
        &inside.join("bin/node"),
    )?;
    for program in ["native-tests", "gpu-bench", "node"] {
        run(Command::new("strip").arg(inside.join("bin").join(program)))?;
    }
    for library in LIBRARIES {
        copy(&find(library)?, &inside.join("lib").join(library))?;
    }
    for file in SITE {
        copy(&workspace.dist().join(file), &inside.join("dist").join(file))?;
    }
    let dawn = workspace.web().join("node_modules/webgpu");
    for file in DAWN {
        copy(&dawn.join(file), &inside.join("node_modules/webgpu").join(file))?;
    }
    let sources = workspace.bench().join("gpu");
    copy(&sources.join("torch_bench.py"), &inside.join("torch_bench.py"))?;
    copy(&sources.join("run.sh"), &folder.join("run.sh"))?;
    let mut bundle = Command::new("node");
    run(bundle
        .arg("scripts/gpu-kit.mjs")
        .arg(&inside)
        .current_dir(workspace.web()))?;
    let archive = folder.join("kit.tar.xz");
    run(Command::new("tar").env("XZ_OPT", "-6 -T0").arg("-cJf").args([
        &archive,
        Path::new("-C"),
        &folder,
        Path::new("kit"),
    ]))?;
    fs::remove_dir_all(&inside)?;
    let bytes = fs::metadata(&archive)?.len();
    say(format!("gpu-kit/kit.tar.xz: {:.1} MB", bytes as f64 / 1e6));
    if bytes > MOST_BYTES {
        bail!("gpu-kit/kit.tar.xz: at most {MOST_BYTES} bytes were expected, {bytes} were found");
    }
    say("Running the kit here once, on lavapipe and SwiftShader, without torch, and with few of the tests");
    run(Command::new(folder.join("run.sh"))
        .arg(folder.join("dry-run"))
        .envs([
            ("SKIP", "torch products"),
            ("SHAPES", "T"),
            ("SAMPLES", "2"),
            ("TESTS", "gradients"),
        ])
        .env("VK_DRIVER_FILES", driver)
        .env("PAGE_DRIVER", setup::swiftshader()?))
}

/// The native tests' program, as `cargo xtask test native` builds it.
fn native_tests(workspace: &Workspace) -> Result<PathBuf> {
    let mut command = cargo();
    command
        .args([
            "test",
            "--package",
            "bertlet",
            "--features",
            "webgpu",
            "--test",
            "native",
        ])
        .args(["--no-run", "--message-format", "json"])
        .env("CARGO_TARGET_DIR", workspace.target("native")?)
        .current_dir(&workspace.root);
    let messages = capture(&mut command)?;
    let program = messages.lines().rev().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        (message["target"]["name"] == "native").then(|| message["executable"].as_str().map(PathBuf::from))?
    });
    program.context("cargo named no program of the native tests")
}

/// The program that times a checkpoint on the GPU.
fn gpu_bench(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.target("native")?;
    run(cargo()
        .args(["build", "--quiet", "--package", "bertlet", "--features", "webgpu"])
        .args(["--example", "gpu_bench", "--profile", "kit"])
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(&workspace.root))?;
    Ok(target.join("kit/examples/gpu_bench"))
}

/// A library of this system, which is installed where it is missing.
fn find(library: &str) -> Result<PathBuf> {
    let known = || -> Result<Option<PathBuf>> {
        let known = capture(Command::new("/sbin/ldconfig").arg("-p"))?;
        let line = known.lines().find(|line| line.trim_start().starts_with(library));
        Ok(line.and_then(|line| line.rsplit("=> ").next()).map(PathBuf::from))
    };
    if known()?.is_none() {
        setup::apt_install(&PACKAGES, "NVIDIA's Vulkan driver asks for them")?;
    }
    known()?.with_context(|| format!("{library}: expected among the system's libraries"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file in a folder")?)?;
    fs::copy(from, to).with_context(|| format!("{}: expected, to be packed", from.display()))?;
    // The copy is stripped.
    let mut permissions = fs::metadata(to)?.permissions();
    permissions.set_mode(permissions.mode() | 0o200);
    Ok(fs::set_permissions(to, permissions)?)
}
