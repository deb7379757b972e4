//! A shader's source, composed of WGSL files. It needs no device, so a native test composes every shader there is.
//!
//! The main file says in a line `#parts Width, Dropout` what it needs besides itself; `forms.rs` lists these parts and
//! the forms that each of them has.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

/// A file of `shaders/`.
#[derive(Clone, Copy)]
pub struct File {
    /// Its path in `shaders/`, without the extension.
    pub name: &'static str,
    pub text: &'static str,
}

/// The name alone, by which profiles tell shaders apart.
impl fmt::Debug for File {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

/// Two files are the same where their names are.
impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for File {}

impl Hash for File {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// One form of a part: the files that it adds to a shader, and the values that stand for its `{{names}}`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Part {
    pub files: &'static [File],
    pub values: &'static [(&'static str, usize)],
}

/// A main file and its parts. The whole is the key under which the shader's pipeline is kept.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Source {
    pub main: File,
    pub parts: Vec<Part>,
}

impl Source {
    /// The WGSL of all files, with every value in its place. The first line is a comment with the names of the files.
    ///
    /// A line with `$i` is repeated for each number below the value `rows`, one with `$j` for each below `columns`, one
    /// with `$n` for each below `loads`.
    /// `{{bindings}}` is the number of storage buffers, which is the binding of the uniforms.
    pub fn wgsl(&self) -> String {
        let files = || self.parts.iter().flat_map(|part| part.files).chain([&self.main]);
        let names: Vec<&str> = files().map(|file| file.name).collect();
        // Directives come before everything else.
        let mut directives = format!("// {}\n", names.join(" "));
        let mut body = String::new();
        for line in files().flat_map(|file| file.text.lines()) {
            let start = line.trim_start();
            if start.starts_with("//") || start.starts_with('#') {
                continue;
            }
            let target = match start.starts_with("enable ") {
                true => &mut directives,
                false => &mut body,
            };
            for i in 0..self.repeats(line, "$i", "rows") {
                for j in 0..self.repeats(line, "$j", "columns") {
                    for n in 0..self.repeats(line, "$n", "loads") {
                        let [i, j, n] = [i, j, n].map(|number| number.to_string());
                        *target += &line.replace("$i", &i).replace("$j", &j).replace("$n", &n);
                        target.push('\n');
                    }
                }
            }
        }
        let bindings = body.matches("var<storage").count();
        let values = self.parts.iter().flat_map(|part| part.values);
        let text = values.fold(directives + &body, |text, &(name, value)| {
            text.replace(&["{{", name, "}}"].concat(), &value.to_string())
        });
        text.replace("{{bindings}}", &bindings.to_string())
    }

    fn repeats(&self, line: &str, mark: &str, name: &str) -> usize {
        let values = || self.parts.iter().flat_map(|part| part.values);
        match line.contains(mark) {
            true => values()
                .find(|(known, _)| *known == name)
                .map_or(1, |&(_, value)| value),
            false => 1,
        }
    }
}
