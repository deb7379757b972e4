// The sum of each workgroup in its place, for add_sums.wgsl.
fn keep(at: u32, sum: f32) {
  sums[at] = sum;
}
