// GELU with the exact error function, x Φ(x), and its derivative, Φ(x) + x φ(x). The CPU's activation has the same
// formula.

struct Activated {
  value: Value,
  grad: Value,
}

fn activation(x: Value) -> Activated {
  // Beyond 14 the density is 0 to the last bit; the bound keeps the square finite.
  let z = min(abs(x), Value(14)) * 0.70710678;
  let t = 1 / (1 + 0.3275911 * z);
  let bell = exp(-z * z);
  let series = 0.2548296 + t * (-0.28449672 + t * (1.4214138 + t * (-1.4531521 + t * 1.0614054)));
  let erf = 1 - t * series * bell;
  let phi = 0.5 + 0.5 * sign(x) * erf;
  return Activated(x * phi, phi + x * bell * 0.3989423);
}
