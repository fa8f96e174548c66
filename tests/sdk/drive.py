"""Sends each text with one official client: `python drive.py SCRIPT TEXT…`.

A script defines `send(text)`. Prints a line of JSON for each text: {"ok":true} or {"ok":false,"said":…}, what the client
made of the answer.
"""

import json
import os
import runpy
import sys
import threading


def attempt(send, text):
    try:
        send(text)
        result = {"ok": True}
    except BaseException as error:
        said = f"{type(error).__name__}: {error}".replace("\n", " ")
        result = {"ok": False, "said": said[:200]}
    print(json.dumps(result), flush=True)


script, *texts = sys.argv[1:]
send = runpy.run_path(script)["send"]
for text in texts:
    worker = threading.Thread(target=attempt, args=(send, text), daemon=True)
    worker.start()
    worker.join(15)
    if worker.is_alive():
        print(json.dumps({"ok": False, "said": "no answer in time"}), flush=True)
os._exit(0)
