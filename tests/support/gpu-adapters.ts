// Scripts that make the one adapter that every machine has, a software one, look like others to whoever asks, so that
// every path through the shaders is run: to stand before anything else on a page or in a worker.

/** Says the given of itself. */
function says(info: Record<string, unknown>): string {
  return `for (const [name, value] of Object.entries(${JSON.stringify(info)}))
  Object.defineProperty(GPUAdapterInfo.prototype, name, { configurable: true, get: () => value });
`;
}

/** Hides a feature, as if the browser did not have it. */
function lacks(feature: string): string {
  return `{
  const { get } = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, "features");
  const features = function () { return new Set([...get.call(this)].filter((name) => name !== "${feature}")); };
  Object.defineProperty(GPUAdapter.prototype, "features", { configurable: true, get: features });
}
`;
}

/** A GPU's subgroups are wider than any software adapter's, which is how the shaders tell the two apart. */
const GPU = says({ subgroupMinSize: 32, subgroupMaxSize: 32 });

/** For `auto`, which goes by the name. */
export const HARDWARE = `${says({ vendor: "acme", architecture: "quick", device: "", description: "", isFallbackAdapter: false })}
delete GPUAdapter.prototype.isFallbackAdapter;
`;

/** Each way that the shaders can go, by what chooses it. */
export const ADAPTERS = {
  software: "",
  "software without subgroups": lacks("subgroups"),
  GPU,
  "GPU without subgroups": GPU + lacks("subgroups"),
} as const;
export type AdapterName = keyof typeof ADAPTERS;
