// output = mask · x.
//
// x, output: [count]

#parts Width, Dropout

@group(0) @binding(0) var<storage, read> x: array<Value>;
@group(0) @binding(1) var<storage, read_write> output: array<Value>;

struct Uniforms {
  // Values, of WIDTH elements each.
  count: u32,
  dropout_key: u32,
  dropout_limit: u32,
  dropout_scale: f32,
}

@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i < uniforms.count) {
    output[i] = apply_dropout(x[i], i * WIDTH);
  }
}
