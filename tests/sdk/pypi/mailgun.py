from mailgun.client import Client

client = Client(auth=("api", "0000"))


def send(text):
    data = {"from": "staff@platform.example", "to": "office@platform.example", "subject": "Report", "text": text}
    client.messages.create(data=data, domain="mail.platform.example").raise_for_status()
