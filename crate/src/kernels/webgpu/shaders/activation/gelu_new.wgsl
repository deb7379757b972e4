// GELU's approximation by tanh, x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), and its derivative.

struct Activated {
  value: Value,
  grad: Value,
}

fn activation(x: Value) -> Activated {
  // Beyond 9 the tanh is ±1 to the last bit; the bound keeps the cube small, and tanh from overflowing.
  let y = clamp(x, Value(-9), Value(9));
  let t = tanh(clamp(0.7978846 * (y + 0.044715 * y * y * y), Value(-15), Value(15)));
  let inner = 0.7978846 * (1 + 0.134145 * y * y);
  return Activated(0.5 * x * (1 + t), 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner);
}
