// output = total + Σ sums, where sums come from square_sum.wgsl. It runs in one workgroup.
//
// sums: [count]
// total, output: [1]

@group(0) @binding(0) var<storage, read> sums: array<f32>;
@group(0) @binding(1) var<storage, read> total: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

struct Uniforms {
  count: u32,
}

@group(0) @binding(3) var<uniform> uniforms: Uniforms;

const THREADS = 32u;

var<workgroup> partial_sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < uniforms.count; i += THREADS) {
    sum += sums[i];
  }
  partial_sums[thread] = sum;
  workgroupBarrier();
  if (thread == 0) {
    for (var i = 1u; i < THREADS; i++) {
      sum += partial_sums[i];
    }
    output[0] = total[0] + sum;
  }
}
