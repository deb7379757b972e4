//! Every shader of the GPU, composed in every form and validated by naga. It needs no GPU, and nothing of the crate's
//! feature `webgpu`: it includes the files that compose a shader, and reads the WGSL files from disk.

#[path = "../../crate/src/kernels/webgpu/compose.rs"]
mod compose;
#[path = "../../crate/src/kernels/webgpu/forms.rs"]
mod forms;
#[path = "../../crate/src/kernels/webgpu/interface.rs"]
#[allow(dead_code, reason = "only launches write uniforms")]
mod interface;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use compose::{File, Part, Source};
use naga::{
    AddressSpace, TypeInner,
    front::wgsl,
    valid::{Capabilities, ValidationFlags, Validator},
};

fn webgpu() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kernels/webgpu")
}

/// The files of `shaders/` by their names, as they are on disk.
fn shader_files() -> BTreeMap<&'static str, File> {
    let root = webgpu().join("shaders");
    let mut files = BTreeMap::new();
    for room in fs::read_dir(&root).expect("the shaders") {
        for file in fs::read_dir(room.expect("a room").path()).expect("a room of shaders") {
            let path = file.expect("a file").path();
            let name = path.strip_prefix(&root).expect("a path below").with_extension("");
            let name: &str = name.to_str().expect("a name in UTF-8").to_owned().leak();
            let text = fs::read_to_string(&path).expect("a readable file").leak();
            assert_eq!(path.extension().and_then(|end| end.to_str()), Some("wgsl"), "{name}");
            files.insert(name, File { name, text });
        }
    }
    files
}

/// The names on the file's `#parts` line.
fn parts_of(file: &File) -> Vec<&'static str> {
    let line = file.text.lines().find_map(|line| line.strip_prefix("#parts "));
    line.map_or(Vec::new(), |names| names.split(',').map(str::trim).collect())
}

/// Every form of a main file: one form of each part, in all combinations.
fn sources(main: File, files: &BTreeMap<&'static str, File>) -> Vec<Source> {
    let names = parts_of(&main);
    assert!(
        interface::has_parts(main.text, &names),
        "{}: its #parts line",
        main.name
    );
    let mut sources = vec![Source {
        main,
        parts: Vec::new(),
    }];
    for name in names {
        let forms = forms::forms(name).unwrap_or_else(|| panic!("{}: forms.rs has no part {name}", main.name));
        let forms = forms.iter().map(|form| Part {
            // As they are on disk, too.
            files: form
                .files
                .iter()
                .map(|file| files[file.name])
                .collect::<Vec<_>>()
                .leak(),
            values: form.values,
        });
        let extended = forms.flat_map(|form| {
            sources.iter().map(move |source| Source {
                main,
                parts: source.parts.iter().copied().chain([form]).collect(),
            })
        });
        sources = extended.collect();
    }
    sources
}

/// Where the shader's files have a line: what naga says is about the composed text.
fn origin(source: &Source, line: &str) -> String {
    let files = source.parts.iter().flat_map(|part| part.files).chain([&source.main]);
    let places = files.flat_map(|file| {
        let lines = file.text.lines().enumerate();
        let same = lines.filter(|(_, text)| text.trim() == line.trim() && !line.trim().is_empty());
        same.map(|(index, _)| format!("shaders/{}.wgsl:{}", file.name, index + 1))
    });
    places.collect::<Vec<_>>().join(", ")
}

/// The composed shader as naga understands it, or what is wrong with it.
fn validate(source: &Source) -> Result<naga::Module, String> {
    // naga does not know the directive of the form for other compilers, and has subgroups without.
    let text = source.wgsl().replace("enable subgroups;\n", "\n");
    let line = |number: u32| text.lines().nth(number as usize - 1).unwrap_or_default();
    let module = wgsl::parse_str(&text).map_err(|error| {
        let at = error
            .location(&text)
            .map_or(String::new(), |at| origin(source, line(at.line_number)));
        format!("{at}\n{}", error.emit_to_string(&text))
    })?;
    // Both are beyond naga only by name: subgroups are probed for, and unpack2x16float is in every WGSL.
    let mut validator = Validator::new(
        ValidationFlags::all(),
        Capabilities::SUBGROUP | Capabilities::SHADER_FLOAT16_IN_FLOAT32,
    );
    validator.validate(&module).map_err(|error| {
        let at = error
            .location(&text)
            .map_or(String::new(), |at| origin(source, line(at.line_number)));
        format!("{at}\n{}", error.emit_to_string(&text))
    })?;
    Ok(module)
}

