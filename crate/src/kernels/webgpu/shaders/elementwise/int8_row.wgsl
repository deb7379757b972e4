// A scale for each row: a table of embeddings.

fn scale_of(value: u32) -> vec4<f32> {
  return vec4(bitcast<f32>(x[uniforms.count + value / uniforms.columns]));
}
