"""The register in a bundle again: the files that a charter gives, and what a charter must be for them to give it back.

Written from docs/bundle.md and docs/register.md. The layout of the files is read from docs/bundle.md itself, the words from the
catalog (crates/averment-catalog/data). It shares no code with the first and is for tests. Left out are the rules about keys,
links and erasure inside a data map and those about the organisation's own domains and mailboxes.

    comes_back(files, canonical)   whether the register files of a bundle and its charter.json make each other
"""

import datetime
import functools
import json
import pathlib
import re
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "crates/averment-catalog/data"
PLANES = ["gateway", "browser", "vendor_form", "staff_tool", "infrastructure", "database", "mail"]
ROLES = ["processor", "subprocessor", "controller", "joint_controller", "conduit"]
MODES = ["report", "enforce"]

# Members that every object of a charter has beside those that it may have; `?` behind one that may be null.
NEEDED = {
    "documents": "id title url?",
    "recipients": "id name third_parties purpose purposes information planes role student_records mode unreadable hosts"
    " discloses said?",
    "discloses": "rule elements subjects when treatment",
    "receives": "elements subjects when",
    "transfers": "to safeguard",
    "onward": "name",
    "claims": "id kind recipient? sentence said?",
    "said": "document line",
    "evidence": "owner every",
    "controllers": "id name",
    "agreement": "form",
    "removes": "elements",
    "shortens": "claim duration",
    "hides": "elements viewers",
    "data": "id engine owner",
}
# What the charter has and the files do not.
DERIVED = {"recipients": ["id"], "discloses": ["rule"], "claims": ["recipient"], "controllers": ["id"], "data": ["id"]}
# What the files have and an object of the charter does not.
FILES_ONLY = {"recipient", "controller", "store"}
MAY_BE_EMPTY = {"third_parties", "purposes", "hosts", "discloses", "documents"}
PERIODS = {"duration", "deletion", "breach_notice", "notice", "period", "every"}
WORDS = {
    "basis": "basis", "safeguard": "safeguard", "terms": "term", "term": "term", "own_use": "own_use", "unless": "exception",
    "viewers": "viewer", "off_by": "giver", "giver": "giver", "activity": "activity", "certificate": "certificate",
    "regimes": "regime", "offer": "offer", "after": "trigger",
}
CHOICES = {
    "planes": PLANES, "mode": MODES, "unknown_hosts": MODES, "unreadable": ["refuse", "forward"],
    "pseudonyms_in_answers": ["turn_back"], "student_records": ["none", "technical", "content", "possible", "yes"],
    "treatment": ["pass", "generalise", "mask", "pseudonym", "hash", "drop", "block"],
    "engine": ["postgresql", "mysql", "mariadb", "sqlite", "s3", "files"], "owner": ["person", "school", "organisation"],
    "holds": ["free_text", "secret"], "on_erase": ["delete", "null", "mask", "pseudonymise", "keep"],
}
ELEMENTS = {"elements", "except", "sensitive", "directory_information", "element"}
PLACES = {"territories", "countries", "to", "country", "places"}
RECIPIENTS = {"through", "runs_on", "off", "recipients"}

# kind: parameters that it needs, that it may have, where it stands (anywhere, of a recipient, of the list)
CLAIMS = {
    "never_shares": ("elements subjects", "", ""),
    "list_complete": ("", "unless", "list"),
    "aggregates_only": ("", "elements subjects", ""),
    "collects": ("elements when", "subjects", "list"),
    "not_stored": ("elements", "subjects", ""),
    "stored_as": ("elements form", "subjects", ""),
    "stored_in": ("places", "elements subjects", ""),
    "encrypted_in_transit": ("", "elements", ""),
    "encrypted_at_rest": ("", "elements", ""),
    "retained_for": ("duration after", "elements subjects", ""),
    "erased_on": ("after duration", "elements subjects except", ""),
    "visible_to": ("elements viewers when", "subjects off_by", ""),
    "hidden_from": ("viewers", "elements subjects unless", ""),
    "needs_consent": ("consent giver", "elements subjects", ""),
    "exempt_from": ("activity subjects", "", ""),
    "performed_every": ("activity", "period", ""),
    "holds_certificate": ("certificate", "until", ""),
    "complies_with": ("regimes", "", ""),
    "acts_as": ("role", "", ""),
    "retired_since": ("date", "", "recipient"),
    "embeds_only": ("host", "", "recipient"),
    "contract_says": ("term", "", ""),
    "offers": ("offer", "url", ""),
    "statement": ("", "", ""),
}


class Wrong(Exception):
    """No register gives this charter."""


