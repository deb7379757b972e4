// loss = weight · (cosine of a pair of rows - goal)², and its gradient. With u and v the rows, |u| and |v| their lengths and
// c their cosine, the slope of c along u is v / (|u| |v|) - c u / |u|².
//
// states, gradient: [2 · pairs, hidden], the first of every pair, then the second
// goals, losses: [pairs]

@group(0) @binding(0) var<storage, read> states: array<f32>;
@group(0) @binding(1) var<storage, read> goals: array<f32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

struct Sizes {
  pairs: u32,
  hidden: u32,
  weight: f32,
}

@group(0) @binding(4) var<uniform> sizes: Sizes;

fn by_row(share: Share) {
  // As in layer_norm.wgsl: every thread meets every sum.
  let pair = min(share.row, sizes.pairs - 1);
  let start = pair * sizes.hidden;
  let end = select(start, start + sizes.hidden, share.row < sizes.pairs);
  let beside = sizes.pairs * sizes.hidden;
  var product = 0.0;
  var u_square = 0.0;
  var v_square = 0.0;
  for (var i = start + share.thread; i < end; i += share.threads) {
    let u = states[i];
    let v = states[i + beside];
    product += u * v;
    u_square += u * u;
    v_square += v * v;
  }
  // As torch's cosine_similarity, no length counts as less than this.
  let u_length = max(sqrt(row_sum(share, u_square)), 1e-8);
  let v_length = max(sqrt(row_sum(share, v_square)), 1e-8);
  let both = u_length * v_length;
  let cosine = row_sum(share, product) / both;
  let off = cosine - goals[pair];
  let slope = 2 * sizes.weight * off;
  for (var i = start + share.thread; i < end; i += share.threads) {
    let u = states[i];
    let v = states[i + beside];
    gradient[i] = slope * (v / both - cosine / (u_length * u_length) * u);
    gradient[i + beside] = slope * (u / both - cosine / (v_length * v_length) * v);
  }
  if (share.thread == 0 && share.row < sizes.pairs) {
    losses[pair] = sizes.weight * off * off;
  }
}
