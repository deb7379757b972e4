// A matrix of the model kept as halves.rs says: four 16-bit floats a value, each 1024 times the number.

alias Stored = vec2<u32>;

fn value_of(stored: Stored) -> Value {
  return vec4(unpack2x16float(stored.x), unpack2x16float(stored.y)) / 1024;
}
