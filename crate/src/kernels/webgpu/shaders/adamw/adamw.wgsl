// One step of AdamW over a parameter, in place: what adamw.rs' Factors say.
//
// parameter, first, second, gradient: [count]

@group(0) @binding(0) var<storage, read_write> parameter: array<Value>;
@group(0) @binding(1) var<storage, read_write> first: array<Value>;
@group(0) @binding(2) var<storage, read_write> second: array<Value>;
@group(0) @binding(3) var<storage, read> gradient: array<Value>;

struct Factors {
  // In values of this width.
  count: u32,
  keep: f32,
  size: f32,
  root_scale: f32,
  epsilon: f32,
  beta1: f32,
  beta2: f32,
  gradient_scale: f32,
}

@group(0) @binding(4) var<uniform> factors: Factors;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i >= factors.count) {
    return;
  }
  let g = gradient[i] * factors.gradient_scale;
  let m = factors.beta1 * first[i] + (1 - factors.beta1) * g;
  let v = factors.beta2 * second[i] + (1 - factors.beta2) * g * g;
  first[i] = m;
  second[i] = v;
  parameter[i] = parameter[i] * factors.keep - factors.size * m / (sqrt(v) * factors.root_scale + factors.epsilon);
}
