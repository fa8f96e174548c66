# gRPC, the C core.
import google.auth.credentials
from google.cloud import firestore
import google.oauth2.credentials

client = firestore.Client(project="example", credentials=google.oauth2.credentials.Credentials("0000"))


def send(text):
    client.collection("notes").document("one").set({"note": text}, retry=None, timeout=8)
