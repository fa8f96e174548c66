import datetime

import firebase_admin
import google.oauth2.credentials
from firebase_admin import credentials, messaging


class Token(credentials.Base):
    def get_credential(self):
        return google.oauth2.credentials.Credentials("0000", expiry=datetime.datetime.utcnow() + datetime.timedelta(hours=1))


app = firebase_admin.initialize_app(Token(), {"projectId": "example"})


def send(text):
    messaging.send(messaging.Message(topic="news", notification=messaging.Notification(title="Report", body=text)))
