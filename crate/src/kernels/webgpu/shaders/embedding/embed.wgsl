// output = words[id] + positions[place in the text] + types[type] of each token.
//
// words, positions, types: [any, hidden]
// ids, type_ids: [tokens]
// output: [tokens, hidden]

@group(0) @binding(0) var<storage, read> words: array<Stored>;
@group(0) @binding(1) var<storage, read> positions: array<Stored>;
@group(0) @binding(2) var<storage, read> types: array<Stored>;
@group(0) @binding(3) var<storage, read> ids: array<i32>;
@group(0) @binding(4) var<storage, read> type_ids: array<i32>;
@group(0) @binding(5) var<storage, read_write> output: array<Value>;

struct Sizes {
  tokens: u32,
  hidden: u32,
  seq_len: u32,
}

@group(0) @binding(6) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64;
  let each = sizes.hidden / WIDTH;
  if (i >= sizes.tokens * each) {
    return;
  }
  let token = i / each;
  let column = i % each;
  let word = value_of(words[u32(ids[token]) * each + column]);
  let position = value_of(positions[token % sizes.seq_len * each + column]);
  output[i] = word + position + value_of(types[u32(type_ids[token]) * each + column]);
}
