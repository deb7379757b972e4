// A subgroup for each row, wherever there are subgroups: neighbours read neighbours in memory, and their sums need no
// barrier. A workgroup holds the largest subgroup there is, or several smaller ones, in the order of their threads.

enable subgroups;

const THREADS = 128u;

// As in rows_alone.wgsl.
struct Share {
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
  by_row(Share((group.x + group.y * groups.x) * (THREADS / lanes) + row, lane, lanes));
}

fn row_sum(share: Share, value: f32) -> f32 {
  return subgroupAdd(value);
}

fn row_max(share: Share, value: f32) -> f32 {
  return subgroupMax(value);
}
