#!/usr/bin/env bash
# Runs the fuzz targets of a room (detection, if nothing else is said), one after another, and says what came out.
#
#   scripts/fuzz.sh [minutes [target ...]]
#
# One minute each of all targets if nothing else is said; `5 whole json` is five minutes of two of them. Nothing but the
# house's Rust and a C++ compiler is needed: libFuzzer comes with the crate `libfuzzer-sys`. What was learned (corpus) and
# what was found (an input a file) stay in the build folder under `fuzz/`, so that the next run goes on from there.
# Mend what was found, put the input into `crates/averment-detect/fuzz/seeds`, and the tests run it from then on.
#
# `AVERMENT_FUZZ_CRATE=averment-syntax` fuzzes the reading of source instead: one target a language, its cases are the seeds;
# `AVERMENT_FUZZ_CRATE=averment-scan` that of recordings of browsers.
#
# Found is: a panic, a finding that survives a rewrite, a change where nothing was found, one input that takes more than
# two seconds (instrumented; `slowest` is in whole seconds), more than 512 MiB resident.
# Exit codes: 0 nothing found, 1 something found, 2 could not run.
#
# shellcheck disable=SC2016 # backticks in messages mark names, nothing is to be expanded
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
readonly room=${AVERMENT_FUZZ_CRATE:-averment-detect}
readonly crate=$root/crates/$room/fuzz
readonly triple=x86_64-unknown-linux-gnu
target_folder=${CARGO_TARGET_DIR:-$root/target}
readonly target_folder
# The folder of the first room that was fuzzed keeps its name.
work=$target_folder/fuzz
[[ $room == averment-detect ]] || work=$target_folder/fuzz-$room
readonly work
found_any=no

main() {
  local minutes=${1:-1}
  shift || true
  [[ $minutes =~ ^[0-9]+$ ]] || die "expected minutes per target, found \`$minutes\`"
  command -v c++ >/dev/null || die '`c++` is missing; install a C++ compiler: the Debian package `g++`'
  local targets=("$@")
  [[ ${#targets[@]} -gt 0 ]] || mapfile -t targets < <(names)
  write_seeds
  build "${targets[@]}"
  printf '%-18s %8s %12s %8s %8s %8s %9s %6s\n' target seconds executions 'per s' edges slowest peak-MiB found
  local target
  for target in "${targets[@]}"; do fuzz "$target" "$((minutes * 60))"; done
  [[ $found_any == no ]] || exit 1
}

die() {
  printf 'error: %s\n' "$1" >&2
  exit 2
}

# The targets in the order of their table.
names() {
  sed -n 's/^    ("\([a-z0-9_]*\)",.*/\1/p' "$crate/targets.rs"
}

# The tests make the seeds: encoders for every format are there.
write_seeds() {
  mkdir -p "$work/seeds"
  if [[ $room == averment-syntax ]]; then
    local case
    for case in "$root/crates/$room"/cases/*/*.src; do
      cp "$case" "$work/seeds/$(basename "$(dirname "$case")")-$(basename "$case")"
    done
    return
  fi
  (cd "$root" && AVERMENT_FUZZ_SEEDS=$work/seeds cargo test --quiet -p "$room" --test it -- \
    --exact fuzzed::seeds_are_written_where_they_are_asked_for >"$work/seeds.log" 2>&1) ||
    die "the seeds could not be written: see \`$work/seeds.log\`"
  [[ ! -d $crate/seeds ]] || cp "$crate"/seeds/* "$work/seeds/"
}

# Coverage as libFuzzer wants it. These flags are stable; no nightly compiler, no sanitizer: the house has no `unsafe`.
build() {
  local flags=(-Cpasses=sancov-module) bins=() target
  local option
  for option in level=4 inline-8bit-counters pc-table trace-compares; do
    flags+=("-Cllvm-args=-sanitizer-coverage-$option")
  done
  for target in "$@"; do bins+=(--bin "$target"); done
  (cd "$crate" && RUSTFLAGS="--cfg fuzzing ${flags[*]} -Cllvm-args=-simplifycfg-branch-fold-threshold=0" \
    CARGO_TARGET_DIR=$work cargo build --quiet --release --target "$triple" "${bins[@]}") || die 'the build failed'
}

# Begins again after a find until the time is used up, eight times at most.
fuzz() {
  local target=$1 seconds=$2 corpus=$work/corpus/$1 found=$work/found/$1 log=$work/$1.log
  local end=$((SECONDS + seconds)) start=$SECONDS dictionary=()
  [[ ! -f $crate/words.dict ]] || dictionary=("-dict=$crate/words.dict")
  mkdir -p "$corpus" "$found"
  : >"$log"
  local round
  for round in 1 2 3 4 5 6 7 8; do
    ((SECONDS < end)) || break
    printf '# round %s\n' "$round" >>"$log"
    "$work/$triple/release/$target" -max_total_time="$((end - SECONDS))" -artifact_prefix="$found/" "${dictionary[@]}" \
      -max_len=16384 -timeout=2 -report_slow_units=1 -rss_limit_mb=512 -print_final_stats=1 -verbosity=1 \
      "$corpus" "$work/seeds" >>"$log" 2>&1 || true
  done
  report "$target" "$((SECONDS - start))" "$log" "$found"
}

report() {
  local target=$1 seconds=$2 log=$3 found=$4 count
  count=$(find "$found" -type f | wc -l)
  [[ $count -eq 0 ]] || found_any=yes
  awk -v target="$target" -v seconds="$seconds" -v count="$count" '
    /stat::number_of_executed_units/ { units += $2 }
    /stat::slowest_unit_time_sec/ && $2 > slowest { slowest = $2 }
    /stat::peak_rss_mb/ && $2 > peak { peak = $2 }
    { for (i = 1; i < NF; i++) if ($i == "cov:" && $(i + 1) > edges) edges = $(i + 1) }
    END { printf "%-18s %8d %12d %8d %8d %8d %9d %6d\n", target, seconds, units, units / (seconds ? seconds : 1), edges, slowest, peak, count }
  ' "$log"
  grep -h -A1 'panicked at' "$log" | grep -v '^--' | sort | uniq -c || true
}

main "$@"
