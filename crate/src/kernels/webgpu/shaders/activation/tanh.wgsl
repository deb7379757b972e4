// tanh x, and its slope.

struct Active {
  value: Value,
  slope: Value,
}

fn activation(x: Value) -> Active {
  // Beyond ±15 it is ±1 to the last bit, and a shader's own may overflow there.
  let y = tanh(clamp(x, Value(-15), Value(15)));
  return Active(y, 1 - y * y);
}
