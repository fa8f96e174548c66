from pydiscourse import DiscourseClient

client = DiscourseClient("https://forum.discourse.group", api_username="system", api_key="0000")


def send(text):
    client.create_post(text, topic_id=7)
