// Cross-entropy and its gradient. With p the softmax of a row:
// loss = -weight · log p[target] - Σ smoothing_weights · log p
// gradient = (weight + smoothing_total) · p - weight · one-hot(target) - smoothing_weights
//
// logits, gradient: [rows, classes]
// targets, weights, losses: [rows]
// smoothing_weights: [classes]; smoothing_total is their sum

#parts RowThreads

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<i32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> smoothing_weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> losses: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;

struct Uniforms {
  rows: u32,
  classes: u32,
  smoothing_total: f32,
}

@group(0) @binding(6) var<uniform> uniforms: Uniforms;

fn row_main(me: RowThread) {
  // Every thread meets every sum, as in layer_norm.wgsl.
  let row = min(me.row, uniforms.rows - 1);
  let start = row * uniforms.classes;
  let first = start + me.thread;
  let end = select(start, start + uniforms.classes, me.row < uniforms.rows);
  // Below any logit, and finite.
  var largest = -3e38;
  for (var i = first; i < end; i += me.threads) {
    largest = max(largest, logits[i]);
  }
  largest = row_max(me, largest);
  var sum = 0.0;
  var smoothed = 0.0;
  for (var i = first; i < end; i += me.threads) {
    let x = logits[i] - largest;
    let found = exp(max(x, -87));
    gradient[i] = found;
    sum += found;
    smoothed += smoothing_weights[i - start] * x;
  }
  sum = row_sum(me, sum);
  smoothed = row_sum(me, smoothed);
  let weight = weights[row];
  let target_index = start + u32(targets[row]);
  let scale = (weight + uniforms.smoothing_total) / sum;
  for (var i = first; i < end; i += me.threads) {
    gradient[i] = gradient[i] * scale - select(0, weight, i == target_index) - smoothing_weights[i - start];
  }
  if (me.thread == 0 && me.row < uniforms.rows) {
    losses[row] = (weight + uniforms.smoothing_total) * log(sum) - weight * (logits[target_index] - largest) - smoothed;
  }
}
