// A thread for each row, for a software adapter without subgroups: there a barrier costs more than a row's own sum.

const ROWS = 16u;

// Which row a thread works on, and which of its values: from `thread` on, every `threads`th. A row at the end that is
// asked for beside the last is none.
struct Share {
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
  by_row(Share((group.x + group.y * groups.x) * ROWS + row, 0, 1));
}

fn row_sum(share: Share, value: f32) -> f32 {
  return value;
}

fn row_max(share: Share, value: f32) -> f32 {
  return value;
}
