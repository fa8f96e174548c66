#!/usr/bin/env bash
# Holds the detection room against JSONTestSuite: every valid file is read and stays byte for byte, no invalid one is
# called clean.
#
#   scripts/json-test-suite.sh FOLDER
#
# FOLDER: a copy of https://github.com/nst/JSONTestSuite (MIT), by Nicolas Seriot; it has a folder `test_parsing`.
# Exit codes: 0 all as it should be, 1 not, 2 could not run.
#
# shellcheck disable=SC2016 # backticks in messages mark names, nothing is to be expanded
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root

main() {
  [[ $# -eq 1 ]] || die 'expected one argument, the folder of JSONTestSuite'
  [[ -d $1/test_parsing ]] || die "\`$1\` has no folder \`test_parsing\`"
  local folder
  folder=$(cd "$1" && pwd)
  cd "$root"
  cargo test --locked --quiet -p averment-detect --test it --no-run || die 'the tests cannot be built'
  AVERMENT_JSON_TEST_SUITE=$folder cargo test --locked --quiet -p averment-detect --test it -- \
    --exact json::the_suite_that_is_named_agrees --nocapture || exit 1
}

die() {
  printf 'error: %s\n' "$1" >&2
  exit 2
}

main "$@"
