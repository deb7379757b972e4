// The activation of each element and its derivative there.
//
// x, output, grad: [count]

#parts Width, Activation

@group(0) @binding(0) var<storage, read> x: array<Value>;
@group(0) @binding(1) var<storage, read_write> output: array<Value>;
@group(0) @binding(2) var<storage, read_write> grad: array<Value>;

struct Uniforms {
  // Values, of WIDTH elements each.
  count: u32,
}

@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i < uniforms.count) {
    let activated = activation(x[i]);
    output[i] = activated.value;
    grad[i] = activated.grad;
  }
}
