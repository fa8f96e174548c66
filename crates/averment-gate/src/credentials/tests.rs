//! The published examples of AWS's own documentation, and files that are not as they should be.

use std::os::unix::fs::PermissionsExt as _;

use http::Request;

use super::*;

/// The key of AWS's documentation ("Examples: Signature Calculations", Amazon S3 API Reference).
const EXAMPLE_KEY: &str = "AKIAIOSFODNN7EXAMPLE\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";

const HOST: &str = "examplebucket.s3.amazonaws.com";

fn secret(folder: &Path, text: &str, mode: u32) -> PathBuf {
    let path = folder.join("secret");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn s3(secret_file: PathBuf) -> Credential {
    Credential::Aws {
        recipient: "store".parse().unwrap(),
        region: "us-east-1".to_owned(),
        service: "s3".to_owned(),
        secret_file,
    }
}

fn header(secret_file: PathBuf, name: &str) -> Credential {
    Credential::Header {
        recipient: "store".parse().unwrap(),
        hosts: vec![HOST.to_owned(), "other.example:8443".to_owned()],
        name: name.to_owned(),
        prefix: "Bearer ".to_owned(),
        secret_file,
    }
}

fn message(scheme: Scheme, method: &str, target: &str, fields: &[(&str, &str)], body: &'static str) -> Outgoing {
    message_to(HOST, scheme, method, target, fields, body)
}

fn message_to(
    host: &str,
    scheme: Scheme,
    method: &str,
    target: &str,
    fields: &[(&str, &str)],
    body: &'static str,
) -> Outgoing {
    let mut request = Request::builder().method(method).uri(target).header("Host", host);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    Outgoing::of(&head, Destination::parse(scheme, host).unwrap()).with_body(body.into())
}

fn read(credential: Credential) -> Credentials {
    let (credentials, errors) = Credentials::read(&[credential]);
    assert!(errors.is_empty(), "{errors:?}");
    credentials
}

fn fault(credential: Credential) -> String {
    let (credentials, errors) = Credentials::read(&[credential]);
    let store = "store".parse().unwrap();
    let message = message(Scheme::Https, "GET", "/", &[], "");
    let applied = credentials.apply(Some(&store), message, Timestamp::UNIX_EPOCH);
    assert_eq!(applied.err(), Some(Unusable::Secret));
    errors[0].to_string()
}

#[test]
fn aws_published_examples_are_signed_as_published() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = read(s3(secret(folder.path(), EXAMPLE_KEY, 0o600)));
    let examples = [
        (
            "GET",
            "/test.txt",
            &[("Range", "bytes=0-9")][..],
            "",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test$file.text",
            &[
                ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ],
            "Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/?lifecycle",
            &[],
            "",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "GET",
            "/?max-keys=2&prefix=J",
            &[],
            "",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ];
    for (method, target, fields, body, signature) in examples {
        let store = "store".parse().unwrap();
        let unsigned = message(Scheme::Https, method, target, fields, body);
        let signed = credentials
            .apply(Some(&store), unsigned, "2013-05-24T00:00:00Z".parse().unwrap())
            .unwrap();
        let authorization = signed.field("authorization").unwrap().to_str().unwrap().to_owned();
        assert!(
            authorization.ends_with(&format!("Signature={signature}")),
            "{target}: {authorization}"
        );
        assert!(authorization.contains("Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"));
    }
}

#[test]
fn a_callers_own_signature_makes_way() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = read(s3(secret(folder.path(), EXAMPLE_KEY, 0o600)));
    let (store, now) = ("store".parse().unwrap(), "2013-05-24T00:00:00Z".parse().unwrap());
    let own = [
        ("Authorization", "AWS4-HMAC-SHA256 Credential=own"),
        ("X-Amz-Date", "20200101T000000Z"),
        ("X-Amz-Security-Token", "own"),
        ("X-Amz-Content-Sha256", "own"),
        ("Range", "bytes=0-9"),
    ];
    let signed = credentials
        .apply(Some(&store), message(Scheme::Https, "GET", "/test.txt", &own, ""), now)
        .unwrap();
    let authorization = signed.field("authorization").unwrap().to_str().unwrap();
    assert!(
        authorization.ends_with("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        "{authorization}"
    );
    assert_eq!(signed.fields().filter(|(name, _)| *name == "authorization").count(), 1);
    assert!(signed.field("x-amz-security-token").is_none());

    let in_query = message(Scheme::Https, "GET", "/x?X-Amz-Signature=00", &[], "");
    assert_eq!(
        credentials.apply(Some(&store), in_query, now).err(),
        Some(Unusable::InQuery)
    );
    let pieces = [("X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")];
    let in_pieces = message(Scheme::Https, "PUT", "/x", &pieces, "");
    assert_eq!(
        credentials.apply(Some(&store), in_pieces, now).err(),
        Some(Unusable::InPieces)
    );
}

#[test]
fn a_field_is_replaced_and_never_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = read(header(secret(folder.path(), "s3cr3t\n", 0o600), "Authorization"));
    let (store, now) = ("store".parse().unwrap(), Timestamp::UNIX_EPOCH);
    let own = [
        ("Authorization", "own"),
        ("Accept", "*/*"),
        ("Authorization", "own again"),
    ];
    let sent = credentials
        .apply(Some(&store), message(Scheme::Https, "GET", "/", &own, ""), now)
        .unwrap();
    let values: Vec<_> = sent.fields().filter(|(name, _)| *name == "authorization").collect();
    assert_eq!((values.len(), values[0].1.to_str().unwrap()), (1, "Bearer s3cr3t"));
    assert!(!format!("{:?}", values[0].1).contains("s3cr3t"));
    let clear = message(Scheme::Http, "GET", "/", &[], "");
    assert_eq!(
        credentials.apply(Some(&store), clear, now).err(),
        Some(Unusable::InClear)
    );
    let elsewhere = credentials.apply(
        Some(&"desk".parse().unwrap()),
        message(Scheme::Http, "GET", "/", &[], ""),
        now,
    );
    assert!(elsewhere.unwrap().field("authorization").is_none());
}

