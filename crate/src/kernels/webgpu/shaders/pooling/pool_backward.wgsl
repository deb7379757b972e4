// The gradient of the hidden states from that of pool.wgsl's output. A maximum's gradient goes to the first token that
// has it.
//
// states, d_states: [batch, seq_len, hidden]
// pooled, gradient: [batch, hidden]
// mask: [batch, seq_len], 1 for a real token

#parts Width

@group(0) @binding(0) var<storage, read> states: array<Value>;
@group(0) @binding(1) var<storage, read> pooled: array<Value>;
@group(0) @binding(2) var<storage, read> mask: array<f32>;
@group(0) @binding(3) var<storage, read> gradient: array<Value>;
@group(0) @binding(4) var<storage, read_write> d_states: array<Value>;

struct Uniforms {
  batch: u32,
  seq_len: u32,
  hidden: u32,
  // 0: first, 1: mean, 2: max
  pool: u32,
}

@group(0) @binding(5) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row_stride = uniforms.hidden / WIDTH;
  if (id.x >= uniforms.batch * row_stride) {
    return;
  }
  let text = id.x / row_stride;
  let first = text * uniforms.seq_len * row_stride + id.x % row_stride;
  let g = gradient[id.x];
  let pooled_value = pooled[id.x];
  var count = 0.0;
  for (var token = 0u; token < uniforms.seq_len; token++) {
    count += mask[text * uniforms.seq_len + token];
  }
  // 1 until the maximum is found, then 0.
  var open = Value(1);
  for (var token = 0u; token < uniforms.seq_len; token++) {
    let real = mask[text * uniforms.seq_len + token];
    let at = first + token * row_stride;
    let is_first_max = select(Value(), open * real, states[at] == pooled_value);
    open -= is_first_max;
    switch (uniforms.pool) {
      case 0: {
        d_states[at] = select(Value(), g, token == 0);
      }
      case 1: {
        d_states[at] = g * (real / count);
      }
      default: {
        d_states[at] = g * is_first_max;
      }
    }
  }
}
