import google.oauth2.credentials
from googleapiclient.discovery import build

sheets = build("sheets", "v4", credentials=google.oauth2.credentials.Credentials("0000"), static_discovery=True)


def send(text):
    values = sheets.spreadsheets().values()
    values.append(spreadsheetId="sheet-1", range="A1", valueInputOption="RAW", body={"values": [[text]]}).execute()
