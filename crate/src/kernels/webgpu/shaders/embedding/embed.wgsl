// BERT's embeddings: output = word[input_id] + position[place in the text] + token_type[token_type_id] of each token.
//
// word_embeddings, position_embeddings, token_type_embeddings: [any, hidden]
// input_ids, token_type_ids: [tokens]
// output: [tokens, hidden]

#parts StoredWidth

@group(0) @binding(0) var<storage, read> word_embeddings: array<Stored>;
@group(0) @binding(1) var<storage, read> position_embeddings: array<Stored>;
@group(0) @binding(2) var<storage, read> token_type_embeddings: array<Stored>;
@group(0) @binding(3) var<storage, read> input_ids: array<i32>;
@group(0) @binding(4) var<storage, read> token_type_ids: array<i32>;
@group(0) @binding(5) var<storage, read_write> output: array<Value>;

struct Uniforms {
  tokens: u32,
  hidden: u32,
  seq_len: u32,
}

@group(0) @binding(6) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  let row_stride = uniforms.hidden / WIDTH;
  if (i >= uniforms.tokens * row_stride) {
    return;
  }
  let token = i / row_stride;
  let column = i % row_stride;
  let word = to_f32(word_embeddings[u32(input_ids[token]) * row_stride + column]);
  let position = to_f32(position_embeddings[token % uniforms.seq_len * row_stride + column]);
  output[i] = word + position + to_f32(token_type_embeddings[u32(token_type_ids[token]) * row_stride + column]);
}
