// The main of matmul.wgsl for a GPU. A workgroup's threads share a tile of both operands in workgroup memory, and each
// thread sums a few blocks of the output. The next tile is read while this one is multiplied. Several slices of threads may
// share the depth of a tile, which keeps a GPU busy that has few tiles to sum; they add up their sums at the end.
//
// A line with $i or $j is repeated for each block row or block column of a thread; one with $n for each block that a
// thread loads.

const THREADS_X = {{threads_x}}u;
const THREADS_Y = {{threads_y}}u;
const SLICES = {{slices}}u;
const THREADS = THREADS_X * THREADS_Y;
// A tile is this many blocks deep.
const DEPTH = {{depth}}u;
// Blocks of left one below the other, and of right side by side.
const LEFT_BLOCKS = {{rows}} * THREADS_Y;
const RIGHT_BLOCKS = {{columns}} * THREADS_X;
const LEFT_TILE = LEFT_BLOCKS * DEPTH;
const TILE = LEFT_TILE + RIGHT_BLOCKS * DEPTH;

// Four vec4 a block, one for each step of depth. They are TILE apart, so that neighbouring threads read neighbouring
// items. With two buffers, one is written while the other may still be read.
var<workgroup> tile: array<vec4<f32>, {{buffers}} * 4 * TILE>;

// A block that a thread loads: where it lies at depth 0, and where it goes.
struct Load {
  at: vec4<u32>,
  step: u32,
  // Blocks from the tile's first depth.
  depth: u32,
  slot: u32,
}

// Neighbouring threads load what lies side by side in memory.
fn left_load(index: u32, matrix: u32, row: u32) -> Load {
  let along = select(index / DEPTH, index % LEFT_BLOCKS, LEFT_TRANSPOSED);
  let depth = select(index % DEPTH, index / LEFT_BLOCKS, LEFT_TRANSPOSED);
  let step = left_step();
  return Load(left_offsets(matrix, row + 4 * along) + depth * step, DEPTH * step, depth, depth * LEFT_BLOCKS + along);
}

fn right_load(index: u32, matrix: u32, column: u32) -> Load {
  let along = select(index % RIGHT_BLOCKS, index / DEPTH, RIGHT_TRANSPOSED);
  let depth = select(index / RIGHT_BLOCKS, index % DEPTH, RIGHT_TRANSPOSED);
  let step = right_step();
  let slot = LEFT_TILE + depth * RIGHT_BLOCKS + along;
  return Load(right_offsets(matrix, column + 4 * along) + depth * step, DEPTH * step, depth, slot);
}

// A thread's load number `index`, of the tile that begins at `row` and `column`.
fn planned(index: u32, matrix: u32, row: u32, column: u32) -> Load {
  if (index < LEFT_TILE) {
    return left_load(index, matrix, row);
  }
  return right_load(index - LEFT_TILE, matrix, column);
}

fn loaded(load: Load, k: u32) -> Block {
  let rest = uniforms.depth - min(uniforms.depth, k + 4 * load.depth);
  if (load.slot < LEFT_TILE) {
    return left_edge_block(load.at, rest);
  }
  return right_edge_block(load.at, rest);
}

// Left's block is one column for each of its rows, right's one for each step of depth, as the tile is.
fn share(buffer: u32, slot: u32, block: Block) {
  var steps = block;
  if (slot < LEFT_TILE) {
    steps = transpose(block);
  }
  tile[buffer + slot] = steps[0];
  tile[buffer + slot + TILE] = steps[1];
  tile[buffer + slot + 2 * TILE] = steps[2];
  tile[buffer + slot + 3 * TILE] = steps[3];
}

// The sums after one more step of depth: a has its four rows of left, b its four columns of right.
fn added(sums: Block, a: vec4<f32>, b: vec4<f32>) -> Block {
  return Block(sums[0] + b * a.x, sums[1] + b * a.y, sums[2] + b * a.z, sums[3] + b * a.w);
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

@compute @workgroup_size(THREADS_X, THREADS_Y, SLICES)
fn main(
  @builtin(local_invocation_id) thread: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
) {
  let row = group.y * 4 * LEFT_BLOCKS;
  let column = group.x * 4 * RIGHT_BLOCKS;
  let local_index = (thread.z * THREADS_Y + thread.y) * THREADS_X + thread.x;
  var load$n = planned($n * THREADS * SLICES + local_index, group.z, row, column);
  var next$n = loaded(load$n, 0);
  var c$i_$j = Block();
  var buffer = 0u;
  for (var k = 0u; k < uniforms.depth; k += 4 * DEPTH) {
    share(buffer, load$n.slot, next$n);
    workgroupBarrier();
    load$n.at += load$n.step;
    next$n = loaded(load$n, k + 4 * DEPTH);
    for (var q = thread.z; q < DEPTH; q += SLICES) {
      // Written out: as a loop it took a third longer on an H100.
      let left$i = buffer + q * LEFT_BLOCKS + $i * THREADS_Y + thread.y;
      let right$j = buffer + LEFT_TILE + q * RIGHT_BLOCKS + $j * THREADS_X + thread.x;
      let a0$i = tile[left$i + 0 * TILE];
      let b0$j = tile[right$j + 0 * TILE];
      c$i_$j = added(c$i_$j, a0$i, b0$j);
      let a1$i = tile[left$i + 1 * TILE];
      let b1$j = tile[right$j + 1 * TILE];
      c$i_$j = added(c$i_$j, a1$i, b1$j);
      let a2$i = tile[left$i + 2 * TILE];
      let b2$j = tile[right$j + 2 * TILE];
      c$i_$j = added(c$i_$j, a2$i, b2$j);
      let a3$i = tile[left$i + 3 * TILE];
      let b3$j = tile[right$j + 3 * TILE];
      c$i_$j = added(c$i_$j, a3$i, b3$j);
    }
    if ({{buffers}} == 2) {
      buffer = 4 * TILE - buffer;
    } else {
      workgroupBarrier();
    }
  }
  finish(group.z, row + 4 * $i * THREADS_Y, column + 4 * $j * THREADS_X, c$i_$j, thread, ($i * {{columns}} + $j) % SLICES);
}

// Adds up what the slices summed, and stores it. One of them does so, for each block another.
fn finish(matrix: u32, row: u32, column: u32, block: Block, thread: vec3<u32>, finisher: u32) {
  let at = thread.y * THREADS_X + thread.x;
  var sum = block;
  if (SLICES > 1) {
    workgroupBarrier();
    if (thread.z != finisher) {
      keep(THREADS * (thread.z - select(0u, 1u, thread.z > finisher)) + at, block);
    }
    workgroupBarrier();
    if (thread.z == finisher) {
      for (var slice = 0u; slice < SLICES - 1; slice++) {
        sum += kept(THREADS * slice + at);
      }
    }
  }
  if (thread.z == finisher) {
    store(matrix, row + 4 * thread.y, column + 4 * thread.x, sum);
  }
}

fn keep(slot: u32, block: Block) {
  const STEP = THREADS * (SLICES - 1);
  tile[slot] = block[0];
  tile[slot + STEP] = block[1];
  tile[slot + 2 * STEP] = block[2];
  tile[slot + 3 * STEP] = block[3];
}

fn kept(slot: u32) -> Block {
  const STEP = THREADS * (SLICES - 1);
  return Block(tile[slot], tile[slot + STEP], tile[slot + 2 * STEP], tile[slot + 3 * STEP]);
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
