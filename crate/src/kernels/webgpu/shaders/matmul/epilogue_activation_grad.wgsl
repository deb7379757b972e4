// The activation of sum + bias, and its slope there.

@group(0) @binding(3) var<storage, read> bias: array<Value>;
@group(0) @binding(4) var<storage, read_write> slopes: array<Value>;

fn finish(at: u32, column: u32, sum: Value) {
  let found = activation(sum + bias[column]);
  output[at] = found.value;
  slopes[at] = found.slope;
}
