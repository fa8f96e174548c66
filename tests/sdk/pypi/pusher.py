import os

import pusher

client = pusher.Pusher(app_id="1", key="key", secret="secret", cluster="eu", ssl=True)
# It trusts the certificates that it brings along and no variable.
client._pusher_client.http.options["verify"] = os.environ["SSL_CERT_FILE"]


def send(text):
    client.trigger("room-1", "message", {"text": text})