#[test]
fn a_field_goes_to_its_hosts_and_ports_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = read(header(secret(folder.path(), "s3cr3t\n", 0o600), "Authorization"));
    let (store, now) = ("store".parse().unwrap(), Timestamp::UNIX_EPOCH);
    let applied = |host: &str| {
        let message = message_to(host, Scheme::Https, "GET", "/", &[], "");
        let applied = credentials.apply(Some(&store), message, now);
        applied.map(|message| message.field("authorization").is_some())
    };
    for host in [HOST, "ExampleBucket.s3.amazonaws.com.", "other.example:8443"] {
        assert_eq!(applied(host), Ok(true), "{host}");
    }
    for host in [
        "other.example",
        "s3.amazonaws.com",
        "a.examplebucket.s3.amazonaws.com",
        "x.example",
    ] {
        assert_eq!(applied(host).err(), Some(Unusable::OtherHost), "{host}");
    }
    assert_eq!(applied(&format!("{HOST}:8443")).err(), Some(Unusable::OtherHost));
}

#[test]
fn a_secret_that_cannot_be_used_stops_its_recipient_and_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let file = |text, mode| secret(folder.path(), text, mode);
    let faults = [
        fault(header(file("s3cr3t", 0o640), "Authorization")),
        fault(header(file("", 0o600), "Authorization")),
        fault(header(file("s3cr3t\nmore", 0o600), "Authorization")),
        fault(header(file("s3cr3t", 0o600), "Host")),
        fault(header(file("s3cr3t", 0o600), "Proxy-Authorization")),
        fault(header(folder.path().join("nowhere"), "Authorization")),
        fault(s3(file("only-an-id-s3cr3t", 0o600))),
    ];
    for (fault, says) in faults.iter().zip([
        "mode 640",
        "a secret",
        "one line",
        "`Host`",
        "`Proxy-",
        "cannot read",
        "one a line",
    ]) {
        assert!(fault.contains(says) && !fault.contains("s3cr3t"), "{fault}");
    }
}
