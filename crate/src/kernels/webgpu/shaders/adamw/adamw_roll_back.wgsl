// The parameter before the step that adamw.wgsl did with these factors and left these moments, in place.
//
// parameter, first, second: [count]

@group(0) @binding(0) var<storage, read_write> parameter: array<Value>;
@group(0) @binding(1) var<storage, read> first: array<Value>;
@group(0) @binding(2) var<storage, read> second: array<Value>;

// As in adamw.wgsl, of which this needs the first five.
struct Factors {
  count: u32,
  keep: f32,
  size: f32,
  root_scale: f32,
  epsilon: f32,
}

@group(0) @binding(3) var<uniform> factors: Factors;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i >= factors.count) {
    return;
  }
  let change = factors.size * first[i] / (sqrt(second[i]) * factors.root_scale + factors.epsilon);
  parameter[i] = (parameter[i] + change) / factors.keep;
}
