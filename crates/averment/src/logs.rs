//! Logs on standard error and traces to a collector: what the program itself says, never what passes through it.
//!
//! Start at [`start`]. Read from the environment: `AVERMENT_LOG` (level), `AVERMENT_LOG_FORMAT` (`json` for one object a
//! line), `OTEL_EXPORTER_OTLP_ENDPOINT` and its kin (a collector of traces).

mod collector;
mod export;
mod spans;

use std::io::IsTerminal as _;
use std::sync::mpsc::SyncSender;

use serde_json::Value;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Environment variable for the level: `off`, `error`, `warn` (the default), `info`, `debug`.
const LEVEL: &str = "AVERMENT_LOG";
/// Environment variable for the form: `text` (the default) or `json`.
const FORMAT: &str = "AVERMENT_LOG_FORMAT";
/// The spans that traces are made of; a log of them would repeat the ledger.
const SPANS: &str = "averment_gate::trace";

/// Starts logging. Libraries that see bodies and heads (HTTP, TLS) are never heard, whatever the level: at their finest
/// they print what they carry.
pub(crate) fn start() {
    let level = variable(LEVEL)
        .and_then(|word| word.parse().ok())
        .unwrap_or(LevelFilter::WARN);
    let rooms = [
        "averment",
        "averment_console",
        "averment_gate",
        "averment_store",
        "averment_witness",
    ];
    let heard = Targets::new()
        .with_targets(rooms.map(|room| (room, level)))
        .with_target(SPANS, LevelFilter::OFF);
    let print = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let print = if variable(FORMAT).as_deref() == Some("json") {
        print.json().boxed()
    } else {
        print.boxed()
    };
    let traced = Targets::new().with_target(SPANS, LevelFilter::INFO);
    let traces = sender().map(|sender| spans::Traces::new(sender).with_filter(traced));
    tracing_subscriber::registry()
        .with(print.with_filter(heard))
        .with(traces)
        .init();
}

/// Where traces go in, when there is a collector.
fn sender() -> Option<SyncSender<Vec<Value>>> {
    let started = export::start(collector::collector(variable)?);
    if let Err(error) = &started {
        anstream::eprintln!("warning: `OTEL_EXPORTER_OTLP_CERTIFICATE`: {error}; so there are no traces");
    }
    started.ok()
}

#[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
