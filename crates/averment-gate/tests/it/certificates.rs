//! Callers over TLS: services known by their certificate, and what counts as none.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use averment_gate::{Clock, GateError, Settings};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::client::{Reply, exchange, post, read_head, tls_config};
use crate::world::{EVENTS, REPORTED, Setup, World, clock};

const GATE: &str = "gate.example";
const MAILER: &str = "spiffe://school.example/mailer";

/// Somebody who signs certificates.
struct Signer {
    certificate: CertificateDer<'static>,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key.
struct Leaf {
    certificate: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dated {
    Now,
    Before,
    After,
}

impl Signer {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            certificate: certificate.der().clone(),
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    fn sign(&self, name: &str, dated: Dated) -> Leaf {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, dated).signed_by(&key, &self.issuer).unwrap();
        Leaf {
            certificate: certificate.der().clone(),
            pem: certificate.pem(),
            key,
        }
    }
}

fn params(name: &str, dated: Dated) -> CertificateParams {
    let mut params = CertificateParams::default();
    let text = name.try_into().unwrap();
    params.subject_alt_names = vec![if name.contains(':') {
        SanType::URI(text)
    } else {
        SanType::DnsName(text)
    }];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
    let (from, to) = match dated {
        Dated::Now => ((2026, 11, 1), (2026, 11, 22)),
        Dated::Before => ((2026, 1, 1), (2026, 11, 19)),
        Dated::After => ((2026, 11, 21), (2027, 1, 1)),
    };
    (params.not_before, params.not_after) = (date_time_ymd(from.0, from.1, from.2), date_time_ymd(to.0, to.1, to.2));
    params
}

/// The files that settings name.
struct Files {
    folder: TempDir,
    gate: Signer,
    callers: Signer,
}

impl Files {
    fn new() -> Self {
        let files = Self {
            folder: tempfile::tempdir().unwrap(),
            gate: Signer::new(),
            callers: Signer::new(),
        };
        files.put_leaf(&files.gate.sign(GATE, Dated::Now));
        files.put("callers.pem", &files.callers.pem, 0o644);
        files
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn put(&self, name: &str, text: &str, mode: u32) {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(Path::new(&path), std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn put_leaf(&self, leaf: &Leaf) {
        self.put("gate.pem", &leaf.pem, 0o644);
        self.put("gate.key", &leaf.key.serialize_pem(), 0o600);
    }

    fn settings(&self, services: &str) -> Settings {
        let text = format!(
            "{services}\n[tls]\ncertificate_file = \"{}\"\nkey_file = \"{}\"\nclient_authority_file = \"{}\"\n",
            self.path("gate.pem"),
            self.path("gate.key"),
            self.path("callers.pem")
        );
        Settings::parse(&text).unwrap()
    }

    async fn world(&self, services: &str) -> World {
        World::with(Setup {
            settings: self.settings(services),
            ..Setup::default()
        })
        .await
    }
}

/// Three services, each known in another way, and the last by a token.
fn services(batch: &Leaf) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    format!(
        "services_required = true\n[[routes]]\nrecipient = \"events\"\nhost = \"{EVENTS}\"\n\
         [[services]]\nname = \"mailer\"\ncertificate = \"{MAILER}\"\nrecipients = [\"events\"]\n\
         [[services]]\nname = \"web\"\ncertificate = \"Web.Example\"\n\
         [[services]]\nname = \"batch\"\ncertificate_sha256 = \"{}\"\n\
         [[services]]\nname = \"old\"\ntoken_sha256 = \"{}\"\n",
        hex(&Sha256::digest(&batch.certificate)),
        hex(&Sha256::digest("token"))
    )
}

fn config(trusted: &CertificateDer<'static>, leaf: Option<&Leaf>, clock: Clock) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_details(provider, Arc::new(clock));
    let builder = builder
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    Arc::new(match leaf {
        Some(leaf) => {
            let key = PrivateKeyDer::try_from(leaf.key.serialize_der()).unwrap();
            builder
                .with_client_auth_cert(vec![leaf.certificate.clone()], key)
                .unwrap()
        }
        None => builder.with_no_client_auth(),
    })
}

async fn knock(world: &World, config: &Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(world.address).await.unwrap();
    let name = ServerName::try_from(GATE).unwrap();
    TlsConnector::from(Arc::clone(config)).connect(name, stream).await
}

/// The head that a `CONNECT` to `host` gets; none when the connection is closed instead.
async fn connect(
    world: &World,
    config: &Arc<ClientConfig>,
    host: &str,
    fields: &str,
) -> (Option<TlsStream<TcpStream>>, String) {
    let Ok(mut stream) = knock(world, config).await else {
        return (None, String::new());
    };
    let request = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n{fields}\r\n");
    // The alert of a server that does not take a certificate comes after the handshake of TLS 1.3.
    _ = stream.write_all(request.as_bytes()).await;
    let head = read_head(&mut stream).await;
    (Some(stream), head)
}

async fn send(world: &World, config: &Arc<ClientConfig>, host: &str) -> Reply {
    let (stream, head) = connect(world, config, host, "").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let inside = TlsConnector::from(tls_config(&world.authority, "http/1.1"));
    let mut tunnel = inside.connect(name, stream.unwrap()).await.unwrap();
    exchange(&mut tunnel, post(host, "{}").as_bytes()).await
}

fn token(text: &str) -> String {
    format!(
        "Proxy-Authorization: Basic {}\r\n",
        STANDARD.encode(format!("x:{text}"))
    )
}

#[tokio::test]
async fn a_certificate_names_its_service_by_every_way_in() {
    let files = Files::new();
    let batch = files.callers.sign("anything.example", Dated::Now);
    let world = files.world(&services(&batch)).await;
    let root = &files.gate.certificate;
    for (name, leaf) in [
        ("mailer", &files.callers.sign(MAILER, Dated::Now)),
        ("web", &files.callers.sign("WEB.example", Dated::Now)),
        ("batch", &batch),
    ] {
        let config = config(root, Some(leaf), clock());
        assert_eq!(send(&world, &config, EVENTS).await.status, 200, "{name}");
        let mut front = knock(&world, &config).await.unwrap();
        let absolute = post(EVENTS, "{}").replace("POST /", &format!("POST http://{EVENTS}/"));
        let route = post("gate.example", "{}").replace("POST /", "POST /to/events/");
        for request in [absolute, route] {
            assert_eq!(exchange(&mut front, request.as_bytes()).await.status, 200, "{name}");
        }
    }
    let mailer = config(root, Some(&files.callers.sign(MAILER, Dated::Now)), clock());
    assert_eq!(send(&world, &mailer, REPORTED).await.kind(), "not-for-service");
    assert_eq!(world.sink.count(), 9);
    let ledger = world.ledger();
    for name in ["mailer", "web", "batch"] {
        let sent = ledger
            .lines()
            .filter(|line| line.contains("\"kind\":\"intent\"") && line.contains(&format!("\"service\":\"{name}\"")));
        assert_eq!(sent.count(), 3, "{name} {ledger}");
    }
}

#[tokio::test]
async fn whoever_shows_no_certificate_that_counts_is_nobody() {
    let files = Files::new();
    let world = files
        .world(&services(&files.callers.sign("x.example", Dated::Now)))
        .await;
    let root = &files.gate.certificate;
    let nobody = [
        None,
        Some(files.callers.sign("spiffe://school.example/other", Dated::Now)),
        Some(files.callers.sign("mailer", Dated::Now)),
        Some(files.callers.sign(MAILER, Dated::Before)),
        Some(files.callers.sign(MAILER, Dated::After)),
    ];
    for leaf in &nobody {
        let config = config(root, leaf.as_ref(), clock());
        let (_, head) = connect(&world, &config, EVENTS, "").await;
        assert!(head.starts_with("HTTP/1.1 407"), "{head}");
        let (_, head) = connect(&world, &config, EVENTS, &token("token")).await;
        assert!(head.starts_with("HTTP/1.1 200"), "a token counts all the same: {head}");
    }
    let stranger = Signer::new();
    let key = KeyPair::generate().unwrap();
    let own = params(MAILER, Dated::Now).self_signed(&key).unwrap();
    let own = Leaf {
        certificate: own.der().clone(),
        pem: own.pem(),
        key,
    };
    for leaf in [
        &stranger.sign(MAILER, Dated::Now),
        &stranger.sign(MAILER, Dated::Before),
        &stranger.sign(MAILER, Dated::After),
        &own,
    ] {
        let (_, head) = connect(&world, &config(root, Some(leaf), clock()), EVENTS, "").await;
        assert_eq!(head, "", "the handshake is refused");
    }
    assert_eq!(
        world.send_plain(&post(EVENTS, "{}")).await.status,
        0,
        "nothing is read in clear"
    );
    assert_eq!(world.sink.count(), 0);
}

#[tokio::test]
async fn a_token_of_another_service_than_the_certificate_is_refused() {
    let files = Files::new();
    let world = files
        .world(&services(&files.callers.sign("x.example", Dated::Now)))
        .await;
    let mailer = config(
        &files.gate.certificate,
        Some(&files.callers.sign(MAILER, Dated::Now)),
        clock(),
    );
    for other in ["token", "wrong"] {
        let (_, head) = connect(&world, &mailer, EVENTS, &token(other)).await;
        assert!(head.starts_with("HTTP/1.1 407"), "{other} {head}");
    }
}

#[tokio::test]
async fn a_certificate_that_two_services_are_known_by_is_nobodys() {
    let files = Files::new();
    let leaf = files.callers.sign(MAILER, Dated::Now);
    let mut twice = services(&leaf);
    twice.push_str("recipients = []\n");
    let world = files.world(&twice).await;
    let (_, head) = connect(
        &world,
        &config(&files.gate.certificate, Some(&leaf), clock()),
        EVENTS,
        "",
    )
    .await;
    assert!(head.starts_with("HTTP/1.1 407"), "{head}");
}

#[tokio::test]
async fn a_resumed_handshake_does_not_bring_an_outdated_certificate_back() {
    let files = Files::new();
    let seconds = Arc::new(AtomicI64::new(clock().now().as_second()));
    let time = Arc::clone(&seconds);
    let clock = Clock::new(move || Timestamp::from_second(time.load(Ordering::SeqCst)).unwrap());
    let world = World::with(Setup {
        settings: files.settings(&services(&files.callers.sign("x.example", Dated::Now))),
        clock: clock.clone(),
        ..Setup::default()
    })
    .await;
    // The gate's own certificate is looked at by a clock that stands still.
    let config = config(
        &files.gate.certificate,
        Some(&files.callers.sign(MAILER, Dated::Now)),
        crate::world::clock(),
    );
    let (_, head) = connect(&world, &config, EVENTS, "").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    // Certificates end on the 22nd; a ticket of TLS holds for a day.
    seconds.fetch_add(41 * 3600, Ordering::SeqCst);
    let (stream, head) = connect(&world, &config, EVENTS, "").await;
    assert_eq!(
        stream.unwrap().get_ref().1.handshake_kind(),
        Some(HandshakeKind::Resumed)
    );
    assert!(head.starts_with("HTTP/1.1 407"), "{head}");
}

#[tokio::test]
async fn other_certificates_are_in_force_after_a_reload_and_bad_files_change_nothing() {
    let mut files = Files::new();
    let batch = files.callers.sign("x.example", Dated::Now);
    let world = files.world(&services(&batch)).await;
    let old = config(
        &files.gate.certificate,
        Some(&files.callers.sign(MAILER, Dated::Now)),
        clock(),
    );
    assert_eq!(send(&world, &old, EVENTS).await.status, 200);

    let (gate, callers) = (Signer::new(), Signer::new());
    files.put_leaf(&gate.sign(GATE, Dated::Now));
    files.put("callers.pem", &callers.pem, 0o644);
    let reload = || world.gate.swap_settings(Arc::new(files.settings(&services(&batch))));
    files.put("gate.key", &KeyPair::generate().unwrap().serialize_pem(), 0o600);
    refused(reload(), "does not belong to the certificate");
    files.put("gate.key", "nothing", 0o600);
    refused(reload(), "holds no private key");
    files.put("gate.key", "nothing", 0o640);
    refused(reload(), "has mode 640, expected 600");
    std::fs::remove_file(files.path("gate.key")).unwrap();
    refused(reload(), "cannot read the key");
    files.put("gate.pem", "nothing", 0o644);
    refused(reload(), "holds no certificate");
    assert_eq!(
        send(&world, &old, EVENTS).await.status,
        200,
        "the old ones are in force"
    );

    files.put_leaf(&gate.sign(GATE, Dated::Now));
    reload().unwrap();
    assert!(knock(&world, &old).await.is_err(), "the gate shows another certificate");
    let stale = config(
        &gate.certificate,
        Some(&files.callers.sign(MAILER, Dated::Now)),
        clock(),
    );
    assert_eq!(connect(&world, &stale, EVENTS, "").await.1, "");
    files.callers = callers;
    let new = config(
        &gate.certificate,
        Some(&files.callers.sign(MAILER, Dated::Now)),
        clock(),
    );
    assert_eq!(send(&world, &new, EVENTS).await.status, 200);
}

fn refused(reloaded: Result<(), GateError>, why: &str) {
    let error = reloaded.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains(why), "{cause}");
}
