// How much memory the CPU engine may have, on a phone and where a browser refuses to set so much aside.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { memoryLimit } from "../../web/src/shared/capabilities.ts";
import { sharedMemory } from "../../web/src/worker/engine/threads.ts";

const { Memory } = WebAssembly;
const GIB = 2 ** 30;
const globals = ["navigator", "matchMedia"] as const;
const before = globals.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));

afterEach(() => {
  WebAssembly.Memory = Memory;
  for (const [at, name] of globals.entries()) {
    const own = before[at];
    if (own === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, own);
  }
});

/** Stands in for a browser: `memory` is what `navigator.deviceMemory` says. */
function browser(memory: number | undefined, coarse: boolean): void {
  const value = memory === undefined ? {} : { deviceMemory: memory };
  Object.defineProperty(globalThis, "navigator", { value, configurable: true });
  const matchMedia = () => ({ matches: coarse });
  Object.defineProperty(globalThis, "matchMedia", { value: matchMedia, configurable: true });
}

/** A browser that sets at most so many pages aside. Gives what was asked for. */
function refuseAbove(pages: number): number[] {
  const asked: number[] = [];
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      asked.push(descriptor.maximum as number);
      if ((descriptor.maximum as number) > pages) throw new RangeError("out of memory");
      super(descriptor);
    }
  };
  return asked;
}

test("a phone that hides its memory gets less than 1.5 GB, and nobody else", () => {
  browser(undefined, true);
  assert.equal(memoryLimit(), 1.25 * GIB);
  browser(undefined, false);
  assert.equal(memoryLimit(), 4 * GIB, "Firefox and Safari on a desk");
  browser(8, true);
  assert.equal(memoryLimit(), 4 * GIB, "Chromium on a tablet");
});

test("without a page there is no phone", () => assert.equal(memoryLimit(), 4 * GIB));

test("shared memory is as large as the browser grants", () => {
  const asked = refuseAbove(16_384);
  const { memory, memoryBytes } = sharedMemory(4 * GIB);
  assert.deepEqual(asked, [65_536, 32_768, 16_384]);
  assert.equal(memoryBytes, GIB);
  assert.ok(memory.buffer instanceof SharedArrayBuffer);
});

test("shared memory never exceeds the limit, and a refusal of all sizes is told", () => {
  const asked = refuseAbove(0);
  assert.throws(() => sharedMemory(1.25 * GIB), RangeError);
  assert.deepEqual(asked, [20_480, 16_384, 8192]);
});
