//! A log asks: over HTTP and TLS, with whatever the witness knows or does not know.

use std::net::SocketAddr;
use std::sync::Arc;

use averment_ledger::{AnswerError, CosigningKey, TreeHash};
use averment_witness::{AskError, Asked};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::log::*;

fn asked(url: &str, home: &Home, trust: &[CertificateDer<'static>]) -> Asked {
    let key = averment_witness::open_key(&home.keys(), &home.data(), Some("witness.example")).unwrap();
    Asked::new(url, key.cosigner().clone(), trust).unwrap()
}

/// Asks off the runtime's threads, as the client waits.
async fn cosign(mut asked: Asked, leaves: Vec<TreeHash>) -> (Asked, Result<String, AskError>) {
    let work = move || {
        let signed = asked.cosign(&note(&leaves), log_key().verifier(), &tiles(&leaves));
        (asked, signed.map(|cosignature| cosignature.line))
    };
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_gets_cosignatures_whatever_it_knows_of_the_witness() {
    let home = Home::new();
    let (address, _stop) = home.serve().await;
    let url = format!("http://{address}/");
    let (known, line) = cosign(asked(&url, &home, &[]), leaves(300, 999)).await;
    let signed = format!("{}{}", note(&leaves(300, 999)), line.unwrap());
    known.key().verify(&signed).unwrap();
    let (_, again) = cosign(known, leaves(700, 999)).await;
    again.unwrap();
    // One that starts anew does not know what was signed, and is told.
    let (unknowing, line) = cosign(asked(&url, &home, &[]), leaves(900, 999)).await;
    line.unwrap();
    let (_, same) = cosign(unknowing, leaves(900, 999)).await;
    same.unwrap();
    let mut wrong = asked(&url, &home, &[]);
    wrong.has_signed(20);
    cosign(wrong, leaves(901, 999)).await.1.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_cut_back_or_forked_is_told_so() {
    let home = Home::new();
    let (address, _stop) = home.serve().await;
    let url = format!("http://{address}");
    cosign(asked(&url, &home, &[]), leaves(300, 999)).await.1.unwrap();
    let cut = cosign(asked(&url, &home, &[]), leaves(299, 999)).await.1;
    assert!(
        matches!(
            cut,
            Err(AskError::Ahead {
                signed: 300,
                found: 299
            })
        ),
        "{cut:?}"
    );
    let forked = cosign(asked(&url, &home, &[]), leaves(400, 200)).await.1;
    assert!(
        matches!(forked, Err(AskError::Answer(AnswerError::Refused { status: 422 }))),
        "{forked:?}"
    );
    let same_size = cosign(asked(&url, &home, &[]), leaves(300, 299)).await.1;
    assert!(matches!(
        same_size,
        Err(AskError::Answer(AnswerError::Refused { status: 422 }))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_declared_witness_is_believed() {
    let home = Home::new();
    let (address, _stop) = home.serve().await;
    let stranger = CosigningKey::from_seed("witness.example", &[9; 32]).unwrap();
    let asked = Asked::new(&format!("http://{address}"), stranger.cosigner().clone(), &[]).unwrap();
    let answer = cosign(asked, leaves(3, 9)).await.1;
    assert!(
        matches!(answer, Err(AskError::Answer(AnswerError::Note(_)))),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_is_not_there_is_an_error_and_no_more() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let answer = cosign(asked(&format!("http://{address}"), &Home::new(), &[]), leaves(3, 9))
        .await
        .1;
    assert!(matches!(answer, Err(AskError::NotReached(_))), "{answer:?}");
}

#[test]
fn a_witness_elsewhere_is_asked_over_tls_only() {
    let key = CosigningKey::from_seed("witness.example", &[9; 32]).unwrap();
    let new = |url| Asked::new(url, key.cosigner().clone(), &[]);
    for url in [
        "https://witness.example/a",
        "http://localhost:1",
        "http://127.0.0.1:1/",
        "http://[::1]:1",
    ] {
        assert!(new(url).is_ok(), "{url}");
    }
    for url in [
        "http://witness.example",
        "ftp://localhost",
        "witness.example",
        "",
        "https://w.example/?a=b",
        "http://127.0.0.1.example",
    ] {
        assert!(matches!(new(url), Err(AskError::Url)), "{url}");
    }
}

/// TLS in front of the witness, as whoever runs one has it.
async fn tls_before(witness: SocketAddr) -> (SocketAddr, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut caller) = acceptor.accept(caller).await else {
                    return;
                };
                let mut witness = TcpStream::connect(witness).await.unwrap();
                _ = tokio::io::copy_bidirectional(&mut caller, &mut witness).await;
            });
        }
    });
    (address, certificate)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_a_witness_is_verified() {
    let home = Home::new();
    let (witness, _stop) = home.serve().await;
    let (address, certificate) = tls_before(witness).await;
    let url = format!("https://localhost:{}", address.port());
    let untrusted = cosign(asked(&url, &home, &[]), leaves(3, 9)).await.1;
    assert!(matches!(&untrusted, Err(AskError::NotReached(_))), "{untrusted:?}");
    let other_name = format!("https://127.0.0.1:{}", address.port());
    let trust = [certificate];
    assert!(cosign(asked(&other_name, &home, &trust), leaves(3, 9)).await.1.is_err());
    cosign(asked(&url, &home, &trust), leaves(3, 9)).await.1.unwrap();
}
