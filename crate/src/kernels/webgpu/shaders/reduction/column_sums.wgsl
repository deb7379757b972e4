// Sums over the rows of x: a bias' gradient, and LayerNorm's beta's.
//
// x: [rows, columns]
// sums: [columns]

@group(0) @binding(0) var<storage, read> x: array<Value>;
@group(0) @binding(1) var<storage, read_write> sums: array<Value>;

struct Sizes {
  rows: u32,
  columns: u32,
}

@group(0) @binding(2) var<uniform> sizes: Sizes;

// Columns of a workgroup; each is shared out among SLICES threads.
const WIDE = 8u;
const SLICES = {{slices}}u;

var<workgroup> slices: array<Value, WIDE * SLICES>;

@compute @workgroup_size(WIDE, SLICES)
fn main(@builtin(local_invocation_id) thread: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let each = sizes.columns / WIDTH;
  let column = group.x * WIDE + thread.x;
  var sum = Value();
  if (column < each) {
    for (var row = thread.y; row < sizes.rows; row += SLICES) {
      sum += x[row * each + column];
    }
  }
  slices[thread.y * WIDE + thread.x] = sum;
  workgroupBarrier();
  if (thread.y == 0 && column < each) {
    for (var y = 1u; y < SLICES; y++) {
      sum += slices[y * WIDE + thread.x];
    }
    sums[column] = sum;
  }
}
