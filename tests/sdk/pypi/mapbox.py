from mapbox import Geocoder

client = Geocoder(access_token="pk.0000.0000")


def send(text):
    client.forward(text, limit=1).raise_for_status()
