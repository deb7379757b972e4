//! The repository's commands: `cargo xtask start | build | package | check | test | fuzz | bench | gpu-kit`.
//!
//! Takes the command line, gives an exit status: 0 done, 1 failed, 2 not understood. This file only hands each command
//! to its room: `setup` and `toolchain` install what is missing, `wasm` and `site` build, `checkpoint` fetches the
//! default model, `gpu_kit` packs, `serve` and `headless` run the site, `ci` tests it, `walls` holds the order of the rooms.

mod checkpoint;
mod ci;
mod cli;
mod dependencies;
mod gpu_kit;
mod headless;
mod int8;
mod process;
mod progress;
mod serve;
mod setup;
mod site;
mod sizes;
mod toolchain;
mod walls;
mod wasm;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use cli::{Command, USAGE};
use workspace::Workspace;

fn main() -> ExitCode {
    let command = match cli::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(reason) => {
            eprintln!("error: {reason}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            process::end_running();
            eprintln!("error: {failure:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    if let Command::Help = command {
        println!("{USAGE}");
        return Ok(());
    }
    let workspace = Workspace::find()?;
    match command {
        Command::Help => Ok(()),
        Command::Build { model } => site::build(&workspace, model.as_deref()),
        Command::Package => site::package(&workspace),
        Command::Serve { model, port } => {
            let lacking = site::prepare(&workspace, model.as_deref(), &[wasm::first()], vec![])?;
            serve::forever(&workspace, port, &lacking)
        }
        Command::Headless(options) => headless::run_quick_start(&workspace, &options),
        Command::Check => ci::check(&workspace),
        Command::GpuKit => gpu_kit::make(&workspace),
        Command::Test { suite: None, .. } => ci::test(&workspace),
        Command::Test {
            suite: Some(suite),
            name,
        } => ci::test_suite(&workspace, suite, name.as_deref()),
        Command::Fuzz { args } => ci::fuzz(&workspace, &args),
        Command::Bench { args } => ci::bench(&workspace, &args),
    }
}
