//! Takes the first bytes of a weights file; gives what the file is. Twin of `sniff-file.ts`: both are held by
//! `tests/reference/sniff.json`.

/// Bytes of a file that are looked at.
const LOOKED_AT: usize = 64;

/// What is often saved under the name of a weights file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileContent {
    /// A safetensors header, or nothing that is known: the safetensors reader decides.
    Safetensors,
    /// No byte at all.
    Empty,
    /// A Python pickle, bare (protocols 2 to 5) or in a zip archive (`torch.save` since 1.6).
    Pickle,
    /// A Git LFS pointer, which names the real file.
    GitLfsPointer,
    /// A web page, such as a server's error page.
    WebPage,
}

/// Tells a file's content by its first bytes.
///
/// A safetensors file begins with the length of its JSON header, 8 bytes little-endian. The length's own bytes may
/// spell the beginning of a pickle (640 is `80 02`) or of a web page (15,392 is ` <`), so the header is looked for
/// first.
pub fn sniff(bytes: &[u8]) -> FileContent {
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    if start.is_empty() {
        return FileContent::Empty;
    }
    if is_safetensors(start) {
        return FileContent::Safetensors;
    }
    let bare_pickle = start[0] == 0x80 && matches!(start.get(1), Some(2..=5));
    if bare_pickle || start.starts_with(b"PK\x03\x04") {
        return FileContent::Pickle;
    }
    if start.starts_with(b"version https://git-lfs") {
        return FileContent::GitLfsPointer;
    }
    if start.trim_ascii_start().starts_with(b"<") {
        return FileContent::WebPage;
    }
    FileContent::Safetensors
}

/// Whether a header's length, below 4 GiB, is followed by the header's opening brace.
fn is_safetensors(start: &[u8]) -> bool {
    matches!(start, [_, _, _, _, 0, 0, 0, 0, b'{', ..])
}
