//! The command line.
//!
//! Takes the arguments after `cargo xtask`, gives a [`Command`] or the reason why there is none. Reads no file: whether a
//! folder is there is for the command to say.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::*;

pub const USAGE: &str = "\
Usage: cargo xtask COMMAND [OPTIONS]

Commands:
  start   set up what is missing, build, and serve the site on http://127.0.0.1:8080/
          as soon as it runs on the CPU; WebGPU follows
            --model DIR    a checkpoint folder in place of the default one
            --port N       another port to begin at; the next free one is taken
  start --headless
          run the quick-start fine-tuning in headless Chromium instead, printing a line an epoch
            --data FILE    a CSV file with the columns text and label (train.csv brings dev.csv and test.csv along)
            --epochs N     number of epochs
            --device NAME  webgpu or wasm
            --out DIR      write the fine-tuned model here; without it nothing is kept
            --model DIR    a checkpoint folder in place of the default one
            --port N       the port to serve on meanwhile
  build   build the site into web/dist/
            --model DIR    a checkpoint folder in place of the default one
  package build the npm package into web/package/, ready for `npm pack` or `npm publish`
  check   formatting, lints, types and the order of the rooms: under a minute, for use while writing
  test [native|unit|node|browser|studio|others [NAME]]
          everything CI runs, or one suite, or the tests of it with NAME in their name
            native   the crate on the CPU and on a GPU, with its documentation's examples
            unit     the library and the studio without the wasm, in Node.js
            node     the built library in Node.js
            browser  the library in Chromium
            studio   the page in Chromium
            others   the library and the page in Firefox and WebKitGTK
  fuzz [--minutes N] [--seed S] [FOLDER...]
          load, run and save changed checkpoints, and count panics, answers that are no numbers, slow inputs and memory;
          with folders: run the inputs in them again
  bench [OPTIONS]
          print the benchmark's tables; OPTIONS are handed to tests/bench
  gpu-kit pack what measures bertlet on a bare machine with a GPU, into gpu-kit/";

/// What to do.
#[derive(Debug, PartialEq)]
pub enum Command {
    Help,
    Build { model: Option<PathBuf> },
    Package,
    Serve { model: Option<PathBuf>, port: Option<u16> },
    Headless(HeadlessOptions),
    Check,
    GpuKit,
    Test { suite: Option<Suite>, name: Option<String> },
    Fuzz { args: Vec<OsString> },
    Bench { args: Vec<OsString> },
}

/// Tests that run together.
#[derive(Debug, PartialEq, Clone, Copy)]
pub enum Suite {
    Native,
    Unit,
    Node,
    Browser,
    Studio,
    Others,
}

impl Suite {
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Unit => "unit",
            Self::Node => "node",
            Self::Browser => "browser",
            Self::Studio => "studio",
            Self::Others => "others",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [
            Self::Native,
            Self::Unit,
            Self::Node,
            Self::Browser,
            Self::Studio,
            Self::Others,
        ]
        .into_iter()
        .find(|suite| suite.name() == name)
    }
}

/// What `start --headless` runs; what is left out is for the quick start to choose.
#[derive(Debug, Default, PartialEq)]
pub struct HeadlessOptions {
    pub model: Option<PathBuf>,
    pub port: Option<u16>,
    pub data: Option<PathBuf>,
    pub out: Option<PathBuf>,
    pub device: Option<String>,
    pub epochs: Option<u32>,
}