/// Holds what `interface.rs` reads in a main file against what naga reads in the composed shader.
fn check_interface(source: &Source, module: &naga::Module) {
    let name = source.main.name;
    assert_eq!(module.entry_points.len(), 1, "{name}: a shader has one main");
    let mut bindings: Vec<_> = module
        .global_variables
        .iter()
        .filter_map(|(_, variable)| variable.binding.as_ref().map(|at| (at.binding, variable)))
        .collect();
    bindings.sort_by_key(|(binding, _)| *binding);
    let numbers: Vec<u32> = bindings.iter().map(|(binding, _)| *binding).collect();
    assert!(
        numbers.iter().copied().eq(0..numbers.len() as u32),
        "{name}: its bindings are {numbers:?}"
    );
    let (_, uniforms) = bindings.pop().expect("uniforms");
    assert_eq!(
        uniforms.space,
        AddressSpace::Uniform,
        "{name}: the last binding has the uniforms"
    );
    assert!(
        bindings
            .iter()
            .all(|(_, buffer)| matches!(buffer.space, AddressSpace::Storage { .. }))
    );

    // Where all buffers are the main file's own, a launch gives them by name.
    let names: Vec<&str> = bindings
        .iter()
        .filter_map(|(_, buffer)| buffer.name.as_deref())
        .collect();
    if source.main.text.matches("var<storage").count() == names.len() && !source.main.text.contains("$i)") {
        assert!(
            interface::has_buffers(source.main.text, &names),
            "{name}: its buffers are {names:?}"
        );
    }
    let TypeInner::Struct { members, .. } = &module.types[uniforms.ty].inner else {
        panic!("{name}: its uniforms are no struct");
    };
    for member in members {
        let field = interface::field(source.main.text, member.name.as_deref().expect("a name"));
        assert_eq!(field.offset * 4, member.offset as usize, "{name}: {:?}", member.name);
    }
}

#[test]
fn every_shader_in_every_form_is_valid() {
    let files = shader_files();
    let of_parts: BTreeSet<&str> = files
        .values()
        .flat_map(parts_of)
        .filter_map(forms::forms)
        .flatten()
        .flat_map(|form| form.files.iter().map(|file| file.name))
        .collect();
    let mut composed = BTreeSet::new();
    let (mut count, mut failures) = (0, BTreeMap::new());
    for (name, main) in files.iter().filter(|(name, _)| !of_parts.contains(*name)) {
        for source in sources(*main, &files) {
            count += 1;
            composed.extend(source.parts.iter().flat_map(|part| part.files).map(|file| file.name));
            composed.insert(name);
            match validate(&source) {
                Ok(module) => check_interface(&source, &module),
                // One message for each mistake, not for each form that has it.
                Err(message) => {
                    let place = message.lines().next().unwrap_or_default().to_owned();
                    failures.entry(place).or_insert(format!("{name}: {message}"));
                }
            }
        }
    }
    let failures: Vec<String> = failures.into_values().collect();
    assert!(failures.is_empty(), "naga refuses shaders:\n{}", failures.join("\n"));
    println!("{} shader files in {count} forms", files.len());
    let all: BTreeSet<&str> = files.keys().copied().collect();
    assert_eq!(all, composed, "a file is in no shader");
}

#[test]
fn every_main_file_is_launched() {
    let rust: String = fs::read_dir(webgpu())
        .expect("the operations")
        .map(|file| file.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .map(|path| fs::read_to_string(path).expect("a readable file"))
        .collect();
    for (name, file) in shader_files() {
        let is_main = file.text.contains("struct Uniforms");
        assert!(
            !is_main || rust.contains(&format!("\"{name}\" {{")),
            "nothing launches {name}.wgsl"
        );
    }
}
