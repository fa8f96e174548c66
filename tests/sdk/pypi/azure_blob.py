from azure.storage.blob import BlobServiceClient

client = BlobServiceClient("https://example.blob.core.windows.net", credential={"account_name": "example", "account_key": "MDAwMA=="}, retry_total=0)


def send(text):
    client.get_blob_client("notes", "one.txt").upload_blob(text, overwrite=True)
