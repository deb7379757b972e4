//! The boundary to JavaScript, one file a topic: converts values and calls [`crate::engine`]. It computes nothing, and no
//! other room uses wasm-bindgen.

use wasm_bindgen::prelude::*;

#[cfg(computes)]
mod adapters;
#[cfg(any_tokenizer)]
mod any_tokenizer;
#[cfg(computes)]
mod clock;
mod convert;
#[cfg(computes)]
mod encoding;
#[cfg(computes)]
mod engine;
#[cfg(computes)]
mod explain;
#[cfg(computes)]
mod masked_lm;
#[cfg(computes)]
mod options;
#[cfg(computes)]
mod other_tokenizer;
#[cfg(computes)]
mod results;
#[cfg(computes)]
mod save;
#[cfg(computes)]
mod scores;
#[cfg(computes)]
mod smaller;
#[cfg(computes)]
mod take_away;
#[cfg(computes)]
mod targets;
#[cfg(computes)]
mod testing;
#[cfg(feature = "threads")]
mod threads;
#[cfg(computes)]
mod training;

#[wasm_bindgen(start)]
fn start() {
    // A panic aborts the instance; its message would otherwise be lost.
    std::panic::set_hook(Box::new(|info| wasm_bindgen::throw_str(&format!("panic: {info}"))));
    #[cfg(feature = "webgpu")]
    construct();
}

/// Runs the static constructors of the crates below, which nothing else does: see build.rs.
#[cfg(feature = "webgpu")]
fn construct() {
    let constructors = js_sys::Reflect::get(&wasm_bindgen::exports(), &"__wasm_call_ctors".into());
    let called = constructors.and_then(|found| found.dyn_into::<js_sys::Function>()?.call0(&JsValue::NULL));
    called.expect_throw("the static constructors can be called");
}
