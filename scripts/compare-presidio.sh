#!/usr/bin/env bash
# The detection room beside Microsoft Presidio, over the same labelled texts in the same run: precision, recall, speed.
#
#   scripts/compare-presidio.sh [--model NAME] [--seconds N]
#
# Presidio is installed from PyPI into a virtual environment in the build folder. Without --model its pattern engine runs;
# with it, the stock analyser too: NAME is a spaCy model that was installed there before, e.g. `en_core_web_lg`. N: seconds
# of CPU time that Presidio gets for each sample. What is measured how: docs/detection-compared.md.
# Exit codes: 0 measured, 2 could not.
#
# shellcheck disable=SC2016 # backticks in messages mark names, nothing is to be expanded
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
readonly presidio_version=2.2.366
readonly identifiers=(1000000 10000000)
target_folder=${CARGO_TARGET_DIR:-$root/target}
readonly target_folder
readonly venv=$target_folder/presidio-venv-$presidio_version

main() {
  command -v python3 >/dev/null || die '`python3` is missing; install the Debian packages `python3` and `python3-venv`'
  local work
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder's name is known now
  trap "rm -rf '$work'" EXIT
  install_presidio
  cd "$root/benches/detect-peers"
  CARGO_TARGET_DIR=$target_folder/peers cargo build --locked --quiet --release || die 'the build failed'
  "$target_folder/peers/release/detect-peers" write "$work"
  "$target_folder/peers/release/detect-peers" ours "$work" "${identifiers[@]}"
  "$venv/bin/python" presidio.py "$work" "$@"
}

die() {
  printf 'error: %s\n' "$1" >&2
  exit 2
}

install_presidio() {
  [[ ! -f $venv/installed ]] || return 0
  python3 -m venv "$venv" || die 'no virtual environment; install the Debian package `python3-venv`'
  "$venv/bin/pip" install --quiet "presidio-analyzer==$presidio_version" || die 'Presidio cannot be installed'
  touch "$venv/installed"
}

main "$@"
