//! Long steps: what goes on, how long it takes, and steps side by side.
//!
//! Takes work and its name; says what it does and the time to expect, which is the last time's on this machine. On a
//! terminal a line counts along. Keeps the times in the cache; decides nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io::{IsTerminal, Write, stderr};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::say;
use crate::workspace::Workspace;

/// Shorter steps are not worth a time.
const SHORT_SECONDS: f64 = 3.0;

/// A step at work, for the line that counts along.
struct Active {
    key: String,
    begun: Instant,
    expected: f64,
}

static ACTIVE: Mutex<Vec<Active>> = Mutex::new(Vec::new());
/// Two steps may end at once; each keeps its time.
static TIMES: Mutex<()> = Mutex::new(());

/// Does `work`, and says so with the time that it took last, or `first` seconds if it was never done here.
pub fn step<T>(
    workspace: &Workspace,
    key: &str,
    what: &str,
    first: u32,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let last = times(workspace).get(key).copied();
    let expected = last.unwrap_or(f64::from(first));
    say(match last {
        _ if expected < SHORT_SECONDS => what.to_owned(),
        Some(_) => format!("{what} (about {}, as last time)", shown(expected)),
        None => format!("{what} (about {} the first time)", shown(expected)),
    });
    let begun = Instant::now();
    active().push(Active {
        key: key.to_owned(),
        begun,
        expected,
    });
    count_along();
    let outcome = work();
    active().retain(|step| step.begun != begun || step.key != key);
    if outcome.is_ok() {
        keep(workspace, key, begun.elapsed().as_secs_f64());
    }
    outcome
}

/// Work of [`side_by_side`].
pub type Work<'a> = Box<dyn FnOnce() -> Result<()> + Send + 'a>;

/// Does all the work at once, a thread each. A failure is told at once; it is returned when the others have ended.
pub fn side_by_side(works: Vec<Work>) -> Result<()> {
    let alone = works.len() == 1;
    thread::scope(|scope| {
        let run = |work: Work| {
            let outcome = work();
            if let (Err(failure), false) = (&outcome, alone) {
                say(format!("error: {failure:#}; ending when the other steps have ended"));
            }
            outcome
        };
        let threads: Vec<_> = works.into_iter().map(|work| scope.spawn(move || run(work))).collect();
        let outcomes: Vec<Result<()>> = threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(anyhow::anyhow!("a step panicked")))
            })
            .collect();
        outcomes.into_iter().collect()
    })
}

/// Writes one line over and over while steps are at work; only on a terminal.
fn count_along() {
    static TICKER: OnceLock<()> = OnceLock::new();
    if !stderr().is_terminal() {
        return;
    }
    TICKER.get_or_init(|| {
        thread::spawn(|| {
            loop {
                thread::sleep(Duration::from_secs(1));
                let line = active()
                    .iter()
                    .map(|step| {
                        let seconds = step.begun.elapsed().as_secs_f64();
                        format!("{}: {} of about {}", step.key, clock(seconds), clock(step.expected))
                    })
                    .collect::<Vec<_>>()
                    .join(", ");
                if !line.is_empty() {
                    eprint!("\r\x1b[K  {line}\r");
                    drop(stderr().flush());
                }
            }
        });
    });
}

fn active() -> std::sync::MutexGuard<'static, Vec<Active>> {
    ACTIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Seconds that each step took when it was last done on this machine.
fn times(workspace: &Workspace) -> BTreeMap<String, f64> {
    fs::read_to_string(workspace.times())
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// A time that cannot be kept is no failure: it only makes the next guess worse.
fn keep(workspace: &Workspace, key: &str, seconds: f64) {
    let _alone = TIMES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut times = times(workspace);
    times.insert(key.to_owned(), (seconds * 10.0).round() / 10.0);
    drop(fs::write(workspace.times(), serde_json::json!(times).to_string()));
}

/// A time as a person says it.
fn shown(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{} s", seconds.round())
    } else {
        format!("{} min", (seconds / 60.0).round())
    }
}

fn clock(seconds: f64) -> String {
    let whole = seconds as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn the_time_of_a_step_is_kept_and_that_of_a_failure_is_not() {
        let cache = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::of_test(cache.path());
        assert_eq!(step(&workspace, "a", "A", 5, || Ok(7)).expect("done"), 7);
        step(&workspace, "b", "B", 5, || -> Result<()> { bail!("no") }).expect_err("it fails");
        let kept = times(&workspace);
        assert!(kept.contains_key("a") && !kept.contains_key("b"), "{kept:?}");
    }

    #[test]
    fn times_are_said_in_the_unit_that_suits_them() {
        assert_eq!([shown(4.4), shown(89.0), shown(170.0)], ["4 s", "89 s", "3 min"]);
        assert_eq!(clock(83.9), "1:23");
    }

    #[test]
    fn all_work_ends_before_a_failure_is_returned() {
        let done = Mutex::new(0);
        let add = || -> Work {
            Box::new(|| {
                thread::sleep(Duration::from_millis(20));
                *done.lock().expect("held") += 1;
                Ok(())
            })
        };
        let error = side_by_side(vec![add(), Box::new(|| bail!("broken")), add()]).expect_err("one fails");
        assert_eq!(error.to_string(), "broken");
        assert_eq!(*done.lock().expect("held"), 2);
    }
}
