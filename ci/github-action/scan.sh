#!/usr/bin/env bash
# Looks once, writes SARIF, shows the report in the summary of the job, and ends as `averment scan` does.
set -uo pipefail
# Words of the look are parted by spaces and never read as patterns.
set -f
# shellcheck disable=SC2206
look=(${LOOK:?what to look at})
set +f
options=(--register "${REGISTER:?folder of the register}" --fail-on "${FAIL_ON:-error}")
[ -n "${BASELINE:-}" ] && options+=(--baseline "$BASELINE")
[ "${STRICT:-false}" = true ] && options+=(--strict)
for domain in ${OWN:-}; do options+=(--own "$domain"); done
sarif=${SARIF:-averment.sarif}
rm -f "$sarif"

averment scan "${look[@]}" "${options[@]}" --format sarif --out "$sarif"
code=$?
[ -s "$sarif" ] && echo "sarif=$sarif" >>"${GITHUB_OUTPUT:-/dev/null}"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  averment scan "${look[@]}" "${options[@]}" --format markdown >>"$GITHUB_STEP_SUMMARY" || true
fi
exit "$code"