def need(holds):
    if not holds:
        raise Wrong


# --- The layout, as docs/bundle.md has it --------------------------------------------------------------------------


@functools.cache
def layout():
    """Shape to its fields in order, each with what it holds: one line, a date, a line, tables or rows of a shape."""
    text = (ROOT / "docs/bundle.md").read_text(encoding="utf-8")
    block = text.split("<!-- layout -->\n```\n")[1].split("```")[0]
    forms = {"": "line", "@": "date", "{": "inline", "[": "table", "[[": "rows", ":": "texts", "<": "named"}
    shapes = {}
    for line in re.sub(r"\n +", " ", block).strip().split("\n"):
        shape, *fields = line.split()
        marks = [re.fullmatch(r"(\[\[|\[|\{|<|)([a-z_]+)([@:]?)[\]}>]*", field) for field in fields]
        shapes[shape] = [(mark[2], forms[mark[1] or mark[3]]) for mark in marks]
    return shapes


# --- A charter to files --------------------------------------------------------------------------------------------


def files_of(content):
    """The text of every register file, by name."""
    own = {}
    for _, claim in sorted(content["claims"].items()):
        if claim["kind"] != "shares":
            own.setdefault(claim["recipient"], []).append({**claim, "id": claim["id"].rsplit("/", 1)[-1]})
    files = {"organisation.toml": table({**content, "defaults": content}, "organisation")}
    for name, recipient in content["recipients"].items():
        hosts = [host for host in recipient["hosts"] if host not in catalog_hosts(recipient["third_parties"])]
        rows = {"recipient": name, "hosts": hosts, "claims": own.pop(name, [])}
        files[f"recipients/{name}.toml"] = table({**recipient, **rows}, "recipients")
    if None in own:
        files["claims/list.toml"] = table({"claims": own.pop(None)}, "list")
    need(not own)
    for name, controller in content.get("controllers", {}).items():
        files[f"controllers/{name}.toml"] = table({**controller, "controller": name}, "controllers")
    for name, store in content.get("data", {}).items():
        files[f"data/{name}.toml"] = table({**store, "store": name}, "data")
    return files


def table(value, shape):
    text = lines(value, shape)
    for name, form in layout()[shape]:
        found = value.get(name)
        if form == "table" and found is not None:
            inner = lines(found, name)
            text += f"\n[{name}]\n{inner}" if inner or name == "contract" else ""
        for row in found or [] if form == "rows" else []:
            text += f"\n[[{name}]]\n" + lines(row, name) + named(row, name)
    return text


def lines(value, shape):
    text = ""
    for name, form in layout()[shape]:
        found = value.get(name)
        if found is None or found == [] and name != "third_parties" or form in ("table", "rows", "named"):
            continue
        forms = {"date": str, "inline": lambda found: inline(found, name), "texts": texts}
        text += f"{name} = {forms.get(form, scalar)(found)}\n"
    return text


def named(row, shape):
    text = ""
    for name, form in layout()[shape]:
        if form == "named" and name in row:
            text += f"\n[{shape}.{name}]\n"
            text += "".join(f"{key(word)} = {inline(found, name)}\n" for word, found in sorted(row[name].items()))
    return text


def inline(value, shape):
    return braces(f"{name} = {scalar(value[name])}" for name, _ in layout()[shape] if value.get(name) is not None)


def texts(value):
    return braces(f"{key(word)} = {scalar(text)}" for word, text in sorted(value.items()))


def braces(parts):
    return "{ " + ", ".join(parts) + " }"


def key(word):
    return word if re.fullmatch("[A-Za-z0-9_-]+", word) else scalar(word)


def scalar(value):
    if isinstance(value, list):
        return "[" + ", ".join(scalar(item) for item in value) + "]"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub("[\x00-\x1f\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04X}", escaped) + '"'


# --- The catalog ---------------------------------------------------------------------------------------------------


@functools.cache
def rows_of(name):
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


@functools.cache
def ids_of(name, table):
    return {row["id"] for row in rows_of(name)[table]}


@functools.cache
def elements():
    parts = [row.split(".") for row in ids_of("elements", "element")]
    return {".".join(part[:end]) for part in parts for end in range(1, len(part) + 1)}


@functools.cache
def words(vocabulary):
    return {row["id"] for row in rows_of("words")["word"] if row["vocabulary"] == vocabulary}


@functools.cache
def places():
    return {row["code"] for row in rows_of("countries")["country"]} | {"EU", "EEA"}


def is_id(text):
    return re.fullmatch("[a-z0-9][a-z0-9._/-]{0,99}", text) is not None


