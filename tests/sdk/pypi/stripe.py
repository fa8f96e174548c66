import stripe

stripe.api_key = "sk_test_0000"
stripe.max_network_retries = 0


def send(text):
    stripe.Customer.create(description=text)
