// Sixteen threads a row, for a GPU without subgroups. Neighbouring threads read neighbouring values, and add up their
// partial sums in workgroup memory.

const THREADS = 16u;
const ROWS = 8u;

// As in row_per_thread.wgsl.
struct RowThread {
  row: u32,
  thread: u32,
  threads: u32,
}

var<workgroup> shared_values: array<f32, THREADS * ROWS>;

@compute @workgroup_size(THREADS, ROWS)
fn main(
  @builtin(local_invocation_id) thread: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  row_main(RowThread((group.x + group.y * groups.x) * ROWS + thread.y, thread.x, THREADS));
}

fn row_sum(me: RowThread, value: f32) -> f32 {
  let first = exchange(me, value);
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) {
    sum += shared_values[first + i];
  }
  return sum;
}

fn row_max(me: RowThread, value: f32) -> f32 {
  let first = exchange(me, value);
  var largest = value;
  for (var i = 0u; i < THREADS; i++) {
    largest = max(largest, shared_values[first + i]);
  }
  return largest;
}

// Puts every thread's value in workgroup memory, and returns where those of this thread's row begin.
fn exchange(me: RowThread, value: f32) -> u32 {
  let first = me.row % ROWS * THREADS;
  workgroupBarrier();
  shared_values[first + me.thread] = value;
  workgroupBarrier();
  return first;
}
