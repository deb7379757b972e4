//! The shaders without comments, which pages need not download, and what the linker must know of the WebGPU build.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

const SHADERS: &str = "src/kernels/webgpu/shaders";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SHADERS}");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("shaders");
    for room in fs::read_dir(SHADERS)? {
        let room = room?;
        fs::create_dir_all(out.join(room.file_name()))?;
        for shader in fs::read_dir(room.path())? {
            let shader = shader?.path();
            let short = out.join(shader.strip_prefix(SHADERS).expect("it is below"));
            fs::write(short, without_comments(&shader)?)?;
        }
    }

    let is_set = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let has = |feature: &str| env::var(format!("CARGO_FEATURE_{feature}")).is_ok();
    let is_wasm = is_set("CARGO_CFG_TARGET_FAMILY", "wasm");
    // What computes, and so all but the reading of texts.
    println!("cargo::rustc-check-cfg=cfg(computes)");
    let computes = has("CPU") || has("WEBGPU");
    if computes {
        println!("cargo::rustc-cfg=computes");
    }
    // Every kind of tokenizer: natively, and in a wasm file of its own, which pages fetch where a checkpoint needs it.
    println!("cargo::rustc-check-cfg=cfg(any_tokenizer)");
    if !is_wasm || has("ANY_TOKENIZER") {
        println!("cargo::rustc-cfg=any_tokenizer");
    }
    if is_wasm && !computes {
        // A hostile tokenizer may ask for any amount: its instance ends at 1 GiB, and no other ends with it.
        println!("cargo::rustc-link-arg-cdylib=--max-memory=1073741824");
    }
    if is_wasm && has("WEBGPU") {
        // cubecl fills its tables of operations in static constructors. Where nobody calls those by name, wasm-ld calls
        // them at the start of every exported function, hundreds of times a step; wasm/mod.rs calls them, once.
        println!("cargo::rustc-link-arg-cdylib=--export=__wasm_call_ctors");
    }
    Ok(())
}

/// The lines of a shader that say something to the compiler or to `compose.rs`.
fn without_comments(shader: &Path) -> io::Result<String> {
    let text = fs::read_to_string(shader)?;
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"));
    Ok(lines.flat_map(|line| [line, "\n"]).collect())
}
