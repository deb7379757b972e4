// tanh x and its derivative.

struct Activated {
  value: Value,
  grad: Value,
}

fn activation(x: Value) -> Activated {
  // Beyond ±15 it is ±1 to the last bit, and a shader's own may overflow there.
  let y = tanh(clamp(x, Value(-15), Value(15)));
  return Activated(y, 1 - y * y);
}
