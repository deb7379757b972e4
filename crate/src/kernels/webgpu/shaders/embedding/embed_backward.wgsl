// Gradients of the three tables of embed.wgsl: each row is the sum over its tokens. The tables come filled with 0.
//
// A thread owns one column of one table and goes through the tokens in their order, so nothing is added at once by two
// and every run gives the same sums.
//
// gradient: [tokens, hidden]

@group(0) @binding(0) var<storage, read> gradient: array<Value>;
@group(0) @binding(1) var<storage, read> ids: array<i32>;
@group(0) @binding(2) var<storage, read> type_ids: array<i32>;
@group(0) @binding(3) var<storage, read_write> words: array<Value>;
@group(0) @binding(4) var<storage, read_write> positions: array<Value>;
@group(0) @binding(5) var<storage, read_write> types: array<Value>;

struct Sizes {
  tokens: u32,
  hidden: u32,
  seq_len: u32,
}

@group(0) @binding(6) var<uniform> sizes: Sizes;

@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let each = sizes.hidden / WIDTH;
  let column = id.x;
  if (column >= each) {
    return;
  }
  switch (group.y) {
    case 0: {
      for (var token = 0u; token < sizes.tokens; token++) {
        words[u32(ids[token]) * each + column] += gradient[token * each + column];
      }
    }
    case 1: {
      for (var place = 0u; place < sizes.seq_len; place++) {
        var sum = Value();
        for (var token = place; token < sizes.tokens; token += sizes.seq_len) {
          sum += gradient[token * each + column];
        }
        positions[place * each + column] = sum;
      }
    }
    default: {
      for (var token = 0u; token < sizes.tokens; token++) {
        types[u32(type_ids[token]) * each + column] += gradient[token * each + column];
      }
    }
  }
}
