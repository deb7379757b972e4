//! Where things are: the repository, and the cache outside it.
//!
//! Takes the environment, gives paths; makes and prunes the cache's folders. The cache holds what is slow to make
//! again (build folders, tools, the default checkpoint) so that a fresh clone starts warm. Nothing in it is precious.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::process::say;

/// Target folders of one kind that are kept: this Cargo.lock's, and the one before it.
const KEPT: usize = 2;

/// The repository and the cache.
#[derive(Clone)]
pub struct Workspace {
    pub root: PathBuf,
    pub cache: PathBuf,
}

impl Workspace {
    /// Finds the repository that `cargo xtask` ran in, and the cache: `BERTLET_CACHE`, else the user's cache folder.
    pub fn find() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest)
            .parent()
            .context("xtask has no folder above it")?
            .to_path_buf();
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = set("BERTLET_CACHE")
            .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("bertlet")))
            .or_else(|| set("HOME").map(|folder| folder.join(".cache/bertlet")))
            .context("no cache folder: HOME is not set; set BERTLET_CACHE to a folder that may be written to")?;
        fs::create_dir_all(&cache).with_context(|| format!("{}: the cache folder cannot be made", cache.display()))?;
        Ok(Self {
            root,
            cache: std::path::absolute(&cache)?,
        })
    }

    #[cfg(test)]
    pub fn of_test(folder: &Path) -> Self {
        Self {
            root: folder.to_path_buf(),
            cache: folder.to_path_buf(),
        }
    }

    pub fn web(&self) -> PathBuf {
        self.root.join("web")
    }

    /// The compressed sizes of the site's files by their SHA-256, as last printed.
    pub fn sizes(&self) -> PathBuf {
        self.cache.join("sizes.json")
    }

    pub fn bench(&self) -> PathBuf {
        self.root.join("tests/bench")
    }

    pub fn dist(&self) -> PathBuf {
        self.root.join("web/dist")
    }

    /// What wasm-bindgen made, for the site's bundler to take.
    pub fn wasm(&self) -> PathBuf {
        self.root.join("web/wasm")
    }

    /// The seconds that long steps took on this machine.
    pub fn times(&self) -> PathBuf {
        self.cache.join("times.json")
    }

    /// The text of Cargo.lock, which pins every version that a build or a tool depends on.
    fn cargo_lock(&self) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        fs::read_to_string(&path).with_context(|| format!("{}: cannot be read", path.display()))
    }

    /// The cargo target folder of `kind` for this Cargo.lock, shared by every clone.
    pub fn target(&self, kind: &str) -> Result<PathBuf> {
        self.keyed("target", kind, &hex(self.cargo_lock()?.as_bytes())[..16], KEPT)
    }

    /// The folder `<cache>/<shelf>/<kind>-<key>`, marked as used now; all of its kind but the `kept` last are pruned.
    pub fn keyed(&self, shelf: &str, kind: &str, key: &str, kept: usize) -> Result<PathBuf> {
        let shelf = self.cache.join(shelf);
        let folder = shelf.join(format!("{kind}-{key}"));
        fs::create_dir_all(&folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
        fs::write(folder.join(USED), "")?;
        for old in surplus(&shelf, &format!("{kind}-"), kept)? {
            fs::remove_dir_all(&old).with_context(|| format!("{}: cannot be pruned", old.display()))?;
        }
        Ok(folder)
    }

    /// Holds the cache until the returned file is dropped, so that two runs do not set up the same thing at once.
    pub fn hold(&self) -> Result<File> {
        let file = File::create(self.cache.join("lock"))?;
        if file.try_lock().is_err() {
            say("Waiting for another cargo xtask that is using the cache");
            file.lock().context("the cache cannot be locked")?;
        }
        Ok(file)
    }
}

/// An empty file in a keyed folder whose time says when the folder was last used.
const USED: &str = ".used";

/// The folders on a shelf that begin with `prefix`, less the `kept` that were used last.
fn surplus(shelf: &Path, prefix: &str, kept: usize) -> Result<Vec<PathBuf>> {
    let mut folders: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(shelf)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(prefix) && entry.file_type()?.is_dir() {
            let used = fs::metadata(entry.path().join(USED)).and_then(|file| file.modified());
            folders.push((used.unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
        }
    }
    folders.sort();
    folders.reverse();
    Ok(folders.into_iter().skip(kept).map(|(_, folder)| folder).collect())
}

/// The SHA-256 of `bytes` in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of a file, or `None` if there is no such file.
pub fn hex_of_file(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(hex(&bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{}: cannot be read", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_sha_256() {
        assert_eq!(
            hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(hex_of_file(Path::new("/no/such/file")).expect("not an error"), None);
    }

    #[test]
    fn the_folders_used_last_are_kept() {
        let cache = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::of_test(cache.path());
        for key in ["a", "b", "a", "c"] {
            workspace.keyed("target", "wasm", key, 2).expect("made");
            workspace.keyed("target", "native", key, 2).expect("made");
            // File times may be as coarse as a few milliseconds.
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let mut left: Vec<_> = fs::read_dir(cache.path().join("target"))
            .expect("listed")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
            .collect();
        left.sort();
        assert_eq!(left, ["native-a", "native-c", "wasm-a", "wasm-c"]);
    }
}
