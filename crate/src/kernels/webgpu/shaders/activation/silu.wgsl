// x σ(x) and its derivative σ(x) (1 + x (1 - σ(x))).

struct Activated {
  value: Value,
  grad: Value,
}

fn activation(x: Value) -> Activated {
  // Beyond ±80 it is x or 0 to the last bit, and a shader's exp may overflow there.
  let sigmoid = 1 / (1 + exp(clamp(-x, Value(-80), Value(80))));
  return Activated(x * sigmoid, sigmoid * (1 + x * (1 - sigmoid)));
}
