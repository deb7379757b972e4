//! The binding step: `bind INPUT.wasm FOLDER NAME`.
//!
//! Takes a wasm file that the compiler made; writes `NAME.js`, its types and `NAME_bg.wasm` into the folder, as the
//! command `wasm-bindgen --target web --remove-name-section --remove-producers-section` does. Does nothing else.

use std::process::ExitCode;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    match bind() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure:#}");
            ExitCode::FAILURE
        }
    }
}

fn bind() -> Result<()> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [input, folder, name] = &args[..] else {
        anyhow::bail!("expected INPUT.wasm FOLDER NAME, found {} arguments", args.len());
    };
    Bindgen::new()
        .input_path(input)
        .web(true)?
        .out_name(name)
        .remove_name_section(true)
        .remove_producers_section(true)
        .typescript(true)
        .omit_default_module_path(false)
        .generate(folder)
        .with_context(|| format!("{input}: cannot be bound to JavaScript"))
}
