import requests


def send(text):
    requests.get("https://api.gravatar.com/v3/profiles/" + requests.utils.quote(text, safe=""), timeout=8).raise_for_status()
