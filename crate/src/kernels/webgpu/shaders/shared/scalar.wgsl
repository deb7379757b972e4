// A value is one element: for rows of any length.

alias Value = f32;
alias Indices = u32;

const WIDTH = 1u;
const LANES = 0u;

fn sum_lanes(value: Value) -> f32 {
  return value;
}
