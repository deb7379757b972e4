// output = x · y, element by element: a gradient with the slopes of an activation.
//
// x, y, output: [count]

@group(0) @binding(0) var<storage, read> x: array<Value>;
@group(0) @binding(1) var<storage, read> y: array<Value>;
@group(0) @binding(2) var<storage, read_write> output: array<Value>;

struct Sizes {
  // In values of this width.
  count: u32,
}

@group(0) @binding(3) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i < sizes.count) {
    output[i] = x[i] * y[i];
  }
}
