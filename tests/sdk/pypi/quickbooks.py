from intuitlib.client import AuthClient
from quickbooks import QuickBooks
from quickbooks.objects.customer import Customer

tokens = AuthClient("key", "secret", "https://platform.example/done", "production", access_token="0000")
client = QuickBooks(auth_client=tokens, refresh_token=None, company_id="123145")


def send(text):
    customer = Customer()
    customer.DisplayName = "Customer"
    customer.Notes = text
    customer.save(qb=client)
