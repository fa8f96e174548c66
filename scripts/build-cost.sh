#!/usr/bin/env bash
# What a newcomer waits for: builds the run command from scratch and holds its CPU time against the promise.
#
#   scripts/build-cost.sh
#
# Dependencies are downloaded before the clock starts: a network's speed says nothing about the house.
# Exit codes: 0 within the promise, 1 over, 2 could not measure.
#
# shellcheck disable=SC2016 # backticks in messages mark names, nothing is to be expanded
set -euo pipefail

readonly promise_cpu_seconds=900

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
work=

main() {
  command -v cargo >/dev/null || die '`cargo` is missing; install Rust, from https://rustup.rs'
  command -v cc >/dev/null || die '`cc` is missing; install a C compiler: the Debian package `gcc`'
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  work=$(mktemp -d)
  cd "$root"
  cargo fetch --locked --quiet || die 'the dependencies cannot be downloaded'
  build_from_scratch
  report
}

die() {
  printf 'error: %s\n' "$1" >&2
  exit 2
}

clean_up() {
  [[ -z $work ]] || rm -rf "$work"
}

# Leaves wall, user and system seconds of the build, and of everything that it started, in `$work/cost`.
build_from_scratch() {
  local TIMEFORMAT='%R %U %S'
  # A compiler cache, or flags of the person who measures, would answer another question.
  unset RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO_BUILD_RUSTC_WRAPPER RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
  export CARGO_TARGET_DIR=$work/target
  { time cargo build --release --locked >&3 2>&3; } 3>&2 2>"$work/cost" || die 'the build failed'
}

report() {
  local wall user system binary=$CARGO_TARGET_DIR/release/averment verdict=yes
  read -r wall user system <"$work/cost"
  [[ -f $binary ]] || die 'the build made no `averment`'
  awk -v user="$user" -v system_time="$system" -v promise="$promise_cpu_seconds" \
    'BEGIN { exit !(user + system_time <= promise) }' || verdict=no
  awk -v user="$user" -v system_time="$system" 'BEGIN { printf "CPU-seconds: %.1f\n", user + system_time }'
  printf 'wall seconds: %.1f\n' "$wall"
  printf 'binary: %d bytes\n' "$(stat --format %s "$binary")"
  printf 'within %d CPU-seconds: %s\n' "$promise_cpu_seconds" "$verdict"
  [[ $verdict == yes ]] || exit 1
}

main "$@"
