//! Whether a request had a body that its recording does not hold: what nobody could read must not count as clean.

use super::super::super::model::Request;
use super::header;

/// What a multipart body may be longer than its text: boundaries are written in several ways.
const SLACK_BYTES: usize = 256;

/// Whether the request says, in its size, its headers or its record, that more was sent than `body`.
pub(super) fn is_missing(request: &Request, body: &[u8]) -> bool {
    let length = header(&request.headers, "content-length").next();
    let length = length.and_then(|length| length.trim().parse::<usize>().ok());
    if body.is_empty() {
        let size = request.body_size.0.unwrap_or_default();
        return size > 0 || length.is_some_and(|length| length > 0) || (length.is_none() && speaks_of_one(request));
    }
    let data = &request.post_data.0;
    // Browsers leave files out of the forms that they record.
    let is_form = data.mime_type.as_str().to_ascii_lowercase().starts_with("multipart/");
    is_form && length.is_some_and(|length| length > body.len() + SLACK_BYTES) || is_mangled(data.text.as_str())
}

/// Whether something is there that only a body has, where nobody says how long it is.
fn speaks_of_one(request: &Request) -> bool {
    let data = &request.post_data.0;
    let has = |name| header(&request.headers, name).next().is_some();
    let is_attached = !data.file.as_str().is_empty() || !data.sha1.as_str().is_empty();
    let sends = !matches!(
        request.method.as_str(),
        "" | "GET" | "HEAD" | "OPTIONS" | "TRACE" | "CONNECT"
    );
    is_attached || (sends && (has("content-type") || has("transfer-encoding")))
}

/// Bytes that are no text, written as text: what they were cannot be told any more.
fn is_mangled(text: &str) -> bool {
    text.contains('\u{fffd}') && text.chars().any(|c| c.is_control() && !c.is_whitespace())
}
