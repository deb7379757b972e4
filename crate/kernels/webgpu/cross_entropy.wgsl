// Mean over the rows of -log softmax(logits)[target], and its gradient, (softmax(logits) - one-hot(target)) / rows.
//
// logits, gradient: [rows, classes]
// targets: [rows]
// loss: [1]
//
// One workgroup: a batch has a few rows.

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<i32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

struct Sizes {
  rows: u32,
  classes: u32,
}

@group(0) @binding(4) var<uniform> sizes: Sizes;

const THREADS = 32u;

var<workgroup> parts: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  let share = 1 / f32(sizes.rows);
  var part = 0.0;
  for (var row = thread; row < sizes.rows; row += THREADS) {
    let first = row * sizes.classes;
    let chosen = first + u32(targets[row]);
    let end = first + sizes.classes;
    var most = logits[first];
    for (var i = first + 1; i < end; i++) {
      most = max(most, logits[i]);
    }
    var sum = 0.0;
    for (var i = first; i < end; i++) {
      let found = exp(max(logits[i] - most, -87));
      gradient[i] = found;
      sum += found;
    }
    for (var i = first; i < end; i++) {
      gradient[i] = gradient[i] * (share / sum) - select(0, share, i == chosen);
    }
    part += log(sum) - (logits[chosen] - most);
  }
  parts[thread] = part;
  workgroupBarrier();
  if (thread == 0) {
    for (var i = 1u; i < THREADS; i++) {
      part += parts[i];
    }
    loss[0] = part * share;
  }
}
