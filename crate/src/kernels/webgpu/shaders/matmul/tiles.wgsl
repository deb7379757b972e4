// product.wgsl's main for a GPU: 8 x 8 threads share tiles of 8 x 8 blocks of both sides through workgroup memory, and
// each sums a few blocks of the output. Lines with $i or $j stand once for each block row or block column of a thread.

// The columns of blocks, 64 apart, so that neighbours in a workgroup read neighbours in memory.
var<workgroup> lefts: array<vec4<f32>, 256 * {{rows}}>;
var<workgroup> rights: array<vec4<f32>, 256 * {{columns}}>;

fn keep_left(place: u32, block: Block) {
  lefts[place] = block[0];
  lefts[place + 64] = block[1];
  lefts[place + 128] = block[2];
  lefts[place + 192] = block[3];
}

fn keep_right(place: u32, block: Block) {
  rights[place] = block[0];
  rights[place + 64] = block[1];
  rights[place + 128] = block[2];
  rights[place + 192] = block[3];
}

// A block of which only `rest` steps of depth are left: 0 beyond.
fn left_part(at: vec4<u32>, rest: u32) -> Block {
  if (rest >= 4) {
    return left_block(at);
  }
  if (rest == 0) {
    return Block();
  }
  let last = at.x + (rest - 1) * (sizes.left_row / UNIT);
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

fn right_part(at: vec4<u32>, rest: u32) -> Block {
  if (rest >= 4) {
    return right_block(at);
  }
  if (rest == 0) {
    return Block();
  }
  if (!RIGHT_TRANSPOSED) {
    // What is 0 on the left may meet any number here.
    return right_block(min(at, vec4(at.x + (rest - 1) * (sizes.right_row / UNIT))));
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
  let place = thread.y * 8 + thread.x;
  let left_by = left_step();
  let right_by = right_step();
  // Of each tile a thread fetches the left block at depth 4 · x and the right block at depth 4 · y.
  var l$i = left_places(group.z, row + 32 * $i) + thread.x * left_by;
  var r$j = right_places(group.z, column + 32 * $j) + thread.y * right_by;
  var c$i_$j = Block();
  for (var k = 0u; k < sizes.depth; k += 32) {
    let left_rest = sizes.depth - min(sizes.depth, k + 4 * thread.x);
    let right_rest = sizes.depth - min(sizes.depth, k + 4 * thread.y);
    keep_left(256 * $i + place, left_part(l$i, left_rest));
    keep_right(256 * $j + place, right_part(r$j, right_rest));
    l$i += 8 * left_by;
    r$j += 8 * right_by;
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

fn store(pair: u32, row: u32, column: u32, block: Block) {
  if (column >= sizes.columns) {
    return;
  }
  let stride = sizes.output_row / UNIT;
  let at = first(pair, sizes.output_batch, sizes.output_head) + row * stride + column / UNIT;
  if (row < sizes.rows) {
    put(at, column, block[0]);
  }
  if (row + 1 < sizes.rows) {
    put(at + stride, column, block[1]);
  }
  if (row + 2 < sizes.rows) {
    put(at + 2 * stride, column, block[2]);
  }
  if (row + 3 < sizes.rows) {
    put(at + 3 * stride, column, block[3]);
  }
}
