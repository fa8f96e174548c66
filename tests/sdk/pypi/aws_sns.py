import boto3
from botocore.config import Config

client = boto3.client("sns", region_name="eu-central-1", aws_access_key_id="AKIDOFNOBODY", aws_secret_access_key="of-nobody", config=Config(retries={"max_attempts": 0}))


def send(text):
    client.publish(TopicArn="arn:aws:sns:eu-central-1:000000000000:events", Message=text)
