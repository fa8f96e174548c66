//! Keys that the gate holds: the recipient gets them, nobody else sees them, and what is rewritten is signed anew.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use averment_gate::{Received, Settings};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::client::post;
use crate::world::{ADA, DESK, EVENTS, Setup, World};

const SECRET: &str = "k3y-0f-the-desk";
/// Not of anybody.
const AWS_ID: &str = "AKIDEXAMPLE";
const AWS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn secret(folder: &Path, text: &str, mode: u32) -> String {
    let path = folder.join("secret");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path.display().to_string()
}

async fn world(settings: &str) -> World {
    World::with(Setup {
        settings: Settings::parse(settings).unwrap(),
        ..Setup::default()
    })
    .await
}

fn header(file: &str) -> String {
    format!(
        "[[origins]]\nrecipient = \"desk\"\norigin = \"http://{DESK}\"\n\
         [[credentials]]\nkind = \"header\"\nrecipient = \"desk\"\nhosts = [\"{DESK}\"]\nname = \"Authorization\"\nprefix = \"Bearer \"\nsecret_file = \"{file}\"\n"
    )
}

#[tokio::test]
async fn a_key_is_put_in_for_its_recipient_only() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&header(&secret(folder.path(), SECRET, 0o600))).await;
    for host in [DESK, EVENTS] {
        let request = post(host, "{}").replace("Content-Type", "Authorization: Bearer of-the-caller\r\nContent-Type");
        assert_eq!(world.send(host, &request).await.status, 200);
    }
    let masked = world.post(DESK, &format!("{{\"from\":\"{ADA}\"}}")).await;
    assert_eq!(masked.status, 200);
    let sent: Vec<_> = world
        .sink
        .requests()
        .iter()
        .map(|r| r.header("authorization").map(<[u8]>::to_vec))
        .collect();
    let bearer = format!("Bearer {SECRET}").into_bytes();
    assert_eq!(
        sent,
        [
            Some(bearer.clone()),
            Some(b"Bearer of-the-caller".to_vec()),
            Some(bearer)
        ]
    );
    assert!(!world.ledger().contains(SECRET));
}

#[tokio::test]
async fn a_key_that_cannot_be_used_stops_its_recipient() {
    let folder = tempfile::tempdir().unwrap();
    let world = world("").await;
    let settings = Settings::parse(&header(&secret(folder.path(), SECRET, 0o644))).unwrap();
    world.gate.swap_settings(settings.into()).unwrap();
    let reply = world.post(DESK, "{}").await;
    assert_eq!((reply.status, reply.kind().as_str()), (503, "credential-unusable"));
    assert_eq!(world.post(EVENTS, "{}").await.status, 200);
    let settings = Settings::parse(&header(&secret(folder.path(), SECRET, 0o600))).unwrap();
    world.gate.swap_settings(settings.into()).unwrap();
    assert_eq!(world.post(DESK, "{}").await.status, 200);
    let clear = world
        .send_plain(&format!("GET http://{DESK}/ HTTP/1.1\r\nHost: {DESK}\r\n\r\n"))
        .await;
    assert_eq!(clear.kind(), "credential-unusable");
    assert_eq!(world.sink.count(), 2);
    assert_eq!(world.ledger().matches("\"kind\":\"refusal\"").count(), 2);
}

#[tokio::test]
async fn a_key_of_other_hosts_lets_nothing_out() {
    let folder = tempfile::tempdir().unwrap();
    let bound = header(&secret(folder.path(), SECRET, 0o600));
    for hosts in ["upload.desk.example", "desk.example:8443"] {
        let world = world(&bound.replace(&format!("\"{DESK}\""), &format!("\"{hosts}\""))).await;
        let reply = world.post(DESK, "{}").await;
        assert_eq!((reply.status, reply.kind().as_str()), (503, "credential-unusable"));
        assert!(reply.body.contains("`hosts`"), "{}", reply.body);
        assert_eq!(world.post(EVENTS, "{}").await.status, 200);
        assert_eq!(world.sink.count(), 1);
        assert!(world.ledger().contains("\"kind\":\"refusal\""));
    }
}

#[test]
fn a_key_says_which_hosts_get_it() {
    let bound = header("/nowhere");
    for hosts in [
        "",
        "hosts = []",
        "hosts = [\"*.example\"]",
        "hosts = [\"https://desk.example\"]",
    ] {
        let settings = bound.replace(&format!("hosts = [\"{DESK}\"]"), hosts);
        let error = Settings::parse(&settings).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("hosts"), "{cause}");
    }
}

#[tokio::test]
async fn what_is_rewritten_is_signed_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = secret(folder.path(), &format!("{AWS_ID}\n{AWS_KEY}\n"), 0o600);
    let world = world(&format!(
        "[[credentials]]\nkind = \"aws\"\nrecipient = \"desk\"\nregion = \"eu-central-1\"\nservice = \"firehose\"\nsecret_file = \"{file}\"\n"
    ))
    .await;
    let own = "Authorization: AWS4-HMAC-SHA256 Credential=caller/20200101/eu-central-1/firehose/aws4_request\r\n\
               X-Amz-Date: 20200101T000000Z\r\nX-Amz-Content-Sha256: 00\r\nX-Amz-Target: Firehose_20150804.PutRecord\r\n";
    let body = format!("{{\"from\":\"{ADA}\"}}");
    let request = post(DESK, &body).replace("Content-Type", &format!("{own}Content-Type"));
    assert_eq!(world.send(DESK, &request).await.status, 200);
    let received = world.sink.requests().pop().unwrap();
    assert!(!String::from_utf8_lossy(&received.body).contains(ADA), "it was masked");
    let authorization = text(&received, "authorization");
    assert_eq!(authorization, expected_authorization(&received));
    assert!(!world.ledger().contains(AWS_KEY));

    // Other signatures are not the gate's to make.
    let pushed = post(DESK, &body).replace("Content-Type", "Content-MD5: 00\r\nContent-Type");
    assert_eq!(
        self::world("").await.send(DESK, &pushed).await.kind(),
        "rewrite-impossible"
    );
}

fn text(received: &Received, name: &str) -> String {
    String::from_utf8(received.header(name).unwrap().to_vec()).unwrap()
}

/// Signature Version 4 as AWS describes it, written down a second time for a query of `x=1` and a path without escapes.
fn expected_authorization(received: &Received) -> String {
    let date = text(received, "x-amz-date");
    assert_eq!(date, "20261120T080000Z", "the gate's clock");
    let digest = hex(&Sha256::digest(&received.body));
    assert_eq!(text(received, "x-amz-content-sha256"), digest);
    let names = [
        "content-type",
        "host",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-target",
    ];
    let fields: String = names
        .iter()
        .map(|name| format!("{name}:{}\n", text(received, name)))
        .collect();
    let (names, scope) = (
        names.join(";"),
        format!("{}/eu-central-1/firehose/aws4_request", &date[..8]),
    );
    let (path, query) = received.target.split_once('?').unwrap();
    let canonical = format!("{}\n{path}\n{query}\n{fields}\n{names}\n{digest}", received.method);
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let start = format!("AWS4{AWS_KEY}").into_bytes();
    let key = scope.split('/').fold(start, |key, part| mac(&key, part));
    let signature = hex(&mac(&key, &to_sign));
    format!("AWS4-HMAC-SHA256 Credential={AWS_ID}/{scope}, SignedHeaders={names}, Signature={signature}")
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
