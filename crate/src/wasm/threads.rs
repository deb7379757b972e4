//! CPU threads: rayon's thread pool, made of the calling worker and of other web workers on the same memory.
//!
//! wasm-bindgen-rayon leaves the caller out of its pool. Every operation then waits for another thread to wake, which costs
//! small models more than threads gain.

use std::sync::{Condvar, Mutex, PoisonError};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

/// Threads of the pool that wait for a worker.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());
static ANOTHER: Condvar = Condvar::new();

/// The compiled module, which the other workers share, as they share the memory.
#[wasm_bindgen(js_name = sharedModule)]
pub fn shared_module() -> JsValue {
    wasm_bindgen::module()
}

/// Makes the calling worker the first thread of the pool, and waits for the others. Each of them must be in `runThread`, or get
/// there without the caller.
#[wasm_bindgen(js_name = startThreads)]
pub fn start_threads(threads: usize) -> Result<(), JsValue> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).use_current_thread();
    let pool = pool.spawn_handler(|thread| {
        WAITING.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        ANOTHER.notify_one();
        Ok(())
    });
    pool.build_global()
        .map_err(|error| JsError::new(&error.to_string()).into())
}

/// Runs one of the pool's threads, for as long as the worker lives.
#[wasm_bindgen(js_name = runThread)]
pub fn run_thread() {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(thread) = waiting.pop() {
            drop(waiting);
            return thread.run();
        }
        waiting = ANOTHER.wait(waiting).unwrap_or_else(PoisonError::into_inner);
    }
}
