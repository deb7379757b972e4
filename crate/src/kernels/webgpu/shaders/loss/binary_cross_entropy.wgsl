// Of each logit x: loss = weight · (log(1 + eˣ) - goal · x), and its gradient, weight · (sigmoid(x) - goal).
//
// logits, goals, gradient: [rows, classes]
// weights: [classes]
// losses: [rows], sums over the classes

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> goals: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;

struct Sizes {
  rows: u32,
  classes: u32,
}

@group(0) @binding(5) var<uniform> sizes: Sizes;

fn by_row(share: Share) {
  // As in layer_norm.wgsl: every thread meets every sum.
  let row = min(share.row, sizes.rows - 1);
  let start = row * sizes.classes;
  let end = select(start, start + sizes.classes, share.row < sizes.rows);
  var loss = 0.0;
  for (var i = start + share.thread; i < end; i += share.threads) {
    let x = logits[i];
    let weight = weights[i - start];
    // e to a number below 0 never overflows.
    let small = exp(-min(abs(x), 87));
    loss += weight * (max(x, 0) + log(1 + small) - goals[i] * x);
    gradient[i] = weight * (select(1, small, x < 0) / (1 + small) - goals[i]);
  }
  loss = row_sum(share, loss);
  if (share.thread == 0 && share.row < sizes.rows) {
    losses[row] = loss;
  }
}
