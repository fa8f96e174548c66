"""A server that speaks S3 (moto) and takes no request whose signature it cannot make itself.

`python verified.py PORT`. Signatures are made again by botocore, the AWS SDK for Python, from what came over the wire; keys and their secrets
stand below. Whoever signs as `maker` is let in: tests make buckets with it. It does not look whether a signature is old.
"""

import hashlib
import io
import sys

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

SECRETS = {"key": "secret"}


def why_not(environ, body):
    """Why a request is not taken; none when it is."""
    given = environ.get("HTTP_AUTHORIZATION", "")
    method, _, rest = given.partition(" ")
    if method != "AWS4-HMAC-SHA256":
        return "MissingSecurityHeader"
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    key, day, region, service, end = fields["Credential"].split("/")
    if key == "maker":
        return None
    if key not in SECRETS or (service, end) != ("s3", "aws4_request"):
        return "InvalidAccessKeyId"
    digest = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
    if digest != hashlib.sha256(body).hexdigest():
        return "XAmzContentSHA256Mismatch"
    signed = fields["SignedHeaders"].split(";")
    if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed):
        return "AccessDenied"
    names = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
    headers = {name: environ[names.get(name, "HTTP_" + name.upper().replace("-", "_"))] for name in signed}
    url = f"http://{environ['HTTP_HOST']}{environ['RAW_URI']}"
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=url, data=body, headers=headers)
    request.context["timestamp"] = headers["x-amz-date"]
    if not headers["x-amz-date"].startswith(day):
        return "AuthorizationHeaderMalformed"
    signer = S3SigV4Auth(Credentials(key, SECRETS[key]), service, region)
    signer.headers_to_sign = lambda _: request.headers
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    return None if expected == fields["Signature"] else "SignatureDoesNotMatch"


def verified(inner):
    """`inner`, behind the check."""

    def application(environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        because = why_not(environ, body)
        if because:
            start_response("403 Forbidden", [("content-type", "application/xml")])
            return [f"<Error><Code>{because}</Code></Error>".encode()]
        environ["wsgi.input"] = io.BytesIO(body)
        return inner(environ, start_response)

    return application


if __name__ == "__main__":
    app = verified(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True)
