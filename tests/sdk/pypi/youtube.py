import google.oauth2.credentials
from googleapiclient.discovery import build

youtube = build("youtube", "v3", credentials=google.oauth2.credentials.Credentials("0000"), static_discovery=True)


def send(text):
    youtube.playlists().insert(part="snippet", body={"snippet": {"title": "Levels", "description": text}}).execute()
