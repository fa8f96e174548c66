from jira import JIRA

client = JIRA("https://example.atlassian.net", basic_auth=("staff@platform.example", "0000"), get_server_info=False, max_retries=0)


def send(text):
    client.add_comment("SUP-1", text)
