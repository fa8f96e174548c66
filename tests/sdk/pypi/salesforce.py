from simple_salesforce import Salesforce

client = Salesforce(instance="example.my.salesforce.com", session_id="0000")


def send(text):
    client.Case.create({"Subject": "Report", "Description": text})
