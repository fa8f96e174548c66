import os

import hubspot
from hubspot.crm.contacts import SimplePublicObjectInputForCreate

# It reads no variables.
client = hubspot.Client.create(access_token="pat-0000", proxy=os.environ["HTTPS_PROXY"], ssl_ca_cert=os.environ["SSL_CERT_FILE"])


def send(text):
    client.crm.contacts.basic_api.create(SimplePublicObjectInputForCreate(properties={"company": text}, associations=[]))
