// Sums of the squares of a few tensors' elements: of tensor y, one a workgroup along x, of values that stand together.
//
// x0, x1, ...: any shape
// sums: [tensors, workgroups]

@group(0) @binding($i) var<storage, read> x$i: array<Value>;
@group(0) @binding({{sums}}) var<storage, read_write> sums: array<f32>;

struct Sizes {
  // Of each tensor, in values of this width.
  counts: array<vec4<u32>, 2>,
}

@group(0) @binding({{sizes}}) var<uniform> sizes: Sizes;

const THREADS = 64u;
// Values of a tensor that one workgroup sums, at least.
const LEAST = 1024u;

var<workgroup> parts: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let count = sizes.counts[group.y / 4][group.y % 4];
  // A small tensor is one workgroup's; the others of its row have nothing to wait for.
  let each = max((count + groups.x - 1) / groups.x, LEAST);
  if (group.x > 0 && group.x * each >= count) {
    if (thread == 0) {
      sums[group.x + group.y * groups.x] = 0;
    }
    return;
  }
  let first = group.x * each + thread;
  let end = min(count, (group.x + 1) * each);
  var sum = 0.0;
  switch group.y {
    case $i: { for (var i = first; i < end; i += THREADS) { sum += total(x$i[i] * x$i[i]); } }
    default: {}
  }
  parts[thread] = sum;
  workgroupBarrier();
  if (thread == 0) {
    for (var i = 1u; i < THREADS; i++) {
      sum += parts[i];
    }
    sums[group.x + group.y * groups.x] = sum;
  }
}
