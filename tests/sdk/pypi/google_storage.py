import google.oauth2.credentials
from google.cloud import storage

client = storage.Client(project="example", credentials=google.oauth2.credentials.Credentials("0000"))


def send(text):
    client.bucket("notes").blob("one.txt").upload_from_string(text, retry=None, checksum=None)
