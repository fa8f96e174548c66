//! E-mail addresses: what stands around an `@`.
//!
//! Source: RFC 5321 section 4.1.2 (dot-strings; quoted local parts are not looked for), RFC 5233 for `+tags`.

use std::ops::Range;

use super::{Search, is_word};
use crate::Form;
use crate::normalise::kept_by_host;

/// Longest local part that is looked at: RFC 5321 allows 64, tags in the wild are longer.
const LOCAL_MAX: usize = 256;
/// Longest host name, RFC 1035.
const HOST_MAX: usize = 253;
/// How many starts are tried for one address: `a=b?c=local@host`, `export-local@host`.
const STARTS_MAX: usize = 12;
/// How many ends are tried: `local@host.tar.gz`, `local@host-120.jpg`.
const ENDS_MAX: usize = 6;

/// Endings of file names, which make a host of a name that is none.
const FILE_ENDINGS: [&str; 32] = [
    "txt", "csv", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "zip", "gz", "png", "jpg", "jpeg", "gif",
    "svg", "webp", "css", "js", "ts", "json", "html", "xml", "eml", "bak", "log", "tar", "tgz", "mp4", "mp3", "md",
];

impl Search<'_> {
    pub(super) fn addresses(&mut self) {
        let text = self.text;
        for at in memchr::memchr_iter(b'@', text.as_bytes()) {
            let end = host_end(text.as_bytes(), at + 1);
            let start = local_start(text.as_bytes(), at);
            if start < at && end > at + 1 {
                self.address(start, at, end);
            }
        }
    }

    /// The longest reading that the directory knows; a pattern when it knows none. A known address inside a longer token
    /// (`export-ada@school.example.csv`) counts as that person's, because nobody can tell that it is not.
    fn address(&mut self, start: usize, at: usize, end: usize) {
        let bytes = self.text.as_bytes();
        let inner = |is_border: fn(u8) -> bool| (start + 1..at).rev().filter(move |i| is_border(bytes[i - 1]));
        let nearest = inner(is_delimiter).next().unwrap_or(start);
        let mut starts: Vec<usize> = inner(|b| is_delimiter(b) || is_joiner(b)).take(STARTS_MAX).collect();
        starts.push(start);
        let shorter = (at + 2..end).rev().filter(|i| matches!(bytes[*i], b'.' | b'-'));
        for end in std::iter::once(end).chain(shorter.take(ENDS_MAX)) {
            if starts.iter().rev().any(|from| self.known_address(*from, at, end)) {
                return;
            }
        }
        if !starts.iter().rev().any(|from| self.known_return_path(*from, at)) {
            self.address_pattern(nearest, at, end);
        }
    }

    /// `bounce+ada=school.example@list.example`: an address that a mailing list carries inside its own.
    fn known_return_path(&mut self, from: usize, at: usize) -> bool {
        let Some((local, host)) = self.text.get(from..at).and_then(|text| text.rsplit_once('=')) else {
            return false;
        };
        self.exact(Form::Email, &format!("{local}@{host}"), from..at)
    }

    /// Looks `from..end` up, also as its host keeps it and without `+tag`.
    fn known_address(&mut self, from: usize, at: usize, end: usize) -> bool {
        let Some(whole) = self.text.get(from..end) else {
            return false;
        };
        if self.exact(Form::Email, whole, from..end) {
            return true;
        }
        if let Some(kept) = kept_by_host(whole).filter(|kept| kept != whole)
            && self.exact(Form::Email, &kept, from..end)
        {
            return true;
        }
        let tag = memchr::memchr(b'+', &whole.as_bytes()[..at - from]).filter(|plus| *plus > 0);
        let Some(plus) = tag else { return false };
        let plain = format!("{}{}", &whole[..plus], &whole[at - from..]);
        self.exact(Form::Email, &plain, from..end)
    }

    fn address_pattern(&mut self, start: usize, at: usize, end: usize) {
        let bytes = self.bytes();
        let Some(skip) = bytes[start..at].iter().position(|b| is_word(*b) || *b == b'_') else {
            return;
        };
        let start = start + skip;
        let local = &bytes[start..at];
        let dots = local.last() == Some(&b'.') || memchr::memmem::find(local, b"..").is_some();
        if local.len() > 64 || dots || local.ends_with(b"/") || is_user_info(bytes, start) || is_remote(bytes, at, end)
        {
            return;
        }
        let host = &bytes[at + 1..end];
        let length = if is_host(host) {
            Some(host.len())
        } else {
            host_of_file_name(host)
        };
        if let Some(length) = length {
            self.pattern(Form::Email, "contact.email", start..at + 1 + length);
        }
    }
}

