//! The wire: a proxy that callers send their requests through. It opens TLS, looks at every request, decides by the charter,
//! records, and only then sends.
//!
//! Start at [`Gate`] for the whole, at `way.rs` for the one way of a message, at `stream.rs` and `websocket.rs` for what goes
//! piece by piece. Doubt ends closed: whatever is unread,
//! ambiguous, late or broken is answered by the gate with a problem document and never sent.
//!
//! Absent: payloads at rest. No value is logged, kept or put into an answer of the gate's own.
//!
//! What is not here yet: answers of recipients stream back uninspected; only pseudonyms in them are turned back where that is
//! declared (`turn_back.rs`).

mod address;
mod admin;
mod authority;
mod aws_chunked;
mod body;
mod caller;
mod case;
mod clock;
mod credentials;
mod directory;
mod facts;
mod fault;
mod flow;
mod framing;
mod front;
mod gate;
mod head;
mod hop;
mod host;
mod lifetime;
mod load;
mod metrics;
mod outgoing;
mod pace;
mod paced;
mod passing;
mod problem;
mod reach;
mod recording;
mod refusal;
mod room;
mod route;
mod sending;
mod serving;
mod settings;
mod sink;
mod stream;
mod telling;
mod terms;
mod trust;
mod tunnel;
mod turn_back;
mod upstream;
mod way;
mod websocket;

pub use admin::{AdminAddress, Operator, OperatorError, Reloaded};
pub use authority::{Authority, AuthorityError, Outside, Scope};
pub use caller::read_context;
pub use clock::Clock;
pub use credentials::CredentialError;
pub use facts::{Sources, gather};
pub use front::FrontTlsError;
pub use gate::{Gate, GateConfig, GateError, Prepared, Timeouts};
pub use reach::reach_of;
pub use settings::{
    Admin, AuthoritySettings, Credential, CutOff, LedgerSettings, LimitSettings, Origin, PassThrough,
    RecipientTimeouts, Route, Service, Settings, SettingsError, Term, TimeoutSettings, Tls, UpstreamSettings,
    WitnessAddress,
};
pub use sink::{Received, Sink, SinkError};
pub use trust::{TrustError, read_certificates};
pub use upstream::{Login, Resolver, Upstream, UpstreamError};
