from mailjet_rest import Client

client = Client(auth=("0000", "0000"), version="v3.1")


def send(text):
    message = {"From": {"Email": "staff@platform.example"}, "To": [{"Email": "office@platform.example"}], "Subject": "Report", "TextPart": text}
    answer = client.send.create(data={"Messages": [message]})
    answer.raise_for_status()
