// Softmax with dropout: the backward needs the weights as they are, the product with the values needs mask · weights.

@group(0) @binding(3) var<storage, read_write> dropped: array<Value>;

fn store_dropped(at: u32, index: u32, weights: Value) {
  dropped[at] = apply_dropout(weights, index);
}
