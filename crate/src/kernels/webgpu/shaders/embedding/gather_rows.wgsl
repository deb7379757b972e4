// Rows of a table by their numbers.
//
// table: [any, columns]
// ids: [count]
// rows: [count, columns]

@group(0) @binding(0) var<storage, read> table: array<Stored>;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> rows: array<Value>;

struct Sizes {
  count: u32,
  columns: u32,
}

@group(0) @binding(3) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  let each = sizes.columns / WIDTH;
  if (i < sizes.count * each) {
    rows[i] = value_of(table[ids[i / each] * each + i % each]);
  }
}
