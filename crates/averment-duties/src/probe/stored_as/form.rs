//! What each form asks of a value.

use std::net::IpAddr;

use averment_detect::{Directory, Limits, Message, Whose, inspect};

use super::super::{Digested, Shape};

/// A form of the catalog's vocabulary, and whether it is passwords that are to have it.
pub(super) struct Form<'a> {
    pub(super) word: &'a str,
    pub(super) passwords: bool,
}

/// What a value says about its form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// There is none.
    Empty,
    /// It has it.
    Fits,
    /// It has another, in a few words.
    Against(&'static str),
    /// It has the length of a digest: of what, is to be tried.
    ToBeTried(Digested),
    /// It may be anything.
    Undecided,
}

const CLEAR: &str = "are clear";
const OTHER: &str = "have another form";

impl Form<'_> {
    /// What `value` says.
    pub(super) fn judge(&self, value: &str, directory: &Directory) -> Judged {
        let shape = Shape::of(value);
        if shape == Shape::Empty {
            return Judged::Empty;
        }
        match self.word {
            "bcrypt" => one_of(&shape, &[Shape::Bcrypt]),
            "argon2" => one_of(&shape, &[Shape::Argon2]),
            "scrypt" => one_of(&shape, &[Shape::Scrypt]),
            "pbkdf2" => one_of(&shape, &[Shape::Pbkdf2]),
            "one_way_hash" => one_way(shape),
            "keyed_hash" => keyed(shape),
            "md5" => digest_of(&shape, 16),
            "sha1" => digest_of(&shape, 20),
            "sha256" => digest_of(&shape, 32),
            "encrypted" => encrypted(shape, value, directory),
            "truncated" | "anonymous" => shortened(shape, value, directory),
            "pseudonym" => pseudonym(shape, value, directory),
            _ => Judged::Undecided,
        }
    }

    /// Whether a digest that nothing known is behind has the form: for passwords a fast one never has.
    pub(super) fn allows_digests(&self) -> bool {
        !self.passwords
    }
}

fn one_of(shape: &Shape, wanted: &[Shape]) -> Judged {
    match shape {
        shape if wanted.contains(shape) => Judged::Fits,
        Shape::Other => Judged::Against(CLEAR),
        Shape::Digest(_) | Shape::FastSalted => Judged::Against("are fast digests"),
        _ => Judged::Against(OTHER),
    }
}

fn one_way(shape: Shape) -> Judged {
    match shape {
        shape if shape.is_slow() => Judged::Fits,
        Shape::Digest(digest) => Judged::ToBeTried(digest),
        Shape::FastSalted => Judged::Against("are fast digests with a salt beside them"),
        Shape::Encrypted => Judged::Against("are encrypted, which can be undone"),
        _ => Judged::Against(CLEAR),
    }
}

fn keyed(shape: Shape) -> Judged {
    match shape {
        Shape::Digest(digest) => Judged::ToBeTried(digest),
        Shape::Other => Judged::Against(CLEAR),
        _ => Judged::Against(OTHER),
    }
}

fn digest_of(shape: &Shape, bytes: usize) -> Judged {
    match shape {
        Shape::Digest(digest) if digest.0.len() == bytes => Judged::Fits,
        Shape::Other => Judged::Against(CLEAR),
        _ => Judged::Against(OTHER),
    }
}

fn encrypted(shape: Shape, value: &str, directory: &Directory) -> Judged {
    match shape {
        Shape::Encrypted => Judged::Fits,
        Shape::Digest(digest) => Judged::ToBeTried(digest),
        Shape::Other if is_clear(value, directory) => Judged::Against(CLEAR),
        Shape::Other if is_random(value) => Judged::Fits,
        Shape::Other => Judged::Against(CLEAR),
        _ => Judged::Against(OTHER),
    }
}

fn shortened(shape: Shape, value: &str, directory: &Directory) -> Judged {
    if let Some(address) = address(value) {
        return match is_cut(address) {
            true => Judged::Fits,
            false => Judged::Against("are whole addresses"),
        };
    }
    match shape {
        Shape::Digest(digest) => Judged::ToBeTried(digest),
        _ if is_clear(value, directory) => Judged::Against("name somebody"),
        _ => Judged::Fits,
    }
}

fn pseudonym(shape: Shape, value: &str, directory: &Directory) -> Judged {
    match shape {
        Shape::Digest(digest) => Judged::ToBeTried(digest),
        _ if address(value).is_some() || is_clear(value, directory) => Judged::Against(CLEAR),
        _ => Judged::Fits,
    }
}

/// An address of the internet, as PostgreSQL writes one.
fn address(value: &str) -> Option<IpAddr> {
    let (address, bits) = value.split_once('/').unwrap_or((value, ""));
    let is_whole = matches!(bits, "" | "32" | "128");
    address.trim().parse().ok().filter(|_| is_whole)
}

/// Whether the part that tells machines apart is not there: the last octet, or the last 80 bits.
fn is_cut(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.octets()[3] == 0,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.octets()[3] == 0,
            None => address.segments()[3..].iter().all(|part| *part == 0),
        },
    }
}

/// Whether a value names somebody of the directory, or is written like an address or a number that does.
pub(super) fn is_clear(value: &str, directory: &Directory) -> bool {
    !inspect(&message(value), directory, &Limits::default())
        .findings
        .is_empty()
}

/// Whether digits are those of a digest of somebody's address in the directory.
pub(super) fn is_known(digits: &str, directory: &Directory) -> bool {
    let found = inspect(&message(digits), directory, &Limits::default());
    found.findings.iter().any(|finding| finding.whose != Whose::Unknown)
}

fn message(value: &str) -> Message<'_> {
    Message {
        authority: "",
        target: "/",
        headers: &[("content-type", b"text/plain")],
        body: value.as_bytes(),
    }
}

/// Whether a value has as many different bytes as chance gives it, and nothing of a language.
fn is_random(value: &str) -> bool {
    let is_code = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    value.len() >= 24 && value.bytes().all(is_code) && digits * 20 >= value.len()
}

#[cfg(test)]
mod tests;
