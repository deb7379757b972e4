// output = left · right for one pair of matrices, or for each head of attention, in blocks of 4 x 4.
//
// left: [rows, depth], or [depth, rows] where it is read transposed
// right: [depth, columns], or [columns, depth] where it is read transposed
// output: [rows, columns]; an epilogue's `finish` writes it
//
// Every matrix has its own distance between rows, so a head is read where it stands. `product_fours.wgsl` or
// `product_ones.wgsl` says how four numbers in a row are read and written: it has the bindings, and UNIT, how many
// elements a place in memory is counted in. Rows, columns and depth may be any number.

alias Block = mat4x4<f32>;

const LEFT_TRANSPOSED = bool({{left_transposed}});
const RIGHT_TRANSPOSED = bool({{right_transposed}});
const LANES = vec4<u32>(0, 1, 2, 3);

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

// Where a pair's matrix begins.
fn first(pair: u32, batch: u32, head: u32) -> u32 {
  return (pair / sizes.heads * batch + pair % sizes.heads * head) / UNIT;
}

// Where the four fours of the block at `row` and depth 0 are.
fn left_places(pair: u32, row: u32) -> vec4<u32> {
  let start = first(pair, sizes.left_batch, sizes.left_head);
  if (LEFT_TRANSPOSED) {
    return start + min(row, sizes.rows - 1) / UNIT + LANES * (sizes.left_row / UNIT);
  }
  return start + min(row + LANES, vec4(sizes.rows - 1)) * (sizes.left_row / UNIT);
}

fn right_places(pair: u32, column: u32) -> vec4<u32> {
  let start = first(pair, sizes.right_batch, sizes.right_head);
  if (RIGHT_TRANSPOSED) {
    return start + min(column + LANES, vec4(sizes.columns - 1)) * (sizes.right_row / UNIT);
  }
  return start + min(column, sizes.columns - 1) / UNIT + LANES * (sizes.right_row / UNIT);
}

// From a block to the one at the next 4 of depth.
fn left_step() -> u32 {
  return select(4u, 4 * sizes.left_row, LEFT_TRANSPOSED) / UNIT;
}

fn right_step() -> u32 {
  return select(4 * sizes.right_row, 4u, RIGHT_TRANSPOSED) / UNIT;
}

// A column for each row of left.
fn left_block(at: vec4<u32>) -> Block {
  let block = Block(left_at(at.x), left_at(at.y), left_at(at.z), left_at(at.w));
  if (LEFT_TRANSPOSED) {
    return transpose(block);
  }
  return block;
}

// A column for each step of depth.
fn right_block(at: vec4<u32>) -> Block {
  let block = Block(right_at(at.x), right_at(at.y), right_at(at.z), right_at(at.w));
  if (RIGHT_TRANSPOSED) {
    return transpose(block);
  }
  return block;
}
