import os

import asana

configuration = asana.Configuration()
configuration.access_token = "0/0000"
# It reads no variables.
configuration.proxy = os.environ["HTTPS_PROXY"]
configuration.ssl_ca_cert = os.environ["SSL_CERT_FILE"]
configuration.return_page_iterator = False
client = asana.ApiClient(configuration)


def send(text):
    asana.TasksApi(client).create_task({"data": {"name": "Task", "notes": text, "workspace": "1200"}}, {})
