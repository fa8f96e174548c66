//! Traces to a collector: OTLP over HTTP in its JSON encoding, from a thread of its own.
//!
//! Over `https` the collector has to prove who it is, by the system's certificates or those of `OTEL_EXPORTER_OTLP_CERTIFICATE`; there is
//! no switch. What `OTEL_EXPORTER_OTLP_HEADERS` holds is sent to it and shown to nobody.
//!
//! Source: OpenTelemetry protocol 1.x, "OTLP/HTTP"; OTLP exporter environment variables.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use averment_gate::{TrustError, read_certificates};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::collector::Collector;

/// Traces that wait while the collector is slow; more are dropped.
const WAITING_MAX: usize = 2048;
/// Traces sent together.
const BATCH: usize = 256;
/// A batch is sent after this time even if it is small.
const EVERY: Duration = Duration::from_secs(2);
/// A collector has this long to take one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts the thread; traces go in at the sender. It ends with the process.
///
/// # Errors
/// When the certificates that are to be trusted cannot be read: to somebody who cannot prove who it is nothing is sent.
pub(super) fn start(collector: Collector) -> Result<SyncSender<Vec<Value>>, TrustError> {
    let agent = agent(&collector)?;
    let (sender, receiver) = sync_channel(WAITING_MAX);
    std::thread::spawn(move || run((&agent, &collector), &receiver));
    Ok(sender)
}

/// No redirects, and no proxy of the environment: that may be this gate.
fn agent(collector: &Collector) -> Result<Agent, TrustError> {
    let mut roots = rustls_native_certs::load_native_certs().certs;
    if let Some(file) = &collector.certificates {
        roots.extend(read_certificates(file)?);
    }
    let roots: Vec<Certificate<'static>> = roots.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(PATIENCE));
    Ok(config.build().into())
}

fn run(to: (&Agent, &Collector), receiver: &Receiver<Vec<Value>>) {
    let mut was_told = false;
    loop {
        let (spans, is_last) = batch(receiver);
        if !spans.is_empty() {
            let sent = send(to, &document(spans));
            if let Err(why) = sent
                && !was_told
            {
                tracing::warn!(why, "the collector of traces does not take them");
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

/// Sends one batch; in a word why it was not taken, without what was said.
fn send((agent, collector): (&Agent, &Collector), document: &str) -> Result<(), &'static str> {
    let mut request = agent.post(&collector.url).content_type("application/json");
    for (name, value) in &collector.fields {
        request = request.header(name, value);
    }
    let answer = request.send(document).map_err(|error| match error {
        ureq::Error::StatusCode(_) => "refused",
        ureq::Error::Timeout(_) => "too slow",
        ureq::Error::Rustls(_) => "not who it should be",
        ureq::Error::Io(error) if is_of_tls(&error) => "not who it should be",
        _ => "not reached",
    })?;
    // Redirects are not followed, so whoever sends one has taken nothing.
    answer.status().is_success().then_some(()).ok_or("refused")
}

/// Whether the handshake failed, which comes wrapped.
fn is_of_tls(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}

#[cfg(test)]
mod tests;
