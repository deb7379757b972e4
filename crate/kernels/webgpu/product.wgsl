// output = left · right for one pair of matrices, or for each head of attention, in blocks of 4 x 4.
//
// left: [rows, depth], or [depth, rows] where it is read transposed
// right: [depth, columns], or [columns, depth] where it is read transposed
// output: [rows, columns]; an epilogue's `finish` writes it
//
// Every matrix has its own distance between rows, a multiple of 4, so a head is read where it stands. Rows and columns
// may be any number: where one lies along memory, there is room up to the next multiple of 4. So may depth, unless
// right is transposed: then it is a multiple of 4.

alias Value = vec4<f32>;
alias Block = mat4x4<f32>;

const LEFT_TRANSPOSED = bool({{left_transposed}});
const RIGHT_TRANSPOSED = bool({{right_transposed}});
const LANES = vec4<u32>(0, 1, 2, 3);

@group(0) @binding(0) var<storage, read> left: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> right: array<Stored>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4<f32>>;

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

// Where a pair's matrix begins, in vec4.
fn first(pair: u32, batch: u32, head: u32) -> u32 {
  return (pair / sizes.heads * batch + pair % sizes.heads * head) / 4;
}

// Where the four vec4 of the block at `row` and depth 0 are.
fn left_places(pair: u32, row: u32) -> vec4<u32> {
  let start = first(pair, sizes.left_batch, sizes.left_head);
  if (LEFT_TRANSPOSED) {
    return start + min(row, sizes.rows - 1) / 4 + LANES * (sizes.left_row / 4);
  }
  return start + min(row + LANES, vec4(sizes.rows - 1)) * (sizes.left_row / 4);
}

fn right_places(pair: u32, column: u32) -> vec4<u32> {
  let start = first(pair, sizes.right_batch, sizes.right_head);
  if (RIGHT_TRANSPOSED) {
    return start + min(column + LANES, vec4(sizes.columns - 1)) * (sizes.right_row / 4);
  }
  return start + min(column, sizes.columns - 1) / 4 + LANES * (sizes.right_row / 4);
}

// From a block to the one at the next 4 of depth.
fn left_step() -> u32 {
  return select(1u, sizes.left_row, LEFT_TRANSPOSED);
}

fn right_step() -> u32 {
  return select(sizes.right_row, 1u, RIGHT_TRANSPOSED);
}

// A column for each row of left.
fn left_block(at: vec4<u32>) -> Block {
  let block = Block(left[at.x], left[at.y], left[at.z], left[at.w]);
  if (LEFT_TRANSPOSED) {
    return transpose(block);
  }
  return block;
}

// A column for each step of depth.
fn right_block(at: vec4<u32>) -> Block {
  let block = Block(value_of(right[at.x]), value_of(right[at.y]), value_of(right[at.z]), value_of(right[at.w]));
  if (RIGHT_TRANSPOSED) {
    return transpose(block);
  }
  return block;
}
