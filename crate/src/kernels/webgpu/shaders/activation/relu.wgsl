// ReLU, max(x, 0), and its derivative.

struct Activated {
  value: Value,
  grad: Value,
}

fn activation(x: Value) -> Activated {
  return Activated(max(x, Value()), select(Value(), Value(1), x > Value()));
}
