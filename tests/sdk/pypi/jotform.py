from jotform import JotformAPIClient

client = JotformAPIClient("0000")


def send(text):
    client.create_form_submission("1", {"1": text})
