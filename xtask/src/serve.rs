//! A static server for the site, on this machine only.
//!
//! Takes a folder and a port, answers GET and HEAD for the files below it, with the headers that isolate the page from
//! other origins (threads and exact clocks need that), and with a validator: a file that the browser still has is not sent
//! again. Answers 503 for a build of the wasm that is still being compiled.
//! Never reads above the folder; writes nothing.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::UNIX_EPOCH;

use anyhow::{Result, anyhow, bail};
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

use crate::process::say;
use crate::site;
use crate::wasm::Build;
use crate::workspace::Workspace;

/// The port of the documentation, and how many after it are tried.
const PORT: u16 = 8080;
const PORTS_TRIED: u16 = 100;
/// Requests answered at once; a page asks for its files side by side.
const THREADS: usize = 4;
const HEADERS: [(&str, &str); 5] = [
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    // A rebuilt file is seen at the next load: the browser asks each time, by the validator.
    ("Cache-Control", "no-cache"),
];

/// Builds of the wasm that the site still lacks. The library takes 503 for a device that does not work: `auto` then runs
/// on the CPU, and looks again when the next model is loaded.
#[derive(Clone, Default)]
pub struct Pending(Arc<Mutex<Vec<&'static Build>>>);

impl Pending {
    fn of(builds: &[&'static Build]) -> Self {
        Self(Arc::new(Mutex::new(builds.to_vec())))
    }

    fn remove(&self, name: &str) {
        let mut builds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        builds.retain(|build| build.name != name);
    }

    /// Why a request's target is not there yet, if it is a file of such a build.
    fn reason(&self, target: &str) -> Option<String> {
        let file = target.split(['?', '#']).next()?.strip_prefix("/wasm/")?;
        let builds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let build = builds.iter().find(|build| {
            [".js", "_bg.wasm"]
                .map(|end| format!("{}{end}", build.name))
                .contains(&file.to_owned())
        })?;
        Some(format!(
            "the build for {} is still being compiled; load the model again in some minutes",
            build.title
        ))
    }
}

/// Serves until the process is ended, and meanwhile makes the builds that the site lacks.
pub fn forever(workspace: &Workspace, port: Option<u16>, lacking: &[&'static Build]) -> Result<()> {
    let pending = Pending::of(lacking);
    let address = start(&workspace.dist(), port, pending.clone())?;
    println!("bertlet is at {address} (end with Ctrl+C)");
    if !lacking.is_empty() {
        let titles: Vec<&str> = lacking.iter().map(|build| build.title).collect();
        say(format!(
            "Being compiled while the page runs on the CPU: {}",
            titles.join("; ")
        ));
        let ready = |build: &Build| {
            pending.remove(build.name);
            say(format!(
                "The build for {} is there: the next model loaded may use it",
                build.title
            ));
        };
        if let Err(failure) = site::complete(workspace, lacking, &ready) {
            say(format!("error: {failure:#}\nThe page goes on without these builds"));
        }
    }
    loop {
        thread::park();
    }
}

/// Serves from threads of its own for as long as this process runs, and gives the address.
pub fn start(site: &Path, port: Option<u16>, pending: Pending) -> Result<String> {
    let site = fs::canonicalize(site)?;
    let server = Arc::new(bind(port.unwrap_or(PORT))?);
    let port = server
        .server_addr()
        .to_ip()
        .ok_or_else(|| anyhow!("the server has no address"))?
        .port();
    for _ in 0..THREADS {
        let (server, site, pending) = (Arc::clone(&server), site.clone(), pending.clone());
        thread::spawn(move || {
            while let Ok(request) = server.recv() {
                answer(&site, &pending, request);
            }
        });
    }
    Ok(format!("http://127.0.0.1:{port}/"))
}

/// The first free port from `first` on.
fn bind(first: u16) -> Result<Server> {
    let last = first.saturating_add(PORTS_TRIED);
    for port in first..=last {
        match Server::http(("127.0.0.1", port)) {
            Ok(server) => {
                if port != first {
                    say(format!("Port {first} is taken; using {port}"));
                }
                return Ok(server);
            }
            Err(failure) if port == last => {
                bail!(
                    "ports {first} to {last}: a free one was expected, none was found ({failure}); name one with --port"
                )
            }
            Err(_) => {}
        }
    }
    bail!("no port was tried")
}

fn answer(site: &Path, pending: &Pending, request: Request) {
    if let Some(reason) = pending.reason(request.url()) {
        return respond(request, Response::from_string(reason).with_status_code(503));
    }
    let found = match request.method() {
        Method::Get | Method::Head => file_at(site, request.url()),
        _ => {
            return respond(
                request,
                Response::from_string("only GET and HEAD\n").with_status_code(405),
            );
        }
    };
    let opened = found.and_then(|path| {
        let file = File::open(&path).ok()?;
        let tag = validator(&file)?;
        Some((file, content_type(&path), tag))
    });
    match opened {
        Some((_, _, tag)) if has_already(&request, &tag) => {
            respond(request, Response::empty(304).with_header(header("ETag", &tag)));
        }
        // Without chunks: the page shows progress by Content-Length.
        Some((file, kind, tag)) => {
            let response = Response::from_file(file).with_chunked_threshold(usize::MAX);
            let response = response.with_header(header("Content-Type", kind));
            respond(request, response.with_header(header("ETag", &tag)));
        }
        None => respond(
            request,
            Response::from_string("not found\n").with_status_code(StatusCode(404)),
        ),
    }
}

/// What changes when a file does: its size and the time of its last change.
fn validator(file: &File) -> Option<String> {
    let facts = file.metadata().ok()?;
    let changed = facts.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("\"{:x}-{:x}\"", facts.len(), changed.as_nanos()))
}

/// Whether the browser says that it has the file as it is.
fn has_already(request: &Request, tag: &str) -> bool {
    let mut asked = request
        .headers()
        .iter()
        .filter(|header| header.field.equiv("If-None-Match"));
    asked.any(|header| {
        let tags = header.value.as_str().split(',');
        tags.map(|found| found.trim().trim_start_matches("W/"))
            .any(|found| found == tag || found == "*")
    })
}

fn respond<R: std::io::Read>(request: Request, mut response: Response<R>) {
    for (name, value) in HEADERS {
        response.add_header(header(name, value));
    }
    // A browser that went away is no failure of the server.
    drop(request.respond(response));
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("header names and values here are plain ASCII")
}

/// The file that a request's target names, if there is one inside the site.
fn file_at(site: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?;
    let decoded = percent_decoded(path.strip_prefix('/')?)?;
    let mut file = site.to_path_buf();
    for part in decoded.split('/').filter(|part| !part.is_empty()) {
        if part == "." || part == ".." || part.contains(['\\', '\0', ':']) {
            return None;
        }
        file.push(part);
    }
    if decoded.is_empty() || decoded.ends_with('/') {
        file.push("index.html");
    }
    // A link inside the site that leads out of it is not followed either.
    let real = fs::canonicalize(file).ok()?;
    (real.starts_with(site) && real.is_file()).then_some(real)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: u8| (byte as char).to_digit(16);
                (digit(rest.next()?)? * 16 + digit(rest.next()?)?) as u8
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Media types of what a site of ours holds. A wasm file under another type is not compiled while it arrives.
fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|end| end.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "wasm" => "application/wasm",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "ts" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    fn site() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("site/sub dir")).expect("made");
        for (name, text) in [
            ("secret", "no"),
            ("site/index.html", "<p>"),
            ("site/a.wasm", "\0asm"),
            ("site/sub dir/b.csv", "é"),
        ] {
            fs::write(folder.path().join(name), text).expect("written");
        }
        std::os::unix::fs::symlink("../secret", folder.path().join("site/link")).expect("linked");
        folder
    }

    #[test]
    fn only_files_of_the_site_are_found() {
        let folder = site();
        let site = fs::canonicalize(folder.path().join("site")).expect("a folder");
        for target in ["/", "/index.html", "/a.wasm?v=1", "/sub%20dir/b.csv", "//index.html"] {
            assert!(file_at(&site, target).is_some(), "{target}");
        }
        for target in [
            "",
            "secret",
            "/none",
            "/sub%20dir",
            "/sub%20dir/",
            "/../secret",
            "/sub%20dir/../../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "/%2fetc/passwd",
            "/..\\secret",
            "/link",
            "/%",
            "/%zz",
            "/%ff",
            "/a.wasm%00",
            "http://x/secret",
        ] {
            assert_eq!(file_at(&site, target), None, "{target}");
        }
    }

    #[test]
    fn a_build_that_is_not_there_yet_says_so() {
        let pending = Pending::of(&[&crate::wasm::WEBGPU]);
        let reason = |target: &str| pending.reason(target);
        assert!(reason("/wasm/webgpu_bg.wasm").is_some_and(|reason| reason.contains("WebGPU is still being compiled")));
        assert!(reason("/wasm/webgpu.js?v=1").is_some());
        assert_eq!(reason("/wasm/cpu_threads.js"), None);
        assert_eq!(reason("/webgpu.js"), None);
        pending.remove("webgpu");
        assert_eq!(reason("/wasm/webgpu.js"), None);
    }

    #[test]
    fn answers_carry_type_length_and_isolation() {
        let folder = site();
        let address = start(&folder.path().join("site"), Some(18_080), Pending::default()).expect("served");
        let host = address.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let ask_with = |line: &str, headers: &str| {
            let mut stream = TcpStream::connect(&host).expect("connected");
            write!(
                stream,
                "{line} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n"
            )
            .expect("sent");
            let mut reply = String::new();
            stream.read_to_string(&mut reply).expect("answered");
            reply
        };
        let ask = |line: &str| ask_with(line, "");
        let reply = ask("GET /a.wasm");
        for part in [
            "HTTP/1.1 200",
            "Content-Type: application/wasm",
            "Content-Length: 4",
            "Cross-Origin-Opener-Policy: same-origin",
            "Cross-Origin-Embedder-Policy: require-corp",
        ] {
            assert!(reply.contains(part), "{part} in {reply}");
        }
        assert!(ask("HEAD /").starts_with("HTTP/1.1 200"));
        let tag = |reply: &str| {
            let line = reply.lines().find_map(|line| line.strip_prefix("ETag: "));
            line.expect("a validator").trim().to_owned()
        };
        let first = tag(&reply);
        let again = |tag: &str| ask_with("GET /a.wasm", &format!("If-None-Match: \"x\", W/{tag}\r\n"));
        let unchanged = again(&first);
        assert!(unchanged.starts_with("HTTP/1.1 304"), "{unchanged}");
        assert!(!unchanged.contains("asm"), "{unchanged}");
        fs::write(folder.path().join("site/a.wasm"), "changed").expect("written");
        let changed = again(&first);
        assert!(
            changed.starts_with("HTTP/1.1 200") && changed.ends_with("changed"),
            "{changed}"
        );
        assert_ne!(tag(&changed), first);
        assert!(ask("GET /../secret").starts_with("HTTP/1.1 404"));
        assert!(ask("POST /").starts_with("HTTP/1.1 405"));
        let next = start(&folder.path().join("site"), Some(18_080), Pending::default()).expect("served");
        assert_ne!(next, address);
    }
}
