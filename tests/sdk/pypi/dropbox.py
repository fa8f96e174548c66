import dropbox

client = dropbox.Dropbox("0000", max_retries_on_error=0, max_retries_on_rate_limit=0)


def send(text):
    client.files_upload(text.encode(), "/notes/one.txt")
