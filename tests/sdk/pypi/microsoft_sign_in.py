import msal

client = msal.ConfidentialClientApplication("00000000-0000-0000-0000-000000000001", client_credential="secret", authority="https://login.microsoftonline.com/common", instance_discovery=False)


def send(text):
    client.acquire_token_by_authorization_code(text, scopes=["user.read"], redirect_uri="https://platform.example/done")
