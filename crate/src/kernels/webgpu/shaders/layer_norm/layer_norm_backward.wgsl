// Gradients of LayerNorm's inputs. With n the normalized row and g = gradient · gamma:
// d_residual = (g - mean(g) - n · mean(g n)) · inverse_std, d_input = mask · d_residual.
//
// gradient, normalized, d_input, d_residual: [rows, hidden]
// gamma: [hidden]
// inverse_std: [rows]

#parts RowThreads, Width, Dropout

@group(0) @binding(0) var<storage, read> gradient: array<Value>;
@group(0) @binding(1) var<storage, read> normalized: array<Value>;
@group(0) @binding(2) var<storage, read> inverse_std: array<f32>;
@group(0) @binding(3) var<storage, read> gamma: array<Value>;
@group(0) @binding(4) var<storage, read_write> d_input: array<Value>;
@group(0) @binding(5) var<storage, read_write> d_residual: array<Value>;

struct Uniforms {
  rows: u32,
  hidden: u32,
  dropout_key: u32,
  dropout_limit: u32,
  dropout_scale: f32,
}

@group(0) @binding(6) var<uniform> uniforms: Uniforms;

fn row_main(me: RowThread) {
  // Every thread meets every sum, as in layer_norm.wgsl.
  let row = min(me.row, uniforms.rows - 1);
  let row_stride = uniforms.hidden / WIDTH;
  let first = row * row_stride + me.thread;
  let end = select(row * row_stride, (row + 1) * row_stride, me.row < uniforms.rows);
  var sum = 0.0;
  var along = 0.0;
  for (var i = first; i < end; i += me.threads) {
    let g = gradient[i] * gamma[i - row * row_stride];
    sum += sum_lanes(g);
    along += sum_lanes(g * normalized[i]);
  }
  sum = row_sum(me, sum) / f32(uniforms.hidden);
  along = row_sum(me, along) / f32(uniforms.hidden);
  let inverse = inverse_std[row];
  for (var i = first; i < end; i += me.threads) {
    let g = gradient[i] * gamma[i - row * row_stride];
    let d_v = (g - sum - normalized[i] * along) * inverse;
    d_residual[i] = d_v;
    d_input[i] = apply_dropout(d_v, i * WIDTH);
  }
}
