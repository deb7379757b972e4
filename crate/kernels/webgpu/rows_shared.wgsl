// A few threads for each row, for a GPU: neighbours read neighbours in memory and share their sums.

const THREADS = 16u;
const ROWS = 8u;
// Threads for each column of a sum over the rows.
const SLICES = 16u;

var<workgroup> parts: array<f32, THREADS * ROWS>;

fn row_sum(thread: vec3<u32>, value: f32) -> f32 {
  workgroupBarrier();
  parts[thread.y * THREADS + thread.x] = value;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) {
    sum += parts[thread.y * THREADS + i];
  }
  return sum;
}

fn row_max(thread: vec3<u32>, value: f32) -> f32 {
  workgroupBarrier();
  parts[thread.y * THREADS + thread.x] = value;
  workgroupBarrier();
  var most = value;
  for (var i = 0u; i < THREADS; i++) {
    most = max(most, parts[thread.y * THREADS + i]);
  }
  return most;
}
