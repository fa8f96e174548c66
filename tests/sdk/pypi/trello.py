from trello import TrelloClient

client = TrelloClient(api_key="0000", token="0000")


def send(text):
    client.fetch_json("/cards", http_method="POST", post_args={"idList": "5abbe4b7ddc1b351ef961414", "name": "Report", "desc": text})
