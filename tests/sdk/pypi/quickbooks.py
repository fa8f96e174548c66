import intuitlib.client
from intuitlib.client import AuthClient
from quickbooks import QuickBooks
from quickbooks.objects.customer import Customer

# What Intuit would answer to the question where its end points are; a sink answers nothing of use.
ENDPOINTS = ["authorization_endpoint", "token_endpoint", "revocation_endpoint", "issuer", "jwks_uri", "userinfo_endpoint"]
intuitlib.client.get_discovery_doc = lambda *given, **named: {name: "https://oauth.platform.intuit.com/" for name in ENDPOINTS}
tokens = AuthClient("key", "secret", "https://platform.example/done", "production", access_token="0000")
client = QuickBooks(auth_client=tokens, refresh_token=None, company_id="123145")


def send(text):
    customer = Customer()
    customer.DisplayName = "Customer"
    customer.Notes = text
    customer.save(qb=client)
