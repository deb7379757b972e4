//! The fuzzer: `cargo xtask fuzz --minutes N [--seed S]` runs inputs, `cargo xtask fuzz FOLDER` one again. It counts panics,
//! answers that are no numbers, inputs over a second and memory beyond the files' sizes and 64 MiB.

mod case;
mod input;
mod mutate;
mod random;

use std::{
    collections::BTreeMap,
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind, set_hook},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use bertlet::device::{Device, DeviceKind};
use case::{End, run};
use input::{Input, valid};
use peak_alloc::PeakAlloc;
use random::Random;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const SLOW: Duration = Duration::from_secs(1);
/// After which an input's files are written and the fuzzer ends.
const STUCK: Duration = Duration::from_secs(20);
const MEMORY_BESIDE_FILES: usize = 64 << 20;
/// Failing inputs that are written; the others are counted.
const MOST_WRITTEN: usize = 40;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (mut seconds, mut seed, mut folders) = (20.0, 1, Vec::new());
    let mut first = 0;
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|text| text.parse::<f64>().ok());
        match (argument.as_str(), &mut number) {
            ("--minutes", number) => seconds = 60.0 * number().unwrap_or(1.0),
            ("--seconds", number) => seconds = number().unwrap_or(20.0),
            ("--seed", number) => seed = number().unwrap_or(1.0) as u64,
            ("--from", number) => first = number().unwrap_or(0.0) as u64,
            (folder, _) => folders.push(PathBuf::from(folder)),
        }
    }
    let own = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&own).join("..");
    let device = pollster::block_on(bertlet::kernels::open_device(DeviceKind::Cpu)).expect("the CPU opens");
    let panic_message = Arc::new(Mutex::new(String::new()));
    let watched: Watched = Arc::default();
    let (message, under_way) = (panic_message.clone(), watched.clone());
    set_hook(Box::new(move |panic| {
        *message.lock().expect("a lock") = panic.to_string().replace('\n', " ");
        // The fuzzer's own, which nothing catches.
        if under_way.lock().is_ok_and(|input| input.is_none()) {
            eprintln!("{panic}");
        }
    }));
    let mut fuzzer = Fuzzer {
        device,
        panic_message,
        texts: texts(),
        watched,
        ends: BTreeMap::new(),
        faults: BTreeMap::new(),
        slowest: Duration::ZERO,
        most_memory: 0,
        inputs: 0,
        out: env::temp_dir().join("bertlet-fuzz"),
    };
    fuzzer.watch();
    // What once failed, then new inputs.
    let again = match folders.is_empty() {
        true => subfolders(&root.join("tests/fuzz/regressions")),
        false => folders
            .iter()
            .flat_map(|folder| [vec![folder.clone()], subfolders(folder)].concat())
            .collect(),
    };
    for folder in again {
        match Input::read(&folder) {
            Ok(input) if !input.0.is_empty() => {
                let end = fuzzer.one(
                    &format!("{}", folder.file_name().unwrap_or_default().to_string_lossy()),
                    &input,
                );
                if !folders.is_empty() {
                    println!("{}: {end}", folder.display());
                }
            }
            _ => {}
        }
    }
    if folders.is_empty() {
        fuzzer.run(&root.join("tests/reference/data"), seed, first, seconds);
    }
    fuzzer.report()
}

/// The input that is under way, and since when.
type Watched = Arc<Mutex<Option<(Instant, String, Input)>>>;

struct Fuzzer {
    device: Device,
    panic_message: Arc<Mutex<String>>,
    texts: Vec<String>,
    watched: Watched,
    ends: BTreeMap<&'static str, usize>,
    faults: BTreeMap<String, usize>,
    slowest: Duration,
    most_memory: usize,
    inputs: usize,
    out: PathBuf,
}

