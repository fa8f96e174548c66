#!/usr/bin/env python3
"""A second verifier of bundles, written from docs/bundle.md and docs/ledger.md, with Python's standard library alone.

It shares no code with the first and is for tests: where the two disagree about a bundle, the text or one of them is
wrong. The grades it earns with grades.py, and the register it reads with register.py, which lie beside it.

    verify.py BUNDLE [--key KEY]... [--since FILE] [--witness KEY]... [--school SCHOOL] [--now TIME]
    verify.py --cases FILE      one question a line, one answer a line
"""

import argparse
import base64
import datetime
import hashlib
import json
import re
import struct
import sys
import zlib

import grades
import register

CHECKS = [
    "container", "manifest", "files", "checkpoints", "key", "entries", "range", "chain", "since", "witnesses",
    "times", "school", "charter", "claims", "sentences", "history", "attestations", "documents", "grades",
]
MIB = 1 << 20


class Fails(Exception):
    """A check fails for a reason."""


class NotChecked(Exception):
    """A check is not made for a reason."""


# --- Ed25519, RFC 8032 section 5.1 ---------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def point_add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_multiply(scalar, point):
    result = NEUTRAL
    while scalar:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result


def point_equal(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def point_read(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else (0, y, 1, 0)
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = point_read((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_fits(key, message, signature):
    point, r = point_read(key), point_read(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or point is None or r is None or s >= L:
        return False
    # Points of small order sign anything.
    if any(point_equal(point_multiply(8, p), NEUTRAL) for p in (point, r)):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return point_equal(point_multiply(s, BASE), point_add(r, point_multiply(h, point)))


# --- Base64, JSON, times -------------------------------------------------------------------------------------------


def read_base64(text):
    """Bytes, or None where the text is not their one spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def read_hash(text):
    data = read_base64(text) if isinstance(text, str) else None
    return data if data is not None and len(data) == 32 else None


def once(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member twice")
    return members


def read_json(data, **options):
    """JSON as bundles have it: whole numbers of 64 bits, no half of a surrogate pair, nested 127 deep at most."""

    def refuse(word):
        raise ValueError(word)

    def whole(digits):
        if digits == "-0" or not -(2**63) <= int(digits) < 2**64:
            raise ValueError(digits)
        return int(digits)

    try:
        value = json.loads(data.decode("utf-8"), parse_constant=refuse, parse_float=refuse, parse_int=whole, **options)
    except RecursionError:
        raise ValueError("nested too deep") from None
    layer, depth = [value], 0
    while layer:
        for text in (text for one in layer for text in ([one] if isinstance(one, str) else one if isinstance(one, dict) else [])):
            text.encode()
        layer = [one for one in layer if isinstance(one, (dict, list))]
        depth += bool(layer)
        if depth > 127:
            raise ValueError("nested too deep")
        layer = [part for one in layer for part in (one.values() if isinstance(one, dict) else one)]
    return value


def is_number(value):
    return type(value) is int and 0 <= value < 2**64


def members(value, required, optional=()):
    """Whether this is an object with these members and no others."""
    return isinstance(value, dict) and set(required) <= set(value) <= set(required) | set(optional)


TIME = re.compile(r"((?!0000|9999)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


def read_time(text):
    """Nanoseconds since 1970."""
    match = TIME.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise Fails("time_malformed")
    try:
        moment = datetime.datetime.strptime(match[1] + "+0000", "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        raise Fails("time_malformed") from None
    return int(moment.timestamp()) * 10**9 + int((match[2] or "0").ljust(9, "0"))


# --- The container -------------------------------------------------------------------------------------------------

PART = re.compile(rb"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")


def read_container(data):
    if len(data) > 512 * MIB:
        raise Fails("too_large")
    if data[:4] not in (b"PK\x03\x04", b"PK\x05\x06") or len(data) < 22:
        raise Fails("not_a_zip")
    end = len(data) - 22
    magic, disk, start_disk, count_here, count, size, central, comment = struct.unpack("<4sHHHHIIH", data[end:])
    if magic != b"PK\x05\x06" or disk or start_disk or comment or count_here != count or central + size != end:
        raise Fails("zip_layout")
    if count > 10_000:
        raise Fails("too_large")
    rows = read_directory(data[central:end], count)
    check_names([row[5] for row, _ in rows])
    files, at, total = {}, 0, 0
    for header, offset in rows:
        if offset != at:
            raise Fails("zip_layout")
        total += header[4]
        if header[4] > 256 * MIB or total > 1024 * MIB:
            raise Fails("too_large")
        content, at = read_file(data, at, central, header)
        files[header[5].decode("ascii")] = content
    if at != central:
        raise Fails("zip_layout")
    return files


def read_directory(data, count):
    rows, at = [], 0
    while at < len(data):
        if len(data) - at < 46 or data[at : at + 4] != b"PK\x01\x02" or len(rows) == count:
            raise Fails("zip_layout")
        fields = struct.unpack("<4sHHHHHHIIIHHHHHII", data[at : at + 46])
        flags, method, crc, packed, size, length = fields[3], fields[4], *fields[7:11]
        extra, comment, disk, _, external, offset = fields[11:17]
        name = data[at + 46 : at + 46 + length]
        if len(name) != length:
            raise Fails("zip_layout")
        if flags or extra or comment or disk or external:
            raise Fails("zip_header")
        rows.append(((flags, method, crc, packed, size, name), offset))
        at += 46 + length
    if len(rows) != count:
        raise Fails("zip_layout")
    return rows


def check_names(names):
    seen = set()
    for name in names:
        if len(name) > 200 or not all(PART.fullmatch(part) for part in name.split(b"/")):
            raise Fails("name_malformed")
        if name.lower() in seen:
            raise Fails("name_twice")
        seen.add(name.lower())


def read_file(data, at, central, header):
    if len(data) - at < 30 or data[at : at + 4] != b"PK\x03\x04":
        raise Fails("zip_layout")
    fields = struct.unpack("<4sHHHHHIIIHH", data[at : at + 30])
    flags, method, crc, packed, size, length, extra = fields[2], fields[3], *fields[6:11]
    name = data[at + 30 : at + 30 + length]
    if len(name) != length:
        raise Fails("zip_layout")
    if (flags, method, crc, packed, size, name) != header or extra:
        raise Fails("zip_header")
    begin = at + 30 + length
    if begin + packed > central:
        raise Fails("zip_layout")
    content = data[begin : begin + packed]
    if method == 8:
        content = inflate(content, size)
    elif method != 0:
        raise Fails("zip_method")
    if len(content) != size or zlib.crc32(content) != crc:
        raise Fails("zip_content")
    return content, begin + packed


def inflate(packed, size):
    stream = zlib.decompressobj(-15)
    try:
        content = stream.decompress(packed, size + 1)
    except zlib.error:
        raise Fails("zip_content") from None
    if not stream.eof or stream.unused_data or stream.unconsumed_tail:
        raise Fails("zip_content")
    return content


# --- The list of contents ------------------------------------------------------------------------------------------


def read_manifest(files):
    if "manifest.json" not in files:
        raise Fails("manifest_missing")
    try:
        loose = read_json(files["manifest.json"])
    except ValueError:
        raise Fails("manifest_malformed") from None
    schema = loose.get("schema") if isinstance(loose, dict) else None
    if isinstance(schema, str) and schema.startswith("averment.bundle/") and schema != "averment.bundle/1":
        raise Fails("newer_format")
    try:
        manifest = read_json(files["manifest.json"], object_pairs_hook=once)
    except ValueError:
        raise Fails("manifest_malformed") from None
    if not manifest_fits(manifest):
        raise Fails("manifest_malformed")
    return manifest


def manifest_fits(manifest):
    texts = ["schema", "made_at", "made_by", "level", "charter"]
    if not members(manifest, texts + ["logs", "left_out", "files"], ["school", "since"]):
        return False
    if not all(isinstance(manifest[name], str) for name in texts) or not is_number(manifest["left_out"]):
        return False
    if not isinstance(manifest.get("school", ""), (str, type(None))):
        return False
    logs, rows, since = manifest["logs"], manifest["files"], manifest.get("since")
    if not isinstance(logs, list) or not isinstance(rows, list) or not all(log_fits(log) for log in logs):
        return False
    if not all(file_fits(row) for row in rows) or since is not None and not since_fits(since):
        return False
    names = [log["name"] for log in logs]
    if manifest["schema"] != "averment.bundle/1" or not names:
        return False
    if not all(re.fullmatch("[0-9]{4}", name) for name in names) or any(a == b for a, b in zip(names, names[1:])):
        return False
    begun = [number for number, log in enumerate(logs) if log.get("range")]
    if manifest["level"] == "statement":
        return not begun
    later = logs[begun[0] + 1 :] if begun else []
    return manifest["level"] == "whole" and bool(begun) and all((log.get("range") or {"from": 1})["from"] == 0 for log in later)


def log_fits(log):
    if not members(log, ["name", "first"], ["range"]) or not isinstance(log["name"], str) or not is_number(log["first"]):
        return False
    span = log.get("range")
    if span is None:
        return True
    return members(span, ["from", "edge"]) and is_number(span["from"]) and hashes_fit(span["edge"])


def since_fits(since):
    named = members(since, ["log", "size", "proof"]) and isinstance(since["log"], str)
    return named and is_number(since["size"]) and hashes_fit(since["proof"])


def hashes_fit(hashes):
    return isinstance(hashes, list) and all(read_hash(text) is not None for text in hashes)


def file_fits(row):
    if not members(row, ["name", "bytes", "sha256"]):
        return False
    return isinstance(row["name"], str) and is_number(row["bytes"]) and isinstance(row["sha256"], str)


def check_files(files, manifest):
    rows = {row["name"]: row for row in manifest["files"]}
    if len(rows) != len(manifest["files"]) or "manifest.json" in rows:
        raise Fails("manifest_malformed")
    for name in sorted(rows):
        if name not in files:
            raise Fails("file_missing")
        fits = len(files[name]) == rows[name]["bytes"] and hashlib.sha256(files[name]).hexdigest() == rows[name]["sha256"]
        if not fits:
            raise Fails("file_changed")
    if set(files) - set(rows) - {"manifest.json"}:
        raise Fails("file_unlisted")
    needed, allowed = {"charter.json", "claims.json"}, {"manifest.json"}
    for log in manifest["logs"]:
        folder = f"ledger/{log['name']}/"
        needed |= {folder + "verifier", folder + "checkpoint"}
        needed |= {folder + "range.jsonl"} if log.get("range") else set()
        allowed.add(folder + "entries.jsonl")
    for name in files:
        known = name in needed | allowed or name.startswith("register/")
        if not known and not re.fullmatch("documents/[0-9a-f]{64}", name):
            raise Fails("file_unknown")
    if not needed <= set(files):
        raise Fails("file_unknown")


# --- Keys, notes, checkpoints --------------------------------------------------------------------------------------


def read_key(text, kind):
    """Name, identifier and the 32 bytes of a key `name+hash+key` of this type; None where it is none."""
    name, plus, rest = text.partition("+")
    digest, second, encoded = rest.partition("+")
    data = read_base64(encoded)
    if not (plus and second and is_name(name) and data) or data[0] != kind or len(data) != 33 or point_read(data[1:]) is None:
        return None
    identifier = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    return (name, identifier, data[1:]) if digest == identifier.hex() else None


def is_name(name):
    return bool(name) and not any(c.isspace() or ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or c == "+" for c in name)


def read_note(note):
    """The signed text and its signatures as (name, identifier, bytes); None where it is no note."""
    blank = note.rfind("\n\n")
    if any(ord(c) < 0x20 and c != "\n" for c in note) or blank < 0 or not note.endswith("\n"):
        return None
    lines, signatures = note[blank + 2 : -1].split("\n"), []
    for line in lines:
        name, space, encoded = line.removeprefix("— ").partition(" ")
        data = read_base64(encoded)
        if not line.startswith("— ") or not space or not is_name(name) or data is None or len(data) < 5:
            return None
        signatures.append((name, data[:4], data[4:]))
    return (note[: blank + 1], signatures) if len(signatures) <= 100 else None


CHECKPOINT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]*)\n([^\n]+)\ngroup (0|[1-9][0-9]*)\n")


def open_checkpoint(note, key, malformed, not_signed, bad):
    """Size and root of the checkpoint that this key signed."""
    read = read_note(note)
    if read is None:
        raise Fails(malformed)
    text, signatures = read
    own = [data for name, identifier, data in signatures if (name, identifier) == key[:2]]
    if not own:
        raise Fails(not_signed)
    if len(own[0]) != 64 or not signature_fits(key[2], text.encode(), own[0]):
        raise Fails(bad)
    match = CHECKPOINT.fullmatch(text)
    root = read_hash(match[3]) if match else None
    if root is None or match[1] != key[0] or int(match[2]) >= 2**64:
        raise Fails(malformed)
    return int(match[2]), root


def text_of(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def read_logs(files, manifest):
    logs = []
    for row in manifest["logs"]:
        folder = f"ledger/{row['name']}/"
        verifier = text_of(files[folder + "verifier"])
        key = read_key(verifier[:-1], 1) if verifier.endswith("\n") else None
        if key is None:
            raise Fails("verifier_malformed")
        note = text_of(files[folder + "checkpoint"])
        size, root = open_checkpoint(note, key, "checkpoint_malformed", "not_signed", "bad_signature")
        logs.append({**row, "key": key, "verifier": verifier[:-1], "note": note, "size": size, "root": root})
    return logs


# --- Trees, RFC 9162 section 2.1 -----------------------------------------------------------------------------------


def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def inclusion_holds(leaf, index, size, proof, root):
    if index >= size:
        return False
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node % 2 == 1 or node == last:
            current = node_hash(sibling, current)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            current = node_hash(current, sibling)
        node, last = node // 2, last // 2
    return last == 0 and current == root


def consistency_holds(older, older_root, newer, newer_root, proof):
    """For 0 < older < newer."""
    path = list(proof) if older & (older - 1) else [older_root, *proof]
    if not path:
        return False
    node, last = older - 1, newer - 1
    while node % 2 == 1:
        node, last = node // 2, last // 2
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node % 2 == 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            second = node_hash(second, sibling)
        node, last = node // 2, last // 2
    return last == 0 and first == older_root and second == newer_root


class Tree:
    """A tree that begins with subtrees of which only the roots are known."""

    def __init__(self, size, edge):
        self.size, self.peaks = size, list(edge)

    def push(self, node):
        size = self.size
        while size % 2 == 1:
            node, size = node_hash(self.peaks.pop(), node), size // 2
        self.peaks.append(node)
        self.size += 1

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        node = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            node = node_hash(left, node)
        return node


# --- The record ----------------------------------------------------------------------------------------------------


def split_lines(data, reason):
    if not data:
        return []
    if not data.endswith(b"\n"):
        raise Fails(reason)
    return data[:-1].split(b"\n")


def read_entry(data):
    try:
        entry = read_json(data, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise Fails("entry_unreadable") from None
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in ("at", "charter", "kind")):
        raise Fails("entry_unreadable")
    return entry


class Record:
    """Entries that stand in a signed log, by number: (leaf hash, entry)."""

    def __init__(self):
        self.entries, self.withheld = {}, 0

    def of(self, *kinds):
        return [(number, self.entries[number][1]) for number in sorted(self.entries) if self.entries[number][1]["kind"] in kinds]


def check_entries(files, logs, record):
    for log in logs:
        last = -1
        for line in split_lines(files.get(f"ledger/{log['name']}/entries.jsonl", b""), "entry_malformed"):
            try:
                row = read_json(line, object_pairs_hook=once)
            except ValueError:
                raise Fails("entry_malformed") from None
            if not members(row, ["leaf", "entry", "proof"]) or not is_number(row["leaf"]):
                raise Fails("entry_malformed")
            if not isinstance(row["entry"], str) or not hashes_fit(row["proof"]):
                raise Fails("entry_malformed")
            if row["leaf"] <= last:
                raise Fails("entry_order")
            last, data = row["leaf"], row["entry"].encode()
            proof = [read_hash(text) for text in row["proof"]]
            if not inclusion_holds(leaf_hash(data), last, log["size"], proof, log["root"]):
                raise Fails("entry_not_in_log")
            record.entries[log["first"] + last] = (leaf_hash(data), read_entry(data))


def check_range(files, manifest, logs, record):
    if manifest["level"] == "statement":
        raise NotChecked("statement_only")
    for log in logs:
        span = log.get("range")
        if not span:
            continue
        if len(span["edge"]) != bin(span["from"]).count("1"):
            raise Fails("range_malformed")
        tree, shown = Tree(span["from"], [read_hash(text) for text in span["edge"]]), []
        for line in split_lines(files[f"ledger/{log['name']}/range.jsonl"], "range_malformed"):
            number = tree.size
            if number >= log["size"]:
                raise Fails("range_incomplete")
            if line.startswith(b"{"):
                tree.push(leaf_hash(line))
                shown.append((log["first"] + number, line))
                continue
            withheld = read_hash(text_of(line))
            if withheld is None:
                raise Fails("range_malformed")
            tree.push(withheld)
            if manifest.get("school") is None:
                raise Fails("range_withheld")
            record.withheld += 1
        if tree.size != log["size"]:
            raise Fails("range_incomplete")
        if tree.root() != log["root"]:
            raise Fails("range_not_in_log")
        for number, line in shown:
            record.entries[number] = (leaf_hash(line), read_entry(line))


def check_key(logs, question):
    keys = question["keys"]
    if not keys:
        raise NotChecked("no_key")
    # Each log gives its key another name: only the 32 bytes count.
    of_logs = [log["key"][2] for log in logs]
    named = [read_key(key.strip(), 1) for key in keys]
    if any(key is None or key[2] not in of_logs for key in named):
        raise Fails("other_key")


def check_chain(logs, record):
    total = 0
    for number, log in enumerate(logs, 1):
        if log["name"] != f"{number:04}" or log["first"] != total:
            raise Fails("log_missing")
        total += log["size"]
    for older, newer in zip(logs, logs[1:]):
        ended, begun = (record.entries.get(newer["first"] - back, (b"", {}))[1] for back in (1, 0))
        previous = begun.get("previous")
        if ended.get("kind") != "ended" or begun.get("kind") != "begun" or not isinstance(previous, dict):
            raise Fails("link_missing")
        expected = {
            "origin": older["key"][0], "verifier": older["verifier"], "size": older["size"],
            "root": base64.b64encode(older["root"]).decode(),
        }
        fits = all(previous.get(name) == value for name, value in expected.items()) and begun.get("first") == newer["first"]
        if not fits or (ended.get("origin"), ended.get("verifier")) != (newer["key"][0], newer["verifier"]):
            raise Fails("link_broken")


def check_since(files, manifest, logs, question):
    note = question["since"]
    if note is None:
        raise NotChecked("no_older")
    log = next((log for log in logs if log["key"][0] == note.split("\n")[0]), None)
    if log is None:
        raise Fails("another_history")
    size, root = open_checkpoint(note, log["key"], "since_malformed", "since_not_signed", "since_not_signed")
    if size > log["size"]:
        raise Fails("rolled_back")
    if size == log["size"] or size == 0:
        expected = log["root"] if size else hashlib.sha256(b"").digest()
        if root != expected:
            raise Fails("another_history")
        return
    span = log.get("range")
    if span and span["from"] <= size:
        tree = Tree(span["from"], [read_hash(text) for text in span["edge"]])
        for line in split_lines(files[f"ledger/{log['name']}/range.jsonl"], "range_malformed")[: size - span["from"]]:
            tree.push(leaf_hash(line) if line.startswith(b"{") else read_hash(text_of(line)))
        if tree.root() != root:
            raise Fails("another_history")
        return
    since = manifest.get("since")
    if not since or (since["log"], since["size"]) != (log["name"], size):
        raise Fails("no_proof")
    proof = [read_hash(text) for text in since["proof"]]
    if not consistency_holds(size, root, log["size"], log["root"], proof):
        raise Fails("another_history")


def check_witnesses(logs, question):
    if not question["witnesses"]:
        raise NotChecked("no_witness")
    text, signatures = read_note(logs[-1]["note"])
    for witness in question["witnesses"]:
        key = read_key(witness.strip(), 4)
        own = [data for name, identifier, data in signatures if key and (name, identifier) == key[:2]]
        if not own:
            raise Fails("cosignature_missing")
        until = read_time(question["now"]) + HOUR
        if not all(cosignature_fits(key, text, data, until) for data in own):
            raise Fails("cosignature_bad")


def cosignature_fits(key, text, data, until):
    if len(data) != 72:
        return False
    time = int.from_bytes(data[:8], "big")
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    return 0 < time < 2**63 and time * 10**9 <= until and signature_fits(key[2], message, data[8:])


# --- What it says --------------------------------------------------------------------------------------------------

HOUR = 3600 * 10**9
MINUTE = 60 * 10**9


def check_times(manifest, record, question):
    made_at = read_time(manifest["made_at"])
    if made_at - read_time(question["now"]) > HOUR:
        raise Fails("made_in_the_future")
    for number in sorted(record.entries):
        entry = record.entries[number][1]
        at = read_time(entry["at"])
        if at - made_at > HOUR:
            raise Fails("entry_after_making")
        if entry["kind"] == "grades" and read_time(entry.get("as_of")) - at > MINUTE:
            raise Fails("graded_after_entry")


def check_school(manifest, record, question):
    school = manifest.get("school")
    if question["school"] is not None and school != question["school"]:
        raise Fails("another_school")
    if school is None:
        return
    for _, entry in record.of("intent", "refusal", "findings", "consent", "export", "request_change"):
        named = [finding.get("school") for finding in entry.get("findings", [])] + [entry.get("school")]
        if any(name is not None and name != school for name in named):
            raise Fails("names_another_school")


def check_charter(files, manifest, record):
    canonical = files["charter.json"]
    if "sha256:" + hashlib.sha256(canonical).hexdigest() != manifest["charter"]:
        raise Fails("charter_digest")
    try:
        content = read_json(canonical)["content"]
        sentences = {name: claim["sentence"] for name, claim in content["claims"].items()}
        if not all(isinstance(sentence, str) for sentence in sentences.values()):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Fails("charter_malformed") from None
    if not register.comes_back(files, canonical):
        raise Fails("charter_register")
    loaded = [entry["charter"] for _, entry in record.of("charter")]
    if manifest["charter"] not in loaded:
        raise Fails("charter_not_recorded")
    if loaded[-1] != manifest["charter"]:
        raise Fails("charter_not_in_force")
    return sentences, content


def check_claims(files, manifest, record):
    recorded = record.of("grades")
    if not recorded:
        raise Fails("claims_not_recorded")
    number, entry = recorded[-1]
    if read_hash(entry.get("sha256")) != hashlib.sha256(files["claims.json"]).digest():
        raise Fails("claims_changed")
    try:
        document = read_json(files["claims.json"], object_pairs_hook=once)
        rows = [(row["id"], row["sentence"], row["grade"]) for row in document["claims"]]
        texts = [document["schema"], document["charter"], *(text for row in rows for text in row)]
    except (ValueError, KeyError, TypeError):
        raise Fails("claims_malformed") from None
    whole = all(isinstance(text, str) for text in texts) and len({row[0] for row in rows}) == len(rows)
    if not whole or document["schema"] != "averment.claims/2":
        raise Fails("claims_malformed")
    if entry["charter"] != manifest["charter"] or document["charter"] != manifest["charter"]:
        raise Fails("claims_another_charter")
    if document.get("as_of", entry["as_of"]) != entry["as_of"]:
        raise Fails("claims_another_time")
    if document.get("entries") is not None and document["entries"] != entry.get("entries", 0):
        raise Fails("claims_another_time")
    counts = {}
    for _, _, grade in rows:
        counts[grade] = counts.get(grade, 0) + 1
    for said in (entry.get("counts", {}), document.get("grades", counts)):
        if {grade: count for grade, count in said.items() if count} != counts:
            raise Fails("claims_counts")
    for at, (_, other) in record.entries.items():
        ignored = min(entry.get("entries") or number, number) <= at < number
        if ignored and read_time(entry["as_of"]) - read_time(other["at"]) > MINUTE:
            raise Fails("entries_ignored")
    return document, rows, number, entry


def check_sentences(document, rows, sentences, content):
    about = {row["id"]: (row["kind"], row.get("recipient")) for row in document["claims"] if row.get("kind") is not None}
    shown = {name: sentence for name, sentence, _ in rows}
    for name in sorted(sentences):
        if name not in shown:
            raise Fails("claim_missing")
        claim = content["claims"][name]
        own = (claim["kind"], claim["recipient"])
        if shown[name] != sentences[name] or about.get(name, own) != own:
            raise Fails("sentence_changed")
    if set(shown) - set(sentences):
        raise Fails("claim_added")


def check_history(rows, number, record):
    last = {entry["claim"]: entry["to"] for at, entry in record.of("grade") if at < number}
    if any(last.get(name, grade) != grade for name, _, grade in rows):
        raise Fails("history_contradicts")
    since = {entry["claim"]: entry["to"] for at, entry in record.of("grade") if at > number}
    if any(since.get(name, grade) != grade for name, _, grade in rows):
        raise Fails("grades_outdated")
    if not last:
        raise NotChecked("no_history")


def check_attestations(rows, content, as_of, record):
    now, entries = read_time(as_of), [(at, record.entries[at][1]) for at in sorted(record.entries)]
    claims = content["claims"]
    for name, _, grade in rows:
        if grade != "attested":
            continue
        _, vouched = grades.testimony(name, entries, now)
        version = grades.claim_version(claims[name])
        own = [one for one in vouched if one[3]["finds"] != "holds" or grades.is_of(one, version)]
        word = grades.vouch(claims[name], own, now)
        if word != "holds":
            raise Fails({"past": "attestation_expired", "against": "attestation_contrary"}.get(word, "attestation_missing"))


def check_grades(document, content, manifest, logs, number, entry, record):
    begun = [log["first"] + log["range"]["from"] for log in logs if log.get("range")]
    if not begun:
        raise NotChecked("statement_only")
    if record.withheld:
        raise NotChecked("entries_withheld")
    as_of = read_time(entry["as_of"])
    first = record.entries.get(begun[0])
    if begun[0] > 0 and (first is None or as_of - read_time(first[1]["at"]) < grades.WINDOW):
        raise NotChecked("window_not_covered")
    until = min(entry.get("entries") or number, number)
    before = [(at, record.entries[at][1]) for at in sorted(record.entries) if at < until]
    again = grades.grade_all(content, manifest["charter"], before, as_of)
    for row in document["claims"]:
        grade, planes = again[row["id"]]
        if grade != row["grade"]:
            raise Fails("grade_differs")
        if begun[0] == 0 and sorted(plane["plane"] for plane in row.get("planes", [])) != sorted(planes):
            raise Fails("evidence_differs")
        for plane in row.get("planes", []) if begun[0] == 0 else []:
            own_grade, counts = planes.get(plane["plane"], (None, None))
            shown = plane.get("evidence")
            names = ("observed", "contrary", "unreadable")
            same = (shown and [shown[name] for name in names]) == (counts and [counts[name] for name in names])
            if own_grade != plane["grade"] or not same:
                raise Fails("evidence_differs")
        if begun[0] == 0 and (row.get("mended") or {}).get("entry") != mended(row, before, as_of):
            raise Fails("evidence_differs")
    last = max(record.entries)
    if last >= until:
        now = max(as_of, read_time(record.entries[last][1]["at"]))
        since = [(at, record.entries[at][1]) for at in sorted(record.entries)]
        shown = {row["id"]: row["grade"] for row in document["claims"]}
        for name, (grade, _) in grades.grade_all(content, manifest["charter"], since, now).items():
            if grade == "broken" and shown[name] != "broken":
                raise Fails("grades_outdated")


def mended(row, before, as_of):
    """Number of the entry by which a claim that is not broken was broken last, if it still was within the window."""
    changes = [(at, entry) for at, entry in before if entry["kind"] == "grade" and entry["claim"] == row["id"]]
    broken = [place for place, (_, entry) in enumerate(changes) if entry["to"] == "broken"]
    if not broken or row["grade"] == "broken":
        return None
    after = changes[broken[-1] + 1 : broken[-1] + 2]
    is_within = not after or as_of - read_time(after[0][1]["at"]) <= grades.WINDOW
    return changes[broken[-1]][0] if is_within else None


def check_documents(files, record):
    def named(*kinds):
        documents = [entry["document"] for _, entry in record.of(*kinds) if entry.get("document")]
        return {read_hash(document["sha256"]).hex() for document in documents}

    enclosed = [name.removeprefix("documents/") for name in sorted(files) if name.startswith("documents/")]
    everywhere = named("manual", "erasure", "retention", "export", "attestation", "measurement")
    for digest in enclosed:
        if hashlib.sha256(files["documents/" + digest]).hexdigest() != digest:
            raise Fails("document_changed")
        if digest not in everywhere:
            raise Fails("document_unknown")
    if named("attestation") - set(enclosed):
        raise NotChecked("document_not_enclosed")


# --- One question, one answer --------------------------------------------------------------------------------------


class Answer:
    def __init__(self):
        self.steps = []

    def take(self, check, *arguments):
        name = CHECKS[len(self.steps)]
        try:
            given = check(*arguments)
        except NotChecked as why:
            self.steps.append({"check": name, "state": "not_checked", "reason": str(why)})
            return None
        except Fails as why:
            self.steps.append({"check": name, "state": "fails", "reason": str(why)})
            raise
        self.steps.append({"check": name, "state": "holds", "reason": None})
        return given

    def finish(self):
        for name in CHECKS[len(self.steps) :]:
            self.steps.append({"check": name, "state": "not_checked", "reason": "stopped"})
        no_bundle = {"not_a_zip", "manifest_missing", "newer_format"}
        failed = [step["reason"] for step in self.steps if step["state"] == "fails"]
        no_key = any(step["reason"] == "no_key" for step in self.steps)
        good = "unidentified" if no_key else "holds"
        outcome = good if not failed else "no_bundle" if failed[0] in no_bundle else "fails"
        return {"schema": "averment.verification/1", "outcome": outcome, "checks": self.steps}


def verify(data, question):
    answer = Answer()
    try:
        make_checks(data, question, answer)
    except Fails:
        pass
    return answer.finish()


def make_checks(data, question, answer):
    files = answer.take(read_container, data)
    manifest = answer.take(read_manifest, files)
    answer.take(check_files, files, manifest)
    logs, record = answer.take(read_logs, files, manifest), Record()
    answer.take(check_key, logs, question)
    answer.take(check_entries, files, logs, record)
    answer.take(check_range, files, manifest, logs, record)
    answer.take(check_chain, logs, record)
    answer.take(check_since, files, manifest, logs, question)
    answer.take(check_witnesses, logs, question)
    answer.take(check_times, manifest, record, question)
    answer.take(check_school, manifest, record, question)
    sentences, content = answer.take(check_charter, files, manifest, record)
    document, rows, number, entry = answer.take(check_claims, files, manifest, record)
    answer.take(check_sentences, document, rows, sentences, content)
    answer.take(check_history, rows, number, record)
    answer.take(check_attestations, rows, content, entry["as_of"], record)
    answer.take(check_documents, files, record)
    answer.take(check_grades, document, content, manifest, logs, number, entry, record)


def read_file_or_stop(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bundle", nargs="?")
    parser.add_argument("--cases")
    parser.add_argument("--key", action="append", default=[], dest="keys")
    parser.add_argument("--witness", action="append", default=[], dest="witnesses")
    parser.add_argument("--since")
    parser.add_argument("--school")
    parser.add_argument("--now")
    options = parser.parse_args()
    if options.cases:
        with open(options.cases, encoding="utf-8") as cases:
            for line in cases:
                question = json.loads(line)
                print(json.dumps(verify(read_file_or_stop(question["bundle"]), question)))
        return
    question = vars(options)
    if options.since:
        question["since"] = read_file_or_stop(options.since).decode()
    question["now"] = options.now or datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = verify(read_file_or_stop(options.bundle), question)
    print(json.dumps(answer, indent=2))
    sys.exit({"holds": 0, "fails": 1, "unidentified": 2, "no_bundle": 2}[answer["outcome"]])


if __name__ == "__main__":
    main()
