// Binary cross-entropy of each logit x and its gradient:
// loss = weight · (log(1 + eˣ) - target · x), gradient = weight · (sigmoid(x) - target).
//
// logits, targets, gradient: [rows, classes]
// weights: [classes]
// losses: [rows], sums over the classes

#parts RowThreads

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;

struct Uniforms {
  rows: u32,
  classes: u32,
}

@group(0) @binding(5) var<uniform> uniforms: Uniforms;

fn row_main(me: RowThread) {
  // Every thread meets every sum, as in layer_norm.wgsl.
  let row = min(me.row, uniforms.rows - 1);
  let start = row * uniforms.classes;
  let end = select(start, start + uniforms.classes, me.row < uniforms.rows);
  var loss = 0.0;
  for (var i = start + me.thread; i < end; i += me.threads) {
    let x = logits[i];
    let weight = weights[i - start];
    // The exponential of a number below 0 never overflows.
    let exp_x = exp(-min(abs(x), 87));
    loss += weight * (max(x, 0) + log(1 + exp_x) - targets[i] * x);
    gradient[i] = weight * (select(1, exp_x, x < 0) / (1 + exp_x) - targets[i]);
  }
  loss = row_sum(me, loss);
  if (me.thread == 0 && me.row < uniforms.rows) {
    losses[row] = loss;
  }
}
