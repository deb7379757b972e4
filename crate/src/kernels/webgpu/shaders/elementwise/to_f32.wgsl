// output = x as 32-bit floats.
//
// x, output: [count]

#parts StoredWidth

@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read_write> output: array<Value>;

struct Uniforms {
  // Values, of WIDTH elements each.
  count: u32,
}

@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i < uniforms.count) {
    output[i] = to_f32(x[i]);
  }
}
