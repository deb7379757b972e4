// With dropout the weights are wanted twice: as they are for the backward, and masked for the product with the values.

@group(0) @binding(2) var<storage, read_write> dropped: array<Value>;

fn keep(at: u32, index: u32, weights: Value) {
  dropped[at] = masked(weights, index, sizes.key, sizes.limit, sizes.kept);
}
