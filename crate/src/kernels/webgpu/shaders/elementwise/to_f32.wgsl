// wide = stored, as 32-bit floats.
//
// stored, wide: [count]

@group(0) @binding(0) var<storage, read> stored: array<Stored>;
@group(0) @binding(1) var<storage, read_write> wide: array<Value>;

struct Sizes {
  // In values of this width.
  count: u32,
}

@group(0) @binding(2) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i < sizes.count) {
    wide[i] = value_of(stored[i]);
  }
}
