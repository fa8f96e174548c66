//! The room as others use it: real servers, nothing faked but who they stand for.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod vendor;
