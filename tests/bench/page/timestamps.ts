// Loaded into bertlet's worker after gpu-counters.ts: on request, times every dispatch of the next run's
// second step, by kernel, on the GPU's own clock. WebGPU times whole compute passes, so each dispatch then
// has a pass of its own. Otherwise the only change is that devices are opened with timestamps.

export interface KernelTime {
  /** The files of webgpu/shaders that the shader is made of. */
  name: string;
  dispatches: number;
  milliseconds: number;
}

declare global {
  /** Has the next run's second step timed, which unlike the first makes no moments. */
  var timeSecondStep: (() => void) | undefined;
  /** What was found, by kernel. */
  var kernelTimes: (() => Promise<KernelTime[]>) | undefined;
}

/** GPUBufferUsage's and GPUMapMode's flags, which the type checker does not know. */
const [MAP_READ, COPY_SRC, COPY_DST, QUERY_RESOLVE, READ] = [0x1, 0x4, 0x8, 0x200, 0x1];

/** Queries that a set holds at most: two a dispatch. */
const QUERIES = 4096;
const TIMESTAMPS: GPUFeatureName = "timestamp-query";

const names = new WeakMap<object, string>();
let device: GPUDevice | undefined;
let queries: GPUQuerySet | undefined;
/** While the step is under way. */
let timing = false;
let timed: string[] = [];

if (typeof GPUDevice !== "undefined") {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const requiredFeatures = [...(descriptor?.requiredFeatures ?? []), TIMESTAMPS];
    device = await requestDevice.call(this, { ...descriptor, requiredFeatures });
    return device;
  };

  const { createShaderModule, createComputePipeline } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    const module = createShaderModule.call(this, descriptor);
    // compose.rs begins each shader with the names of its files.
    names.set(module, descriptor.code.match(/^\/\/ (.*)/)?.[1] ?? "burn's own");
    return module;
  };
  GPUDevice.prototype.createComputePipeline = function (descriptor) {
    const pipeline = createComputePipeline.call(this, descriptor);
    names.set(pipeline, names.get(descriptor.compute.module) ?? "");
    return pipeline;
  };

  const { beginComputePass } = GPUCommandEncoder.prototype;
  GPUCommandEncoder.prototype.beginComputePass = function (descriptor) {
    if (!timing || queries === undefined) return beginComputePass.call(this, descriptor);
    const begin = (timestampWrites: GPUComputePassTimestampWrites) =>
      beginComputePass.call(this, { timestampWrites });
    return new TimedPass(begin, queries) as unknown as GPUComputePassEncoder;
  };
}

/** Stands in for a pass as far as wgpu uses one. */
class TimedPass implements Partial<GPUComputePassEncoder> {
  readonly #begin: (writes: GPUComputePassTimestampWrites) => GPUComputePassEncoder;
  readonly #queries: GPUQuerySet;
  #pipeline: GPUComputePipeline | undefined;
  readonly #groups = new Map<number, unknown[]>();

  constructor(begin: (writes: GPUComputePassTimestampWrites) => GPUComputePassEncoder, queries: GPUQuerySet) {
    this.#begin = begin;
    this.#queries = queries;
  }

  setPipeline(pipeline: GPUComputePipeline): undefined {
    this.#pipeline = pipeline;
  }

  setBindGroup(index: number, ...given: unknown[]): undefined {
    this.#groups.set(index, given);
  }

  dispatchWorkgroups(x: number, y?: number, z?: number): undefined {
    const at = 2 * timed.length;
    if (this.#pipeline === undefined || at + 2 > QUERIES) throw new Error("a dispatch that cannot be timed");
    const pass = this.#begin({
      querySet: this.#queries,
      beginningOfPassWriteIndex: at,
      endOfPassWriteIndex: at + 1,
    });
    pass.setPipeline(this.#pipeline);
    for (const [index, given] of this.#groups) {
      (pass.setBindGroup as (index: number, ...given: unknown[]) => undefined).call(pass, index, ...given);
    }
    pass.dispatchWorkgroups(x, y, z);
    pass.end();
    timed.push(names.get(this.#pipeline) ?? "");
  }

  end(): undefined {}
}

globalThis.timeSecondStep = () => {
  timed = [];
  queries = device?.createQuerySet({ type: "timestamp", count: QUERIES });
};

const post = globalThis.postMessage as (message: unknown, transfer: Transferable[]) => void;
globalThis.postMessage = ((message: { event?: { type: string; step: number } }, transfer: Transferable[]) => {
  if (message.event?.type === "step") timing = queries !== undefined && message.event.step === 1;
  post(message, transfer);
}) as typeof globalThis.postMessage;

globalThis.kernelTimes = async () => {
  if (device === undefined || queries === undefined) throw new Error("expected a step to have been timed");
  const set = queries;
  queries = undefined;
  const size = 8 * 2 * timed.length;
  const resolved = device.createBuffer({
    size,
    usage: QUERY_RESOLVE | COPY_SRC,
  });
  const readable = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(set, 0, 2 * timed.length, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, readable, 0, size);
  device.queue.submit([encoder.finish()]);
  await readable.mapAsync(READ);
  const nanoseconds = new BigUint64Array(readable.getMappedRange());
  const times = new Map<string, KernelTime>();
  for (const [dispatch, name] of timed.entries()) {
    const [begun = 0n, ended = 0n] = nanoseconds.subarray(2 * dispatch, 2 * dispatch + 2);
    const time = times.get(name) ?? { name, dispatches: 0, milliseconds: 0 };
    time.dispatches++;
    time.milliseconds += Number(ended - begun) / 1e6;
    times.set(name, time);
  }
  for (const made of [set, resolved, readable]) made.destroy();
  return [...times.values()].sort((a, b) => b.milliseconds - a.milliseconds);
};
