#!/usr/bin/env python3
"""Asks package registries whether the names of packages in the catalog exist.

Usage: scripts/package-names.py [--ecosystem NAME] [--seconds N] THIRD-PARTY… | --sample N

  THIRD-PARTY   ids of the catalog (`stripe`)
  --sample      instead: so many names of the whole catalog, drawn at random
  --ecosystem   npm, pypi, gem, crate or go; by default all five
  --seconds     pause between two questions (default: 1)

Each question goes through the ordinary client of its ecosystem (npm, pip, gem, cargo, go), so that its own settings of registries
and proxies hold. A client that is not installed is said and left out. One run asks for 40 names at most, so that nobody's registry is
gone through name by name; what is left out is said. Prints one line for each name that does not exist and one for
each that could not be asked, as behind a proxy or a network that fails; ends with 1 when a name does not exist, with 2 when something could not be asked. Never part of CI:
what a registry says changes from day to day.
"""

import argparse
import glob
import random
import shutil
import subprocess
import sys
import time
import tomllib

# Most names of one run.
NAMES_MAX = 40

# The client, what it is asked, and what it says (in small letters) of a name that nobody has taken.
CLIENTS = {
    "npm": (["npm", "view", "{}", "name"], ["e404"]),
    "pypi": (["pip", "index", "versions", "{}"], ["no matching distribution found for {}"]),
    "gem": (["gem", "specification", "--remote", "{}", "name"], ["no gem matching"]),
    "crate": (["cargo", "info", "{}"], ["could not find `{}` in registry"]),
    "go": (["go", "list", "-m", "-versions", "{}@latest"], ["404 not found", "410 gone"]),
}

# What clients say when it was not the registry that answered. Some go on to say that there is no such name.
UNANSWERED = [
    "could not resolve",
    "couldn't resolve",
    "no such host",
    "name resolution",
    "name or service not known",
    "enotfound",
    "etimedout",
    "timed out",
    "timeout",
    "connection",
    "econn",
    "network",
    "unreachable",
    "retrying",
    "certificate",
    "proxyconnect",
    "proxyerror",
    "proxy error",
    "unable to download",
    "failed to query",
    "failed to download",
    "bad gateway",
    "service unavailable",
    "forbidden",
    "unauthorized",
    "proxy authentication",
    "too many requests",
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parties", nargs="*", metavar="THIRD-PARTY")
    parser.add_argument("--sample", type=int, choices=range(1, NAMES_MAX + 1), metavar="N")
    parser.add_argument("--ecosystem", choices=sorted(CLIENTS))
    parser.add_argument("--seconds", type=float, default=1.0)
    given = parser.parse_args()
    if (given.sample is not None) == bool(given.parties):
        parser.error("name third parties of the catalog, or `--sample N`")
    return given


def names(given):
    """Each name that is to be asked for: ecosystem, name, id of its third party. Patterns (`@sentry/*`) are no names."""
    files = sorted(glob.glob("crates/averment-catalog/data/third-parties/*.toml"))
    wanted = set(given.parties)
    for path in files:
        with open(path, "rb") as file:
            party = tomllib.load(file)
        if given.sample is None and party["id"] not in wanted:
            continue
        wanted.discard(party["id"])
        for ecosystem in [given.ecosystem] if given.ecosystem else CLIENTS:
            for name in party.get("packages", {}).get(ecosystem, []):
                if "*" not in name:
                    yield ecosystem, name, party["id"]
    if wanted:
        sys.exit(f"the catalog has no third party `{sorted(wanted)[0]}`")


def chosen(given):
    """The names of this run."""
    found = list(names(given))
    most = given.sample or NAMES_MAX
    if len(found) <= most:
        return found
    print(f"{most} of {len(found)} names are asked for, drawn at random", flush=True)
    return sorted(random.sample(found, most))


def kind_of(ran, ecosystem, name):
    """What an answer of a client means."""
    if ran.returncode == 0:
        return "exists"
    said, name = (ran.stdout + ran.stderr).lower(), name.lower()
    absent = any(sign.replace("{}", name) in said for sign in CLIENTS[ecosystem][1])
    # A package may be called `connection-pool`.
    around = said.replace(name, "")
    if absent and not any(sign in around for sign in UNANSWERED):
        return "missing"
    return "the registry did not answer"


def answer(ecosystem, name):
    """`exists`, `missing`, or why it could not be asked."""
    command, _ = CLIENTS[ecosystem]
    if shutil.which(command[0]) is None:
        return f"`{command[0]}` is not installed"
    filled = [part.replace("{}", name) for part in command]
    try:
        ran = subprocess.run(filled, capture_output=True, text=True, timeout=60, cwd="/")
    except subprocess.TimeoutExpired:
        return "no answer within 60 seconds"
    return kind_of(ran, ecosystem, name)


def main():
    given = arguments()
    counts = {"exists": 0, "missing": 0, "unasked": 0}
    for ecosystem, name, party in chosen(given):
        said = answer(ecosystem, name)
        kind = said if said in counts else "unasked"
        counts[kind] += 1
        if kind != "exists":
            print(f"{party}: {ecosystem} `{name}`: {said}", flush=True)
        time.sleep(given.seconds)
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    sys.exit(1 if counts["missing"] else 2 if counts["unasked"] else 0)


if __name__ == "__main__":
    main()
