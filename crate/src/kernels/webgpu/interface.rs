//! What a WGSL file declares, read while the crate compiles: its parts, its buffers and its uniforms. So the names that a
//! launch gives are held against the file, and a uniform's place in memory comes from it. Nothing of this runs at launch.
//!
//! Each declaration has a line of its own: `#parts A, B`, `@group(0) @binding(0) var<storage, read> x: …`, and in
//! `struct Uniforms` a line `name: type,` with the type u32, f32 or `array<vec4<u32>, 2>`.

/// A line of a file, without the spaces around it, and what follows the line.
const fn next_line(text: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    while end < text.len() && text[end] != b'\n' {
        end += 1;
    }
    let (line, rest) = text.split_at(end);
    let rest = if rest.is_empty() { rest } else { rest.split_at(1).1 };
    (line.trim_ascii(), rest)
}

const fn starts_with(text: &[u8], start: &str) -> bool {
    text.len() >= start.len() && same(text.split_at(start.len()).0, start.as_bytes())
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// What comes before the first of these bytes, and what comes after it.
const fn cut(text: &[u8], at: u8) -> (&[u8], &[u8]) {
    let mut end = 0;
    while end < text.len() && text[end] != at {
        end += 1;
    }
    let (before, rest) = text.split_at(end);
    let after = if rest.is_empty() { rest } else { rest.split_at(1).1 };
    (before.trim_ascii(), after.trim_ascii())
}

/// Whether the file's `#parts` line has just these names, in this order.
pub const fn has_parts(wgsl: &str, names: &[&str]) -> bool {
    let mut rest = wgsl.as_bytes();
    let mut parts: &[u8] = &[];
    while !rest.is_empty() {
        let (line, after) = next_line(rest);
        if starts_with(line, "#parts ") {
            parts = line.split_at(7).1;
        }
        rest = after;
    }
    let mut i = 0;
    while i < names.len() {
        let (part, after) = cut(parts, b',');
        if !same(part, names[i].as_bytes()) {
            return false;
        }
        parts = after;
        i += 1;
    }
    parts.is_empty()
}

/// Whether the file's storage buffers have just these names, in this order.
pub const fn has_buffers(wgsl: &str, names: &[&str]) -> bool {
    let mut rest = wgsl.as_bytes();
    let mut i = 0;
    while !rest.is_empty() {
        let (line, after) = next_line(rest);
        rest = after;
        if !starts_with(line, "@group(0) @binding(") {
            continue;
        }
        let (_, variable) = cut(line, b'<');
        if starts_with(variable, "storage") {
            let (_, name_and_type) = cut(variable, b'>');
            let (name, _) = cut(name_and_type, b':');
            if i == names.len() || !same(name, names[i].as_bytes()) {
                return false;
            }
            i += 1;
        }
    }
    i == names.len()
}

/// One field of the file's `struct Uniforms`.
#[derive(Clone, Copy)]
pub struct Field {
    /// Words of 4 bytes before it.
    pub offset: usize,
    /// Its words.
    pub words: usize,
    /// The first letter of its type.
    pub kind: char,
}

/// The field with this name, and the number of fields; the words of all fields where the name is empty.
const fn find(wgsl: &str, name: &str) -> (Field, usize) {
    let mut rest = wgsl.as_bytes();
    let mut inside = false;
    let (mut offset, mut count) = (0, 0);
    let mut found = Field {
        offset: 0,
        words: 0,
        kind: ' ',
    };
    while !rest.is_empty() {
        let (line, after) = next_line(rest);
        rest = after;
        if starts_with(line, "struct Uniforms {") {
            inside = true;
        } else if inside && starts_with(line, "}") {
            inside = false;
        } else if inside && !starts_with(line, "//") {
            let (field, kind) = cut(line, b':');
            let words = if starts_with(kind, "array<vec4<u32>, 2>") {
                8
            } else if starts_with(kind, "u32,") || starts_with(kind, "f32,") {
                1
            } else {
                panic!("a uniform is no u32, f32 or array<vec4<u32>, 2>")
            };
            if same(field, name.as_bytes()) {
                found = Field {
                    offset,
                    words,
                    kind: kind[0] as char,
                };
            }
            offset += words;
            count += 1;
        }
    }
    if name.is_empty() {
        found.words = offset;
    }
    (found, count)
}

/// The uniform with this name.
pub const fn field(wgsl: &str, name: &str) -> Field {
    let (field, _) = find(wgsl, name);
    assert!(field.words > 0, "the shader has no uniform of this name");
    field
}

/// The words of all uniforms, where these names are all of theirs.
pub const fn uniform_words(wgsl: &str, names: &[&str]) -> usize {
    let (all, count) = find(wgsl, "");
    assert!(names.len() == count, "the shader has more or fewer uniforms");
    let mut i = 0;
    while i < names.len() {
        let mut j = 0;
        while j < i {
            assert!(
                !same(names[i].as_bytes(), names[j].as_bytes()),
                "a uniform is given twice"
            );
            j += 1;
        }
        i += 1;
    }
    all.words
}

/// A value of a uniform whose type begins with this letter.
pub trait Uniform<const KIND: char> {
    fn write(self, words: &mut [u32]);
}

impl Uniform<'u'> for u32 {
    fn write(self, words: &mut [u32]) {
        words[0] = self;
    }
}

impl Uniform<'u'> for usize {
    fn write(self, words: &mut [u32]) {
        words[0] = self as u32;
    }
}

impl Uniform<'f'> for f32 {
    fn write(self, words: &mut [u32]) {
        words[0] = self.to_bits();
    }
}

impl Uniform<'a'> for [u32; 8] {
    fn write(self, words: &mut [u32]) {
        words.copy_from_slice(&self);
    }
}
