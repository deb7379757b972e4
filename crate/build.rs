//! What the linker must know of the WebGPU build.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_set = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if is_set("CARGO_CFG_TARGET_FAMILY", "wasm") && std::env::var("CARGO_FEATURE_WEBGPU").is_ok() {
        // cubecl fills its tables of operations in static constructors. Where nobody calls those by name, wasm-ld calls
        // them at the start of every exported function, hundreds of times a step; wasm.rs calls them, once.
        println!("cargo::rustc-link-arg-cdylib=--export=__wasm_call_ctors");
    }
}
