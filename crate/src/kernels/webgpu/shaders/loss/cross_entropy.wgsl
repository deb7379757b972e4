// With p the softmax of a row: loss = -weight · log p[class] - Σ everywhere · log p, and its gradient,
// (weight + shared) · p - weight · one-hot(class) - everywhere, where shared is the sum of everywhere.
//
// logits, gradient: [rows, classes]
// chosen, weights, losses: [rows]
// everywhere: [classes]

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> chosen: array<i32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> everywhere: array<f32>;
@group(0) @binding(4) var<storage, read_write> losses: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;

struct Sizes {
  rows: u32,
  classes: u32,
  shared_weight: f32,
}

@group(0) @binding(6) var<uniform> sizes: Sizes;

fn by_row(share: Share) {
  // As in layer_norm.wgsl: every thread meets every sum.
  let row = min(share.row, sizes.rows - 1);
  let start = row * sizes.classes;
  let first = start + share.thread;
  let end = select(start, start + sizes.classes, share.row < sizes.rows);
  // Below any logit, and finite.
  var most = -3e38;
  for (var i = first; i < end; i += share.threads) {
    most = max(most, logits[i]);
  }
  most = row_max(share, most);
  var sum = 0.0;
  var smoothed = 0.0;
  for (var i = first; i < end; i += share.threads) {
    let x = logits[i] - most;
    let found = exp(max(x, -87));
    gradient[i] = found;
    sum += found;
    smoothed += everywhere[i - start] * x;
  }
  sum = row_sum(share, sum);
  smoothed = row_sum(share, smoothed);
  let weight = weights[row];
  let own = start + u32(chosen[row]);
  let scale = (weight + sizes.shared_weight) / sum;
  for (var i = first; i < end; i += share.threads) {
    gradient[i] = gradient[i] * scale - select(0, weight, i == own) - everywhere[i - start];
  }
  if (share.thread == 0 && share.row < sizes.rows) {
    losses[row] = (weight + sizes.shared_weight) * log(sum) - weight * (logits[own] - most) - smoothed;
  }
}
