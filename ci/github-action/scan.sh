#!/usr/bin/env bash
# Looks once, writes SARIF, shows the report in the summary of the job, and ends as `averment scan` does.
set -uo pipefail
# Words are parted by spaces, quotes keep them together, and nothing in them is run or read as a pattern.
if ! words=$(printf '%s' "${LOOK:?what to look at}" | xargs printf '%s\n'); then
  echo "cannot read the words of the look: every quote needs its other half" >&2
  exit 2
fi
mapfile -t look <<<"$words"
options=(--register "${REGISTER:?folder of the register}" --fail-on "${FAIL_ON:-error}")
[ -n "${BASELINE:-}" ] && options+=(--baseline "$BASELINE")
[ -n "${NAME:-}" ] && options+=(--name "$NAME")
[ "${STRICT:-false}" = true ] && options+=(--strict)
read -ra own <<<"${OWN:-}"
for domain in "${own[@]}"; do options+=(--own "$domain"); done
sarif=${SARIF:-averment.sarif}
rm -f -- "$sarif"
[ -n "${GITHUB_STEP_SUMMARY:-}" ] && options+=(--also "markdown=$GITHUB_STEP_SUMMARY")

averment scan "${look[@]}" "${options[@]}" --format sarif --out "$sarif"
code=$?
[ -s "$sarif" ] && echo "sarif=$sarif" >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$code"
