//! What stands in for third parties: a real TLS sink in the test's own process.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use averment_gate::{Clock, Received, Sink};
use tokio::runtime::Runtime;

use crate::world::{Place, Ran, Served, root};

/// A sink for every host, and everything that it ever received.
pub(crate) struct ThirdParties {
    sink: Sink,
    received: Arc<Mutex<Vec<Received>>>,
    runtime: Runtime,
}

impl ThirdParties {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime for the sink");
        let received = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&received);
        let seen = move |request: &Received| {
            keep.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(request.clone());
        };
        let sink = runtime
            .block_on(Sink::start(any_port(), clock(), seen))
            .expect("a sink");
        Self {
            sink,
            received,
            runtime,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.sink.address()
    }

    /// Everything received, oldest first.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was received, of which there must be exactly one; none is kept.
    pub(crate) fn take_only(&self) -> Received {
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(received.len(), 1, "{received:?}");
        received.remove(0)
    }

    /// Writes the certificate to trust into the place.
    pub(crate) fn certificate(&self, place: &Place) -> PathBuf {
        let file = place.path("sink.pem");
        std::fs::write(&file, self.sink.root_certificate_pem()).expect("a file for the certificate");
        file
    }

    /// The arguments that send everything here, after `arguments`.
    pub(crate) fn upstream_of(&self, place: &Place, arguments: &[&str]) -> Vec<String> {
        let certificate = self.certificate(place).display().to_string();
        let address = self.address().to_string();
        let more = [
            "--gate",
            "127.0.0.1:0",
            "--connect-to",
            &address,
            "--trust",
            &certificate,
        ];
        arguments.iter().chain(&more).map(ToString::to_string).collect()
    }

    /// `averment up` in front of this.
    pub(crate) fn behind_up(&self, place: &Place, register: &str, environment: &[(&str, &str)]) -> Served {
        let arguments = self.upstream_of(place, &["up", register, "--page", "127.0.0.1:0"]);
        place.serve_with(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), environment)
    }

    /// The same with more arguments.
    pub(crate) fn behind_up_with(&self, place: &Place, register: &str, more: &[&str]) -> Served {
        let arguments = [&["up", register, "--page", "127.0.0.1:0"], more].concat();
        let arguments = self.upstream_of(place, &arguments);
        place.serve(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// `averment gate` in front of this.
    pub(crate) fn behind_gate(&self, place: &Place, register: &str) -> Served {
        let arguments = self.upstream_of(place, &["gate", register]);
        place.serve(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A proxy that only passes bytes on: clients reach the sink as if no gate were there. Gives its address.
    pub(crate) fn plain_tunnel(&self) -> SocketAddr {
        let listener = self
            .runtime
            .block_on(tokio::net::TcpListener::bind(any_port()))
            .expect("a free port");
        let (address, sink) = (listener.local_addr().expect("a bound port"), self.address());
        self.runtime.spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                tokio::spawn(tunnel(caller, sink));
            }
        });
        address
    }
}

async fn tunnel(mut caller: tokio::net::TcpStream, sink: SocketAddr) -> std::io::Result<()> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(caller.read_u8().await?);
    }
    let mut sink = tokio::net::TcpStream::connect(sink).await?;
    if head.starts_with(b"CONNECT ") {
        caller.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    } else {
        // An absolute target, in clear: the sink takes it as it is.
        sink.write_all(&head).await?;
    }
    tokio::io::copy_bidirectional(&mut caller, &mut sink).await.map(|_| ())
}

fn any_port() -> SocketAddr {
    SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0)
}

#[expect(clippy::disallowed_methods, reason = "certificates of the sink have to be valid now")]
fn clock() -> Clock {
    Clock::new(jiff::Timestamp::now)
}

/// The register that the house brings along.
pub(crate) fn example_register() -> String {
    root().join("examples/codeorg").display().to_string()
}

/// Fills the directory with the example people.
pub(crate) fn load_example_people(place: &Place) -> Ran {
    let people = root().join("examples/people.csv").display().to_string();
    place.run(&["people", "load", &people]).expect(0)
}
