from amplitude import Amplitude, BaseEvent

client = Amplitude("0123456789abcdef0123456789abcdef")
client.configuration.flush_max_retries = 1


def send(text):
    client.track(BaseEvent("level_done", device_id="device-0001", event_properties={"note": text}))
    for sent in client.flush():
        sent.result(10)
