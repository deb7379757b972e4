// Epilogue of matmul.wgsl: output = sum + bias, a dense layer without an activation.

@group(0) @binding(3) var<storage, read> bias: array<Value>;

fn epilogue(at: u32, column: u32, sum: Value) {
  output[at] = sum + bias[column];
}
