// output = total + Σ sums: what add_squares.wgsl's workgroups found. One thread.
//
// sums: [workgroups]
// total, output: [1]

@group(0) @binding(0) var<storage, read> sums: array<f32>;
@group(0) @binding(1) var<storage, read> total: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

struct Sizes {
  count: u32,
}

@group(0) @binding(3) var<uniform> sizes: Sizes;

@compute @workgroup_size(1)
fn main() {
  var sum = total[0];
  for (var i = 0u; i < sizes.count; i++) {
    sum += sums[i];
  }
  output[0] = sum;
}
