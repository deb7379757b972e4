// Gradients of the three tables of embed.wgsl: each row is the sum over its tokens. The tables come filled with 0.
//
// A thread owns one column of one table and takes the tokens in order. So no two threads add to one element, and every
// run gives the same sums.
//
// gradient: [tokens, hidden]
// input_ids, token_type_ids: [tokens]
// d_word, d_position, d_token_type: [any, hidden]

#parts Width

@group(0) @binding(0) var<storage, read> gradient: array<Value>;
@group(0) @binding(1) var<storage, read> input_ids: array<i32>;
@group(0) @binding(2) var<storage, read> token_type_ids: array<i32>;
@group(0) @binding(3) var<storage, read_write> d_word: array<Value>;
@group(0) @binding(4) var<storage, read_write> d_position: array<Value>;
@group(0) @binding(5) var<storage, read_write> d_token_type: array<Value>;

struct Uniforms {
  tokens: u32,
  hidden: u32,
  seq_len: u32,
}

@group(0) @binding(6) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let row_stride = uniforms.hidden / WIDTH;
  let column = id.x;
  if (column >= row_stride) {
    return;
  }
  switch (group.y) {
    case 0: {
      for (var token = 0u; token < uniforms.tokens; token++) {
        d_word[u32(input_ids[token]) * row_stride + column] += gradient[token * row_stride + column];
      }
    }
    case 1: {
      for (var place = 0u; place < uniforms.seq_len; place++) {
        var sum = Value();
        for (var token = place; token < uniforms.tokens; token += uniforms.seq_len) {
          sum += gradient[token * row_stride + column];
        }
        d_position[place * row_stride + column] = sum;
      }
    }
    default: {
      for (var token = 0u; token < uniforms.tokens; token++) {
        d_token_type[u32(token_type_ids[token]) * row_stride + column] += gradient[token * row_stride + column];
      }
    }
  }
}