impl Fuzzer {
    fn run(&mut self, data: &Path, seed: u64, first: u64, seconds: f64) {
        let bases = valid(data).expect("the references' files");
        for (name, base) in &bases {
            let end = self.one(&format!("base_{name}"), base);
            // On a busy machine a first one may be slow, which is counted.
            assert!(
                end == "served" || end.starts_with("slow"),
                "the valid input {name}: {end}"
            );
        }
        let small = bases
            .iter()
            .filter(|(name, _)| name.starts_with("tokenizer_") || name == "small_vocab")
            .count();
        let begun = Instant::now();
        for number in first.. {
            if begun.elapsed().as_secs_f64() > seconds {
                break;
            }
            let mut random = Random(seed << 40 ^ number);
            // The small ones run quickly, the references have all that an encoder can have.
            let (references, small) = bases.split_at(bases.len() - small);
            let chosen = if random.one_in(4) { references } else { small };
            let (name, base) = random.choose(chosen);
            let mut input = base.clone();
            mutate::mutate(&mut input, &mut random);
            self.one(&format!("{name}_{seed}_{number}"), &input);
        }
        let rate = self.inputs as f64 / begun.elapsed().as_secs_f64();
        println!("{} inputs, {rate:.0} a second", self.inputs);
    }

    fn one(&mut self, name: &str, input: &Input) -> String {
        *self.watched.lock().expect("a lock") = Some((Instant::now(), name.to_owned(), input.clone()));
        let before = PeakAlloc.current_usage();
        PeakAlloc.reset_peak_usage();
        let timed = || {
            let begun = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| run(input, &self.texts, &self.device)));
            (outcome, begun.elapsed())
        };
        let (outcome, mut elapsed) = timed();
        if elapsed > SLOW {
            // Another program may have had the machine: what is slow is slow a second time.
            elapsed = elapsed.min(timed().1);
        }
        let memory = PeakAlloc.peak_usage().saturating_sub(before);
        *self.watched.lock().expect("a lock") = None;
        self.inputs += 1;
        self.slowest = self.slowest.max(elapsed);
        self.most_memory = self.most_memory.max(memory.saturating_sub(input.bytes()));
        let (end, mut faults) = match outcome {
            Ok(Ok(End::Served)) => ("served", vec![]),
            Ok(Ok(End::Refused(code))) => (code, vec![]),
            Ok(Err(fault)) => ("fault", vec![fault]),
            Err(_) => (
                "panic",
                vec![format!("panic: {}", self.panic_message.lock().expect("a lock"))],
            ),
        };
        if elapsed > SLOW {
            faults.push(format!("slow: {:.1} s", elapsed.as_secs_f64()));
        }
        if memory > input.bytes() + MEMORY_BESIDE_FILES {
            faults.push(format!("memory: {} MB", memory >> 20));
        }
        *self.ends.entry(end).or_default() += 1;
        for fault in &faults {
            let count = self.faults.entry(kind(fault)).or_default();
            *count += 1;
            if *count == 1 && self.faults.len() <= MOST_WRITTEN {
                let folder = self.out.join(name);
                let written = input.write(&folder).map(|()| folder.display().to_string());
                println!("{fault}\n  {}", written.unwrap_or_else(|error| error.to_string()));
            }
        }
        faults.pop().unwrap_or_else(|| end.to_owned())
    }

    /// Ends the fuzzer where an input does not end.
    fn watch(&self) {
        let (watched, out) = (self.watched.clone(), self.out.clone());
        thread::spawn(move || {
            loop {
                thread::sleep(Duration::from_secs(1));
                if let Some((begun, name, input)) = &*watched.lock().expect("a lock")
                    && begun.elapsed() > STUCK
                {
                    let folder = out.join(name);
                    drop(input.write(&folder));
                    println!("stuck: {}", folder.display());
                    std::process::exit(1);
                }
            }
        });
    }

    fn report(&self) -> ExitCode {
        println!("{:?}", self.ends);
        println!(
            "slowest {:.3} s, most memory beside the files {} MB",
            self.slowest.as_secs_f64(),
            self.most_memory >> 20
        );
        for (fault, count) in &self.faults {
            println!("{count:>6} {fault}");
        }
        match self.faults.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }
}

/// A fault without its numbers and quoted parts: faults of a kind are counted together.
fn kind(fault: &str) -> String {
    let plain: String = fault
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '#' } else { letter })
        .collect();
    let mut short = plain.chars().take(160).collect::<String>();
    while short.contains("##") {
        short = short.replace("##", "#");
    }
    short
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// Short texts of many kinds, and long ones.
fn texts() -> Vec<String> {
    [
        "the cat [MASK] sat",
        "",
        "日本 the order",
        "\0\u{301}\u{feff} e\u{301} 😀",
        "a [CLS] b [SEP] c <s> </s>",
        "A.b,c!d",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["q".repeat(500), "漢".repeat(300)])
    .collect()
}