/// Reads a command line.
///
/// # Errors
/// Names the argument that is unknown, missing or out of range.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut command: Option<String> = None;
    let mut headless = false;
    let mut options = HeadlessOptions::default();
    let mut given: Vec<&'static str> = Vec::new();
    let mut of_test: Vec<String> = Vec::new();
    while let Some(argument) = parser.next()? {
        let option = match argument {
            Value(word) if command.is_none() => {
                let name = word.string()?;
                if ["bench", "fuzz"].contains(&name.as_str()) && given.is_empty() {
                    let args = parser.raw_args()?.collect();
                    return Ok(match name.as_str() {
                        "bench" => Command::Bench { args },
                        _ => Command::Fuzz { args },
                    });
                }
                command = Some(name);
                continue;
            }
            Value(word) if command.as_deref() == Some("test") && of_test.len() < 2 => {
                of_test.push(word.string()?);
                continue;
            }
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("headless") => {
                headless = true;
                "--headless"
            }
            Long("model") => {
                options.model = Some(parser.value()?.into());
                "--model"
            }
            Long("port") => {
                options.port = Some(parser.value()?.parse_with(positive)?);
                "--port"
            }
            Long("data") => {
                options.data = Some(parser.value()?.into());
                "--data"
            }
            Long("out") => {
                options.out = Some(parser.value()?.into());
                "--out"
            }
            Long("device") => {
                options.device = Some(parser.value()?.parse_with(device)?);
                "--device"
            }
            Long("epochs") => {
                options.epochs = Some(parser.value()?.parse_with(positive)?);
                "--epochs"
            }
            other => return Err(other.unexpected()),
        };
        given.push(option);
    }
    let name = command.ok_or("a command was expected, none was found")?;
    let allowed: &[&str] = match (name.as_str(), headless) {
        ("start", true) => &[
            "--headless",
            "--model",
            "--port",
            "--data",
            "--out",
            "--device",
            "--epochs",
        ],
        ("start", false) => &["--model", "--port"],
        ("build", false) => &["--model"],
        _ => &[],
    };
    if !matches!(
        name.as_str(),
        "start" | "build" | "package" | "check" | "test" | "fuzz" | "bench" | "gpu-kit"
    ) {
        return Err(format!("unknown command '{name}'").into());
    }
    if let Some(option) = given.into_iter().find(|option| !allowed.contains(option)) {
        let hint = if name == "start" { " without --headless" } else { "" };
        return Err(format!("'{name}' takes no {option}{hint}").into());
    }
    Ok(match name.as_str() {
        "build" => Command::Build { model: options.model },
        "package" => Command::Package,
        "check" => Command::Check,
        "gpu-kit" => Command::GpuKit,
        "bench" => Command::Bench { args: vec![] },
        "fuzz" => Command::Fuzz { args: vec![] },
        "test" => {
            let mut of_test = of_test.into_iter();
            let suite = match of_test.next() {
                Some(name) => Some(Suite::named(&name).ok_or_else(|| {
                    format!("unknown suite '{name}': native, unit, node, browser, studio or others was expected")
                })?),
                None => None,
            };
            Command::Test {
                suite,
                name: of_test.next(),
            }
        }
        _ if headless => Command::Headless(options),
        _ => Command::Serve {
            model: options.model,
            port: options.port,
        },
    })
}

fn positive<N: std::str::FromStr + Default + PartialOrd>(word: &str) -> Result<N, String> {
    match word.parse::<N>() {
        Ok(number) if number > N::default() => Ok(number),
        _ => Err("a whole number from 1 upwards was expected".to_owned()),
    }
}

fn device(word: &str) -> Result<String, String> {
    match word {
        "webgpu" | "wasm" => Ok(word.to_owned()),
        _ => Err("'webgpu' or 'wasm' was expected".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn commands_and_their_options() {
        assert_eq!(
            parse_line("start"),
            Ok(Command::Serve {
                model: None,
                port: None
            })
        );
        assert_eq!(
            parse_line("start --model a --port=81"),
            Ok(Command::Serve {
                model: Some("a".into()),
                port: Some(81)
            })
        );
        assert_eq!(
            parse_line("build --model a/b"),
            Ok(Command::Build {
                model: Some("a/b".into())
            })
        );
        let test = |suite, name: Option<&str>| {
            let name = name.map(str::to_owned);
            Ok(Command::Test { suite, name })
        };
        assert_eq!(parse_line("test"), test(None, None));
        assert_eq!(parse_line("test native"), test(Some(Suite::Native), None));
        assert_eq!(
            parse_line("test browser lora"),
            test(Some(Suite::Browser), Some("lora"))
        );
        assert_eq!(parse_line("package"), Ok(Command::Package));
        assert_eq!(parse_line("check"), Ok(Command::Check));
        assert_eq!(parse_line("gpu-kit"), Ok(Command::GpuKit));
        let bench = |args: &[&str]| {
            let args = args.iter().map(OsString::from).collect();
            Ok(Command::Bench { args })
        };
        assert_eq!(parse_line("bench"), bench(&[]));
        assert_eq!(parse_line("bench --only forward"), bench(&["--only", "forward"]));
        let args = ["--minutes", "2"].map(OsString::from).into();
        assert_eq!(parse_line("fuzz --minutes 2"), Ok(Command::Fuzz { args }));
        assert_eq!(parse_line("--help"), Ok(Command::Help));
        assert_eq!(
            parse_line("start --epochs 2 --headless --device wasm --data d.csv --out o"),
            Ok(Command::Headless(HeadlessOptions {
                data: Some("d.csv".into()),
                out: Some("o".into()),
                device: Some("wasm".into()),
                epochs: Some(2),
                ..HeadlessOptions::default()
            }))
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, part) in [
            ("", "a command was expected"),
            ("serve", "unknown command 'serve'"),
            ("start now", "now"),
            ("start --verbose", "--verbose"),
            ("start --epochs 2", "'start' takes no --epochs without --headless"),
            ("start --headless --epochs 0", "from 1 upwards"),
            ("start --headless --epochs two", "from 1 upwards"),
            ("start --headless --device cuda", "'webgpu' or 'wasm'"),
            ("start --port 70000", "from 1 upwards"),
            ("start --model", "--model"),
            ("test --model a", "'test' takes no --model"),
            ("test wasm", "unknown suite 'wasm'"),
            ("test native a b", "b"),
            ("check web", "web"),
            ("build --headless", "'build' takes no --headless"),
        ] {
            let error = parse_line(line).expect_err(line);
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
