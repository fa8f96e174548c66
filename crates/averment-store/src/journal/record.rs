//! What whoever sends hands in about one message.

use averment_detect::Inspection;

use crate::Snapshot;

/// What the gate knows about one message when it records it.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Host without port, or `*` when the name itself holds a finding.
    pub host: &'a str,
    /// What was found.
    pub inspection: &'a Inspection,
    /// Body bytes as sent by the caller.
    pub body_bytes: u64,
    /// Method, target and body as they go out: only a keyed digest of them is kept.
    pub request: Request<'a>,
    /// The directory that the findings were made with.
    pub snapshot: &'a Snapshot,
}

/// The request that a keyed digest is made of.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// Body.
    pub body: &'a [u8],
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Request(<{} byte target, {} byte body>)",
            self.target.len(),
            self.body.len()
        )
    }
}
