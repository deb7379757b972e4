//! The repository's commands: `cargo xtask start | build | test | bench`.
//!
//! Takes the command line, gives an exit status: 0 done, 1 failed, 2 not understood. This file only hands each command
//! to its room: `setup` installs what is missing, `wasm` and `site` build, `checkpoint` fetches the default model,
//! `serve` and `headless` run the site, `checks` tests it.

mod arguments;
mod checkpoint;
mod checks;
mod headless;
mod place;
mod process;
mod serve;
mod setup;
mod site;
mod sizes;
mod wasm;

use std::process::ExitCode;

use anyhow::Result;
use arguments::{Command, USAGE};
use place::Place;

fn main() -> ExitCode {
    let command = match arguments::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(reason) => {
            eprintln!("error: {reason}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
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
    let place = Place::find()?;
    match command {
        Command::Help => Ok(()),
        Command::Build { model } => site::build(&place, model.as_deref()),
        Command::Serve { model, port } => {
            site::build(&place, model.as_deref())?;
            serve::forever(&place.dist(), port)
        }
        Command::Headless(options) => headless::run_quick_start(&place, &options),
        Command::Test => checks::test(&place),
        Command::Bench => checks::bench(&place),
    }
}
