// product.wgsl's matrices where some distance between rows is no multiple of 4: few classes, the 30,522 words of a
// vocabulary, an odd hidden size. What is read beyond a row's end is used for nothing.

alias Value = f32;

const UNIT = 1u;

@group(0) @binding(0) var<storage, read> left: array<Value>;
@group(0) @binding(1) var<storage, read> right: array<Stored>;
@group(0) @binding(2) var<storage, read_write> output: array<Value>;

fn left_at(at: u32) -> vec4<f32> {
  return vec4(left[at], left[at + 1], left[at + 2], left[at + 3]);
}

fn right_at(at: u32) -> vec4<f32> {
  return vec4(value_of(right[at]), value_of(right[at + 1]), value_of(right[at + 2]), value_of(right[at + 3]));
}

// A number of its own, by its element.
fn left_one(at: u32) -> f32 {
  return left[at];
}

fn right_one(at: u32) -> f32 {
  return value_of(right[at]);
}

fn put(at: u32, column: u32, sums: vec4<f32>) {
  for (var lane = 0u; lane < min(4, sizes.columns - column); lane++) {
    finish(at + lane, column + lane, sums[lane]);
  }
}
