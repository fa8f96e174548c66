from pyairtable import Api

client = Api("pat0000", timeout=(5, 5), retry_strategy=None)


def send(text):
    client.table("app0000000000000", "Events").create({"Note": text})
