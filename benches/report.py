"""Turns the measurements of one benchmark run into a table and a JSON document.

    report.py ROWS.jsonl [--out FILE]

One line per measurement: `path` (direct, nginx, envoy, gate-report, gate, hyper, hyper+redact, mitmproxy+addon, mitmproxy), `connections`,
`body_bytes`, `round`, `cpu_us` (CPU time of the proxy process during the measurement, null for direct) and `load` (what
averment-load printed).

Times and rates are medians over the rounds, CPU per request is all CPU by all requests, and a ratio is the median of the
ratios within each round, so that a busy moment of the machine weighs on one round and not on one path.
"""

import argparse
import json
import os
import statistics

SCHEMA = "averment-bench-gate/2"
DIRECT, ADDON, NGINX, ENVOY, TREE = "direct", "mitmproxy+addon", "nginx", "envoy", "hyper+redact"
RATE = "requests_per_second"
CPU = "cpu_us_per_request"
HEADING = (
    f"{'path':<16}{'conn.':>6}{'body':>7}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs/req':>12}"
    f"{'of direct':>11}{'of nginx':>10}{'nginx CPU':>11}{'Envoy CPU':>11}{'tree CPU':>10}{'mitm+a. CPU':>13}"
)
LEGEND = """
of direct, of nginx  requests/s as a multiple of the direct path and of nginx
nginx CPU, Envoy CPU the CPU per request as a multiple of what they need, which inspect nothing
tree CPU             the same of the proxy on hyper that redacts a JSON tree and records nothing
mitm+a. CPU          how many times the CPU per request mitmproxy with the addon needs"""


def rows(measurements):
    """One row per number of connections, body size and path, in the order in which they were first measured."""
    groups = {}
    for measurement in measurements:
        key = (measurement["connections"], measurement["body_bytes"], measurement["path"])
        groups.setdefault(key, []).append(flat(measurement))
    return [row(key, group, groups) for key, group in groups.items()]


def flat(measurement):
    """One measurement without nesting."""
    load, cpu = measurement["load"], measurement["cpu_us"]
    return {**load, "cpu_us": cpu, CPU: None if cpu is None else cpu / max(load["requests"], 1)}


def row(key, group, groups):
    """The row of one path. `group`: its measurements by round; `groups`: those of all paths."""
    connections, body_bytes, path = key
    peers = (groups.get((connections, body_bytes, peer), []) for peer in (DIRECT, ADDON, NGINX, ENVOY, TREE))
    direct, addon, nginx, envoy, tree = peers
    rates = [one[RATE] for one in group]
    return {
        "path": path,
        "connections": connections,
        "body_bytes": body_bytes,
        "requests": total(group, "requests"),
        "errors": total(group, "errors"),
        "seconds": round(total(group, "seconds"), 3),
        RATE: statistics.median(rates),
        "requests_per_second_least": min(rates),
        "requests_per_second_most": max(rates),
        "p50_us": statistics.median(one["p50_us"] for one in group),
        "p99_us": statistics.median(one["p99_us"] for one in group),
        "max_us": max(one["max_us"] for one in group),
        CPU: None if path == DIRECT else round(total(group, "cpu_us") / max(total(group, "requests"), 1), 2),
        "requests_per_second_to_direct": ratio(group, direct, RATE),
        "requests_per_second_to_nginx": ratio(group, nginx, RATE),
        "requests_per_second_to_mitmproxy_addon": ratio(group, addon, RATE),
        "cpu_to_nginx": ratio(group, nginx, CPU),
        "cpu_to_envoy": ratio(group, envoy, CPU),
        "cpu_to_hyper_redact": ratio(group, tree, CPU),
        "cpu_of_mitmproxy_addon_to_this": ratio(addon, group, CPU),
    }


def total(group, key):
    return sum(one[key] for one in group)


def ratio(above, below, key):
    """The median over the rounds of `above[key]` by `below[key]`; None when one was not measured or is nothing."""
    pairs = list(zip(above, below))
    if not pairs or not all(one[key] and other[key] for one, other in pairs):
        return None
    return round(statistics.median(one[key] / other[key] for one, other in pairs), 3)


def line(row):
    """One row of the table."""
    return (
        f"{row['path']:<16}{row['connections']:>6}{row['body_bytes'] // 1024:>5}KB{row[RATE]:>12,.0f}"
        f"{row['p50_us'] / 1000:>9.2f}{row['p99_us'] / 1000:>9.2f}{shown(row[CPU], ',.1f'):>12}"
        f"{shown(row['requests_per_second_to_direct'], '.2f'):>11}"
        f"{shown(row['requests_per_second_to_nginx'], '.2f'):>10}{shown(row['cpu_to_nginx'], '.1f'):>11}"
        f"{shown(row['cpu_to_envoy'], '.1f'):>11}{shown(row['cpu_to_hyper_redact'], '.1f'):>10}"
        f"{shown(row['cpu_of_mitmproxy_addon_to_this'], '.1f'):>13}"
    )


def shown(value, form):
    """A number in the given format; a dash for what was not measured."""
    return "–" if value is None else format(value, form)


def main():
    """Reads the rows, prints the table, writes the document when asked to."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("rows")
    arguments.add_argument("--out")
    chosen = arguments.parse_args()
    with open(chosen.rows, encoding="utf-8") as file:
        table = rows([json.loads(text) for text in file])
    print("\n".join([HEADING, *map(line, table), LEGEND]))
    if chosen.out:
        with open(chosen.out, "w", encoding="utf-8") as file:
            json.dump({"schema": SCHEMA, "cores": os.cpu_count(), "rows": table}, file, indent=2)
            file.write("\n")


if __name__ == "__main__":
    main()
