// Epilogue of matmul.wgsl: output = activation(sum + bias).

@group(0) @binding(3) var<storage, read> bias: array<Value>;

fn epilogue(at: u32, column: u32, sum: Value) {
  output[at] = activation(sum + bias[column]).value;
}
