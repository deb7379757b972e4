// Whole numbers from -63 to 63, four a word.

fn int8_to_f32(word: u32) -> vec4<f32> {
  return vec4<f32>((vec4<i32>(vec4(word)) << vec4(24u, 16u, 8u, 0u)) >> vec4(24u));
}
