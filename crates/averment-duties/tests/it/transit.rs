//! Endpoints with certificates of our own, and database servers.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use averment_catalog::Plane;
use averment_duties::probe::Probed;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};

use crate::probes::{Told, charter, probe};
use crate::servers::Server;
use crate::site::{Reply, serve};

const CLAIM: &str = "[[claims]]\nid = \"transit\"\nkind = \"encrypted_in_transit\"\nsentence = \"Everything is encrypted on its way.\"\n";

/// An authority of our own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2040, 1, 1));
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A server's certificate until the end of a day of 2026.
    fn server(&self, name: &str, (month, day): (u8, u8)) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2026, month, day));
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            );
        Arc::new(config.unwrap())
    }
}

/// Serves one page over TLS; to whom offers nothing newer than TLS 1.1, a greeting of that version where `old`.
fn tls(config: Arc<ServerConfig>, old: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || _ = answer(stream, config, old));
        }
    });
    address
}

fn answer(mut stream: TcpStream, config: Arc<ServerConfig>, old: bool) -> std::io::Result<()> {
    let mut head = [0; 11];
    while stream.peek(&mut head)? < 11 {}
    if old && head[9..] == [3, 2] {
        // RFC 4346: a handshake record with the beginning of a greeting.
        return stream.write_all(&[22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2, 1, 2, 3, 4]);
    }
    let mut connection = ServerConnection::new(config).unwrap();
    let mut tls = rustls::Stream::new(&mut connection, &mut stream);
    let mut request = [0; 1024];
    _ = tls.read(&mut request)?;
    tls.write_all(b"HTTP/1.1 200 OK\r\nstrict-transport-security: max-age=9\r\ncontent-length: 0\r\n\r\n")?;
    tls.flush()
}

fn look(settings: &str) -> Probed {
    let charter = charter(&[("claims/list.toml", CLAIM)]);
    let mut all = probe(&charter, settings, &Told(Vec::new()), "transit", false);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

fn settings(address: SocketAddr, plain: &str, trust: &[PathBuf]) -> String {
    format!(
        "[[endpoints]]\nhost = \"app.birch.example\"\naddress = \"{address}\"\nplain = \"{plain}\"\ntrust = {trust:?}\n"
    )
}

/// It is the twenty-second of November.
#[test]
fn endpoints_are_known_by_their_certificates_and_versions() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let pem = dir.path().join("authority.pem");
    std::fs::write(&pem, &authority.pem).unwrap();
    let trust = [pem];
    let good = || authority.server("app.birch.example", (12, 31));

    let held = look(&settings(tls(good(), false), "", &trust));
    assert!(held.holds() && held.observed == 2, "{held:#?}");
    assert!(
        held.notes
            .iter()
            .any(|note| note.contains("TLSv1_3") && note.contains("it tells browsers")),
        "{held:#?}"
    );
    assert!(!held.notes.iter().any(|note| note.contains("ends within")), "{held:#?}");
    let soon = look(&settings(
        tls(authority.server("app.birch.example", (12, 1)), false),
        "",
        &trust,
    ));
    assert!(
        soon.holds() && soon.notes.iter().any(|note| note.contains("ends within 14 days")),
        "{soon:#?}"
    );

    for (address, trusted, told) in [
        (
            tls(authority.server("app.birch.example", (11, 1)), false),
            &trust[..],
            "has a certificate that has ended",
        ),
        (
            tls(authority.server("other.example", (12, 31)), false),
            &trust[..],
            "for another name",
        ),
        (tls(good(), false), &[][..], "of nobody who is trusted"),
        (tls(good(), true), &trust[..], "speaks TLS 1.1 or older"),
        (serve(|_| Reply::page("no TLS")), &trust[..], "speaks no TLS"),
    ] {
        let found = look(&settings(address, "", trusted));
        assert!(
            found.contrary == 1 && found.places[0].contains(told),
            "{told}: {found:#?}"
        );
    }
}

#[test]
fn plain_http_leads_to_tls_or_is_a_finding() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let pem = dir.path().join("authority.pem");
    std::fs::write(&pem, &authority.pem).unwrap();
    let address = tls(authority.server("app.birch.example", (12, 31)), false);
    for (plain, holds) in [
        (serve(|_| Reply::to("https://app.birch.example/")), true),
        (serve(|_| Reply::status(403)), true),
        (serve(|_| Reply::page("hello")), false),
        (serve(|_| Reply::to("http://app.birch.example/")), false),
    ] {
        let found = look(&settings(address, &plain.to_string(), std::slice::from_ref(&pem)));
        assert_eq!(found.holds(), holds, "{found:#?}");
        assert_eq!(found.observed, 3);
    }
}

#[test]
fn what_does_not_answer_is_not_seen() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let found = look(&settings(free, "", &[]));
    assert_eq!((found.observed, found.unseen), (0, 1), "{found:#?}");
    let nothing = look("");
    assert!(nothing.attest && !nothing.is_recorded(), "{nothing:#?}");
}

#[test]
fn sessions_of_databases_are_asked_for() {
    let map = |engine: &str| {
        format!("store = \"app\"\nengine = \"{engine}\"\n[[tables]]\ntable = \"x\"\nnone = \"nothing\"\n")
    };
    for (engine, server) in [("postgresql", Server::postgres()), ("mariadb", Server::mariadb())] {
        let charter = charter(&[("claims/list.toml", CLAIM), ("data/app.toml", &map(engine))]);
        let secrets = Told(vec![("APP", server.address())]);
        let all = probe(
            &charter,
            "[stores.app]\nurl_env = \"APP\"\n",
            &secrets,
            "transit",
            false,
        );
        let database = all.iter().find(|one| one.plane == Plane::Database).unwrap();
        assert!(database.holds(), "{engine}: {database:#?}");
        let unasked = probe(&charter, "", &secrets, "transit", false);
        assert!(
            unasked
                .iter()
                .any(|one| one.plane == Plane::Database && one.unseen == 1),
            "{unasked:#?}"
        );
    }
}
