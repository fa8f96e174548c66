//! Looks at real things: servers, files, folders.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod schema;
mod servers;
