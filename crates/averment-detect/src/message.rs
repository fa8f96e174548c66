//! A request as the detection room sees it: bytes, borrowed.

/// One complete HTTP request.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// Name of the host that it goes to, without port.
    pub authority: &'a str,
    /// Path and query as sent, e.g. `/v1/x?a=b`.
    pub target: &'a str,
    /// Header fields in order, names in lower case, values as sent.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The whole body as sent, still in its content encoding.
    pub body: &'a [u8],
}

impl std::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Message(<{} byte target, {} headers, {} byte body>)",
            self.target.len(),
            self.headers.len(),
            self.body.len()
        )
    }
}

/// Bounds on the work for one message. Limits count what is decoded, not what was sent.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Body as sent, bytes.
    pub body_max_bytes: usize,
    /// All decoded layers together, bytes.
    pub decoded_max_bytes: usize,
    /// Decoded size over encoded size of one compressed layer, once it is above 64 KiB.
    pub ratio_max: usize,
    /// Encodings inside each other.
    pub layers_max: usize,
    /// Nesting of arrays and objects.
    pub nesting_max: usize,
    /// Parts of a multipart body, pairs of a form or query.
    pub parts_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_max_bytes: 8 << 20,
            decoded_max_bytes: 64 << 20,
            ratio_max: 200,
            layers_max: 12,
            nesting_max: 128,
            parts_max: 10_000,
        }
    }
}
