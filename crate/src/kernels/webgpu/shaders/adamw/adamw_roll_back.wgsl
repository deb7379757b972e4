// The parameter before a step of adamw.wgsl, in place, from the moments that the step left and the same factors.
//
// parameter, first, second: [count]

#parts Width

@group(0) @binding(0) var<storage, read_write> parameter: array<Value>;
@group(0) @binding(1) var<storage, read> first: array<Value>;
@group(0) @binding(2) var<storage, read> second: array<Value>;

struct Uniforms {
  count: u32,
  keep: f32,
  size: f32,
  root_scale: f32,
  epsilon: f32,
}

@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i >= uniforms.count) {
    return;
  }
  let change = uniforms.size * first[i] / (sqrt(second[i]) * uniforms.root_scale + uniforms.epsilon);
  parameter[i] = (parameter[i] + change) / uniforms.keep;
}
