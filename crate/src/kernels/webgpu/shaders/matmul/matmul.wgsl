// Matrix product: output = left · right, for one matrix or for each head of attention, in blocks of 4 x 4.
//
// left: [rows, depth], or [depth, rows] where it is read transposed
// right: [depth, columns], or [columns, depth] where it is read transposed
// output: [rows, columns]; the `epilogue` writes it
//
// Each matrix has a row stride of its own, so a head is read in place. Rows, columns and depth may be any number.
// vec4.wgsl and scalar.wgsl of this folder have the bindings and read four neighbouring elements; UNIT is the number of
// elements in an array item. tiles.wgsl and registers.wgsl have the main.

#parts MatmulOperands, MatmulTransposed, MatmulTile, MatmulEpilogue

alias Block = mat4x4<f32>;

const LEFT_TRANSPOSED = bool({{left_transposed}});
const RIGHT_TRANSPOSED = bool({{right_transposed}});
const LANES = vec4<u32>(0, 1, 2, 3);

// Strides are in elements: from a matrix's row to the next, from a head to the next, from a text to the next.
struct Uniforms {
  rows: u32,
  columns: u32,
  depth: u32,
  heads: u32,
  matrices: u32,
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

@group(0) @binding({{bindings}}) var<uniform> uniforms: Uniforms;

// The offset of a matrix.
fn matrix_start(matrix: u32, batch: u32, head: u32) -> u32 {
  return (matrix / uniforms.heads * batch + matrix % uniforms.heads * head) / UNIT;
}

// Offsets of the four vec4 that make up left's block at `row` and depth 0.
fn left_offsets(matrix: u32, row: u32) -> vec4<u32> {
  let start = matrix_start(matrix, uniforms.left_batch, uniforms.left_head);
  if (LEFT_TRANSPOSED) {
    return start + min(row, uniforms.rows - 1) / UNIT + LANES * (uniforms.left_row / UNIT);
  }
  return start + min(row + LANES, vec4(uniforms.rows - 1)) * (uniforms.left_row / UNIT);
}

// Offsets of the four vec4 that make up right's block at `column` and depth 0.
fn right_offsets(matrix: u32, column: u32) -> vec4<u32> {
  let start = matrix_start(matrix, uniforms.right_batch, uniforms.right_head);
  if (RIGHT_TRANSPOSED) {
    return start + min(column + LANES, vec4(uniforms.columns - 1)) * (uniforms.right_row / UNIT);
  }
  return start + min(column, uniforms.columns - 1) / UNIT + LANES * (uniforms.right_row / UNIT);
}

// The offset from a block to the next along depth.
fn left_step() -> u32 {
  return select(4u, 4 * uniforms.left_row, LEFT_TRANSPOSED) / UNIT;
}

fn right_step() -> u32 {
  return select(4 * uniforms.right_row, 4u, RIGHT_TRANSPOSED) / UNIT;
}

// A block of left: one column of the block for each row of left.
fn left_block(at: vec4<u32>) -> Block {
  let block = Block(left_vec4(at.x), left_vec4(at.y), left_vec4(at.z), left_vec4(at.w));
  if (LEFT_TRANSPOSED) {
    return transpose(block);
  }
  return block;
}

// A block of right: one column of the block for each step of depth.
fn right_block(at: vec4<u32>) -> Block {
  let block = Block(right_vec4(at.x), right_vec4(at.y), right_vec4(at.z), right_vec4(at.w));
  if (RIGHT_TRANSPOSED) {
    return transpose(block);
  }
  return block;
}
