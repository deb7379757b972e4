// output = total + Σ sums: what squares.wgsl's workgroups found. One workgroup.
//
// sums: [count]
// total, output: [1]

@group(0) @binding(0) var<storage, read> sums: array<f32>;
@group(0) @binding(1) var<storage, read> total: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

struct Sizes {
  count: u32,
}

@group(0) @binding(3) var<uniform> sizes: Sizes;

const THREADS = 32u;

var<workgroup> parts: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < sizes.count; i += THREADS) {
    sum += sums[i];
  }
  parts[thread] = sum;
  workgroupBarrier();
  if (thread == 0) {
    for (var i = 1u; i < THREADS; i++) {
      sum += parts[i];
    }
    output[0] = total[0] + sum;
  }
}
