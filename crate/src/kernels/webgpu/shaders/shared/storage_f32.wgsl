// A weight matrix stored as 32-bit floats.

alias Stored = Value;

fn to_f32(stored: Stored) -> Value {
  return stored;
}
