from docusign_esign import ApiClient, EnvelopeDefinition, EnvelopesApi

client = ApiClient(host="https://demo.docusign.net/restapi")
client.set_default_header("Authorization", "Bearer 0000")


def send(text):
    definition = EnvelopeDefinition(email_subject="Please sign", email_blurb=text, status="created")
    EnvelopesApi(client).create_envelope("00000000-0000-0000-0000-000000000000", envelope_definition=definition)
