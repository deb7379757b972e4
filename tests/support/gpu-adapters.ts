// Scripts that make the software GPU adapter look like others, so that tests run every path through the
// shaders. A script runs before anything else on a page or in a worker.

/** An adapter that reports `info`. */
function says(info: Record<string, unknown>): string {
  return `for (const [name, value] of Object.entries(${JSON.stringify(info)}))
  Object.defineProperty(GPUAdapterInfo.prototype, name, { configurable: true, get: () => value });
`;
}

/** An adapter without a feature, as in a browser that lacks it. */
function lacks(feature: string): string {
  return `{
  const { get } = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, "features");
  const features = function () { return new Set([...get.call(this)].filter((name) => name !== "${feature}")); };
  Object.defineProperty(GPUAdapter.prototype, "features", { configurable: true, get: features });
}
`;
}

/** An adapter says itself that the CPU stands in for it. */
const GPU = says({ isFallbackAdapter: false });

/** Puts the last device that was opened on the global scope. */
export const DEVICE_AT_HAND = `{
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    globalThis.device = await requestDevice.call(this, descriptor);
    return globalThis.device;
  };
}
`;

/**
 * A hardware adapter for `auto`, which decides by name. The shaders go on by what it is: those for a GPU take seconds to
 * compile here. wgpu asks from the wasm's own file, the library from another.
 */
export const HARDWARE = `${says({ vendor: "acme", architecture: "quick", device: "", description: "" })}
Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", {
  configurable: true,
  get: () => /wasm\\/webgpu/.test(new Error().stack),
});
delete GPUAdapter.prototype.isFallbackAdapter;
`;

/** Each path through the shaders, by the adapter that takes it. */
export const ADAPTERS = {
  software: "",
  "software without subgroups": lacks("subgroups"),
  GPU,
  "GPU without subgroups": GPU + lacks("subgroups"),
} as const;
export type AdapterName = keyof typeof ADAPTERS;
