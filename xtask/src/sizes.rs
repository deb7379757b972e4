//! The sizes of the site's files as they are downloaded.
//!
//! Takes the files of web/dist/, gives a table, compressed sizes remembered by content. Fails if the library has outgrown
//! what a visitor should have to fetch.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::process::capture;
use crate::workspace::{Workspace, hex};

/// Files worth compressing, and so worth a line in the table.
const LISTED: [&str; 4] = ["wasm", "js", "css", "html"];
/// Bytes of brotli that a visitor without WebGPU may have to fetch, and one with it.
const MOST_CPU: u64 = 824_000;
const MOST_WEBGPU: u64 = 2_356_000;
/// Beside that, for a checkpoint whose tokenizer is of kind BPE or Unigram.
const MOST_TOKENIZERS: u64 = 600_000;

/// Prints a line a file, and one for what each kind of visitor fetches of them before the first classification.
///
/// # Errors
/// Where that is more than a visitor should have to fetch.
pub fn print(workspace: &Workspace, files: &[PathBuf]) -> Result<()> {
    let listed = files.iter().filter(|file| {
        LISTED
            .iter()
            .any(|end| file.extension().is_some_and(|found| found == *end))
    });
    let mut rows = Vec::new();
    for file in listed {
        let bytes = fs::read(file)?;
        rows.push((file, bytes.len() as u64, hex(&bytes)));
    }
    let known_at = workspace.sizes();
    let known: Map<String, Value> = fs::read_to_string(&known_at)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let new: Vec<_> = rows.iter().filter(|(_, _, hash)| !known.contains_key(hash)).collect();
    // Only this build's files are kept, so that the list does not grow.
    let mut sizes: Map<String, Value> = rows
        .iter()
        .filter_map(|(_, _, hash)| Some((hash.clone(), known.get(hash)?.clone())))
        .collect();
    if !new.is_empty() {
        let script = include_str!("compressed_sizes.mjs");
        let mut node = Command::new("node");
        node.args(["--input-type=module", "-e", script])
            .args(new.iter().map(|(file, _, _)| file));
        let measured: Vec<Value> = serde_json::from_str(&capture(&mut node)?).context("compressed sizes")?;
        sizes.extend(new.iter().map(|(_, _, hash)| hash.clone()).zip(measured));
        fs::write(&known_at, json!(sizes).to_string())?;
    }
    println!("{:<28}{:>12}{:>12}{:>12}", "web/dist/ (bytes)", "raw", "brotli", "gzip");
    let mut brotli = BTreeMap::new();
    for (file, raw, hash) in &rows {
        let name = file.strip_prefix(workspace.dist())?.display().to_string();
        let size = |kind: &str| sizes.get(hash).and_then(|size| size[kind].as_u64()).unwrap_or_default();
        println!("{name:<28}{raw:>12}{:>12}{:>12}", size("brotli"), size("gzip"));
        brotli.insert(name, size("brotli"));
    }
    for (visitor, bytes, most) in visits(&brotli)? {
        println!("{visitor:<40}{bytes:>12}");
        if bytes > most {
            bail!("a visitor {visitor}: at most {most} bytes of brotli were expected, {bytes} were found");
        }
    }
    Ok(())
}

/// What visitors fetch, in bytes of brotli, and may at the most; the checkpoint comes on top.
fn visits(brotli: &BTreeMap<String, u64>) -> Result<[(&'static str, u64, u64); 4]> {
    let sum = |names: &[&str]| -> Result<u64> {
        let one = |name: &&str| brotli.get(*name).with_context(|| format!("web/dist lacks {name}"));
        names.iter().map(one).sum()
    };
    let library = sum(&["bertlet.js", "worker.js"])?;
    let mut cpu = 0;
    for name in ["cpu", "cpu_relaxed", "cpu_threads", "cpu_threads_plain"] {
        let thread = if name.contains("threads") {
            sum(&["thread.js"])?
        } else {
            0
        };
        cpu = cpu.max(thread + sum(&[&format!("wasm/{name}.js"), &format!("wasm/{name}_bg.wasm")])?);
    }
    let webgpu = sum(&["wasm/webgpu.js", "wasm/webgpu_bg.wasm"])?;
    let tokenizers = sum(&["wasm/tokenizers.js", "wasm/tokenizers_bg.wasm"])?;
    Ok([
        ("without WebGPU fetches", library + cpu, MOST_CPU),
        ("with WebGPU fetches", library + webgpu, MOST_WEBGPU),
        ("of whom auto times both fetches", library + cpu + webgpu, MOST_WEBGPU),
        ("with RoBERTa's tokenizers also fetches", tokenizers, MOST_TOKENIZERS),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_fetches_the_library_and_one_build() {
        let names = [
            "bertlet.js",
            "worker.js",
            "wasm/webgpu.js",
            "wasm/webgpu_bg.wasm",
            "thread.js",
            "wasm/tokenizers.js",
            "wasm/tokenizers_bg.wasm",
        ]
        .map(str::to_owned);
        let builds = ["cpu", "cpu_relaxed", "cpu_threads_plain", "cpu_threads"]
            .map(|name| [format!("wasm/{name}.js"), format!("wasm/{name}_bg.wasm")]);
        let all = names.into_iter().chain(builds.into_iter().flatten());
        // Each twice as large as the one before.
        let mut brotli: BTreeMap<String, u64> = all.enumerate().map(|(at, name)| (name, 1 << at)).collect();
        let found = visits(&brotli).expect("all are there").map(|(_, bytes, _)| bytes);
        assert_eq!(found, [0b110_0000_0001_0011, 0b1111, 0b110_0000_0001_1111, 0b110_0000]);
        brotli.remove("worker.js");
        let error = visits(&brotli).expect_err("one is not").to_string();
        assert!(error.contains("worker.js"), "{error}");
    }
}
