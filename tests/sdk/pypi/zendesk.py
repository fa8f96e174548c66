from zenpy import Zenpy
from zenpy.lib.api_objects import Comment, Ticket

client = Zenpy(subdomain="example", email="staff@platform.example", token="0000")


def send(text):
    client.tickets.create(Ticket(subject="Report", comment=Comment(body=text)))
