//! One request head, read as strictly as RFC 9112 allows.

/// How the bytes after a head are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follows {
    /// So many bytes of body, then the next head.
    Length(u64),
    /// A chunked body, then the next head.
    Chunks,
    /// A tunnel: no HTTP any more.
    Tunnel,
}

/// How `head` (with its empty line) frames what follows; none when that can be read in two ways.
pub(super) fn read(head: &[u8]) -> Option<Follows> {
    let text = head.strip_suffix(b"\r\n\r\n")?;
    let mut lines = lines(text)?.into_iter();
    let request_line = lines.next()?;
    let fields: Vec<(&[u8], &[u8])> = lines.map(field).collect::<Option<_>>()?;
    let is_connect = request_line.starts_with(b"CONNECT ");
    let modern = request_line.ends_with(b" HTTP/1.1");
    if !modern && !request_line.ends_with(b" HTTP/1.0") {
        return None;
    }
    if values(&fields, b"host").count() > 1 {
        return None;
    }
    match (length(&fields)?, codings(&fields)) {
        (Some(_), Some(_)) => None,
        (_, Some(coding)) if modern && !is_connect && coding.eq_ignore_ascii_case(b"chunked") => Some(Follows::Chunks),
        (_, Some(_)) => None,
        (Some(length), None) if is_connect && length > 0 => None,
        (_, None) if is_connect => Some(Follows::Tunnel),
        (length, None) => Some(Follows::Length(length.unwrap_or(0))),
    }
}

/// Splits at CR LF; none when a CR or LF stands alone or a line is folded.
fn lines(text: &[u8]) -> Option<Vec<&[u8]>> {
    let mut lines = Vec::new();
    for (index, line) in text.split(|b| *b == b'\n').enumerate() {
        lines.push(line);
        if index > 0 && matches!(line.first(), Some(b' ' | b'\t')) {
            return None;
        }
    }
    let last = lines.len() - 1;
    let whole = lines.iter().enumerate().map(|(index, line)| {
        if index == last {
            Some(*line)
        } else {
            line.strip_suffix(b"\r")
        }
    });
    let whole: Vec<&[u8]> = whole.collect::<Option<_>>()?;
    whole
        .iter()
        .all(|line| !line.contains(&b'\r') && !line.contains(&0))
        .then_some(whole)
}

fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|b| *b == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let token = !name.is_empty()
        && name
            .iter()
            .all(|b| b.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]{}".contains(b));
    token.then(|| (name, value.trim_ascii()))
}

fn values<'a>(fields: &'a [(&[u8], &'a [u8])], name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    fields
        .iter()
        .filter(move |field| field.0.eq_ignore_ascii_case(name))
        .map(|field| field.1)
}

/// The one `Content-Length`; the outer none when there are several or it is no plain number.
fn length(fields: &[(&[u8], &[u8])]) -> Option<Option<u64>> {
    let mut lengths = values(fields, b"content-length");
    let Some(value) = lengths.next() else { return Some(None) };
    let plain = !value.is_empty() && value.len() <= 18 && value.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(value).ok()?.parse().ok()?;
    (plain && lengths.next().is_none()).then_some(Some(number))
}

/// All transfer codings as one text, so that two fields are never taken for one.
fn codings(fields: &[(&[u8], &[u8])]) -> Option<Vec<u8>> {
    let all: Vec<&[u8]> = values(fields, b"transfer-encoding").collect();
    (!all.is_empty()).then(|| all.join(&b','))
}
