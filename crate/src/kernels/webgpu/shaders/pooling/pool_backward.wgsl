// The gradient of the states from that of what pool.wgsl made of them. Of a largest value the first token that has it
// takes all.
//
// states, to_states: [texts, seq_len, hidden]
// pooled, gradient: [texts, hidden]
// mask: [texts, seq_len], 1 for a real token

@group(0) @binding(0) var<storage, read> states: array<Value>;
@group(0) @binding(1) var<storage, read> pooled: array<Value>;
@group(0) @binding(2) var<storage, read> mask: array<f32>;
@group(0) @binding(3) var<storage, read> gradient: array<Value>;
@group(0) @binding(4) var<storage, read_write> to_states: array<Value>;

struct Sizes {
  texts: u32,
  seq_len: u32,
  hidden: u32,
  // 0: first, 1: mean, 2: max
  pool: u32,
}

@group(0) @binding(5) var<uniform> sizes: Sizes;

@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let each = sizes.hidden / WIDTH;
  if (id.x >= sizes.texts * each) {
    return;
  }
  let text = id.x / each;
  let first = text * sizes.seq_len * each + id.x % each;
  let g = gradient[id.x];
  let found = pooled[id.x];
  var count = 0.0;
  for (var token = 0u; token < sizes.seq_len; token++) {
    count += mask[text * sizes.seq_len + token];
  }
  // 1 until a largest value is found.
  var open = Value(1);
  for (var token = 0u; token < sizes.seq_len; token++) {
    let real = mask[text * sizes.seq_len + token];
    let at = first + token * each;
    let hit = select(Value(), open * real, states[at] == found);
    open -= hit;
    switch (sizes.pool) {
      case 0: {
        to_states[at] = select(Value(), g, token == 0);
      }
      case 1: {
        to_states[at] = g * (real / count);
      }
      default: {
        to_states[at] = g * hit;
      }
    }
  }
}
