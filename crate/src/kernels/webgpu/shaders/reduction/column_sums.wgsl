// Sums over the rows of x, such as the gradient of a bias.
//
// x: [rows, columns]
// sums: [columns]

#parts Width, Slices

@group(0) @binding(0) var<storage, read> x: array<Value>;
@group(0) @binding(1) var<storage, read_write> sums: array<Value>;

struct Uniforms {
  rows: u32,
  columns: u32,
}

@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// A workgroup sums COLUMNS columns, each with SLICES threads.
const COLUMNS = 8u;
const SLICES = {{slices}}u;

var<workgroup> slices: array<Value, COLUMNS * SLICES>;

@compute @workgroup_size(COLUMNS, SLICES)
fn main(@builtin(local_invocation_id) thread: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let row_stride = uniforms.columns / WIDTH;
  let column = group.x * COLUMNS + thread.x;
  var sum = Value();
  if (column < row_stride) {
    for (var row = thread.y; row < uniforms.rows; row += SLICES) {
      sum += x[row * row_stride + column];
    }
  }
  slices[thread.y * COLUMNS + thread.x] = sum;
  workgroupBarrier();
  if (thread.y == 0 && column < row_stride) {
    for (var y = 1u; y < SLICES; y++) {
      sum += slices[y * COLUMNS + thread.x];
    }
    sums[column] = sum;
  }
}
