// A product of matrices on WebGPU with nothing around it: each thread sums 8 rows by one vec4 of columns in
// registers, without workgroup memory. What bertlet's products on the same adapter are held against.

const CODE = `
override K: u32;
override N: u32;
@group(0) @binding(0) var<storage, read> left: array<vec4f>;
@group(0) @binding(1) var<storage, read> right: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4f>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y * 8;
  let column = id.x;
  var sums: array<vec4f, 8>;
  for (var k = 0u; k < K / 4; k++) {
    let b0 = right[(4 * k) * (N / 4) + column];
    let b1 = right[(4 * k + 1) * (N / 4) + column];
    let b2 = right[(4 * k + 2) * (N / 4) + column];
    let b3 = right[(4 * k + 3) * (N / 4) + column];
${Array.from({ length: 8 }, (_, i) => `    let a${i} = left[(row + ${i}) * (K / 4) + k];\n    sums[${i}] += a${i}.x * b0 + a${i}.y * b1 + a${i}.z * b2 + a${i}.w * b3;`).join("\n")}
  }
${Array.from({ length: 8 }, (_, i) => `  output[(row + ${i}) * (N / 4) + column] = sums[${i}];`).join("\n")}
}`;

/** STORAGE and COPY_DST of GPUBufferUsage, whose names not every checker of types knows. */
const USAGE = 0x80 | 0x08;

let opened: Promise<GPUDevice> | undefined;

async function open(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error("the browser offers no WebGPU adapter");
  return adapter.requestDevice();
}

/**
 * One product of [m, k] by [k, n], the mean of `repeats` after one that is not counted. m and n: multiples of
 * 64.
 */
export async function shaderMilliseconds(m: number, k: number, n: number, repeats: number): Promise<number> {
  opened ??= open();
  const device = await opened;
  const pipeline = await device.createComputePipelineAsync({
    layout: "auto",
    compute: { module: device.createShaderModule({ code: CODE }), constants: { K: k, N: n } },
  });
  const buffers = [m * k, k * n, m * n].map((count) => {
    const buffer = device.createBuffer({ size: 4 * count, usage: USAGE });
    device.queue.writeBuffer(
      buffer,
      0,
      Float32Array.from({ length: count }, () => Math.random() - 0.5),
    );
    return buffer;
  });
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const multiply = async (times: number): Promise<number> => {
    const begun = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(n / 32, m / 64);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - begun) / times;
  };
  await multiply(1);
  const milliseconds = await multiply(repeats);
  for (const buffer of buffers) buffer.destroy();
  return milliseconds;
}
