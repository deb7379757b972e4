#!/usr/bin/env bash
# Runs the kit on this machine's GPU: `gpu-kit/run.sh OUT`. Takes kit.tar.xz beside it, gives OUT/results.json and
# OUT/results.md. SKIP="torch page" leaves steps out: suite, native, shaders, torch, sweep, page, products. SHAPES and
# SAMPLES say how much, TESTS names some of the native tests.
set -uo pipefail
kit="$(cd "$(dirname "$0")" && pwd)"
out="${1:?expected a folder for the results}"
mkdir -p "$out"
out="$(cd "$out" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
# A bare machine may have no xz.
tar -xJf "$kit/kit.tar.xz" -C "$work" 2>/dev/null ||
  python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$kit/kit.tar.xz" "$work"
crate="$kit/../crate"
kit="$work/kit"
shapes="${SHAPES:-T M M32 B}"
samples="${SAMPLES:-20}"
# The loader and Node lie here; the driver is the machine's.
export LD_LIBRARY_PATH="$kit/lib:${LD_LIBRARY_PATH:-}"
# The reference data lies beside the crate.
export CARGO_MANIFEST_DIR="${CARGO_MANIFEST_DIR:-$crate}"
node="$kit/bin/node"
# Dawn may want another driver than wgpu.
page=(env ${PAGE_DRIVER:+VK_DRIVER_FILES="$PAGE_DRIVER"})

skipped() { [[ " ${SKIP:-} " == *" $1 "* ]]; }
used() { nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits 2>/dev/null | head -1; }
# A step that fails or takes too long leaves the others alone. NAME.memory is the GPU's memory that it took at most, in MiB.
step() { # SECONDS NAME COMMAND...
  local limit="$1" name="$2" started=$SECONDS before most now
  shift 2
  before="$(used)"
  timeout "$limit" "$@" > "$out/$name.json" 2> "$out/$name.log" &
  local running=$!
  most="$before"
  while [[ -n "$before" ]] && kill -0 "$running" 2>/dev/null; do
    now="$(used)"
    ((now > most)) && most="$now"
    sleep 0.1
  done
  wait "$running" || { echo "$name: failed, see $name.log"; rm -f "$out/$name.json"; }
  [[ -z "$before" ]] || echo $((most - before)) > "$out/$name.memory"
  echo "$name: $((SECONDS - started)) s"
}

card="$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null || echo "no NVIDIA card")"
printf '{"card": "%s", "date": "%s"}\n' "$card" "$(date -u +%F)" > "$out/machine.json"

"$node" "$kit/checkpoints.mjs" "$work" $shapes
if ! skipped suite; then
  step 150 suite bash -c '"$0" "$@" 2>&1 | tee /dev/stderr | grep "^test result" | sed "s/.*/{\"result\": \"&\"}/"' "$kit/bin/native-tests" "${TESTS:-}"
fi
for shape in $shapes; do
  skipped native || step 40 "native-$shape" "$kit/bin/gpu-bench" "$work/$shape" --samples "$samples"
  skipped native || step 40 "native-subgroups-$shape" "$kit/bin/gpu-bench" "$work/$shape" --subgroups --samples "$samples"
  skipped shaders || CUBECL_DEBUG_OPTION=profile-full CUBECL_DEBUG_LOG="$out/shaders-$shape.txt" \
    step 40 "shaders-$shape" "$kit/bin/gpu-bench" "$work/$shape" --subgroups --samples 1
  skipped torch || step 60 "torch-$shape" python3 "$kit/torch_bench.py" "$work/$shape" "$samples"
  skipped page || step 60 "page-$shape" "${page[@]}" "$node" --experimental-wasm-relaxed-simd "$kit/page.mjs" "$kit/dist" "$work/$shape" "$samples"
done
if ! skipped sweep; then
  {
    printf '{'
    for tasks in 8 32 128 512; do
      [[ $tasks == 8 ]] || printf ', '
      printf '"tasks %s": ' "$tasks"
      CUBECL_WGPU_MAX_TASKS=$tasks timeout 40 "$kit/bin/gpu-bench" "$work/${shapes##* }" --subgroups --samples "$samples" 2>> "$out/sweep.log" | tr -d '\n' || printf null
    done
    printf '}\n'
  } > "$out/sweep.json"
  step 60 tiles "$kit/bin/gpu-bench" --tiles
fi
skipped products || step 40 products "$kit/bin/gpu-bench" --products
skipped products || skipped torch || step 40 torch-products python3 "$kit/torch_bench.py" --products
"$node" "$kit/report.mjs" "$out"
cat "$out/results.md"
