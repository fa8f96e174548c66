import pusher

client = pusher.Pusher(app_id="1", key="key", secret="secret", cluster="eu", ssl=True)


def send(text):
    client.trigger("room-1", "message", {"text": text})
