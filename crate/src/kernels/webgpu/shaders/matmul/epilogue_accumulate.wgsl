// Epilogue of matmul.wgsl: output = total + sum.

@group(0) @binding(3) var<storage, read> total: array<Value>;

fn epilogue(at: u32, column: u32, sum: Value) {
  output[at] = total[at] + sum;
}
