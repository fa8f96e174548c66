#!/usr/bin/env bash
# HTTP/2 conformance of the inside of tunnels, beside nginx: h2spec against both, and what each fails.
#
#   benches/h2spec.sh
#
# AVERMENT   the program (default: the release build of the target folder)
#
# Needs `h2spec` (https://github.com/summerwind/h2spec), `nginx`, `openssl` and `python3` in the path.
# Exit codes: 0 the gate fails no more than nginx, 1 it fails more, 2 could not measure.
#
# shellcheck disable=SC2016 # backticks in messages mark names, nothing is to be expanded
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
readonly averment=${AVERMENT:-${CARGO_TARGET_DIR:-$root/target}/release/averment}
work=
started=()

die() {
  printf 'error: %s\n' "$1" >&2
  exit 2
}

clean_up() {
  local server
  for server in "${started[@]}"; do kill "$server" 2>/dev/null || true; done
  wait || true
  [[ -z $work ]] || rm -rf "$work"
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start NAME PORT COMMAND…: starts a server and waits until it accepts connections.
start() {
  local name=$1 port=$2 tries=0
  shift 2
  "$@" >"$work/$name.log" 2>&1 &
  started+=("$!")
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    ((++tries < 300)) || die "$name does not listen: $(tail -n 3 "$work/$name.log")"
    sleep 0.1
  done
}

start_gate() {
  local sink=$1 gate=$2
  "$averment" people load "$root/examples/people.csv" --data "$work/data" --keys "$work/keys" >/dev/null
  start sink "$sink" "$averment" sink --listen "127.0.0.1:$sink" --certificate "$work/sink.pem"
  start gate "$gate" "$averment" gate "$root/examples/codeorg" --gate "127.0.0.1:$gate" --data "$work/data" \
    --keys "$work/keys" --trust "$work/sink.pem" --connect-to "127.0.0.1:$sink"
}

start_nginx() {
  local port=$1
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
  cat >"$work/nginx.conf" <<END
daemon off; pid $work/nginx.pid; error_log $work/nginx-error.log; worker_processes 1;
events { worker_connections 256; }
http {
  access_log off; client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/f;
  uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server {
    listen 127.0.0.1:$port ssl http2; ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    location / { default_type text/plain; return 200 "a text that is long enough for every case\n"; }
  }
}
END
  start nginx "$port" nginx -p "$work" -c "$work/nginx.conf"
}

# judge NAME PORT: runs h2spec, keeps its output, prints how many failed.
judge() {
  h2spec -t -k -h 127.0.0.1 -p "$2" --timeout 3 >"$work/$1.txt" 2>&1 || true
  grep -E '^[0-9]+ tests' "$work/$1.txt" >&2 || die "h2spec said nothing about $1: $(tail -n 3 "$work/$1.txt")"
  sed -En 's/^[0-9]+ tests.* ([0-9]+) failed$/\1/p' "$work/$1.txt"
}

main() {
  local program sink gate relay nginx ours theirs
  for program in h2spec nginx openssl python3; do command -v "$program" >/dev/null || die "\`$program\` is missing"; done
  [[ -x $averment ]] || die "no program at \`$averment\`; build it with --release"
  trap clean_up EXIT
  work=$(mktemp -d)
  sink=$(free_port) gate=$(free_port) relay=$(free_port) nginx=$(free_port)
  start_gate "$sink" "$gate"
  start relay "$relay" python3 "$root/benches/tunnel.py" "$relay" "$gate" "127.0.0.1:$relay"
  start_nginx "$nginx"
  ours=$(judge gate "$relay")
  theirs=$(judge nginx "$nginx")
  printf 'failed: gate %s, nginx %s\n' "$ours" "$theirs"
  grep -E '× [0-9]+:' "$work/gate.txt" | sort -u || true
  ((ours <= theirs))
}

main "$@"
