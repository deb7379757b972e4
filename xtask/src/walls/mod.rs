//! The walls between rooms: who may import whom.
//!
//! Takes the sources of crate/src and of the folders of web/; fails on an import of a room above, and on files
//! that import each other in a circle. The orders below are those of ARCHITECTURE.md, from the lowest room up.

mod circles;
mod houses;
mod paths;
mod rust;
mod tokens;
mod typescript;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use houses::{HOUSES, House, WEB};

/// A file that uses another: where it says so, and in which words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Arrow {
    from: PathBuf,
    line: usize,
    to: PathBuf,
    /// What is imported, as it is written.
    named: String,
}

/// Holds the repository to the orders.
///
/// # Errors
/// Lists every import that breaks one, and every circle of files.
pub fn hold(root: &Path) -> Result<()> {
    let mut findings = vec![];
    let mut arrows = rust::arrows(root, Path::new("crate/src"))?;
    // One complaint for a line, however many names of the other file stand in it.
    arrows.dedup_by(|next, arrow| (&next.from, next.line, &next.to) == (&arrow.from, arrow.line, &arrow.to));
    let files = sources(root, &WEB, "ts")?;
    arrows.extend(typescript::arrows(root, &files)?);
    let rust = sources(root, &["crate/src"], "rs")?;
    for house in &HOUSES {
        let inside = files.iter().chain(&rust);
        findings.extend(inside.filter_map(|file| house.homeless(file)));
        findings.extend(arrows.iter().filter_map(|arrow| house.broken_by(arrow)));
    }
    findings.extend(circles::find(&arrows).iter().map(|circle| told(circle)));
    if findings.is_empty() {
        return Ok(());
    }
    findings.sort();
    findings.dedup();
    bail!("breaches of the walls: {}\n{}", findings.len(), findings.join("\n"))
}

impl House {
    /// The floor and the room of a file, where it is of this house and has one.
    fn place(&self, file: &Path) -> Option<(usize, String)> {
        let room = self.room(file)?;
        let on = |name: &str| self.floors.iter().position(|floor| floor.rooms.contains(&name));
        Some((on(&room).or_else(|| on("*"))?, room))
    }

    /// The first part of a file's path in this house, without the ending. Transparent files have none.
    fn room(&self, file: &Path) -> Option<String> {
        let inside = file.strip_prefix(self.folder).ok()?;
        let first = Path::new(inside.components().next()?.as_os_str());
        let room = first.file_stem()?.to_string_lossy().into_owned();
        (room != "mod").then_some(room)
    }

    /// The complaint about a file that stands in no room.
    fn homeless(&self, file: &Path) -> Option<String> {
        let room = self.room(file)?;
        self.place(file).is_none().then(|| {
            format!(
                "{}: a room of {} was expected ({}), '{room}' is none; move the file, or give the room its floor in \
                 xtask/src/walls/houses.rs",
                file.display(),
                self.folder,
                self.order()
            )
        })
    }

    /// The complaint about an import of a room above, or beside where those stand apart.
    fn broken_by(&self, arrow: &Arrow) -> Option<String> {
        let ((from, room), (to, other)) = (self.place(&arrow.from)?, self.place(&arrow.to)?);
        let beside = from == to && room != other && self.floors[from].apart;
        (from < to || beside).then(|| {
            let stands = if beside { "stand apart" } else { "would run back up" };
            format!(
                "{}:{}: imports {} ({}), but {room} -> {other} {stands} in {} ({}); move what both need into a room \
                 below, or hand it in as an argument",
                arrow.from.display(),
                arrow.line,
                arrow.named,
                arrow.to.display(),
                self.folder,
                self.order()
            )
        })
    }

    fn order(&self) -> String {
        let floors = self.floors.iter().map(|floor| {
            let between = if floor.apart { " | " } else { ", " };
            floor.rooms.join(between)
        });
        floors.collect::<Vec<_>>().join(" < ")
    }
}

/// The complaint about files that import each other in a circle.
fn told(circle: &[&Arrow]) -> String {
    let steps = circle
        .iter()
        .map(|arrow| format!("\n    {}:{} imports {}", arrow.from.display(), arrow.line, arrow.named));
    format!(
        "{}: files import each other in a circle; move what two of them need into a file of its own:{}",
        circle[0].from.display(),
        steps.collect::<String>()
    )
}

