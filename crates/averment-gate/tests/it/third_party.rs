//! Third parties that behave in ways that the sink does not: raw bytes, bad certificates, early or no answers.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use averment_gate::Upstream;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What is wrong with the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    Expired,
    NotYet,
    WrongName,
    SelfSigned,
    UnknownRoot,
}

/// What it does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Manner {
    /// Reads a head and its `Content-Length`, answers these bytes, and goes on.
    Answers(&'static str),
    /// Answers as soon as the head is there, and closes.
    AnswersEarly(&'static str),
    /// The same once the last chunk is there.
    AnswersLast(&'static str),
    /// As `Answers`, with these pauses before the head, and before the rest.
    AnswersLate([(Duration, &'static str); 2]),
    /// Reads, and closes.
    HangsUp,
    /// Reads, and is silent.
    Silent,
}

/// A running third party.
pub(crate) struct ThirdParty {
    pub(crate) address: SocketAddr,
    root: CertificateDer<'static>,
    bytes: Arc<Mutex<Vec<u8>>>,
    connections: Arc<AtomicUsize>,
}

impl ThirdParty {
    pub(crate) async fn start(host: &str, flaw: Flaw, manner: Manner) -> Self {
        let (config, root) = certificates(host, flaw);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (bytes, connections) = (Arc::default(), Arc::default());
        let it = Self {
            address,
            root,
            bytes: Arc::clone(&bytes),
            connections: Arc::clone(&connections),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, bytes, connections, manner) = (
                    TlsAcceptor::from(Arc::clone(&config)),
                    Arc::clone(&bytes),
                    Arc::clone(&connections),
                    manner.clone(),
                );
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    connections.fetch_add(1, Ordering::SeqCst);
                    serve(stream, &manner, &bytes).await;
                });
            }
        });
        it
    }

    pub(crate) fn upstream(&self) -> Upstream {
        Upstream {
            connect_to: Some(self.address),
            extra_roots: vec![self.root.clone()],
            ..Upstream::default()
        }
    }

    pub(crate) fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// What came after the handshake.
    pub(crate) fn received(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    /// Connections whose handshake was finished.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut stream: tokio_rustls::server::TlsStream<tokio::net::TcpStream>,
    manner: &Manner,
    bytes: &Mutex<Vec<u8>>,
) {
    let mut mine = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let Ok(read) = stream.read(&mut buffer).await else {
            return;
        };
        if read == 0 {
            return;
        }
        bytes.lock().unwrap().extend_from_slice(&buffer[..read]);
        mine.extend_from_slice(&buffer[..read]);
        let Some(done) = whole_request(&mine) else { continue };
        match manner {
            Manner::Answers(answer) if done => {
                mine.clear();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            Manner::AnswersEarly(answer) => {
                stream.write_all(answer.as_bytes()).await.unwrap();
                _ = stream.shutdown().await;
                return;
            }
            Manner::AnswersLast(answer) if mine.ends_with(b"\r\n0\r\n\r\n") => {
                mine.clear();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            Manner::AnswersLate(parts) if done => {
                mine.clear();
                for (pause, part) in parts {
                    tokio::time::sleep(*pause).await;
                    stream.write_all(part.as_bytes()).await.unwrap();
                    stream.flush().await.unwrap();
                }
            }
            Manner::HangsUp if done => return,
            _ => {}
        }
    }
}

/// Whether the body is there; none while the head is not.
fn whole_request(bytes: &[u8]) -> Option<bool> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |text| text.parse().unwrap());
    Some(body.len() >= length)
}

/// A server's TLS with `flaw`, and the root that the gate is told to trust.
fn certificates(host: &str, flaw: Flaw) -> (Arc<ServerConfig>, CertificateDer<'static>) {
    let (root, issuer) = authority();
    let (_, stranger) = authority();
    let key = KeyPair::generate().unwrap();
    let name = if flaw == Flaw::WrongName { "other.example" } else { host };
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (params.not_before, params.not_after) = match flaw {
        Flaw::Expired => (date_time_ymd(2024, 1, 1), date_time_ymd(2026, 11, 19)),
        Flaw::NotYet => (date_time_ymd(2026, 11, 21), date_time_ymd(2027, 11, 21)),
        _ => (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1)),
    };
    let leaf = match flaw {
        Flaw::SelfSigned => params.self_signed(&key).unwrap(),
        Flaw::UnknownRoot => params.signed_by(&key, &stranger).unwrap(),
        _ => params.signed_by(&key, &issuer).unwrap(),
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config = builder
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    (Arc::new(config), root)
}

fn authority() -> (CertificateDer<'static>, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    (certificate.der().clone(), Issuer::new(params, key))
}

/// A server's TLS for `host` with this protocol, and what makes the gate send to `address` and trust it.
pub(crate) fn server(host: &str, protocol: &str, address: SocketAddr) -> (TlsAcceptor, Upstream) {
    let (config, root) = certificates(host, Flaw::None);
    let mut config = (*config).clone();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let upstream = Upstream {
        connect_to: Some(address),
        extra_roots: vec![root],
        ..Upstream::default()
    };
    (TlsAcceptor::from(Arc::new(config)), upstream)
}
