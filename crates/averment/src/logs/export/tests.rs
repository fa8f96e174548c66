//! A collector over TLS: a real server with a certificate of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;

const KEY: &str = "sesame";

/// A collector for `localhost` that answers `status`; its address, its certificate and what it hears.
fn collector(folder: &Path, status: &'static str) -> (String, PathBuf, Receiver<String>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let file = folder.join("collector.pem");
    std::fs::write(&file, certificate.pem()).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = config
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth();
    let config = Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/v1/traces", listener.local_addr().unwrap().port());
    let (hear, heard) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !request.ends_with(b"}]}]}]}") {
                match stream.read(&mut piece) {
                    Ok(count) if count > 0 => request.extend_from_slice(&piece[..count]),
                    _ => break,
                }
            }
            hear.send(String::from_utf8(request).unwrap()).unwrap();
            _ = stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes());
        }
    });
    (url, file, heard)
}

fn send_to(url: &str, certificates: Option<PathBuf>) -> Result<(), &'static str> {
    let collector = Collector {
        url: url.to_owned(),
        fields: vec![("api-key".to_owned(), KEY.to_owned())],
        certificates,
    };
    let agent = agent(&collector).unwrap();
    send((&agent, &collector), &document(vec![json!({ "name": "request" })]))
}

#[test]
fn a_collector_over_tls_gets_traces_and_fields_once_it_has_proved_who_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (url, certificate, heard) = collector(folder.path(), "200 OK");
    assert_eq!(send_to(&url, None), Err("not who it should be"));
    assert_eq!(heard.recv().unwrap(), "", "not a byte before");
    assert_eq!(send_to(&url, Some(certificate.clone())), Ok(()));
    let request = heard.recv().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("api-key: sesame"), "{head}");
    assert!(body.contains("\"name\":\"request\""), "{body}");
    // A certificate for another name proves nothing.
    let other = url.replace("localhost", "127.0.0.1");
    assert_eq!(send_to(&other, Some(certificate)), Err("not who it should be"));
}

#[test]
fn what_goes_wrong_is_said_without_what_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (url, certificate, _heard) = collector(folder.path(), "401 Who");
    assert_eq!(send_to(&url, Some(certificate)), Err("refused"));
    assert_eq!(send_to("http://127.0.0.1:1/v1/traces", None), Err("not reached"));
    let missing = Collector {
        url,
        fields: Vec::new(),
        certificates: Some(folder.path().join("missing.pem")),
    };
    assert!(start(missing).is_err());
}