/// The files below `folders` with this ending, by name, from the root on.
fn sources(root: &Path, folders: &[&str], ending: &str) -> Result<Vec<PathBuf>> {
    let mut files = vec![];
    let mut left: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{}: cannot be listed", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|end| end == ending) {
                files.push(path.strip_prefix(root)?.to_path_buf());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The texts of files, by their names from the root on.
fn read(root: &Path, files: &[PathBuf]) -> Result<BTreeMap<PathBuf, String>> {
    let text = |file: &PathBuf| fs::read_to_string(root.join(file)).with_context(|| file.display().to_string());
    files.iter().map(|file| Ok((file.clone(), text(file)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository with these files and an empty one of each house that has none.
    fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let all = [
            ("crate/src/lib.rs", ""),
            ("web/src/index.ts", ""),
            ("web/studio/main.ts", ""),
            ("web/element/element.ts", ""),
            ("web/cli/main.ts", ""),
            ("web/starters/starters.ts", ""),
        ];
        for (name, text) in all.iter().chain(files) {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        folder
    }

    fn complaint(files: &[(&str, &str)]) -> String {
        match hold(repository(files).path()) {
            Ok(()) => String::new(),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn an_arrow_down_passes() {
        let found = complaint(&[
            ("crate/src/error.rs", "pub struct Error;"),
            ("crate/src/model/mod.rs", "mod layer;\npub use layer::Layer;"),
            (
                "crate/src/model/layer.rs",
                "use crate::error::Error;\npub struct Layer;",
            ),
            ("crate/src/train/mod.rs", "mod session;"),
            ("crate/src/train/session.rs", "use crate::model::Layer;"),
            ("web/src/shared/errors.ts", ""),
            ("web/src/page/run.ts", "import { A } from \"../shared/errors.ts\";"),
            (
                "web/studio/data/csv.ts",
                "import type { A } from \"../../src/page/run.ts\";",
            ),
        ]);
        assert_eq!(found, "");
    }

    #[test]
    fn an_arrow_up_is_told_with_file_line_and_order() {
        let found = complaint(&[
            ("crate/src/train/mod.rs", "mod session;"),
            (
                "crate/src/train/session.rs",
                "\nfn f() {\n    crate::engine::load();\n}",
            ),
            ("crate/src/engine/mod.rs", "mod load;\npub use load::load;"),
            ("crate/src/engine/load.rs", "pub fn load() {}"),
        ]);
        assert!(found.starts_with("breaches of the walls: 1"), "{found}");
        assert!(
            found.contains(
                "crate/src/train/session.rs:3: imports crate::engine::load (crate/src/engine/load.rs), but train -> \
                 engine would run back up"
            ),
            "{found}"
        );
    }

    #[test]
    fn rooms_of_the_kernels_have_an_order_too() {
        let files = |from: &'static str, to: &'static str| {
            [
                ("crate/src/kernels/mod.rs", "mod backend;"),
                ("crate/src/kernels/ops/mod.rs", ""),
                ("crate/src/kernels/cpu/mod.rs", ""),
                ("crate/src/kernels/backend.rs", "pub struct Backend;"),
                ("crate/src/kernels/ops/matmul.rs", if from == "ops" { to } else { "" }),
                (
                    "crate/src/kernels/cpu/matmul.rs",
                    if from == "cpu" { to } else { "pub fn run() {}" },
                ),
            ]
        };
        assert_eq!(
            complaint(&files(
                "cpu",
                "use crate::kernels::ops::matmul::A;\nuse crate::kernels::backend::Backend;"
            )),
            ""
        );
        let found = complaint(&files("ops", "use super::super::cpu::matmul::run;"));
        assert!(
            found.contains("ops -> cpu would run back up in crate/src/kernels"),
            "{found}"
        );
    }

    #[test]
    fn the_page_and_the_worker_stand_apart() {
        let found = complaint(&[
            ("web/src/page/options.ts", ""),
            (
                "web/src/worker/open.ts",
                "// a\nimport type { Options } from \"../page/options.ts\";",
            ),
            (
                "web/studio/state/app.ts",
                "import {\n  draw,\n} from \"../views/table.ts\";",
            ),
            ("web/studio/views/table.ts", ""),
        ]);
        assert!(
            found.contains("web/src/worker/open.ts:2: imports ../page/options.ts"),
            "{found}"
        );
        assert!(found.contains("worker -> page stand apart"), "{found}");
        assert!(
            found.contains("web/studio/state/app.ts:3: imports ../views/table.ts"),
            "{found}"
        );
    }

    #[test]
    fn a_circle_of_files_is_told_step_by_step() {
        let found = complaint(&[
            ("crate/src/peft/mod.rs", "mod a;\nmod b;\nmod c;\npub use b::B;"),
            ("crate/src/peft/a.rs", "use super::B;\npub struct A;"),
            ("crate/src/peft/b.rs", "use super::c::C;\npub struct B;"),
            ("crate/src/peft/c.rs", "\nfn f(a: super::a::A) {}"),
            ("web/src/shared/x.ts", "import \"./y.ts\";"),
            ("web/src/shared/y.ts", "export { x } from \"./x.ts\";"),
        ]);
        assert!(found.starts_with("breaches of the walls: 2"), "{found}");
        for step in [
            "peft/a.rs:1 imports super::B",
            "peft/b.rs:1 imports super::c::C",
            "peft/c.rs:2 imports super::a::A",
        ] {
            assert!(found.contains(step), "{step} in {found}");
        }
    }

    #[test]
    fn a_file_outside_the_rooms_is_told() {
        let found = complaint(&[("crate/src/helpers.rs", ""), ("web/studio/table.ts", "")]);
        assert!(
            found.contains("crate/src/helpers.rs: a room of crate/src was expected"),
            "{found}"
        );
        assert!(found.contains("'table' is none"), "{found}");
    }
}
