//! The platform by TLS, and what plain HTTP gives beside it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::platform::{Home, Running};

/// The answer to a request for `/privacy`; why there is none.
fn asked(address: &str, name: &str, authority: &Path) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(name.to_owned()).unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(address)?);
    write!(
        stream,
        "GET /privacy HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The answer to the same request without TLS.
fn plain(address: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /privacy HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_platform_speaks_tls_under_its_own_name_only() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &["--tls", "127.0.0.1:0"]);
    let authority = home.path().join("authority.pem");
    let tls = platform.said("tls on");
    let answer = asked(tls, "schoolhouse.example", &authority).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(asked(tls, "meet.jit.si", &authority).is_err());
}

#[test]
fn the_plain_listener_of_the_platform_leads_the_public_to_tls() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &["--tls", "127.0.0.1:0"]);
    assert_eq!(
        format!("http://{}", platform.said("plain on")),
        platform.said("listening on"),
        "there is one"
    );
    for host in ["schoolhouse.example", "WWW.schoolhouse.example:80"] {
        let answer = plain(platform.said("plain on"), host);
        assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
        assert!(answer.contains("schoolhouse.example/privacy\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
    let answer = plain(platform.said("plain on"), platform.said("plain on"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn stand_ins_speak_tls_under_the_names_of_those_they_stand_for() {
    let home = Home::sqlite();
    let file = home.path().join("others.pem");
    let others = Running::start(&[
        "vendor-stub",
        "--authority",
        &file.display().to_string(),
        "--as",
        "meet.jit.si",
    ]);
    let answer = asked(others.said("tls on"), "meet.jit.si", &file).unwrap();
    assert!(answer.contains("<title>Call</title>"), "{answer}");
    assert!(asked(others.said("tls on"), "schoolhouse.example", &file).is_err());
}
