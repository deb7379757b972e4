// One vector a text from its hidden states: the first token's, or the mean or the maximum over its real tokens.
//
// states: [batch, seq_len, hidden]
// mask: [batch, seq_len], 1 for a real token
// pooled: [batch, hidden]

#parts Width

@group(0) @binding(0) var<storage, read> states: array<Value>;
@group(0) @binding(1) var<storage, read> mask: array<f32>;
@group(0) @binding(2) var<storage, read_write> pooled: array<Value>;

struct Uniforms {
  batch: u32,
  seq_len: u32,
  hidden: u32,
  // 0: first, 1: mean, 2: max
  pool: u32,
}

@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row_stride = uniforms.hidden / WIDTH;
  if (id.x >= uniforms.batch * row_stride) {
    return;
  }
  let text = id.x / row_stride;
  let first = text * uniforms.seq_len * row_stride + id.x % row_stride;
  var sum = Value();
  var count = 0.0;
  var largest = Value(-3e38);
  let tokens = select(uniforms.seq_len, 0, uniforms.pool == 0);
  for (var token = 0u; token < tokens; token++) {
    let real = mask[text * uniforms.seq_len + token];
    let state = states[first + token * row_stride];
    sum += real * state;
    count += real;
    largest = select(largest, max(largest, state), real > 0);
  }
  switch (uniforms.pool) {
    case 0: {
      pooled[id.x] = states[first];
    }
    case 1: {
      pooled[id.x] = sum / count;
    }
    default: {
      pooled[id.x] = largest;
    }
  }
}
