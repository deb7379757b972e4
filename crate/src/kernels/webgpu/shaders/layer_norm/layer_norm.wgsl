// LayerNorm of v = mask · x + residual: output = normalized · gamma + beta, normalized = (v - mean) / √(variance + ε).
//
// x, residual, output, normalized: [rows, hidden]
// gamma, beta: [hidden]
// inverse_std: [rows], 1 / √(variance + ε)

#parts RowThreads, Width, Dropout

@group(0) @binding(0) var<storage, read> x: array<Value>;
@group(0) @binding(1) var<storage, read> residual: array<Value>;
@group(0) @binding(2) var<storage, read> gamma: array<Value>;
@group(0) @binding(3) var<storage, read> beta: array<Value>;
@group(0) @binding(4) var<storage, read_write> output: array<Value>;
@group(0) @binding(5) var<storage, read_write> normalized: array<Value>;
@group(0) @binding(6) var<storage, read_write> inverse_std: array<f32>;

struct Uniforms {
  rows: u32,
  hidden: u32,
  epsilon: f32,
  dropout_key: u32,
  dropout_limit: u32,
  dropout_scale: f32,
}

@group(0) @binding(7) var<uniform> uniforms: Uniforms;

fn row_main(me: RowThread) {
  // No thread returns early, because all threads of a row meet at its sums. A thread without a row repeats the last row
  // and stores nothing.
  let row = min(me.row, uniforms.rows - 1);
  let row_stride = uniforms.hidden / WIDTH;
  let first = row * row_stride + me.thread;
  let end = select(row * row_stride, (row + 1) * row_stride, me.row < uniforms.rows);
  var sum = 0.0;
  for (var i = first; i < end; i += me.threads) {
    let v = apply_dropout(x[i], i * WIDTH) + residual[i];
    normalized[i] = v;
    sum += sum_lanes(v);
  }
  let mean = row_sum(me, sum) / f32(uniforms.hidden);
  var square_sum = 0.0;
  for (var i = first; i < end; i += me.threads) {
    let centred = normalized[i] - mean;
    square_sum += sum_lanes(centred * centred);
  }
  let inverse = inverseSqrt(row_sum(me, square_sum) / f32(uniforms.hidden) + uniforms.epsilon);
  for (var i = first; i < end; i += me.threads) {
    let n = (normalized[i] - mean) * inverse;
    let column = i - row * row_stride;
    normalized[i] = n;
    output[i] = n * gamma[column] + beta[column];
  }
  if (me.thread == 0 && me.row < uniforms.rows) {
    inverse_std[row] = inverse;
  }
}
