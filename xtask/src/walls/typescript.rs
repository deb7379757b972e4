//! The imports of TypeScript files.
//!
//! Takes files as the formatter leaves them, gives an arrow for each `import`, `export … from` and `import(…)` of a
//! relative path, types included. Comments are no imports.

use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use super::{Arrow, read};

pub fn arrows(root: &Path, files: &[PathBuf]) -> Result<Vec<Arrow>> {
    let mut arrows = vec![];
    for (file, text) in read(root, files)? {
        for (line, path) in imports(&text) {
            let to = normal(&file.parent().unwrap_or(Path::new("")).join(&path));
            if files.contains(&to) {
                arrows.push(Arrow {
                    from: file.clone(),
                    line,
                    to,
                    named: path,
                });
            }
        }
    }
    Ok(arrows)
}

/// Relative paths that a text imports, with the lines of their names.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = vec![];
    let mut in_comment = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if in_comment || line.starts_with("/*") {
            in_comment = !line.contains("*/");
            continue;
        }
        if line.starts_with("//") {
            continue;
        }
        let statement = ["import ", "export ", "} from "]
            .iter()
            .any(|start| line.starts_with(start));
        let marks: &[&str] = if statement {
            &["from \"", "import \"", "import(\""]
        } else {
            &["import(\""]
        };
        for mark in marks {
            for (at, _) in line.match_indices(mark) {
                let rest = &line[at + mark.len()..];
                let path = rest.split('"').next().unwrap_or_default();
                if path.starts_with('.') {
                    found.push((index + 1, path.to_owned()));
                }
            }
        }
    }
    found
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_import_is_seen() {
        let text = "// import { a } from \"./no.ts\";\n\
                    import { a } from \"./a.ts\";\n\
                    import type {\n  B,\n} from \"../b.ts\";\n\
                    import \"./c.ts\";\n\
                    export * from \"./d.ts\";\n\
                    /** import(\"./no.ts\") */\n\
                    const e = await import(\"./e.ts\");\n\
                    type F = import(\"./f.ts\").F;\n\
                    import Papa from \"papaparse\";\n\
                    const say = \"taken from \\\"./no.ts\\\"\";\n";
        let found: Vec<_> = imports(text);
        let expected = [
            (2, "./a.ts"),
            (5, "../b.ts"),
            (6, "./c.ts"),
            (7, "./d.ts"),
            (9, "./e.ts"),
            (10, "./f.ts"),
        ];
        assert_eq!(found, expected.map(|(line, path)| (line, path.to_owned())));
        assert_eq!(normal(Path::new("a/b/../c/./d")), Path::new("a/c/d"));
    }
}
