# The Measurement Protocol has no client of its own: requests.
import requests


def send(text):
    body = {"client_id": "1.2", "events": [{"name": "level_done", "params": {"note": text}}]}
    address = "https://www.google-analytics.com/mp/collect"
    requests.post(address, params={"measurement_id": "G-0000", "api_secret": "0000"}, json=body, timeout=8).raise_for_status()
