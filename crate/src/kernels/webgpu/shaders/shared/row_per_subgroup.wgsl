// One subgroup a row, for any adapter that has subgroups. Neighbouring threads read neighbouring values, and their sums
// need no barrier. A workgroup holds one subgroup of the largest size, or several smaller ones in thread order.

const THREADS = 128u;

// As in row_per_thread.wgsl.
struct RowThread {
  row: u32,
  thread: u32,
  threads: u32,
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) lanes: u32,
) {
  let row = subgroupBroadcastFirst(thread) / lanes;
  row_main(RowThread((group.x + group.y * groups.x) * (THREADS / lanes) + row, lane, lanes));
}

fn row_sum(me: RowThread, value: f32) -> f32 {
  return subgroupAdd(value);
}

fn row_max(me: RowThread, value: f32) -> f32 {
  return subgroupMax(value);
}
