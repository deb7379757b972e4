// Operands of matmul.wgsl whose strides are all multiples of 4. A row that lies along memory has room up to its stride.

alias Value = vec4<f32>;

const UNIT = 4u;

@group(0) @binding(0) var<storage, read> left: array<Value>;
@group(0) @binding(1) var<storage, read> right: array<Stored>;
@group(0) @binding(2) var<storage, read_write> output: array<Value>;

fn left_vec4(at: u32) -> vec4<f32> {
  return left[at];
}

fn right_vec4(at: u32) -> vec4<f32> {
  return to_f32(right[at]);
}

// A single element.
fn left_element(at: u32) -> f32 {
  return left[at / 4][at % 4];
}

fn right_element(at: u32) -> f32 {
  return to_f32(right[at / 4])[at % 4];
}

fn store_vec4(at: u32, column: u32, sums: vec4<f32>) {
  epilogue(at, column / 4, sums);
}
