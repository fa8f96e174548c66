import os

import stripe

stripe.api_key = "sk_test_0000"
# It trusts the certificates that it brings along and no variable.
stripe.ca_bundle_path = os.environ["SSL_CERT_FILE"]
stripe.max_network_retries = 0


def send(text):
    stripe.Customer.create(description=text)
