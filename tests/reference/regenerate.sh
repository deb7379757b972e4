#!/usr/bin/env bash
# Takes: a Debian 12 machine. Gives: tests/reference/data, written anew from the seeds.
# May not touch: anything else in the repository.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
"$here/setup.sh"
python="${BERTLET_CACHE:-$HOME/.cache/bertlet}/python/bin/python"
"$python" "$here/fetch_minilm.py"
# No byte code beside the sources, no thread but one, sets in one order, and nothing asked of the network.
PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0 OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 \
  "$python" "$here/generate.py" "$@"