@functools.cache
def party_hosts(party):
    need(is_id(party) and "/" not in party)
    file = DATA / f"third-parties/{party}.toml"
    need(file.is_file())
    return [host["pattern"].lower() for host in tomllib.loads(file.read_text(encoding="utf-8")).get("hosts", [])]


def catalog_hosts(parties):
    return {host for party in parties for host in party_hosts(party) if is_host(host)}


def is_host(pattern):
    rest = pattern.removeprefix("*.")
    labels = rest.split(".")
    wide = (rest != pattern or "{" in rest) and len(labels) < 2
    fits = all(
        re.fullmatch(r"(?:[a-z0-9_-]|\{[a-z0-9_-]*\})+", label)
        and not label.startswith("-")
        and not label.endswith("-")
        and (len(label) <= 63 or "{" in label)
        for label in labels
    )
    return fits and not wide and len(pattern) <= 253


# --- What a charter must be ----------------------------------------------------------------------------------------


def object_fits(value, shape, content, needed=None, may=None):
    """Members that there must be and no others, none of those that may be missing empty, each of them as it must be."""
    wanted = (NEEDED.get(shape, "") if needed is None else needed).split()
    nullable = {name[:-1] for name in wanted if name.endswith("?")}
    wanted = {name.rstrip("?") for name in wanted}
    known = {name for name, _ in layout()[shape]} - FILES_ONLY if may is None else set(may.split())
    need(isinstance(value, dict) and wanted <= set(value) <= known | wanted | set(DERIVED.get(shape, [])))
    for name, found in value.items():
        if found is None:
            need(name in nullable)
        elif name not in DERIVED.get(shape, []) and not (shape == "claims" and name == "kind"):
            member_fits(name, found, shape, content)


def member_fits(name, found, shape, content):
    form = dict(layout()[shape])[name]
    need(found not in ([], {}, "") or name in MAY_BE_EMPTY)
    if form == "rows":
        need(isinstance(found, list))
        for row in found if name != "claims" else []:
            object_fits(row, name, content)
    elif form in ("table", "inline"):
        object_fits(found, name, content)
    elif form == "named":
        for row in found.values():
            object_fits(row, name, content)
    elif form == "date":
        need(str(datetime.date.fromisoformat(found)) == found)
    elif form == "texts":
        texts_fit(name, found)
    elif isinstance(found, list):
        order = PLANES.index if name == "planes" else str
        need(len(set(found)) == len(found) and sorted(found, key=order) == found)
        for one in found:
            word_fits(name, one, shape, content)
    else:
        word_fits(name, found, shape, content)


def texts_fit(name, found):
    for word, text in found.items():
        need(isinstance(text, str) and text.strip())
        need(name != "roles" or text in ids_of("subjects", "subject"))
        need(name != "times" or word in words("trigger"))


def word_fits(name, word, shape, content):
    if name == "line":
        return need(type(word) is int and word > 0)
    need(isinstance(word, str) and word.strip())
    if name in ELEMENTS:
        need(word in elements())
    elif name == "subjects":
        need(word in ids_of("subjects", "subject"))
    elif name == "purposes":
        need(word in ids_of("purposes", "purpose"))
    elif name in PLACES:
        need(word in places())
    elif name in RECIPIENTS:
        need(word in content["recipients"])
    elif name in PERIODS:
        need(period(word) is not None)
    elif name == "when":
        condition_fits(word)
    elif name == "role" and shape != "tables":
        need(word in ROLES)
    elif name == "form":
        need(word in words("agreement" if shape == "agreement" else "form"))
    elif name in CHOICES and (name, shape) != ("owner", "evidence"):
        need(word in CHOICES[name])
    elif name in WORDS:
        need(word in words(WORDS[name]))
    elif name == "document" and shape == "said":
        need(word == "?" or word in [document["id"] for document in content["documents"]])
    elif name in ("hosts", "host"):
        need(is_host(word) and word == word.lower())


def condition_fits(word):
    plain = ["always", "subject_chooses", "subject_enters", "on_support_request", "incidental"]
    kind, colon, name = word.partition(":")
    need(word in plain or colon and kind in ("consent", "act") and is_id(name))


def period(text):
    """Months, days and seconds of a duration in its one spelling; None where it is none."""
    match = re.fullmatch(r"P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?", text)
    if text == "P0D" or not match:
        return (0, 0, 0) if match else None
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    once = [part for part in match.groups() if part is not None]
    spelled = once and all(part[0] != "0" for part in once) and months < 12 and minutes < 60 and seconds < 60
    return (years * 12 + months, days, hours * 3600 + minutes * 60 + seconds) if spelled else None


