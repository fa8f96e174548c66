#!/usr/bin/env bash
# Puts the program on the path, built from the sources that this action came with, unless one is there already.
set -euo pipefail
if command -v averment >/dev/null; then
  exit 0
fi
if ! command -v cargo >/dev/null; then
  echo "averment is not on the path, and there is no cargo to build it with: put one of them into a step before this one" >&2
  exit 2
fi
sources=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
into=${RUNNER_TEMP:-$(mktemp -d)}/averment
cargo install --locked --path "$sources/crates/averment" --root "$into"
echo "$into/bin" >>"${GITHUB_PATH:?the file in which a step adds to the path}"
