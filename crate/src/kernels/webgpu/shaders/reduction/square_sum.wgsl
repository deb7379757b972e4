// Partial sums of the squares of several tensors' elements. Workgroup (x, y) sums a run of values of tensor y.
//
// x0, x1, ...: any shape
// sums: [tensors, workgroups along x]
//
// A line with $i is repeated for each tensor.

#parts Width, Tensors

@group(0) @binding($i) var<storage, read> x$i: array<Value>;
@group(0) @binding({{rows}}) var<storage, read_write> sums: array<f32>;

struct Uniforms {
  // Values of each tensor.
  counts: array<vec4<u32>, 2>,
}

@group(0) @binding({{bindings}}) var<uniform> uniforms: Uniforms;

const THREADS = 64u;
// The fewest values of a tensor that are worth a workgroup.
const MIN_VALUES = 1024u;

var<workgroup> partial_sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let count = uniforms.counts[group.y / 4][group.y % 4];
  // A small tensor needs one workgroup; the other workgroups of its row have nothing to sum.
  let row_stride = max((count + groups.x - 1) / groups.x, MIN_VALUES);
  if (group.x > 0 && group.x * row_stride >= count) {
    if (thread == 0) {
      sums[group.x + group.y * groups.x] = 0;
    }
    return;
  }
  let first = group.x * row_stride + thread;
  let end = min(count, (group.x + 1) * row_stride);
  var sum = 0.0;
  switch group.y {
    case $i: { for (var i = first; i < end; i += THREADS) { sum += sum_lanes(x$i[i] * x$i[i]); } }
    default: {}
  }
  partial_sums[thread] = sum;
  workgroupBarrier();
  if (thread == 0) {
    for (var i = 1u; i < THREADS; i++) {
      sum += partial_sums[i];
    }
    sums[group.x + group.y * groups.x] = sum;
  }
}
