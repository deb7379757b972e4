// One step of AdamW for a parameter and its moments, in place. The uniforms are the Factors of adamw.rs.
//
// parameter, first, second, gradient: [count]

#parts Width

@group(0) @binding(0) var<storage, read_write> parameter: array<Value>;
@group(0) @binding(1) var<storage, read_write> first: array<Value>;
@group(0) @binding(2) var<storage, read_write> second: array<Value>;
@group(0) @binding(3) var<storage, read> gradient: array<Value>;

struct Uniforms {
  // Values, of WIDTH elements each.
  count: u32,
  keep: f32,
  size: f32,
  root_scale: f32,
  epsilon: f32,
  beta1: f32,
  beta2: f32,
  gradient_scale: f32,
}

@group(0) @binding(4) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i >= uniforms.count) {
    return;
  }
  let g = gradient[i] * uniforms.gradient_scale;
  let m = uniforms.beta1 * first[i] + (1 - uniforms.beta1) * g;
  let v = uniforms.beta2 * second[i] + (1 - uniforms.beta2) * g * g;
  first[i] = m;
  second[i] = v;
  parameter[i] = parameter[i] * uniforms.keep - uniforms.size * m / (sqrt(v) * uniforms.root_scale + uniforms.epsilon);
}
