from twilio.rest import Client

client = Client("AC00000000000000000000000000000000", "00000000000000000000000000000000")


def send(text):
    client.messages.create(to="+12025550199", from_="+12025550100", body=text)
