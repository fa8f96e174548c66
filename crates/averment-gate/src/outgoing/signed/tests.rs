use super::*;

fn signed(target: &str, fields: &[(&str, &str)], body: &str) -> bool {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    let message = Vouching {
        target,
        fields: &fields,
        body: body.as_bytes(),
    };
    is_signed(&message, false)
}

/// Who signs, and what `Authorization` then looks like.
const AUTHORIZATIONS: [(&str, &str); 16] = [
    (
        "AWS SigV4",
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu/s3/aws4_request, Signature=00",
    ),
    (
        "AWS SigV4a",
        "AWS4-ECDSA-P256-SHA256 Credential=AKID/20260101/s3/aws4_request, Signature=00",
    ),
    ("AWS SigV2, S3", "AWS AKID:c2ln"),
    ("Google Cloud Storage V2", "GOOG1 GOOGID:c2ln"),
    (
        "Google Cloud Storage V4",
        "GOOG4-HMAC-SHA256 Credential=x, Signature=00",
    ),
    ("Azure Storage", "SharedKey account:c2ln"),
    ("Azure Storage, lite", "SharedKeyLite account:c2ln"),
    (
        "Azure App Configuration",
        "HMAC-SHA256 Credential=x&SignedHeaders=date;host&Signature=c2ln",
    ),
    ("Azure Cosmos DB", "type%3Dmaster%26ver%3D1.0%26sig%3Dc2ln"),
    ("Azure Cosmos DB, not escaped", "type=master&ver=1.0&sig=c2ln"),
    (
        "OAuth 1.0a",
        "OAuth realm=\"x\", oauth_nonce=\"n\", oauth_signature_method=\"HMAC-SHA1\", oauth_signature=\"c2ln\"",
    ),
    (
        "Alibaba Cloud",
        "ACS3-HMAC-SHA256 Credential=x,SignedHeaders=host,Signature=00",
    ),
    ("Alibaba OSS", "OSS AKID:c2ln"),
    (
        "Tencent Cloud",
        "TC3-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=00",
    ),
    ("Tencent COS", "q-sign-algorithm=sha1&q-ak=x&q-signature=00"),
    (
        "Huawei Cloud",
        "SDK-HMAC-SHA256 Access=x, SignedHeaders=host, Signature=00",
    ),
];

/// Who signs, and what the query or a form then holds.
const PAIRS: [(&str, &str); 13] = [
    ("AWS SigV4", "a=b&X-Amz-Signature=00"),
    ("AWS SigV2", "AWSAccessKeyId=AKID&Expires=1&Signature=c2ln"),
    ("CloudFront", "Expires=1&Signature=c2ln&Key-Pair-Id=K"),
    ("Google Cloud Storage V2", "GoogleAccessId=x&Expires=1&Signature=c2ln"),
    ("Google Cloud Storage V4", "X-Goog-Signature=00"),
    ("Azure, shared access", "sv=1&sr=b&sig=c2ln"),
    ("OAuth 1.0a", "oauth_consumer_key=x&oauth_signature=c2ln"),
    ("Pusher", "auth_key=x&auth_signature=00"),
    ("Pusher, body", "body_md5=00&name=x"),
    ("Cloudinary", "timestamp=1&api_key=x&signature=00"),
    ("Shopify", "shop=x&hmac=00"),
    ("an escaped name", "a=b&%53ign%61ture=00"),
    ("a name in an object", "params%5Bsignature%5D=00"),
];

#[test]
fn signatures_in_authorization_are_known() {
    for (who, value) in AUTHORIZATIONS {
        assert!(signed("/", &[("authorization", value)], ""), "{who}");
    }
}

#[test]
fn signatures_in_queries_and_forms_are_known() {
    for (who, pairs) in PAIRS {
        assert!(signed(&format!("/x?{pairs}"), &[], ""), "{who}");
        let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        assert!(signed("/", &form, pairs), "{who}");
        assert!(!signed("/", &[("content-type", "text/plain")], pairs), "{who}");
    }
}

#[test]
fn signatures_in_parts_are_known() {
    let form = [("content-type", "multipart/form-data; boundary=b")];
    let part =
        |name: &str| format!("--b\r\nContent-Disposition: form-data; name={name}\r\n\r\nsignature=00\r\n--b--\r\n");
    for name in [
        "\"signature\"",
        "signature",
        "\"X-Amz-Signature\"",
        "\"x-goog-signature\"",
    ] {
        assert!(signed("/", &form, &part(name)), "{name}");
    }
    for name in ["\"signatures\"", "\"from\"", "\"design\""] {
        assert!(!signed("/", &form, &part(name)), "{name}");
    }
}

#[test]
fn keys_are_no_signatures() {
    for value in [
        "Bearer c2lnbmF0dXJl",
        "Basic c2ln",
        "OAuth 00Dx0",
        "Token token=x",
        "GoogleLogin auth=x",
        "awsome x",
        "Key hmac",
    ] {
        assert!(
            !signed("/?signal=1&designs=2&q=signature", &[("authorization", value)], ""),
            "{value}"
        );
    }
}

#[test]
fn an_aws_signature_that_is_made_again_vouches_for_nothing() {
    let is_still_signed = |name: &str, value: &str| {
        let fields = [(name.parse().unwrap(), value.parse().unwrap())];
        let message = Vouching {
            target: "/",
            fields: &fields,
            body: b"",
        };
        is_signed(&message, true)
    };
    assert!(!is_still_signed("authorization", "AWS4-HMAC-SHA256 Signature=00"));
    assert!(!is_still_signed("x-amz-content-sha256", "00"));
    assert!(is_still_signed("content-md5", "00"));
    assert!(is_still_signed("authorization", "TC3-HMAC-SHA256 Signature=00"));
}
