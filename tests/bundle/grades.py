"""A second grader of claims, written from docs/claims.md ("A grade, step by step"), with Python's standard library alone.

Small and naive: every claim goes over every entry anew. It shares no code with the first and is for tests: where the two
disagree, the text or one of them is wrong. All kinds of claims are graded.

    grade_all(charter, digest, entries, as_of)   claim -> (grade, {plane: (grade, counts or None)})
    grades.py FILE                               one such question a line, one answer a line

`charter`: the `content` of charter.json. `entries`: (number, entry) in the order of the ledger. Times are nanoseconds since 1970.
"""

import calendar
import datetime
import hashlib
import json
import re
import sys

SECOND = 10**9
HOUR = 3600 * SECOND
DAY = 24 * HOUR
WINDOW = 30 * DAY
NEVER = 2**80  # later than any time

GRADES = ["enforced", "monitored", "attested", "unverified", "broken"]  # from best to worst
PLANES = ["gateway", "browser", "vendor_form", "staff_tool", "infrastructure", "database", "mail"]

STORES = ["database", "infrastructure", "staff_tool"]
MACHINES = ["infrastructure", "database", "mail", "staff_tool"]
VIEWS = ["browser", "staff_tool", "vendor_form", "mail"]
ALL_PROGRAMS = ["scan", "probe", "crawl"]

# kind: what messages show, programs, planes, best grade
KINDS = {
    "shares": ("enforce", ALL_PROGRAMS, [], "enforced"),
    "never_shares": ("enforce", ALL_PROGRAMS, [], "enforced"),
    "list_complete": ("enforce", ALL_PROGRAMS, [], "enforced"),
    "aggregates_only": ("count for", ALL_PROGRAMS, [], "monitored"),
    "collects": (None, ["scan", "probe"], STORES, "monitored"),
    "not_stored": (None, ["scan", "probe"], STORES, "enforced"),
    "stored_as": (None, ["scan", "probe"], STORES, "enforced"),
    "stored_in": (None, ["scan", "probe"], MACHINES, "enforced"),
    "encrypted_in_transit": (None, ["probe"], MACHINES, "enforced"),
    "encrypted_at_rest": (None, ["probe"], MACHINES, "enforced"),
    "retained_for": (None, ["probe"], STORES, "enforced"),
    "erased_on": (None, ["probe"], STORES, "enforced"),
    "visible_to": (None, ["probe", "crawl"], VIEWS, "enforced"),
    "hidden_from": (None, ["probe", "crawl"], VIEWS, "enforced"),
    "needs_consent": ("enforce", ALL_PROGRAMS, [], "enforced"),
    "exempt_from": ("count for", ALL_PROGRAMS, [], "monitored"),
    "performed_every": (None, ALL_PROGRAMS, ["infrastructure"], "monitored"),
    "holds_certificate": (None, [], [], "attested"),
    "complies_with": (None, [], [], "attested"),
    "acts_as": (None, [], [], "attested"),
    "retired_since": ("by absence", ALL_PROGRAMS, [], "monitored"),
    "embeds_only": ("only against", ["scan", "crawl"], ["browser"], "monitored"),
    "contract_says": (None, [], [], "attested"),
    "offers": (None, ["probe", "crawl"], VIEWS, "monitored"),
    "statement": (None, [], [], "attested"),
}

LOOKED_FOR = [
    "contact.email", "contact.email_hash", "contact.phone", "identity.name.full", "account.username", "account.id",
    "edu.student_id.local", "guardian.name", "guardian.email", "guardian.phone",
]

ACTIVITIES = {
    "marketing": ["marketing."],
    "advertising": ["marketing.targeted"],
    "profiling": ["profile.", "marketing.targeted"],
    "card_payment": ["ops.finance"],
}

OF_A_GATE = ["intent", "refusal", "outcome", "fault", "directory", "consent", "watch", "heartbeat", "cut_off"]


def covers(outer, inner):
    return inner == outer or inner.startswith(outer + ".")


def any_covers(outers, inner):
    return any(covers(outer, inner) for outer in outers)


# --- Times ---------------------------------------------------------------------------------------------------------

TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


def moment(text):
    """Nanoseconds since 1970; None for what is no time."""
    match = TIME.fullmatch(text) if isinstance(text, str) else None
    try:
        read = datetime.datetime.strptime(match[1] + "+0000", "%Y-%m-%dT%H:%M:%S%z") if match else None
    except ValueError:
        return None
    return int(read.timestamp()) * SECOND + int((match[2] or "0").ljust(9, "0")) if read else None


