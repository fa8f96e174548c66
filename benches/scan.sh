#!/usr/bin/env bash
# How long `averment scan code` takes over a large tree, beside ripgrep (one literal, the best of three: the floor) and semgrep (the same names of
# packages as patterns), in one run over the same files.
#
# Usage: benches/scan.sh TREE [AVERMENT]
#   TREE      a folder of source code; `benches/scan.sh --make TREE SOURCE…` makes one of 100,000 files out of smaller ones
#   AVERMENT  the program (default: target/release/averment)
#
# `rg` and semgrep (from PyPI; its path in SEMGREP) are used where they are installed; what is missing is said and left out. Prints seconds, peak memory and ratios; the second run of averment uses the cache of the first.
set -euo pipefail

if [[ ${1:-} == --make ]]; then
  tree=$2
  shift 2
  files=0
  copy=0
  while ((files < 100000)); do
    copy=$((copy + 1))
    for source in "$@"; do
      # Copies differ in path and content, so that no cache takes one for the other.
      mkdir -p "$tree/copy$copy"
      cp -r "$source" "$tree/copy$copy/"
    done
    files=$(find "$tree" -type f | wc -l)
  done
  echo "$files files, $(du -sh "$tree" | cut -f1)"
  exit
fi

tree=$1
averment=${2:-target/release/averment}
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT

# Seconds by the clock and of the processor, and peak memory in MiB, of a command, whose output and exit code do not matter here.
measure() {
  local name=$1
  shift
  local seconds processor memory
  read -r seconds processor memory < <(python3 - "$@" <<'PY'
import resource, subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{time.monotonic() - start:.2f} {used.ru_utime + used.ru_stime:.2f} {used.ru_maxrss}")
PY
  )
  printf '%-28s %8.2f s %8.2f s of the processor %7d MiB\n' "$name" "$seconds" "$processor" "$((memory / 1024))"
  printf -v "$name" %s "$seconds"
}

echo "$(find "$tree" -type f | wc -l) files, $(du -sm "$tree" | cut -f1) MiB, $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
cat $(find "$tree" -type f | head -1000) >/dev/null 2>&1 || true

if command -v rg >/dev/null; then
  rg -F -c --hidden --threads 2 'api.twilio.com' "$tree" >/dev/null || true # the files into memory
  best=
  for _ in 1 2 3; do
    measure ripgrep rg -F -c --hidden --threads 2 'api.twilio.com' "$tree"
    best=$(printf '%s\n' ${best:+"$best"} "$ripgrep" | sort -g | head -1)
  done
  ripgrep=$best
else
  echo 'ripgrep is not installed: no floor'
fi
measure first "$averment" scan code "$tree" --format seen --threads 2 --cache "$cache"
measure cached "$averment" scan code "$tree" --format seen --threads 2 --cache "$cache"

if [[ -n ${SEMGREP:-} ]] || command -v semgrep >/dev/null; then
  semgrep=${SEMGREP:-semgrep}
  rules=$(mktemp --suffix .yml)
  python3 - >"$rules" <<'PY'
import glob, json, tomllib
print("rules:")
for path in sorted(glob.glob("crates/averment-catalog/data/third-parties/*.toml")):
    with open(path, "rb") as file:
        party = tomllib.load(file)
    names = party.get("packages", {}).get("npm", []) + party.get("code", {}).get("python", [])
    hosts = [host["pattern"].replace("*.", "") for host in party.get("hosts", []) if "{" not in host["pattern"]]
    words = [word for word in names + hosts if "*" not in word]
    if words:
        pattern = "|".join(word.replace(".", "\\.") for word in words)
        print(f"- id: {party['id']}\n  message: m\n  severity: INFO\n  languages: [generic]\n  pattern-regex: {json.dumps(pattern)}")
PY
  measure semgrep_seconds "$semgrep" scan --metrics off --disable-version-check --no-git-ignore -j 2 --config "$rules" "$tree"
  rm -f "$rules"
else
  echo 'semgrep is not installed: python3 -m venv v && v/bin/pip install semgrep, then SEMGREP=v/bin/semgrep'
fi

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.1f", a / b }'; }
if [[ -n ${ripgrep:-} ]]; then echo "averment takes $(ratio "$first" "$ripgrep") times as long as ripgrep (goal: at most 25)"; fi
if [[ -n ${semgrep_seconds:-} ]]; then echo "semgrep takes $(ratio "$semgrep_seconds" "$first") times as long as averment (goal: at least 20)"; fi
echo "the second run takes $(ratio "$cached" "$first") of the first (goal: at most 0.2)"
