// The main of matmul.wgsl for a GPU. 8 x 8 threads share tiles of 8 x 8 blocks of both operands in workgroup memory,
// and each thread sums a few blocks of the output.
//
// A line with $i or $j is repeated for each block row or block column of a thread.

// The columns of a block are 64 apart, so that neighbouring threads read neighbouring items.
var<workgroup> lefts: array<vec4<f32>, 256 * {{rows}}>;
var<workgroup> rights: array<vec4<f32>, 256 * {{columns}}>;

fn share_left(local_index: u32, block: Block) {
  lefts[local_index] = block[0];
  lefts[local_index + 64] = block[1];
  lefts[local_index + 128] = block[2];
  lefts[local_index + 192] = block[3];
}

fn share_right(local_index: u32, block: Block) {
  rights[local_index] = block[0];
  rights[local_index + 64] = block[1];
  rights[local_index + 128] = block[2];
  rights[local_index + 192] = block[3];
}

// A block with only `rest` steps of depth left; the others are 0.
fn left_edge_block(at: vec4<u32>, rest: u32) -> Block {
  if (rest >= 4) {
    return left_block(at);
  }
  if (rest == 0) {
    return Block();
  }
  let last = at.x + (rest - 1) * (uniforms.left_row / UNIT);
  let block = left_block(select(at, min(at, vec4(last)), vec4(LEFT_TRANSPOSED)));
  let zero = vec4<f32>();
  let inside = LANES < vec4(rest);
  return Block(
    select(zero, block[0], inside),
    select(zero, block[1], inside),
    select(zero, block[2], inside),
    select(zero, block[3], inside),
  );
}

fn right_edge_block(at: vec4<u32>, rest: u32) -> Block {
  if (rest >= 4) {
    return right_block(at);
  }
  if (rest == 0) {
    return Block();
  }
  if (!RIGHT_TRANSPOSED) {
    // Left is 0 where `rest` ends, so any finite number will do here.
    return right_block(min(at, vec4(at.x + (rest - 1) * (uniforms.right_row / UNIT))));
  }
  let zero = vec4<f32>();
  let block = right_block(at);
  return Block(block[0], select(zero, block[1], rest > 1), select(zero, block[2], rest > 2), zero);
}

@compute @workgroup_size(8, 8)
fn main(
  @builtin(local_invocation_id) thread: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
) {
  let row = (group.y * {{rows}} * 8 + thread.y) * 4;
  let column = (group.x * {{columns}} * 8 + thread.x) * 4;
  let local_index = thread.y * 8 + thread.x;
  let left_step_size = left_step();
  let right_step_size = right_step();
  // Of each tile a thread loads the left block at depth 4 · x and the right block at depth 4 · y.
  var l$i = left_offsets(group.z, row + 32 * $i) + thread.x * left_step_size;
  var r$j = right_offsets(group.z, column + 32 * $j) + thread.y * right_step_size;
  var c$i_$j = Block();
  for (var k = 0u; k < uniforms.depth; k += 32) {
    let left_rest = uniforms.depth - min(uniforms.depth, k + 4 * thread.x);
    let right_rest = uniforms.depth - min(uniforms.depth, k + 4 * thread.y);
    share_left(256 * $i + local_index, left_edge_block(l$i, left_rest));
    share_right(256 * $j + local_index, right_edge_block(r$j, right_rest));
    l$i += 8 * left_step_size;
    r$j += 8 * right_step_size;
    workgroupBarrier();
    for (var q = 0u; q < 8; q++) {
      let m$i = 256 * $i + thread.y * 8 + q;
      let n$j = 256 * $j + q * 8 + thread.x;
      let a$i = Block(lefts[m$i], lefts[m$i + 64], lefts[m$i + 128], lefts[m$i + 192]);
      let b$j = Block(rights[n$j], rights[n$j + 64], rights[n$j + 128], rights[n$j + 192]);
      c$i_$j += b$j * a$i;
    }
    workgroupBarrier();
  }
  store(group.z, row + 32 * $i, column + 32 * $j, c$i_$j);
}

fn store(matrix: u32, row: u32, column: u32, block: Block) {
  if (column >= uniforms.columns) {
    return;
  }
  let stride = uniforms.output_row / UNIT;
  let at = matrix_start(matrix, uniforms.output_batch, uniforms.output_head) + row * stride + column / UNIT;
  if (row < uniforms.rows) {
    store_vec4(at, column, block[0]);
  }
  if (row + 1 < uniforms.rows) {
    store_vec4(at + stride, column, block[1]);
  }
  if (row + 2 < uniforms.rows) {
    store_vec4(at + 2 * stride, column, block[2]);
  }
  if (row + 3 < uniforms.rows) {
    store_vec4(at + 3 * stride, column, block[3]);
  }
}
