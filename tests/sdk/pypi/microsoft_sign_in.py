import msal
import msal.authority

# What the authority would answer to the question where its end points are; a sink answers nothing of use.
AT = "https://login.microsoftonline.com/common/oauth2/v2.0/"
msal.authority.tenant_discovery = lambda *given, **named: {"issuer": AT, "authorization_endpoint": AT + "authorize", "token_endpoint": AT + "token"}

client = msal.ConfidentialClientApplication("00000000-0000-0000-0000-000000000001", client_credential="secret", authority="https://login.microsoftonline.com/common", instance_discovery=False)


def send(text):
    client.acquire_token_by_authorization_code(text, scopes=["user.read"], redirect_uri="https://platform.example/done")
