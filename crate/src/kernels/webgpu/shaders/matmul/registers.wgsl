// The main of matmul.wgsl for a software adapter: one large tile a thread, and no workgroup memory.
//
// There a load costs as much as twenty multiplications, so every loaded block is used often. The driver takes seconds
// to compile long code, so the rest of depth and the output, which happen once, are loops.
//
// A line with $i or $j is repeated for each block row or block column of the tile.

// Right's four elements at depth k, from `column` on.
fn right_row(start: u32, k: u32, column: u32) -> vec4<f32> {
  if (RIGHT_TRANSPOSED) {
    let at = UNIT * start + min(column + LANES, vec4(uniforms.columns - 1)) * uniforms.right_row + k;
    return vec4(right_element(at.x), right_element(at.y), right_element(at.z), right_element(at.w));
  }
  return right_vec4(start + (k * uniforms.right_row + column) / UNIT);
}

@compute @workgroup_size({{threads}})
fn main(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let tiles_across = (uniforms.columns - 1) / (4 * {{columns}}) + 1;
  let tiles = ((uniforms.rows - 1) / (4 * {{rows}}) + 1) * tiles_across;
  let thread = id.x + id.y * groups.x * {{threads}};
  if (thread >= tiles * uniforms.matrices) {
    return;
  }
  let matrix = thread / tiles;
  let row = thread % tiles / tiles_across * 4 * {{rows}};
  let column = thread % tiles_across * 4 * {{columns}};
  let left_step_size = left_step();
  let right_step_size = right_step();
  var l$i = left_offsets(matrix, row + 4 * $i);
  var r$j = right_offsets(matrix, column + 4 * $j);
  var c$i_$j = Block();
  for (var k = uniforms.depth / 4; k > 0; k--) {
    let a$i = left_block(l$i);
    let b$j = right_block(r$j);
    c$i_$j += b$j * a$i;
    l$i += left_step_size;
    r$j += right_step_size;
  }
  var sums: array<array<vec4<f32>, {{columns}}>, 4 * {{rows}}>;
  sums[4 * $i][$j] = c$i_$j[0];
  sums[4 * $i + 1][$j] = c$i_$j[1];
  sums[4 * $i + 2][$j] = c$i_$j[2];
  sums[4 * $i + 3][$j] = c$i_$j[3];
  // Everything that is the same for every element is computed before the loops, since a branch is not cheaper there.
  let left_start = UNIT * matrix_start(matrix, uniforms.left_batch, uniforms.left_head);
  let right_start = matrix_start(matrix, uniforms.right_batch, uniforms.right_head);
  let output_start = matrix_start(matrix, uniforms.output_batch, uniforms.output_head) + column / UNIT;
  let left_row = select(uniforms.left_row, 1u, LEFT_TRANSPOSED);
  let left_column = select(1u, uniforms.left_row, LEFT_TRANSPOSED);
  let output_row = uniforms.output_row / UNIT;
  let tile_rows = min(4 * {{rows}}, uniforms.rows - row);
  let tile_columns = min({{columns}}, (uniforms.columns - column + 3) / 4);
  for (var i = 0u; i < tile_rows; i++) {
    for (var j = 0u; j < tile_columns; j++) {
      var sum = sums[i][j];
      // The rest of depth, where it is no multiple of 4.
      for (var k = uniforms.depth / 4 * 4; k < uniforms.depth; k++) {
        let at = left_start + (row + i) * left_row + k * left_column;
        sum += left_element(at) * right_row(right_start, k, column + 4 * j);
      }
      store_vec4(output_start + (row + i) * output_row + 4 / UNIT * j, column + 4 * j, sum);
    }
  }
}
