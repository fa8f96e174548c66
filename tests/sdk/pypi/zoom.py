from zoomus import ZoomClient

client = ZoomClient("key", "secret", api_account_id="account")


def send(text):
    client.meeting.create(user_id="me", topic=text)
