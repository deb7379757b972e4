// One thread a row, for a software adapter without subgroups. There a barrier costs more than a row's whole sum.

const ROWS = 16u;

// A thread's row, and its values of that row: value `thread` and every `threads`th after it. The row of a thread beyond
// the last row does not exist.
struct RowThread {
  row: u32,
  thread: u32,
  threads: u32,
}

@compute @workgroup_size(ROWS)
fn main(
  @builtin(local_invocation_index) row: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  row_main(RowThread((group.x + group.y * groups.x) * ROWS + row, 0, 1));
}

fn row_sum(me: RowThread, value: f32) -> f32 {
  return value;
}

fn row_max(me: RowThread, value: f32) -> f32 {
  return value;
}
