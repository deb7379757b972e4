// Operands of matmul.wgsl with a stride that is no multiple of 4: few classes, a vocabulary of 30,522 tokens, an odd
// hidden size. What is read beyond the end of a row is never used.

alias Value = f32;

const UNIT = 1u;

@group(0) @binding(0) var<storage, read> left: array<Value>;
@group(0) @binding(1) var<storage, read> right: array<Stored>;
@group(0) @binding(2) var<storage, read_write> output: array<Value>;

fn left_vec4(at: u32) -> vec4<f32> {
  return vec4(left[at], left[at + 1], left[at + 2], left[at + 3]);
}

fn right_vec4(at: u32) -> vec4<f32> {
  return vec4(to_f32(right[at]), to_f32(right[at + 1]), to_f32(right[at + 2]), to_f32(right[at + 3]));
}

// A single element.
fn left_element(at: u32) -> f32 {
  return left[at];
}

fn right_element(at: u32) -> f32 {
  return to_f32(right[at]);
}

fn store_vec4(at: u32, column: u32, sums: vec4<f32>) {
  for (var lane = 0u; lane < min(4, uniforms.columns - column); lane++) {
    epilogue(at + lane, column + lane, sums[lane]);
  }
}
