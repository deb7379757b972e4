// Tells what ended an instance of wasm: memory that ran out, or a crash. Reads the error and the memory; changes nothing
// that anyone still uses.

import type { Failure } from "./errors.ts";

/** A trap counts as out of memory where less than this is left. */
const HEADROOM_BYTES = 256 * 1024 * 1024;
const WASM_BYTES = 2 ** 32;
const PAGE_BYTES = 65_536;
/** The words of Rust and of each browser's engine. */
const OUT_OF_MEMORY =
  /capacity overflow|memory allocation of|out of memory|allocation (failed|size overflow)|could(n't| not) allocate|memory\.grow|invalid (typed )?array (buffer )?length|array size is too large/i;
const STACK = /call stack|recursion/i;

/** The failure for an error without a code, which is a panic or a trap. */
export function crashOf(error: unknown, memory: WebAssembly.Memory | undefined): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const ofStack = STACK.test(message);
  if (!ofStack && (OUT_OF_MEMORY.test(message) || error instanceof RangeError || isFull(memory))) {
    return {
      code: "out-of-memory",
      message: `WebAssembly ran out of memory: ${message}`,
      hint: "use a smaller batchSize or maxLength, or a smaller model",
    };
  }
  return {
    code: "worker-crashed",
    message: `the worker crashed: ${message}`,
    hint: "load the checkpoint again",
  };
}

function isFull(memory: WebAssembly.Memory | undefined): boolean {
  if (memory === undefined) return false;
  if (memory.buffer.byteLength > WASM_BYTES - HEADROOM_BYTES) return true;
  try {
    // The instance is lost anyway. Whether its memory can grow tells why.
    memory.grow(HEADROOM_BYTES / PAGE_BYTES);
    return false;
  } catch {
    return true;
  }
}
