// The states of each text to one vector: its first token's, or the mean, or the largest of each column, over its real
// tokens.
//
// states: [texts, seq_len, hidden]
// mask: [texts, seq_len], 1 for a real token
// pooled: [texts, hidden]

@group(0) @binding(0) var<storage, read> states: array<Value>;
@group(0) @binding(1) var<storage, read> mask: array<f32>;
@group(0) @binding(2) var<storage, read_write> pooled: array<Value>;

struct Sizes {
  texts: u32,
  seq_len: u32,
  hidden: u32,
  // 0: first, 1: mean, 2: max
  pool: u32,
}

@group(0) @binding(3) var<uniform> sizes: Sizes;

@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let each = sizes.hidden / WIDTH;
  if (id.x >= sizes.texts * each) {
    return;
  }
  let text = id.x / each;
  let first = text * sizes.seq_len * each + id.x % each;
  var sum = Value();
  var count = 0.0;
  var most = Value(-3e38);
  let tokens = select(sizes.seq_len, 0, sizes.pool == 0);
  for (var token = 0u; token < tokens; token++) {
    let real = mask[text * sizes.seq_len + token];
    let state = states[first + token * each];
    sum += real * state;
    count += real;
    most = select(most, max(most, state), real > 0);
  }
  switch (sizes.pool) {
    case 0: {
      pooled[id.x] = states[first];
    }
    case 1: {
      pooled[id.x] = sum / count;
    }
    default: {
      pooled[id.x] = most;
    }
  }
}
