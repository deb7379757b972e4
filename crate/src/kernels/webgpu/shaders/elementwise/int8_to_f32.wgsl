// output = x as 32-bit floats.
//
// x: count words of four whole numbers, and then their scales
// output: [count] values of four

#parts Int8Scale

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4<f32>>;

struct Uniforms {
  // Words of the matrix, and of a row.
  count: u32,
  columns: u32,
}

@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  if (i < uniforms.count) {
    output[i] = int8_to_f32(x[i]) * scale_of(i);
  }
}
