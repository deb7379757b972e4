// Gradients of gamma and beta: sums over the rows of gradient · normalized and of gradient.
//
// gradient, normalized: [rows, hidden]
// d_gamma, d_beta: [hidden]

#parts Width, Slices

@group(0) @binding(0) var<storage, read> gradient: array<Value>;
@group(0) @binding(1) var<storage, read> normalized: array<Value>;
@group(0) @binding(2) var<storage, read_write> d_gamma: array<Value>;
@group(0) @binding(3) var<storage, read_write> d_beta: array<Value>;

struct Uniforms {
  rows: u32,
  hidden: u32,
}

@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// As in column_sums.wgsl.
const COLUMNS = 8u;
const SLICES = {{slices}}u;

var<workgroup> slices: array<array<Value, 2>, COLUMNS * SLICES>;

@compute @workgroup_size(COLUMNS, SLICES)
fn main(@builtin(local_invocation_id) thread: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let row_stride = uniforms.hidden / WIDTH;
  let column = group.x * COLUMNS + thread.x;
  var gamma = Value();
  var beta = Value();
  if (column < row_stride) {
    for (var row = thread.y; row < uniforms.rows; row += SLICES) {
      let g = gradient[row * row_stride + column];
      gamma += g * normalized[row * row_stride + column];
      beta += g;
    }
  }
  slices[thread.y * COLUMNS + thread.x] = array(gamma, beta);
  workgroupBarrier();
  if (thread.y == 0 && column < row_stride) {
    for (var y = 1u; y < SLICES; y++) {
      gamma += slices[y * COLUMNS + thread.x][0];
      beta += slices[y * COLUMNS + thread.x][1];
    }
    d_gamma[column] = gamma;
    d_beta[column] = beta;
  }
}
