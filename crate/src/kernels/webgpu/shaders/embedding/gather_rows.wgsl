// rows = table[ids].
//
// table: [any, columns]
// ids: [count]
// rows: [count, columns]

#parts StoredWidth

@group(0) @binding(0) var<storage, read> table: array<Stored>;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> rows: array<Value>;

struct Uniforms {
  count: u32,
  columns: u32,
}

@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  let row_stride = uniforms.columns / WIDTH;
  if (i < uniforms.count * row_stride) {
    rows[i] = to_f32(table[ids[i / row_stride] * row_stride + i % row_stride]);
  }
}
