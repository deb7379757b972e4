// Dropout's mask, the same as dropout.rs draws on the CPU.

// mask · value, where `index` is the value's first element. Element i is kept and scaled by dropout_scale where
// mix(i ^ dropout_key) >> 8 is below dropout_limit. A limit of 1 << 24 with a scale of 1 drops nothing.
fn apply_dropout(value: Value, index: u32) -> Value {
  var x = (Indices(index) + LANES) ^ Indices(uniforms.dropout_key);
  x += 0x9e3779b9;
  x ^= x >> Indices(16);
  x *= 0x21f0aaad;
  x ^= x >> Indices(15);
  x *= 0xd35a2d97;
  x ^= x >> Indices(15);
  return select(Value(), value * uniforms.dropout_scale, (x >> Indices(8)) < Indices(uniforms.dropout_limit));
}
