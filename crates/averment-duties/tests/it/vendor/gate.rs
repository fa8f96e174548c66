//! By the third party's own name, with verified certificates, through a proxy: as it is through the gate.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use averment_catalog::erasure::Identifier;
use averment_catalog::{ThirdPartyId, catalog};
use averment_duties::Secret;
use averment_duties::vendor::{Identifiers, Order, Plan, Status, VendorAccess, report};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::desk::{Desk, Fault};
use super::house::{VENDORS, after, run, start};
use super::people::{ADA, BOB};
use super::server::serve;

const HOST: &str = "api.stripe.com";

/// An authority of our own and a server's configuration that it vouches for; its certificate as PEM.
fn authority() -> (String, Arc<ServerConfig>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let leaf_key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![HOST.to_owned()])
        .unwrap()
        .signed_by(&leaf_key, &issuer)
        .unwrap();
    let chain: Vec<CertificateDer<'static>> = vec![leaf.der().clone()];
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let key = PrivateKeyDer::try_from(leaf_key.serialize_der()).unwrap();
    (
        pem,
        Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap()),
    )
}

/// A proxy that answers for the third party itself, as the gate does; what was asked of it, head by head.
struct Proxy {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
    desk: Arc<Mutex<Desk>>,
}

impl Proxy {
    fn start(config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stripe = VENDORS.iter().find(|vendor| vendor.id == "stripe").unwrap();
        let mut records = (stripe.keeps)(ADA, 1);
        records.extend((stripe.keeps)(BOB, 2));
        let desk = Arc::new(Mutex::new(Desk::new("Bearer secret-token", records)));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (theirs, asked) = (Arc::clone(&desk), Arc::clone(&heads));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = tunnel(stream, &asked, &config, &theirs, stripe.speaks);
            }
        });
        Self { url, heads, desk }
    }
}

fn tunnel(
    mut stream: TcpStream,
    heads: &Mutex<Vec<String>>,
    config: &Arc<ServerConfig>,
    desk: &Mutex<Desk>,
    speaks: super::server::Speaks,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    heads.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut tls = StreamOwned::new(connection, stream);
    serve(&mut tls, desk, speaks)?;
    tls.conn.send_close_notify();
    tls.flush()
}

fn environment(name: &str) -> Option<String> {
    match name {
        "STRIPE" => Some("secret-token".to_owned()),
        "GATE" => Some("erasure:p@ss/word".to_owned()),
        _ => None,
    }
}

fn access(proxy: &Proxy) -> VendorAccess {
    VendorAccess {
        secrets: [(
            "token".to_owned(),
            Secret {
                env: Some("STRIPE".to_owned()),
                file: None,
            },
        )]
        .into(),
        proxy: Some(proxy.url.clone()),
        proxy_login_env: Some("GATE".to_owned()),
        ..VendorAccess::default()
    }
}

fn plan(access: &VendorAccess) -> Plan<'static> {
    let order = Order {
        recipient: "payments".to_owned(),
        third_party: ThirdPartyId::new("stripe").unwrap(),
        reference: "0011".to_owned(),
    };
    let identifiers = Identifiers::default().with(Identifier::Email, ADA.email);
    Plan::new(order, identifiers, Some(access.open(&environment).unwrap()), catalog())
}

#[test]
fn all_requests_go_through_the_proxy_to_a_host_that_is_verified() {
    let (pem, config) = authority();
    let proxy = Proxy::start(config);
    let folder = tempfile::tempdir().unwrap();
    let trust = folder.path().join("authority.pem");
    std::fs::write(&trust, pem).unwrap();
    let access = VendorAccess {
        trust: Some(trust),
        ..access(&proxy)
    };
    let plan = plan(&access);
    let mut wire = access.connect(&environment, Duration::from_secs(60)).unwrap();
    let (deletion, now) = run(&plan, plan.start(start()), after(1), &mut wire);
    assert!(
        matches!(deletion.status, Status::Confirmed { .. }),
        "{:#?}",
        report(&plan, &deletion, now)
    );
    let desk = proxy.desk.lock().unwrap();
    assert!(desk.records.iter().all(|record| record.email == BOB.email) && desk.records.len() == 2);
    let heads = proxy.heads.lock().unwrap();
    assert_eq!(heads.len(), desk.log.len());
    for head in heads.iter() {
        assert!(head.starts_with("CONNECT api.stripe.com:443 HTTP/1.1\r\n"), "{head}");
        // `erasure:p@ss/word`
        assert!(
            head.to_lowercase()
                .contains("proxy-authorization: basic zxjhc3vyztpwqhnzl3dvcmq="),
            "{head}"
        );
        assert!(!ADA.is_in(head) && !head.contains("secret-token"), "{head}");
    }
}

#[test]
fn who_is_not_verified_gets_nothing() {
    let (_, config) = authority();
    let proxy = Proxy::start(config);
    let access = access(&proxy);
    let plan = plan(&access);
    let mut wire = access.connect(&environment, Duration::from_secs(60)).unwrap();
    let (deletion, now) = run(&plan, plan.start(start()), after(1), &mut wire);
    let report = report(&plan, &deletion, now);
    assert!(
        !report.done && report.says.contains("is not who it says"),
        "{report:#?}"
    );
    let desk = proxy.desk.lock().unwrap();
    assert!(desk.log.is_empty() && desk.fault == Fault::Healthy);
}
