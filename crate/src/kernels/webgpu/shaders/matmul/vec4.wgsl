// product.wgsl's matrices where every distance between rows is a multiple of 4: where rows or columns lie along memory,
// there is room up to the next one.

alias Value = vec4<f32>;

const UNIT = 4u;

@group(0) @binding(0) var<storage, read> left: array<Value>;
@group(0) @binding(1) var<storage, read> right: array<Stored>;
@group(0) @binding(2) var<storage, read_write> output: array<Value>;

fn left_at(at: u32) -> vec4<f32> {
  return left[at];
}

fn right_at(at: u32) -> vec4<f32> {
  return value_of(right[at]);
}

// A number of its own, by its element.
fn left_one(at: u32) -> f32 {
  return left[at / 4][at % 4];
}

fn right_one(at: u32) -> f32 {
  return value_of(right[at / 4])[at % 4];
}

fn put(at: u32, column: u32, sums: vec4<f32>) {
  finish(at, column / 4, sums);
}
