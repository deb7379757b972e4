// The gradient of the bias by distance: of each distance and head, the sum of d_scores / scale over all pairs of that distance.
//
// A thread owns one sum and takes its pairs in order, so every run gives the same sums.
//
// d_scores: [batch, heads, seq_len, stride], as scores in softmax.wgsl
// output: [2 * seq_len - 1, heads]

@group(0) @binding(0) var<storage, read> d_scores: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;

struct Uniforms {
  batch: u32,
  heads: u32,
  seq_len: u32,
  inverse_scale: f32,
}

@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  let distances = 2 * uniforms.seq_len - 1;
  if (i >= distances * uniforms.heads) {
    return;
  }
  let distance = i / uniforms.heads;
  let head = i % uniforms.heads;
  // key = query + distance - (seq_len - 1), where both are in the text.
  let last = uniforms.seq_len - 1;
  let first_query = select(0, last - distance, distance < last);
  let first_key = select(distance - last, 0, distance < last);
  let pairs = uniforms.seq_len - max(first_query, first_key);
  let stride = (uniforms.seq_len + 3) / 4 * 4;
  var sum = 0.0;
  for (var row = 0u; row < uniforms.batch; row++) {
    let square = (row * uniforms.heads + head) * uniforms.seq_len;
    for (var pair = 0u; pair < pairs; pair++) {
      sum += d_scores[(square + first_query + pair) * stride + first_key + pair];
    }
  }
  output[i] = sum * uniforms.inverse_scale;
}