/// Characters of a local part that in practice end one thing and start the next: `?email=`, `'`, `/`.
fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'/' | b'=' | b'?' | b'&' | b'\'' | b'{' | b'}' | b'|' | b'#' | b'$' | b'!' | b'*' | b'^' | b'~' | b'%' | b'`'
    )
}

/// What may join an address to something before it, but may also be a part of it.
fn is_joiner(byte: u8) -> bool {
    matches!(byte, b'.' | b'-' | b'_' | b'+')
}

/// Whether the address at `range` of `text` is no part of a longer one: nothing before it could belong to a local part, and
/// nothing behind it to a host.
pub(crate) fn is_whole_address(text: &[u8], range: &Range<usize>) -> bool {
    let is_local = |byte: u8| is_word(byte) || is_delimiter(byte) || is_joiner(byte) || byte == b'@';
    let begins = text[..range.start].last().is_none_or(|byte| !is_local(*byte));
    let behind = &text[range.end..];
    let goes_on = match behind.first() {
        Some(b'.') => behind.get(1).is_some_and(|byte| is_word(*byte)),
        Some(byte) => is_word(*byte) || b"-_@".contains(byte),
        None => false,
    };
    begins && !goes_on
}

/// Whether the local part that starts at `start` is a user or a password of a URL: `//user@host`, `//user:word@host`.
fn is_user_info(bytes: &[u8], start: usize) -> bool {
    let before = &bytes[start.saturating_sub(LOCAL_MAX)..start];
    let Some(user) = before.strip_suffix(b":") else {
        return before.ends_with(b"//");
    };
    let length = user
        .iter()
        .rev()
        .take_while(|b| !b.is_ascii_whitespace() && !b"/@\"'<>,;".contains(b))
        .count();
    user[..user.len() - length].ends_with(b"//")
}

/// Whether this is where a repository is fetched from: `git@host:path`.
fn is_remote(bytes: &[u8], at: usize, end: usize) -> bool {
    let path = bytes.get(end) == Some(&b':') && bytes.get(end + 1).is_some_and(|b| is_word(*b));
    path && bytes[..at].ends_with(b"git")
}

/// The length of the host that a file is named for: `local@host-120.jpg`, `local@host.thumb.png`.
fn host_of_file_name(name: &[u8]) -> Option<usize> {
    let dot = memchr::memrchr(b'.', name)?;
    let is_file = FILE_ENDINGS.iter().any(|ending| ending.as_bytes() == &name[dot + 1..]);
    // `icon@2x.thumb.png`, `package@1.2.3.min.js`.
    if !is_file || name.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    (1..=dot)
        .rev()
        .filter(|at| *at == dot || matches!(name[*at], b'.' | b'-'))
        .take(ENDS_MAX)
        .find(|at| is_host(&name[..*at]))
}

fn local_start(bytes: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(LOCAL_MAX);
    let mut start = at;
    while start > floor
        && (is_word(bytes[start - 1]) || is_delimiter(bytes[start - 1]) || b".+-_".contains(&bytes[start - 1]))
    {
        start -= 1;
    }
    // A cut in the middle of a character is no start.
    while start < at && (bytes[start] & 0xc0) == 0x80 {
        start += 1;
    }
    start
}

fn host_end(bytes: &[u8], from: usize) -> usize {
    let ceiling = bytes.len().min(from + HOST_MAX);
    let mut end = from;
    while end < ceiling && (is_word(bytes[end]) || bytes[end] == b'.' || bytes[end] == b'-') {
        end += 1;
    }
    while end > from && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    while end > from && end < bytes.len() && (bytes[end] & 0xc0) == 0x80 {
        end -= 1;
    }
    end
}

/// Whether this looks like a host that takes mail: labels, and a last one of letters that is no file's ending
/// (`icon@2x.png`).
fn is_host(host: &[u8]) -> bool {
    let mut labels = host.split(|b| *b == b'.').rev();
    let last = labels.next().unwrap_or_default();
    let word =
        last.len() >= 2 && (last.starts_with(b"xn--") || last.iter().all(|b| b.is_ascii_alphabetic() || *b >= 0x80));
    let mut rest = 0;
    let sound = labels
        .inspect(|_| rest += 1)
        .all(|label| !label.is_empty() && !label.starts_with(b"-") && !label.ends_with(b"-"));
    let inner = matches!(last, b"registry" | b"internal");
    let file = FILE_ENDINGS.iter().any(|ending| ending.as_bytes() == last);
    word && sound && rest > 0 && !file && !inner
}
