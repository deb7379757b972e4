// Epilogue of matmul.wgsl: output = sum.

fn epilogue(at: u32, column: u32, sum: Value) {
  output[at] = sum;
}
