// Epilogue of matmul.wgsl: output = activation(sum + bias), and the activation's derivative there.

@group(0) @binding(3) var<storage, read> bias: array<Value>;
@group(0) @binding(4) var<storage, read_write> grad: array<Value>;

fn epilogue(at: u32, column: u32, sum: Value) {
  let activated = activation(sum + bias[column]);
  output[at] = activated.value;
  grad[at] = activated.grad;
}
