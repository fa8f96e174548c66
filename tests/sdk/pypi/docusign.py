import os

from docusign_esign import ApiClient, EnvelopeDefinition, EnvelopesApi
from docusign_esign.client.configuration import Configuration

# It reads no variables, and takes the one configuration of the process.
Configuration().proxy = os.environ["HTTPS_PROXY"]
Configuration().ssl_ca_cert = os.environ["SSL_CERT_FILE"]

client = ApiClient(host="https://demo.docusign.net/restapi")
client.set_default_header("Authorization", "Bearer 0000")


def send(text):
    definition = EnvelopeDefinition(email_subject="Please sign", email_blurb=text, status="created")
    EnvelopesApi(client).create_envelope("00000000-0000-0000-0000-000000000000", envelope_definition=definition)
