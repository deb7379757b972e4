// A weight matrix stored as 16-bit floats, four a value: 1024 times each weight, as in device/f16_storage.rs.

alias Stored = vec2<u32>;

fn to_f32(stored: Stored) -> Value {
  return vec4(unpack2x16float(stored.x), unpack2x16float(stored.y)) / 1024;
}
