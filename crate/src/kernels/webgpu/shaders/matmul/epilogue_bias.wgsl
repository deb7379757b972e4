// sum + bias, of a dense layer.

@group(0) @binding(3) var<storage, read> bias: array<Value>;

fn finish(at: u32, column: u32, sum: Value) {
  output[at] = sum + bias[column];
}
