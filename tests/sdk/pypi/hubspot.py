import hubspot
from hubspot.crm.contacts import SimplePublicObjectInputForCreate

client = hubspot.Client.create(access_token="pat-0000")


def send(text):
    client.crm.contacts.basic_api.create(SimplePublicObjectInputForCreate(properties={"company": text}, associations=[]))
