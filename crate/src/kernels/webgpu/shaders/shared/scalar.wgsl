// Elements taken one at a time, where rows are no multiple of 4.

alias Value = f32;
alias Places = u32;

const WIDTH = 1u;
const LANES = 0u;

fn total(value: Value) -> f32 {
  return value;
}