def day(text):
    try:
        return datetime.date.fromisoformat(text)
    except (ValueError, TypeError):
        return None


def day_of(time):
    return datetime.datetime.fromtimestamp(time // SECOND, datetime.timezone.utc).date()


PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII)


def period(text):
    """Months, days, seconds."""
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in PERIOD.fullmatch(text).groups())
    return years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60 + seconds


def seconds_of(months, days, seconds):
    return months * 2_629_800 + days * 86_400 + seconds


def later(first, months, days, seconds):
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    if year > 9999:
        return datetime.date.max
    last = calendar.monthrange(year, month + 1)[1]
    try:
        return datetime.date(year, month + 1, min(first.day, last)) + datetime.timedelta(days + -(-seconds // 86_400))
    except OverflowError:
        return datetime.date.max


def freshness(claim):
    """The shortest period after which it has to be shown again; None where nobody says."""
    texts = [claim.get("period") if claim["kind"] == "performed_every" else None, (claim.get("evidence") or {}).get("every")]
    periods = [period(text) for text in texts if text]
    return min((p for p in periods if p != (0, 0, 0)), key=lambda p: (seconds_of(*p), p), default=None)


# --- Hosts ---------------------------------------------------------------------------------------------------------


def host_matches(pattern, host):
    def label(text):
        return "".join("[^.]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", text))

    suffix = pattern.startswith("*.")
    labels = r"\.".join(label(part) for part in pattern.removeprefix("*.").split("."))
    return re.fullmatch((r".+\." if suffix else "") + labels, host, re.DOTALL) is not None


def recipients_of_host(charter, host):
    """Those with the most specific pattern that matches."""
    host = host.rstrip(".").lower()
    found = []
    for name, recipient in charter["recipients"].items():
        for pattern in recipient["hosts"]:
            pattern = pattern.lower()
            exact = "*" not in pattern and "{" not in pattern
            rank = (2, 0) if exact else (int(not pattern.startswith("*.")), len(pattern.encode()) - pattern.count("*"))
            if pattern == host if exact else host_matches(pattern, host):
                found.append((rank, name))
    best = max((rank for rank, _ in found), default=None)
    return {name for rank, name in found if rank == best}


# --- Messages ------------------------------------------------------------------------------------------------------


def messages_of(entries):
    """Messages with all of their findings and what became of them, each once: a list of dictionaries."""
    messages, open_findings, seen, by_id = [], {}, {}, {}
    for number, entry in entries:
        kind = entry["kind"]
        if kind == "run":
            open_findings.clear()
        elif kind == "findings":
            open_findings.setdefault(entry["id"], []).append(entry)
        elif kind == "outcome" and entry["result"] in ("answered", "sent", "not_sent"):
            for message in by_id.pop(entry["id"], []):
                message["not_sent"] = entry["result"] == "not_sent"
        elif kind in ("intent", "refusal") and entry["plane"] in PLANES:
            message = whole(entry, open_findings)
            message["number"] = number
            if not is_repeated(message, seen):
                messages.append(message)
                if kind == "intent":
                    by_id[entry["id"]] = [message]
    return messages


def whole(entry, open_findings):
    """The message with the findings that stand in entries before it."""
    missing, findings, unreadable = entry.get("preceded_by", 0), [], []
    if missing:
        for part in open_findings.pop(entry["id"], []):
            findings += part.get("findings", [])
            unreadable += part.get("unreadable", [])
            missing = max(missing - 1, 0)
    findings = findings + entry.get("findings", [])
    unreadable = unreadable + entry.get("unreadable", [])
    return {
        **entry, "findings": findings, "unreadable": unreadable, "missing": missing, "time": moment(entry["at"]),
        "refused": entry["kind"] == "refusal", "not_sent": False,
    }


def is_repeated(message, seen):
    members = ["id", "recipient", "host", "plane", "mode", "purpose"]
    of_finding = ["element", "subject", "treated", "treatment", "reason", "rule", "consent_version"]
    mark = (message["refused"], message["missing"], len(message["unreadable"]), *(message.get(name) for name in members))
    mark += tuple(tuple(finding.get(name) for name in of_finding) for finding in message["findings"])
    before, now = seen.get(mark), message["time"]
    seen[mark] = now
    return before is not None and now is not None and abs(now - before) <= 600 * SECOND


def is_heard(claim, message, charter, read_claims):
    """Whether a message says something about a claim, and whether nobody declares its host."""
    named = message.get("recipient")
    if named is not None and any(other.get("recipient") == named for other in read_claims):
        return claim.get("recipient") in (None, named), False
    recipients = recipients_of_host(charter, message["host"])
    return claim.get("recipient") is None or claim["recipient"] in recipients, not recipients


def read_message(claim, message, undeclared_host, charter):
    """What a message says about a claim: against, unreadable, unattributed, not_enforced."""
    kind, refused = claim["kind"], message["refused"]
    unreadable = bool(message["unreadable"]) or message["missing"] > 0
    report = message["mode"] == "report"
    if kind == "shares":
        recipient = charter["recipients"].get(claim["recipient"])
        against = any(undeclared(recipient, finding, refused) for finding in message["findings"])
        return against, unreadable, False, report
    if kind == "list_complete":
        unlisted = message.get("recipient") is None
        against = unlisted and undeclared_host
        return against, False, undeclared_host and not unlisted, against and report
    if kind == "retired_since":
        first = day(claim["date"])
        begin = calendar.timegm(first.timetuple()) * SECOND
        return message["time"] is None or message["time"] >= begin, False, False, report
    if kind == "embeds_only":
        return not host_matches(claim["host"].lower(), message["host"]), False, False, report
    found = [finding for finding in message["findings"] if is_spoken_of(claim, message, finding, charter)]
    subjects = claim.get("subjects") or []
    theirs = [f for f in found if f.get("subject") is not None and (not subjects or any_covers(subjects, f["subject"]))]
    return bool(theirs), unreadable, any(f.get("subject") is None for f in found), report


def undeclared(recipient, finding, refused):
    if finding["reason"] == "unknown_host":
        rows = recipient["discloses"] if recipient else []
        rows = [row for row in rows if row["treatment"] == "pass" and any_covers(row["elements"], finding["element"])]
        subject = finding.get("subject")
        return not any(subject is None or any_covers(row["subjects"], subject) for row in rows)
    if refused:
        return finding["treatment"] == "block"
    return finding["treatment"] != "pass" and finding["treated"] != finding["treatment"]


def is_spoken_of(claim, message, finding, charter):
    elements = claim.get("elements") or [] if claim["kind"] != "exempt_from" else []
    if not message["refused"] and finding["treated"] == "drop":
        return False
    if elements and not any_covers(elements, finding["element"]):
        return False
    recipient = charter["recipients"].get(message.get("recipient"))
    if claim["kind"] == "needs_consent":
        return is_without_consent(claim, recipient, finding)
    if claim["kind"] == "exempt_from" and claim.get("recipient") is None:
        said = [message["purpose"]] if message.get("purpose") is not None else []
        return serves_only(claim["activity"], said) or serves_only(claim["activity"], recipient["purposes"] if recipient else [])
    return True


def is_without_consent(claim, recipient, finding):
    if finding.get("consent_version") is not None:
        return False
    if claim.get("recipient") is not None and claim.get("elements"):
        return True
    rows = [row for row in (recipient["discloses"] if recipient else []) if row["when"] == "consent:" + claim["consent"]]
    rows = [row for row in rows if any_covers(row["elements"], finding["element"])]
    return any(finding["reason"] == "consent_missing" or finding.get("rule") == row["rule"] for row in rows)


def serves_only(activity, purposes):
    known = ACTIVITIES.get(activity, [])
    return bool(purposes) and all(
        any(purpose == one or one.endswith(".") and purpose.startswith(one) for one in known) for purpose in purposes
    )


def is_read(claim):
    """Whether messages say anything about a claim."""
    if claim["kind"] == "aggregates_only" and not claim.get("elements") and claim.get("recipient") is None:
        return False
    if claim["kind"] == "shares" and claim.get("recipient") is None:
        return False
    return KINDS[claim["kind"]][0] is not None


def count_messages(claim, charter, messages, read_claims, now):
    """Counts per plane on which there ever was a message."""
    counts = {}
    first, last = (now - WINDOW) // HOUR, now // HOUR
    for message in messages if is_read(claim) else []:
        heard, undeclared_host = is_heard(claim, message, charter, read_claims)
        if not heard:
            continue
        names = ["observed", "refused", "not_sent", "contrary", "unreadable", "unattributed", "not_enforced"]
        own = counts.setdefault(message["plane"], dict.fromkeys(names, 0))
        against, unreadable, unattributed, not_enforced = read_message(claim, message, undeclared_host, charter)
        took_back = message["not_sent"] and (against or unreadable or unattributed)
        hour = NEVER if message["time"] is None else message["time"] // HOUR
        if hour >= first and not message["refused"] and not took_back:
            own["contrary"] += against
            own["unreadable"] += unreadable
            own["unattributed"] += unattributed
        if first <= hour <= last:
            own["observed"] += 1
            own["refused"] += message["refused"]
            own["not_sent"] += took_back
            own["not_enforced"] += not_enforced
    return counts


# --- When a gate watched -------------------------------------------------------------------------------------------


def watched(entries, now):
    """Nanoseconds watched within the window, and since the first beginning."""
    stretches, begun, last, beats, firsts = [], None, None, False, []
    for _, entry in entries:
        at, kind = moment(entry["at"]), entry["kind"]
        if at is None or kind not in OF_A_GATE:
            continue
        word = entry.get("watch") if kind == "watch" else None
        silent = beats and begun is not None and at - last > HOUR // 2
        if word == "begun":
            stretches.append((begun, last))
            begun, last, beats = at, at, False
        elif word == "ended":
            stretches.append((begun, last if silent else at))
            begun = None
        elif silent:
            stretches.append((begun, last))
            begun = at
        if kind == "heartbeat":
            beats = True
            begun = at if begun is None else begun
        if kind == "heartbeat" or word == "begun":
            firsts.append(at)
        last = at
    stretches.append((begun, last))
    return union(stretches, now), now - max(min(firsts), now - WINDOW) if firsts and min(firsts) <= now else 0


def union(stretches, now):
    total, reached = 0, now - WINDOW
    whole = [(b, e) for b, e in stretches if b is not None and e is not None and b < e <= now + HOUR // 2]
    for begin, end in sorted(whole):
        begin, end = max(begin, reached), min(end, now)
        if begin < end:
            total, reached = total + end - begin, end
    return total


def has_gaps(watch, parts):
    gaps = max(watch[1] - watch[0], 0)
    return gaps > HOUR and gaps * parts > watch[1]


# --- What programs measured and people vouch for -------------------------------------------------------------------


def testimony(claim, entries, now):
    """Looks by program and plane, and attestations that stand, each in the order of what they are about."""
    looks, vouched, seen, void = {}, [], set(), {}
    for number, entry in entries:
        at = moment(entry["at"])
        if entry["kind"] == "correction" and entry.get("void"):
            void.setdefault(entry["entry"], at)
        if entry["kind"] not in ("measurement", "attestation") or entry["claim"] != claim:
            continue
        is_new = entry["id"] not in seen
        seen.add(entry["id"])
        if entry["kind"] == "measurement":
            if is_new or entry["contrary"] > 0:
                keep_look(looks, entry, number, at)
        elif is_new or entry["finds"] != "holds":
            vouched.append((day(entry["performed_on"]) or datetime.date.max, number, at, entry))
    stand = [v for v in vouched if v[1] not in void or is_still_against(v, void[v[1]], now)]
    return looks, sorted(stand, key=lambda v: v[:2])


def claim_version(claim):
    """Digest of what the claim says, whatever the words."""
    dropped = ["id", "said", "evidence"] + ([] if claim["kind"] == "statement" else ["sentence"])
    said = {name: value for name, value in claim.items() if name not in dropped}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def is_of(one, version):
    return one[3].get("claim_version") in (None, version)


def is_still_against(vouched, corrected_at, now):
    return vouched[3]["finds"] != "holds" and (corrected_at is None or corrected_at > now)


def keep_look(looks, entry, number, at):
    until, plane = moment(entry["until"]), entry.get("plane") if entry.get("plane") in PLANES else None
    own = looks.setdefault((entry["by"], plane), [])
    own.append((NEVER if until is None else until, number, NEVER if at is None else at, entry))
    own.sort(key=lambda look: look[:2])
    if len(own) > 128:
        own.pop(next((place for place, look in enumerate(own) if look[3]["contrary"] == 0), 0))


def is_clean(look):
    entry = look[3]
    whole_look = entry["observed"] > 0 and not entry.get("unreadable", 0) and not entry.get("unseen", 0)
    return whole_look and entry["contrary"] == 0 and not any(
        place.endswith("somebody vouches for it") for place in entry.get("places", [])
    )


def is_past(look, now):
    return look[0] <= now and look[2] <= now


def unmended(looks, now):
    """The last look against the claim behind the last one that was whole and clean."""
    mended = max((place for place, look in enumerate(looks) if is_clean(look) and is_past(look, now)), default=-1)
    return next((look for look in reversed(looks[mended + 1 :]) if look[3]["contrary"] > 0), None)


def vouch(claim, vouched, now):
    """`holds`, `past`, `against` or `nobody`."""
    today = day_of(now)
    against = next((v for v in reversed(vouched) if v[3]["finds"] != "holds"), None)
    for_it = [
        v for v in vouched
        if v[3]["finds"] == "holds" and v[2] is not None and v[2] <= now and v[0] <= today
        and (against is None or v[:2] > against[:2])
    ]
    if any(last_day(claim, v) >= today for v in for_it):
        return "holds"
    return "past" if for_it else "against" if against else "nobody"


def last_day(claim, vouched):
    performed, entry, due = vouched[0], vouched[3], freshness(claim)
    named = [later(performed, *due)] if due else []
    if entry.get("valid_until") is not None:
        named.append(day(entry["valid_until"]) or datetime.date.min)
    last = min(named) if named else later(performed, 0, 366, 0)
    until = day(claim.get("until")) if claim["kind"] == "holds_certificate" and claim.get("until") else None
    return min(last, until) if until else last


# --- Grades --------------------------------------------------------------------------------------------------------


class Claim:
    """Everything that the grade of one claim rests on."""

    def __init__(self, claim, charter, digest, counts, watch, in_force, looks, now):
        self.claim, self.charter, self.digest, self.counts = claim, charter, digest, counts
        self.watch, self.in_force, self.looks, self.now = watch, in_force, looks, now
        self.shows, self.programs, self.places, self.best = KINDS[claim["kind"]]
        self.is_flow = not self.places and self.best != "attested"
        self.recipient = charter["recipients"].get(claim.get("recipient"))

    def of_list(self):
        return self.claim["kind"] == "needs_consent" and self.claim.get("recipient") is None

    def asks(self, recipient):
        return any(row["when"] == "consent:" + self.claim["consent"] for row in recipient["discloses"])

    def gets_unasked(self, recipient):
        if recipient["role"] not in ("controller", "joint_controller"):
            return False

        def meet(ours, theirs):
            return any(covers(a, b) or covers(b, a) for a in ours for b in theirs)

        elements, subjects = self.claim.get("elements") or [], self.claim.get("subjects") or []
        return any(
            row["when"] in ("always", "incidental")
            and (not subjects or not row["subjects"] or meet(subjects, row["subjects"]))
            and (not elements or meet(elements, row["elements"]))
            for row in recipient["discloses"]
        )

    def others_unasked(self, plane):
        all_of_them = self.charter["recipients"].values() if self.of_list() else []
        return any(plane in other["planes"] and self.gets_unasked(other) for other in all_of_them)

    def concerns(self, plane):
        if not self.is_flow:
            return self.places[:1] == [plane]
        if self.claim.get("recipient") is not None:
            return self.recipient is not None and plane in self.recipient["planes"]
        everybody = self.charter["recipients"].values()
        rests = [other for other in everybody if not self.of_list() or self.asks(other)]
        return plane == "gateway" or self.others_unasked(plane) or any(plane in other["planes"] for other in rests)

    def nothing_looks_for(self):
        kind, elements = self.claim["kind"], self.claim.get("elements") or []
        if kind == "never_shares" or kind in ("aggregates_only", "needs_consent") and elements:
            return not any(any_covers(elements, one) for one in LOOKED_FOR)
        return False

    def groups(self, plane):
        """Looks of each program here, and whether they count for the claim."""
        home = self.places[0] if self.places else "gateway" if self.is_flow else "infrastructure"
        for (by, named), looks in self.looks.items():
            counts = (plane in self.places or self.is_flow and named is not None) and by.split(".")[0] in self.programs
            if (named or home) == plane and (counts or unmended(looks, self.now)):
                yield looks, counts

    def plane(self, plane):
        """Grade and whether nothing was measured there; None when the claim does not concern it."""
        seen, groups = self.counts.get(plane), list(self.groups(plane))
        is_shown = seen is not None and (seen["contrary"] > 0 or self.shows != "only against")
        if not (is_shown or groups or self.concerns(plane)):
            return None
        grade, is_gap = self.verdict(plane, seen, groups)
        is_better = GRADES.index(grade) < GRADES.index("unverified")
        if not self.concerns(plane) and not is_shown and (is_gap or is_better):
            return None
        return max(grade, self.best, key=GRADES.index), is_gap

    def verdict(self, plane, seen, groups):
        if any(unmended(looks, self.now) for looks, _ in groups) or seen and seen["contrary"] > 0:
            return "broken", False
        if self.others_unasked(plane):
            return "unverified", True
        if plane == "gateway" and self.is_flow:
            return self.gateway(seen)
        last = [[look for look in looks if is_past(look, self.now)][-1:] for looks, counts in groups if counts]
        last = [look for looks in last for look in looks]
        due = freshness(self.claim)
        counts_for = seconds_of(*due) * SECOND if due else WINDOW
        fresh = [look for look in last if self.now - look[0] <= counts_for]
        if any(not is_clean(look) for look in fresh):
            return "unverified", False
        if not fresh or self.nothing_looks_for():
            return "unverified", True
        return ("enforced" if any(look[3].get("enforcing") for look in fresh) else "monitored"), False

    def gateway(self, seen):
        if self.shows == "by absence":
            unclear = self.watch[0] < DAY or has_gaps(self.watch, 10)
            return ("unverified", True) if unclear else ("monitored", False)
        if self.of_list() and not any(self.asks(other) for other in self.charter["recipients"].values()):
            return "unverified", True
        if seen is None:
            return "unverified", True
        if self.nothing_looks_for() or seen["observed"] - seen["not_sent"] <= 0:
            return "unverified", seen["unreadable"] == 0 and seen["unattributed"] == 0
        is_unattributed = self.claim["kind"] not in ("shares", "list_complete") and seen["unattributed"] > 0
        if seen["unreadable"] > 0 or is_unattributed or has_gaps(self.watch, 2):
            return "unverified", False
        mode = self.recipient["mode"] if self.recipient else self.charter["unknown_hosts"]
        other_charter = self.in_force is not None and self.in_force != self.digest
        held = self.shows != "enforce" or mode == "report" or seen["not_enforced"] > 0 or other_charter
        return ("monitored" if held or has_gaps(self.watch, 10) else "enforced"), False


def grade_all(charter, digest, entries, as_of):
    entries = list(entries)
    messages, watch = messages_of(entries), watched(entries, as_of)
    loaded = [entry["charter"] for _, entry in entries if entry["kind"] == "charter"]
    read_claims = [claim for claim in charter["claims"].values() if is_read(claim)]
    graded = {}
    for name, claim in charter["claims"].items():
        counts = count_messages(claim, charter, messages, read_claims, as_of)
        looks, vouched = testimony(name, entries, as_of)
        version = claim_version(claim)
        looks = {at: [look for look in own if look[3]["contrary"] > 0 or is_of(look, version)] for at, own in looks.items()}
        vouched = [one for one in vouched if one[3]["finds"] != "holds" or is_of(one, version)]
        one = Claim(claim, charter, digest, counts, watch, loaded[-1] if loaded else None, looks, as_of)
        graded[name] = overall(one, vouch(claim, vouched, as_of))
    return graded


def overall(claim, word):
    planes = {}
    for plane in PLANES:
        found = claim.plane(plane)
        if found is not None:
            grade, is_gap = found
            fills = word == "holds" and is_gap and grade == "unverified"
            planes[plane] = ("attested" if fills else grade, claim.counts.get(plane))
    worst = max((grade for grade, _ in planes.values()), key=GRADES.index, default=None)
    if word == "against":
        return "broken", planes
    return worst or ("attested" if word == "holds" else "unverified"), planes


def main():
    with open(sys.argv[1], encoding="utf-8") as questions:
        for line in questions:
            asked = json.loads(line)
            entries = list(enumerate(asked["entries"]))
            graded = grade_all(asked["charter"], asked["digest"], entries, moment(asked["as_of"]))
            print(json.dumps({name: [grade, shown(planes)] for name, (grade, planes) in graded.items()}))


def shown(planes):
    names = ["observed", "contrary", "unreadable"]
    return {plane: [grade, counts and [counts[name] for name in names]] for plane, (grade, counts) in planes.items()}


if __name__ == "__main__":
    main()
