# gRPC, the C core.
import google.oauth2.credentials
from google.cloud import pubsub_v1

client = pubsub_v1.PublisherClient(credentials=google.oauth2.credentials.Credentials("0000"))


def send(text):
    client.publish("projects/example/topics/events", text.encode(), retry=None, timeout=8).result(8)
