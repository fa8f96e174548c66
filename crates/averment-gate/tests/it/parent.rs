//! A proxy that everything has to go through: in clear or over TLS, with or without a login.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use averment_gate::{Login, Settings, Upstream};
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

use crate::client::{post, read_head};
use crate::third_party::{Flaw, Manner, ThirdParty, server};
use crate::world::{ADA, EVENTS, Setup, World};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/// `gate:open sesame`.
const LOGIN: &str = "Basic Z2F0ZTpvcGVuIHNlc2FtZQ==";

/// A proxy that connects everything to one address and keeps the heads that it read.
struct Parent {
    address: SocketAddr,
    heads: UnboundedReceiver<String>,
}

/// What it asks for.
#[derive(Clone)]
struct Asks {
    tls: Option<TlsAcceptor>,
    login: Option<&'static str>,
    to: SocketAddr,
}

impl Parent {
    async fn start(asks: Asks) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (heads, read) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (asks, heads) = (asks.clone(), heads.clone());
                tokio::spawn(async move {
                    match &asks.tls {
                        None => serve(stream, &asks, &heads).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &asks, &heads).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, heads: read }
    }

    async fn in_clear(to: SocketAddr) -> Self {
        Self::start(Asks {
            tls: None,
            login: None,
            to,
        })
        .await
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, asks: &Asks, heads: &UnboundedSender<String>) {
    let head = read_head(&mut stream).await;
    let is_tunnel = head.starts_with("CONNECT ");
    let field = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("proxy-authorization")
            .then(|| value.to_owned())
    });
    heads.send(head).unwrap();
    if asks.login.is_some_and(|login| field.as_deref() != Some(login)) {
        let refused = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(refused.as_bytes()).await.unwrap();
        _ = stream.shutdown().await;
        return;
    }
    if !is_tunnel {
        stream.write_all(OK.as_bytes()).await.unwrap();
        _ = stream.flush().await;
        return;
    }
    stream.write_all(b"HTTP/1.1 200 Fine\r\n\r\n").await.unwrap();
    _ = stream.flush().await;
    let mut there = TcpStream::connect(asks.to).await.unwrap();
    _ = tokio::io::copy_bidirectional(&mut stream, &mut there).await;
}

fn settings(text: &str) -> Setup {
    Setup {
        settings: Settings::parse(text).unwrap(),
        ..Setup::default()
    }
}

/// A gate behind `proxy`. `roots`: of the proxy.
async fn behind(proxy: &str, more: &str, there: &ThirdParty, roots: Vec<CertificateDer<'static>>) -> World {
    let mut upstream = Upstream {
        connect_to: None,
        ..there.upstream()
    };
    upstream.extra_roots.extend(roots);
    World::with(Setup {
        upstream: Some(upstream),
        ..settings(&format!("[upstream]\nparent_proxy = \"{proxy}\"\n{more}"))
    })
    .await
}

fn clear() -> String {
    format!("GET http://{EVENTS}/a?b HTTP/1.1\r\nHost: {EVENTS}\r\n\r\n")
}

fn tunnel(login: &str) -> String {
    format!("CONNECT {EVENTS}:443 HTTP/1.1\r\nHost: {EVENTS}:443\r\n{login}\r\n")
}

#[tokio::test]
async fn everything_goes_through_the_parent_proxy_and_is_verified_inside() {
    for flaw in [Flaw::None, Flaw::UnknownRoot] {
        let there = ThirdParty::start(EVENTS, flaw, Manner::Answers(OK)).await;
        let mut parent = Parent::in_clear(there.address).await;
        let world = behind(&format!("http://{}", parent.address), "", &there, Vec::new()).await;
        let reply = world.post(EVENTS, "{}").await;
        assert_eq!(parent.heads.recv().await.unwrap(), tunnel(""));
        if flaw == Flaw::None {
            assert_eq!(reply.status, 200, "{}", reply.body);
        } else {
            assert_eq!((reply.kind().as_str(), there.received().as_str()), ("unverified", ""));
        }
        assert_eq!(world.send_plain(&clear()).await.status, 200);
        let head = parent.heads.recv().await.unwrap();
        assert!(
            head.starts_with(&format!("GET http://{EVENTS}/a?b HTTP/1.1\r\n")),
            "{head}"
        );
    }
}

