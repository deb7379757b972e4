// Elements taken four at a time.

alias Value = vec4<f32>;
alias Places = vec4<u32>;

const WIDTH = 4u;
const LANES = Places(0, 1, 2, 3);

fn total(value: Value) -> f32 {
  return dot(value, Value(1));
}
