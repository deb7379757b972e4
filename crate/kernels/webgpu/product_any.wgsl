// output = left · right where a distance between rows is no multiple of 4: few classes, or an odd hidden size. One
// element a thread; what product.wgsl says of its matrices holds here.

alias Value = f32;

@group(0) @binding(0) var<storage, read> left: array<f32>;
@group(0) @binding(1) var<storage, read> right: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

// In elements: how far apart a matrix's rows, its heads, and its rows of the batch are.
struct Sizes {
  rows: u32,
  columns: u32,
  depth: u32,
  heads: u32,
  pairs: u32,
  left_row: u32,
  left_head: u32,
  left_batch: u32,
  right_row: u32,
  right_head: u32,
  right_batch: u32,
  output_row: u32,
  output_head: u32,
  output_batch: u32,
}

@group(0) @binding({{sizes}}) var<uniform> sizes: Sizes;

fn first(pair: u32, batch: u32, head: u32) -> u32 {
  return pair / sizes.heads * batch + pair % sizes.heads * head;
}

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let thread = id.x + id.y * groups.x * 64;
  let each = sizes.rows * sizes.columns;
  if (thread >= each * sizes.pairs) {
    return;
  }
  let pair = thread / each;
  let row = thread % each / sizes.columns;
  let column = thread % each % sizes.columns;
  // Read transposed or not is a matter of which of two distances a step takes.
  let left_step = select(1u, sizes.left_row, bool({{left_transposed}}));
  let right_step = select(sizes.right_row, 1u, bool({{right_transposed}}));
  var l = first(pair, sizes.left_batch, sizes.left_head) + row * select(sizes.left_row, 1u, bool({{left_transposed}}));
  var r = first(pair, sizes.right_batch, sizes.right_head) + column * select(1u, sizes.right_row, bool({{right_transposed}}));
  var sum = 0.0;
  for (var k = 0u; k < sizes.depth; k++) {
    sum += left[l] * right[r];
    l += left_step;
    r += right_step;
  }
  finish(first(pair, sizes.output_batch, sizes.output_head) + row * sizes.output_row + column, column, sum);
}