#[tokio::test]
async fn a_parent_proxy_over_tls_is_verified_too() {
    for is_trusted in [true, false] {
        let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(OK)).await;
        let (tls, known) = server("localhost", "http/1.1", there.address);
        let mut parent = Parent::start(Asks {
            tls: Some(tls),
            login: None,
            to: there.address,
        })
        .await;
        let roots = if is_trusted { known.extra_roots } else { Vec::new() };
        let address = format!("https://localhost:{}", parent.address.port());
        let world = behind(&address, "", &there, roots).await;
        let reply = world.post(EVENTS, "{}").await;
        let in_clear = world.send_plain(&clear()).await;
        if is_trusted {
            assert_eq!((reply.status, in_clear.status), (200, 200), "{}", reply.body);
            assert_eq!(parent.heads.recv().await.unwrap(), tunnel(""));
            assert!(parent.heads.recv().await.unwrap().starts_with("GET http://"));
        } else {
            assert_eq!(
                (reply.kind().as_str(), in_clear.kind().as_str()),
                ("unreachable", "unreachable")
            );
            assert!(
                parent.heads.try_recv().is_err(),
                "not a byte for who could not prove who it is"
            );
            assert_eq!(there.received(), "");
        }
    }
}

fn login_file(folder: &Path, text: &str, mode: u32) -> String {
    let file = folder.join("login");
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    format!("parent_proxy_login_file = \"{}\"\n", file.display())
}

#[tokio::test]
async fn a_login_goes_to_the_proxy_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = login_file(folder.path(), "gate:open sesame\n", 0o600);
    for (more, is_let_in) in [(file.as_str(), true), ("", false)] {
        let there = ThirdParty::start(EVENTS, Flaw::None, Manner::Answers(OK)).await;
        let mut parent = Parent::start(Asks {
            tls: None,
            login: Some(LOGIN),
            to: there.address,
        })
        .await;
        let world = behind(&format!("http://{}", parent.address), more, &there, Vec::new()).await;
        // What a caller says to the gate is not for the proxy behind it.
        let own = post(EVENTS, "{}").replacen("\r\n", "\r\nProxy-Authorization: Basic b3duOm93bg==\r\n", 1);
        let reply = world.send(EVENTS, &own).await;
        let in_clear = world.send_plain(&clear()).await;
        let heads = [parent.heads.recv().await.unwrap(), parent.heads.recv().await.unwrap()];
        if is_let_in {
            assert_eq!((reply.status, in_clear.status), (200, 200), "{}", reply.body);
            assert_eq!(heads[0], tunnel(&format!("Proxy-Authorization: {LOGIN}\r\n")));
            assert_eq!(heads[1].to_lowercase().matches("proxy-authorization").count(), 1);
        } else {
            assert_eq!(
                (reply.kind().as_str(), in_clear.kind().as_str()),
                ("unreachable", "lost")
            );
            assert!(!in_clear.head.contains("Proxy-Authenticate"), "{}", in_clear.head);
        }
        assert!(!there.received().to_lowercase().contains("proxy-authorization"));
        let said = [world.ledger(), reply.body, in_clear.body].concat();
        assert!(!said.contains("sesame") && !said.contains(LOGIN) && !said.contains(ADA));
    }
}

#[test]
fn a_login_that_nobody_could_use_is_told_of_without_it() {
    assert!(!format!("{:?}", Login::parse("gate:open sesame").unwrap()).contains("sesame"));
    let proxy = "parent_proxy = \"http://proxy.example:3128\"\n";
    for (rows, expected) in [
        (
            "parent_proxy_login_file = \"a\"\n".to_owned(),
            "expected `parent_proxy`",
        ),
        (
            format!("{proxy}parent_proxy_login_file = \"a\"\nparent_proxy_login_variable = \"B\"\n"),
            "found both",
        ),
    ] {
        let error = Settings::parse(&format!("[upstream]\n{rows}")).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains(expected), "{cause}");
    }
}

#[tokio::test]
async fn nothing_inside_is_asked_of_the_parent_proxy() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut parent = Parent::in_clear(nobody.local_addr().unwrap()).await;
    let address = parent.address;
    let world = World::with(Setup {
        unknown_hosts: "report",
        upstream: Some(Upstream::default()),
        ..settings(&format!("[upstream]\nparent_proxy = \"http://{address}\"\n"))
    })
    .await;
    for host in ["127.0.0.1", "169.254.169.254", "[::1]", "localhost", "a.localhost"] {
        let reply = world
            .send_plain(&format!("GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n"))
            .await;
        assert_eq!((reply.status, reply.kind().as_str()), (403, "address-inside"), "{host}");
    }
    assert!(parent.heads.try_recv().is_err());
}