def never_longer(shorter, longer):
    both = min(shorter[0], longer[0])
    length = lambda parts, days: ((parts[0] - both) * days + parts[1]) * 86400 + parts[2]
    return length(shorter, 31) <= length(longer, 28)


def covers(outer, inner):
    return inner == outer or inner.startswith(outer + ".")


def recipient_fits(name, recipient, content):
    need(recipient["id"] == name and is_id(name) and len(name) <= 60 and not set("/.") & set(name))
    object_fits(recipient, "recipients", content)
    need(catalog_hosts(recipient["third_parties"]) <= set(recipient["hosts"]))
    rows = recipient["discloses"]
    need([row["rule"] for row in rows] == [f"{name}/discloses-{number}" for number in range(1, len(rows) + 1)])
    alike = [(row["elements"], row["subjects"], row["when"]) for row in rows]
    need(all(row not in alike[:number] for number, row in enumerate(alike)))
    can = {"contact.email", "contact.phone", "identity.name.full"}
    need(all(row["treatment"] != "generalise" or set(row["elements"]) <= can for row in rows))
    shares = {"kind": "shares", "recipient": name, "sentence": recipient["information"], "said": recipient["said"]}
    need(content["claims"].get(f"{name}/shares") == {"id": f"{name}/shares", **shares})


def claim_fits(name, claim, content):
    of, local = claim["recipient"], name.partition("/")[2]
    need(claim["id"] == name and is_id(name) and local and "/" not in local and name == f"{of or 'list'}/{local}")
    need(of is None or of in content["recipients"])
    if claim["kind"] == "shares":
        return need(local == "shares" and of is not None)
    needed, may, place = CLAIMS[claim["kind"]]
    need(place != "list" or of is None)
    need(place != "recipient" or of is not None)
    object_fits(claim, "claims", content, f"{NEEDED['claims']} {needed}", f"{may} evidence")
    need(claim["kind"] != "needs_consent" or is_id(claim["consent"]))
    rows = content["recipients"][of]["discloses"] if of and claim["kind"] == "never_shares" else []
    for row in rows:
        meet = lambda field: any(covers(a, b) or covers(b, a) for a in row[field] for b in claim[field])
        need(row["treatment"] in ("drop", "block") or not (meet("elements") and meet("subjects")))


def controller_fits(name, controller, content):
    need(controller["id"] == name and is_id(name) and not set("/.") & set(name))
    object_fits(controller, "controllers", content)
    for row in controller.get("shortens", []):
        claim = content["claims"][row["claim"]]
        need(claim["kind"] in ("retained_for", "erased_on"))
        need(never_longer(period(row["duration"]), period(claim["duration"])))


def store_fits(name, store, content):
    need(store["id"] == name and is_id(name) and not set("/.") & set(name))
    object_fits(store, "data", content)
    names = [row.get("table") or row["prefix"] for row in store.get("tables", [])]
    need(sorted({name.lower() for name in names}) == [name.lower() for name in names])


def content_fits(content):
    needed = {"organisation", "about", "unknown_hosts", "documents", "recipients", "claims"}
    need(needed <= set(content) <= needed | {"controllers", "data"})
    need(content.get("controllers") != {} and content.get("data") != {})
    for name in ("organisation", "unknown_hosts"):
        word_fits(name, content[name], "organisation", content)
    object_fits(content["about"], "about", content)
    member_fits("documents", content["documents"], "organisation", content)
    documents = [document["id"] for document in content["documents"]]
    need(len(set(documents)) == len(documents))
    checks = {"recipients": recipient_fits, "claims": claim_fits, "controllers": controller_fits, "data": store_fits}
    for part, fits in checks.items():
        for name, value in content.get(part, {}).items():
            fits(name, value, content)
    said = [json.dumps({**claim, "id": "", "said": None, "evidence": None}) for claim in content["claims"].values()]
    own = [text for text, claim in zip(said, content["claims"].values()) if claim["kind"] != "shares"]
    need(len(set(own)) == len(own))


def comes_back(files, canonical):
    try:
        charter = json.loads(canonical)
        compact = {"ensure_ascii": False, "separators": (",", ":")}
        content = json.dumps(charter["content"], sort_keys=True, **compact)
        need(set(charter) == {"schema", "content"} and charter["schema"] == "averment.charter/2")
        need(canonical == f'{{"schema":"averment.charter/2","content":{content}}}'.encode())
        content_fits(charter["content"])
        given = {f"register/{name}": text.encode() for name, text in files_of(charter["content"]).items()}
        return given == {name: data for name, data in files.items() if name.startswith("register/")}
    except (Wrong, LookupError, ValueError, TypeError, AttributeError):
        return False
