//! Logs on standard error: what the program itself says, never what passes through it.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Environment variable for the level: `off`, `error`, `warn` (the default), `info`, `debug`.
const VARIABLE: &str = "AVERMENT_LOG";

/// Starts logging. Libraries that see bodies and heads (HTTP, TLS) are never heard, whatever the level: at their finest
/// they print what they carry.
#[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
pub(crate) fn start() {
    let level = std::env::var(VARIABLE)
        .ok()
        .and_then(|word| word.parse::<LevelFilter>().ok())
        .unwrap_or(LevelFilter::WARN);
    let rooms = ["averment", "averment_console", "averment_gate", "averment_store"];
    let filter = Targets::new().with_targets(rooms.map(|room| (room, level)));
    let print = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false);
    tracing_subscriber::registry().with(filter).with(print).init();
}
