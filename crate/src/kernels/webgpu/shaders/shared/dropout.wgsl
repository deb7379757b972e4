// The masks of dropout.rs: what element `index` of a tensor is multiplied with.

// Element i is kept, and multiplied with `kept`, where mix(i ^ key) >> 8 is below `limit`. Nothing is dropped where
// limit is 1 << 24 and kept is 1.
fn masked(value: Value, index: u32, key: u32, limit: u32, kept: f32) -> Value {
  var x = (Places(index) + LANES) ^ Places(key);
  x += 0x9e3779b9;
  x ^= x >> Places(16);
  x *= 0x21f0aaad;
  x ^= x >> Places(15);
  x *= 0xd35a2d97;
  x ^= x >> Places(15);
  return select(Value(), value * kept, (x >> Places(8)) < Places(limit));
}
