//! The clock: read here and nowhere else.

use jiff::Timestamp;

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the clock is read; every other room takes `now`"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
