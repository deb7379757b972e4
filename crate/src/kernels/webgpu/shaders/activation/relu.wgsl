// max(x, 0), and its slope.

struct Active {
  value: Value,
  slope: Value,
}

fn activation(x: Value) -> Active {
  return Active(max(x, Value()), select(Value(), Value(1), x > Value()));
}
