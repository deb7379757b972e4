// gamma's and beta's gradients: sums over the rows of gradient · normalized and of gradient.
//
// gradient, normalized: [rows, hidden]
// to_gamma, to_beta: [hidden]

@group(0) @binding(0) var<storage, read> gradient: array<Value>;
@group(0) @binding(1) var<storage, read> normalized: array<Value>;
@group(0) @binding(2) var<storage, read_write> to_gamma: array<Value>;
@group(0) @binding(3) var<storage, read_write> to_beta: array<Value>;

struct Sizes {
  rows: u32,
  hidden: u32,
}

@group(0) @binding(4) var<uniform> sizes: Sizes;

// As in column_sums.wgsl.
const WIDE = 8u;
const SLICES = {{slices}}u;

var<workgroup> slices: array<array<Value, 2>, WIDE * SLICES>;

@compute @workgroup_size(WIDE, SLICES)
fn main(@builtin(local_invocation_id) thread: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let each = sizes.hidden / WIDTH;
  let column = group.x * WIDE + thread.x;
  var gamma = Value();
  var beta = Value();
  if (column < each) {
    for (var row = thread.y; row < sizes.rows; row += SLICES) {
      let g = gradient[row * each + column];
      gamma += g * normalized[row * each + column];
      beta += g;
    }
  }
  slices[thread.y * WIDE + thread.x] = array(gamma, beta);
  workgroupBarrier();
  if (thread.y == 0 && column < each) {
    for (var y = 1u; y < SLICES; y++) {
      gamma += slices[y * WIDE + thread.x][0];
      beta += slices[y * WIDE + thread.x][1];
    }
    to_gamma[column] = gamma;
    to_beta[column] = beta;
  }
}
