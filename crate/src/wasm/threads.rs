//! Threads of the CPU: rayon's pool, of which the calling worker is one and each other a web worker on the same memory.
//!
//! wasm-bindgen-rayon leaves the caller out of its pool: every operation then waits for another thread to wake and be done,
//! which costs small models more than threads give them.

use std::sync::{Condvar, Mutex, PoisonError};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

/// Threads of the pool that no worker has taken yet.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());
static ANOTHER: Condvar = Condvar::new();

/// What the other workers share beside the memory.
#[wasm_bindgen(js_name = sharedModule)]
pub fn shared_module() -> JsValue {
    wasm_bindgen::module()
}

/// Makes the calling worker the first of so many threads. By then each of the others is in `runThread`, or will be without
/// the caller's doing: it waits for them.
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

/// Is one of the pool's threads, for as long as the worker lives.
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
