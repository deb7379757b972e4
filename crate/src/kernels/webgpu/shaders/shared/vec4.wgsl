// A value is four neighbouring elements: for rows whose length is a multiple of 4.

alias Value = vec4<f32>;
alias Indices = vec4<u32>;

const WIDTH = 4u;
const LANES = Indices(0, 1, 2, 3);

fn sum_lanes(value: Value) -> f32 {
  return dot(value, Value(1));
}
