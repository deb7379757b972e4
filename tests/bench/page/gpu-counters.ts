// Loaded into bertlet's worker after wasm-memory.ts: counts what is asked of WebGPU there, and notes the
// counts and the memory at the end of each training step, which it learns from the worker's own messages.
// Changes nothing of them.

/** Since the worker began, but for what is said to be at the moment. */
export interface Counts {
  wasmBytes: number;
  /** Of the buffers there are at the moment. */
  bufferBytes: number;
  dispatches: number;
  /** Written into buffers by the queue, or while they were mapped. */
  uploadedBytes: number;
}

declare global {
  /** The counts after each step of the last run. */
  var stepCounts: Counts[] | undefined;
}

const counts = { bufferBytes: 0, dispatches: 0, uploadedBytes: 0 };
const buffers = new Map<GPUBuffer, number>();

/** Puts `around` in place of a method; it is given the method to call. */
function wrap<T extends object, K extends keyof T>(of: T, name: K, around: (original: T[K]) => T[K]): void {
  of[name] = around(of[name]);
}

if (typeof GPUDevice !== "undefined") {
  wrap(
    GPUDevice.prototype,
    "createBuffer",
    (original) =>
      function (this: GPUDevice, descriptor) {
        const buffer = original.call(this, descriptor);
        buffers.set(buffer, descriptor.size);
        counts.bufferBytes += descriptor.size;
        if (descriptor.mappedAtCreation === true) counts.uploadedBytes += descriptor.size;
        return buffer;
      },
  );
  wrap(
    GPUBuffer.prototype,
    "destroy",
    (original) =>
      function (this: GPUBuffer) {
        counts.bufferBytes -= buffers.get(this) ?? 0;
        buffers.delete(this);
        return original.call(this);
      },
  );
  for (const name of ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"] as const) {
    wrap(
      GPUComputePassEncoder.prototype,
      name,
      (original) =>
        function (this: GPUComputePassEncoder, ...given: unknown[]) {
          counts.dispatches++;
          return (original as (...given: unknown[]) => undefined).apply(this, given);
        },
    );
  }
  wrap(
    GPUQueue.prototype,
    "writeBuffer",
    (original) =>
      function (this: GPUQueue, buffer, at, data, start = 0, size) {
        const each = (data as Uint8Array).BYTES_PER_ELEMENT ?? 1;
        counts.uploadedBytes += size === undefined ? data.byteLength - start * each : size * each;
        return original.call(this, buffer, at, data as BufferSource, start, size);
      },
  );
}

const post = globalThis.postMessage as (message: unknown, transfer: Transferable[]) => void;
globalThis.postMessage = ((message: { event?: { type: string; step: number } }, transfer: Transferable[]) => {
  if (message.event?.type === "step") {
    if (message.event.step === 1) globalThis.stepCounts = [];
    globalThis.stepCounts?.push({ ...counts, wasmBytes: globalThis.wasmBytes?.() ?? 0 });
  }
  post(message, transfer);
}) as typeof globalThis.postMessage;
