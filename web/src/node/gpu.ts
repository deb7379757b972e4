// WebGPU in Node.js, as the npm package "webgpu" has it, or one that says what is missing.

export async function findGpu(): Promise<Pick<GPU, "requestAdapter">> {
  try {
    const dawn = "webgpu"; // not the bundler's to resolve
    const { create, globals } = await import(/* webpackIgnore: true */ /* @vite-ignore */ dawn);
    Object.assign(globalThis, globals);
    return create([]);
  } catch (error) {
    const reason = new Error(
      `in Node.js it takes the npm package "webgpu", which could not be loaded: ${error}`,
    );
    return { requestAdapter: () => Promise.reject(reason) };
  }
}
