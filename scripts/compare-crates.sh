#!/usr/bin/env bash
# The detection room beside libraries in Rust that look for personal data, and beside engines for many words: speed over
# the same bodies in the same run, recall and precision of e-mail addresses and telephone numbers.
#
#   scripts/compare-crates.sh
#
# Builds `benches/detect-peers`, which is not part of the workspace, with the others from crates.io in it.
# Exit codes: 0 measured, 2 could not.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
target_folder=${CARGO_TARGET_DIR:-$root/target}
readonly target_folder

cd "$root/benches/detect-peers"
CARGO_TARGET_DIR=$target_folder/peers cargo build --locked --quiet --release --features crates || {
  printf 'error: the build failed\n' >&2
  exit 2
}
exec "$target_folder/peers/release/detect-peers" crates
