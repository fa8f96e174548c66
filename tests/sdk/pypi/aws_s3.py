import boto3
from botocore.config import Config

client = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="AKIDOFNOBODY", aws_secret_access_key="of-nobody", config=Config(retries={"max_attempts": 0}))


def send(text):
    client.put_object(Bucket="notes", Key="one.txt", Body=text.encode())
