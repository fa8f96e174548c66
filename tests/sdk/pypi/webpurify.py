# WebPurify's own package is a command line; its REST interface with requests.
import requests


def send(text):
    data = {"method": "webpurify.live.check", "api_key": "0000", "format": "json", "text": text}
    requests.post("https://api1.webpurify.com/services/rest/", data=data, timeout=8).raise_for_status()
