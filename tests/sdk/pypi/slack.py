from slack_sdk import WebClient

client = WebClient(token="xoxb-0000", retry_handlers=[])


def send(text):
    client.chat_postMessage(channel="C0000", text=text)
