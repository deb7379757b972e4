#!/usr/bin/env bash
# Takes: a Debian 12 machine. Gives: the virtual environment python/ in the cache folder (BERTLET_CACHE, else
# ~/.cache/bertlet) with Debian's torch and the pinned packages of requirements.txt.
# May not touch: the repository, or any other Python environment.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cache="${BERTLET_CACHE:-$HOME/.cache/bertlet}"
python="$cache/python"
# Debian's own interpreter: a python3 found earlier on the PATH does not see Debian's torch.
system_python=/usr/bin/python3

if ! dpkg-query --show --showformat='${Status}\n' python3-torch python3-numpy python3-venv libopenblas0-pthread 2>/dev/null \
    | awk '/ok installed$/ { n++ } END { exit n != 4 }'; then
  echo "setup: installing python3-torch, python3-numpy, python3-venv and libopenblas0-pthread (without it torch multiplies slowly)"
  as_root=$([ "$(id -u)" = 0 ] || echo "sudo -n")
  $as_root apt-get update -qq
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=900 install -y --no-install-recommends \
    python3-torch python3-numpy python3-venv libopenblas0-pthread
fi

stamp="$python/requirements.installed"
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  echo "setup: making $python"
  rm -rf "$python"
  mkdir -p "$cache"
  "$system_python" -m venv --system-site-packages "$python"
  # The list is complete, so no dependency is looked for: Debian's torch calls itself 1.13.0a0 there, and pip would
  # put another beside it for a package that asks for 1.13.
  "$python/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$stamp"
fi
