//! What a witness answers, and what it is after a stop.

use std::os::unix::fs::PermissionsExt as _;

use averment_ledger::{SigningKey, leaf_hash};
use averment_witness::{KeeperError, open_key};

use crate::log::*;

/// SHA-256 of [`ORIGIN`].
fn origin_hash() -> String {
    use std::fmt::Write as _;
    let digest = rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let mut hash = digest.tls13().unwrap().common.hash_provider.start();
    hash.update(ORIGIN.as_bytes());
    hash.finish().as_ref().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_that_of_the_protocol() {
    let home = Home::new();
    let (address, _stop) = home.serve().await;
    let honest = leaves(9, 99);
    let monitored = format!("/{}/checkpoint", origin_hash());
    assert_eq!(ask(address, "GET", &monitored, "").unwrap().0, 404);
    let (status, head, line) = ask(address, "POST", "/add-checkpoint", &request(0, &honest[..4])).unwrap();
    assert_eq!(status, 200, "{line}");
    assert!(head.contains("content-type: text/plain; charset=utf-8"), "{head}");
    let signed = format!("{}{line}", note(&honest[..4]));
    let key = home.open_key();
    assert_eq!(key.cosigner().verify(&signed).unwrap().time, NOW);
    let (status, _, latest) = ask(address, "GET", &monitored, "").unwrap();
    assert_eq!((status, latest), (200, signed));

    let (status, head, body) = ask(address, "POST", "/add-checkpoint", &request(2, &honest)).unwrap();
    assert_eq!((status, body.as_str()), (409, "4\n"));
    assert!(head.contains("content-type: text/x.tlog.size"), "{head}");
    let forked = leaves(9, 3);
    assert_eq!(submit(address, &request(4, &forked)).unwrap().0, 422);
    assert_eq!(submit(address, &request(4, &honest[..3])).unwrap().0, 400);
    assert_eq!(submit(address, "old 4\n\nno note\n").unwrap().0, 400);
    let stranger = SigningKey::from_seed("log.example/b", &[1; 32]).unwrap();
    let text = |origin: &str| format!("{origin}\n5\n{}\n", leaf_hash(b"x"));
    let of = |note: String| format!("old 4\n\n{note}");
    assert_eq!(
        submit(address, &of(stranger.sign(&text("log.example/b")))).unwrap().0,
        404
    );
    assert_eq!(submit(address, &of(stranger.sign(&text(ORIGIN)))).unwrap().0, 403);
    assert_eq!(submit(address, &"old 4\n".repeat(40_000)).unwrap().0, 413);
    assert_eq!(ask(address, "GET", "/add-checkpoint", "").unwrap().0, 405);
    assert_eq!(ask(address, "GET", "/../checkpoint", "").unwrap().0, 404);
    assert_eq!(submit(address, &request(4, &honest)).unwrap().0, 200);
}

impl Home {
    fn open_key(&self) -> averment_ledger::CosigningKey {
        open_key(&self.keys(), &self.data(), Some("witness.example")).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_was_stopped_goes_on_where_it_was() {
    let home = Home::new();
    let keeper = home.open().unwrap();
    assert!(matches!(
        averment_witness::Keeper::open(&home.data(), home.open_key(), Vec::new()),
        Err(KeeperError::Locked { .. })
    ));
    let (address, stop) = start(keeper).await;
    assert_eq!(submit(address, &request(0, &leaves(5, 99))).unwrap().0, 200);
    stop.cancel();
    // Left behind by one that was killed while it wrote.
    let signed = home.data().join("signed");
    std::fs::write(signed.join(origin_hash()).with_extension("new"), "half a no").unwrap();
    let keeper = loop {
        // The lock is free when the server has ended.
        match home.open() {
            Err(KeeperError::Locked { .. }) => tokio::task::yield_now().await,
            opened => break opened.unwrap(),
        }
    };
    assert_eq!(keeper.logs().collect::<Vec<_>>(), [(ORIGIN, true)]);
    let (address, _stop) = start(keeper).await;
    assert_eq!(
        submit(address, &request(0, &leaves(6, 99))).unwrap(),
        (409, "5\n".to_owned())
    );
    assert_eq!(submit(address, &request(5, &leaves(6, 4))).unwrap().0, 422);
    assert_eq!(submit(address, &request(5, &leaves(6, 99))).unwrap().0, 200);
}

#[test]
fn a_witness_does_not_start_without_what_it_signed_or_its_key() {
    let home = Home::new();
    drop(home.open().unwrap());
    let key = home.keys().join("witness.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(home.open(), Err(KeeperError::Mode { mode: 0o644, .. })));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();

    let signed = home.data().join("signed");
    let kept = signed.join(origin_hash());
    for not_signed in ["", "a note\n", &note(&leaves(3, 9))] {
        std::fs::write(&kept, not_signed).unwrap();
        assert!(matches!(home.open(), Err(KeeperError::Kept { .. })), "{not_signed}");
    }
    let moved = home.dir.path().join("moved");
    std::fs::rename(&key, &moved).unwrap();
    assert!(matches!(home.open(), Err(KeeperError::NoKey { .. })));
    std::fs::rename(&moved, &key).unwrap();
    std::fs::rename(&signed, &moved).unwrap();
    assert!(matches!(home.open(), Err(KeeperError::NoRecord { .. })));
    std::fs::write(&key, "short").unwrap();
    std::fs::rename(&moved, &signed).unwrap();
    assert!(matches!(home.open(), Err(KeeperError::Length { found: 5, .. })));
    let inside = open_key(&home.data().join("keys"), &home.data(), None);
    assert!(matches!(inside, Err(KeeperError::KeysInside { .. })));
}

#[test]
fn a_name_follows_from_the_key_unless_one_is_given() {
    let home = Home::new();
    let open = |name| open_key(&home.keys(), &home.data(), name).map(|key| key.cosigner().name().to_owned());
    let own = open(None).unwrap();
    assert!(own.starts_with("averment.local/witness/"), "{own}");
    assert_eq!(open(None).unwrap(), own);
    assert_eq!(open(Some("witness.example/1")).unwrap(), "witness.example/1");
    assert!(matches!(open(Some("two words")), Err(KeeperError::Name { .. })));
}
