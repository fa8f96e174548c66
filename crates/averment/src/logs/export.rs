//! Traces to a collector: OTLP over HTTP in its JSON encoding, from a thread of its own.
//!
//! Plain HTTP only: a collector runs on the same machine or beside it, and sends on over TLS.
//!
//! Source: OpenTelemetry protocol 1.x, "OTLP/HTTP"; OTLP exporter environment variables.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Traces that wait while the collector is slow; more are dropped.
const WAITING_MAX: usize = 2048;
/// Traces sent together.
const BATCH: usize = 256;
/// A batch is sent after this time even if it is small.
const EVERY: Duration = Duration::from_secs(2);
/// A collector has this long to take one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where traces go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    authority: String,
    path: String,
}

/// What the environment says; none when it names nothing that can be sent to.
pub(super) fn endpoint(variable: impl Fn(&str) -> Option<String>) -> Option<Endpoint> {
    let exact = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    let base =
        || variable("OTEL_EXPORTER_OTLP_ENDPOINT").map(|base| format!("{}/v1/traces", base.trim_end_matches('/')));
    let url = exact.or_else(base)?;
    let Some(rest) = url.strip_prefix("http://") else {
        anstream::eprintln!("warning: traces are sent over `http://` only, so there are none");
        return None;
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority = match authority.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => authority.to_owned(),
        _ => format!("{authority}:80"),
    };
    Some(Endpoint {
        authority,
        path: format!("/{path}"),
    })
}

/// Starts the thread; traces go in at the sender. It ends with the process.
pub(super) fn start(endpoint: Endpoint) -> SyncSender<Vec<Value>> {
    let (sender, receiver) = sync_channel(WAITING_MAX);
    std::thread::spawn(move || run(&endpoint, &receiver));
    sender
}

fn run(endpoint: &Endpoint, receiver: &Receiver<Vec<Value>>) {
    let mut was_told = false;
    loop {
        let (spans, is_last) = batch(receiver);
        if !spans.is_empty() {
            let sent = send(endpoint, &document(spans));
            if sent.is_err() && !was_told {
                tracing::warn!("the collector of traces does not take them");
            }
            was_told = sent.is_err();
        }
        if is_last {
            return;
        }
    }
}

/// What came within [`EVERY`] of the first of them.
fn batch(receiver: &Receiver<Vec<Value>>) -> (Vec<Value>, bool) {
    let Ok(mut spans) = receiver.recv() else {
        return (Vec::new(), true);
    };
    let until = Instant::now() + EVERY;
    for _ in 1..BATCH {
        match receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(more) => spans.extend(more),
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return (spans, true),
        }
    }
    (spans, false)
}

fn document(spans: Vec<Value>) -> String {
    let resource = [
        json!({ "key": "service.name", "value": { "stringValue": "averment" } }),
        json!({ "key": "service.version", "value": { "stringValue": env!("CARGO_PKG_VERSION") } }),
    ];
    let scope = json!({ "scope": { "name": "averment-gate" }, "spans": spans });
    json!({ "resourceSpans": [{ "resource": { "attributes": resource }, "scopeSpans": [scope] }] }).to_string()
}

fn send(endpoint: &Endpoint, document: &str) -> std::io::Result<()> {
    let address = endpoint.authority.to_socket_addrs()?.next();
    let address = address.ok_or_else(|| std::io::Error::other("the collector has no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        endpoint.path,
        endpoint.authority,
        document.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(document.as_bytes())?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    if status.starts_with(b"HTTP/1.") && status[9] == b'2' {
        Ok(())
    } else {
        Err(std::io::Error::other("the collector refuses them"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, endpoint};

    fn of(name: &'static str, url: &'static str) -> Option<Endpoint> {
        endpoint(|asked| (asked == name).then(|| url.to_owned()))
    }

    #[test]
    fn the_endpoint_is_read_as_the_standard_says() {
        let collector = |path: &str| {
            Some(Endpoint {
                authority: "127.0.0.1:4318".to_owned(),
                path: path.to_owned(),
            })
        };
        assert_eq!(
            of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
            collector("/v1/traces")
        );
        assert_eq!(
            of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/a/"),
            collector("/a/v1/traces")
        );
        assert_eq!(
            of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:4318/t"),
            collector("/t")
        );
        assert_eq!(of("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example"), None);
        assert_eq!(of("OTHER", "http://127.0.0.1:4318"), None);
    }
}
