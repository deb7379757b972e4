// A few threads for each row, for a GPU without subgroups: neighbours read neighbours in memory and share their sums.

const THREADS = 16u;
const ROWS = 8u;

// As in rows_alone.wgsl.
struct Share {
  row: u32,
  thread: u32,
  threads: u32,
}

var<workgroup> parts: array<f32, THREADS * ROWS>;

@compute @workgroup_size(THREADS, ROWS)
fn main(
  @builtin(local_invocation_id) thread: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  by_row(Share((group.x + group.y * groups.x) * ROWS + thread.y, thread.x, THREADS));
}

fn row_sum(share: Share, value: f32) -> f32 {
  let first = exchange(share, value);
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) {
    sum += parts[first + i];
  }
  return sum;
}

fn row_max(share: Share, value: f32) -> f32 {
  let first = exchange(share, value);
  var most = value;
  for (var i = 0u; i < THREADS; i++) {
    most = max(most, parts[first + i]);
  }
  return most;
}

// Puts the values of all threads where each can read them; gives where a row's begin.
fn exchange(share: Share, value: f32) -> u32 {
  let first = share.row % ROWS * THREADS;
  workgroupBarrier();
  parts[first + share.thread] = value;
  workgroupBarrier();
  return first;
}
