// product.wgsl's main for a software adapter: one large tile a thread, nothing shared. There a load costs as much as
// twenty multiplications, so what counts is how often each loaded block is used; and a driver that takes seconds over
// long code, so what happens once, the end of depth and the output, is in loops. Lines with $i or $j stand once for
// each block row or block column of the tile.

// Right's numbers at depth k, from `column` on.
fn right_row(start: u32, k: u32, column: u32) -> vec4<f32> {
  if (RIGHT_TRANSPOSED) {
    let at = UNIT * start + min(column + LANES, vec4(sizes.columns - 1)) * sizes.right_row + k;
    return vec4(right_one(at.x), right_one(at.y), right_one(at.z), right_one(at.w));
  }
  return right_at(start + (k * sizes.right_row + column) / UNIT);
}

@compute @workgroup_size({{threads}})
fn main(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let wide = (sizes.columns - 1) / (4 * {{columns}}) + 1;
  let tiles = ((sizes.rows - 1) / (4 * {{rows}}) + 1) * wide;
  let thread = id.x + id.y * groups.x * {{threads}};
  if (thread >= tiles * sizes.pairs) {
    return;
  }
  let pair = thread / tiles;
  let row = thread % tiles / wide * 4 * {{rows}};
  let column = thread % wide * 4 * {{columns}};
  let left_by = left_step();
  let right_by = right_step();
  var l$i = left_places(pair, row + 4 * $i);
  var r$j = right_places(pair, column + 4 * $j);
  var c$i_$j = Block();
  for (var k = sizes.depth / 4; k > 0; k--) {
    let a$i = left_block(l$i);
    let b$j = right_block(r$j);
    c$i_$j += b$j * a$i;
    l$i += left_by;
    r$j += right_by;
  }
  var sums: array<array<vec4<f32>, {{columns}}>, 4 * {{rows}}>;
  sums[4 * $i][$j] = c$i_$j[0];
  sums[4 * $i + 1][$j] = c$i_$j[1];
  sums[4 * $i + 2][$j] = c$i_$j[2];
  sums[4 * $i + 3][$j] = c$i_$j[3];
  // What is the same for every element comes before the loops: there a branch is no cheaper than what it skips.
  let left_start = UNIT * first(pair, sizes.left_batch, sizes.left_head);
  let right_start = first(pair, sizes.right_batch, sizes.right_head);
  let output_start = first(pair, sizes.output_batch, sizes.output_head) + column / UNIT;
  let left_row = select(sizes.left_row, 1u, LEFT_TRANSPOSED);
  let left_column = select(1u, sizes.left_row, LEFT_TRANSPOSED);
  let output_row = sizes.output_row / UNIT;
  let tall = min(4 * {{rows}}, sizes.rows - row);
  let broad = min({{columns}}, (sizes.columns - column + 3) / 4);
  for (var i = 0u; i < tall; i++) {
    for (var j = 0u; j < broad; j++) {
      var sum = sums[i][j];
      // The end of depth, where that is no multiple of 4.
      for (var k = sizes.depth / 4 * 4; k < sizes.depth; k++) {
        let at = left_start + (row + i) * left_row + k * left_column;
        sum += left_one(at) * right_row(right_start, k, column + 4 * j);
      }
      put(output_start + (row + i) * output_row + 4 / UNIT * j, column + 4 * j, sum);
    }
  }
}
