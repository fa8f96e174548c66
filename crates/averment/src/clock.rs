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

/// Today in universal time, so that the same register gives the same findings everywhere.
pub(crate) fn today() -> jiff::civil::Date {
    now().to_zoned(jiff::tz::TimeZone::UTC).date()
}
