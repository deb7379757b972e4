// Sums of the squares of a tensor's elements, one a workgroup: of `each` values that stand together. `keep` writes them.
//
// x: any shape

@group(0) @binding(0) var<storage, read> x: array<Value>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;

struct Sizes {
  // In values of this width.
  count: u32,
  each: u32,
}

@group(0) @binding({{sizes}}) var<uniform> sizes: Sizes;

const THREADS = 64u;

var<workgroup> parts: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let end = min(sizes.count, (group.x + 1) * sizes.each);
  var sum = 0.0;
  for (var i = group.x * sizes.each + thread; i < end; i += THREADS) {
    sum += total(x[i] * x[i]);
  }
  parts[thread] = sum;
  workgroupBarrier();
  if (thread == 0) {
    for (var i = 1u; i < THREADS; i++) {
      sum += parts[i];
    }
    keep(group.x, sum);
  }
}
