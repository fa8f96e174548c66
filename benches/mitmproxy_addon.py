"""A redacting addon for mitmproxy: what a team would write in an afternoon, to compare the gate with.

It parses each JSON body, walks all keys and values, looks every token up in a set of the people's identifiers, replaces
those and all e-mail addresses by `***`, and writes the body again. It keeps no ledger, knows no register and reads no
other kind of body: it does less than the gate does, so the comparison leans towards mitmproxy.

    mitmdump -s mitmproxy_addon.py --set people=FILE.csv --set sink=127.0.0.1:PORT [--set redact=false]

`sink`: where every tunnel leads, whatever its host; the host's name is still verified there.
Run by itself, with a people file as the only argument, it checks that it redacts, and exits 1 when it does not.
"""

import csv
import json
import re
import sys

from mitmproxy import ctx, http

TOKEN = re.compile(r"[\w@.+-]+")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
MASK = "***"
# A school or a role says nothing about one person; a birth year would match any number.
NOT_IDENTIFYING = {"role", "birth_year", "school"}


def identifiers(path):
    """Every token of every identifying column, lower case. Words of one or two letters would match prose."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    values = (value for row in rows for column, value in row.items() if column not in NOT_IDENTIFYING)
    return {token.lower() for value in values for token in TOKEN.findall(value or "") if len(token) > 2}


class Redactor:
    """Replaces what it knows in JSON bodies."""

    def __init__(self, known):
        self.known = known

    def body(self, content):
        """The body without identifiers. Raises ValueError when it is not JSON."""
        return json.dumps(self.value(json.loads(content)), ensure_ascii=False, separators=(",", ":")).encode()

    def value(self, value):
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return value

    def text(self, text):
        # Most strings hold nothing: the quick looks first make the addon several times faster.
        if "@" in text:
            text = EMAIL.sub(MASK, text)
        if self.known.isdisjoint(TOKEN.findall(text.lower())):
            return text
        return TOKEN.sub(self.token, text)

    def token(self, match):
        return MASK if match[0].lower() in self.known else match[0]


class Addon:
    """The redactor in mitmproxy's hooks."""

    def load(self, loader):
        loader.add_option("people", str, "", "CSV file of people")
        loader.add_option("sink", str, "", "host:port to which every tunnel leads")
        loader.add_option("redact", bool, True, "whether bodies are redacted")

    def running(self):
        host, port = ctx.options.sink.rsplit(":", 1)
        self.sink = (host, int(port))
        self.redactor = Redactor(identifiers(ctx.options.people)) if ctx.options.redact else None

    def http_connect(self, flow: http.HTTPFlow):
        # Only the tunnel's end moves. The requests inside keep their Host and the server is verified by the client's
        # name (SNI); redirecting each request instead would cost a new upstream connection per request.
        flow.request.host, flow.request.port = self.sink

    def request(self, flow: http.HTTPFlow):
        if self.redactor is None or not flow.request.content:
            return
        try:
            flow.request.content = self.redactor.body(flow.request.content)
        except ValueError:
            flow.response = http.Response.make(415, b"only JSON is let through")


def check(path):
    """True when every e-mail address of the file, an unknown one, and a username are replaced, and nothing else is."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    leaks = [row["email"] for row in rows] + [rows[0]["username"], "someone@elsewhere.example"]
    text = json.dumps({"events": [{"note": f"about {leak}, please", "page": "/lessons/7"} for leak in leaks]})
    redacted = json.loads(Redactor(identifiers(path)).body(text.encode()))
    return redacted["events"] == [{"note": f"about {MASK}, please", "page": "/lessons/7"}] * len(leaks)


if __name__ == "__main__":
    sys.exit(0 if check(sys.argv[1]) else "error: the addon does not redact what it should")

addons = [Addon()]
