from newrelic_telemetry_sdk import Event, EventClient

client = EventClient("0000")


def send(text):
    client.send(Event("LevelDone", tags={"note": text})).raise_for_status()
