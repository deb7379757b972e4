// Loaded into a worker before anything else: keeps every wasm memory that is made there, so that its size can
// be asked for. Wasm memory never shrinks, so its size in the end is its peak. Changes nothing that the
// worker's code can see.

declare global {
  /** The bytes of all wasm memory that this worker made. */
  var wasmBytes: (() => number) | undefined;
}

const memories = new Set<WebAssembly.Memory>();
globalThis.wasmBytes = () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

const { Memory, Instance } = WebAssembly;
WebAssembly.Memory = class extends Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.add(this);
  }
};

/** A memory may also be made by the module itself, which then exports it. */
function keep<T>(result: T): T {
  const { exports } =
    result instanceof Instance ? result : (result as WebAssembly.WebAssemblyInstantiatedSource).instance;
  for (const value of Object.values(exports)) if (value instanceof Memory) memories.add(value);
  return result;
}

const { instantiate, instantiateStreaming } = WebAssembly as unknown as Record<
  string,
  (...given: unknown[]) => Promise<unknown>
>;
Object.assign(WebAssembly, {
  instantiate: async (...given: unknown[]) => keep(await instantiate?.(...given)),
  instantiateStreaming: async (...given: unknown[]) => keep(await instantiateStreaming?.(...given)),
});
WebAssembly.Instance = new Proxy(Instance, {
  construct: (target, given) => keep(Reflect.construct(target, given)),
});

export {};
