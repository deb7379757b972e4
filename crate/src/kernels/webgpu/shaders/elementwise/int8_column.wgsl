// A scale for each column: the weight of a dense layer.

fn scale_of(value: u32) -> vec4<f32> {
  let at = uniforms.count + value % uniforms.columns * 4;
  return bitcast<vec4<f32>>(vec4(x[at], x[at + 1], x[at + 2], x[at + 3]));
}
