//! The wire: a proxy that callers send their requests through. It opens TLS, looks at every request, decides by the charter,
//! records, and only then sends.
//!
//! Start at [`Gate`] for the whole, at `way.rs` for the one way of a message, at `stream.rs` and `websocket.rs` for what goes
//! piece by piece. Doubt ends closed: whatever is unread,
//! ambiguous, late or broken is answered by the gate with a problem document and never sent.
//!
//! Absent: payloads at rest. No value is logged, kept or put into an answer of the gate's own.
//!
//! What is not here yet: answers of recipients stream back uninspected.

mod address;
mod authority;
mod aws_chunked;
mod body;
mod case;
mod clock;
mod fault;
mod framing;
mod front;
mod gate;
mod head;
mod hop;
mod host;
mod lifetime;
mod load;
mod outgoing;
mod passing;
mod problem;
mod refusal;
mod route;
mod sending;
mod serving;
mod settings;
mod sink;
mod stream;
mod trust;
mod tunnel;
mod upstream;
mod way;
mod websocket;

pub use authority::{Authority, AuthorityError};
pub use clock::Clock;
pub use gate::{Gate, GateConfig, GateError, Timeouts};
pub use settings::{
    Admin, Credential, CutOff, LimitSettings, PassThrough, Route, Service, Settings, SettingsError, UpstreamSettings,
};
pub use sink::{Received, Sink, SinkError};
pub use trust::{TrustError, read_certificates};
pub use upstream::{Upstream, UpstreamError};
