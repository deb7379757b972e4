// rows = table[ids], of a table of whole numbers.
//
// table: words of four whole numbers, and then a scale for each row
// ids: [count]
// rows: [count, columns] values of four

#parts Int8Words

@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> rows: array<vec4<f32>>;

struct Uniforms {
  count: u32,
  // Words of a row.
  columns: u32,
  table_rows: u32,
}

@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i < uniforms.count * uniforms.columns) {
    let row = ids[i / uniforms.columns];
    let scale = bitcast<f32>(table[uniforms.table_rows * uniforms.columns + row]);
    rows[i] = int8_to_f32(table[row * uniforms.columns + i % uniforms.columns]) * scale;
  }
}
