// x = 0.
//
// x: [count]

#parts Width

@group(0) @binding(0) var<storage, read_write> x: array<Value>;

struct Uniforms {
  // Values, of WIDTH elements each.
  count: u32,
}

@group(0) @binding(1) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i < uniforms.count) {
    x[i] = Value();
  }
}
