//! The places of a request, in order: host, path, query, headers, cookies, body.

use super::Walk;
use super::base64;
use super::body::Media;
use super::compression::Coding;
use super::escapes::{Plus, encoded};
use crate::directory::WordOf;
use crate::matcher::Hint;
use crate::pointer::{Step, Trail};
use crate::span::{Edit, apply, shifted};
use crate::{Layer, Message, Part, Rewritten, UnreadableBecause};

impl Walk<'_> {
    pub(super) fn places(&mut self, message: &Message<'_>) -> Rewritten {
        self.at(Part::Authority);
        let host = message.authority.as_bytes();
        self.frozen(|walk| walk.unless_met(host, Some(WordOf::Name), |walk| walk.leaf(host)));
        Rewritten {
            target: self.target(message.target),
            headers: message
                .headers
                .iter()
                .map(|(name, value)| self.header(name, value))
                .collect(),
            body: self.message_body(message),
        }
    }

    fn at(&mut self, part: Part) {
        self.trail = Trail::new(part);
    }

    fn target(&mut self, target: &str) -> String {
        let path = &target[..memchr::memchr(b'?', target.as_bytes()).unwrap_or(target.len())];
        self.at(Part::Path);
        let mut edits = self.path(path.as_bytes());
        if let Some(query) = target.get(path.len() + 1..) {
            self.at(Part::Query);
            edits.extend(shifted(self.pairs(query.as_bytes()), path.len() + 1));
        }
        String::from_utf8_lossy(&self.applied(target.as_bytes(), edits)).into_owned()
    }

    /// Each segment by itself.
    fn path(&mut self, path: &[u8]) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut at = 0;
        for segment in path.split(|b| *b == b'/') {
            let before = self.inspection.findings.len();
            let found = self
                .percent(segment, Plus::Itself)
                .unwrap_or_else(|| encoded(self.leaf(segment)));
            self.before_escapes(before, segment);
            edits.extend(shifted(found, at));
            at += segment.len() + 1;
        }
        edits
    }

    fn header(&mut self, name: &str, value: &[u8]) -> Vec<u8> {
        self.at(match name {
            "host" | ":authority" => Part::Authority,
            "cookie" | "cookie2" => Part::Cookie,
            _ => Part::Header,
        });
        if self.trail.part == Part::Header {
            self.header_name(name);
        }
        let edits = match self.trail.part {
            Part::Cookie => self.cookies(value),
            _ if name == "authorization" || name == "proxy-authorization" => self.credentials(value),
            _ if self.trail.hint() == Hint::None => {
                let what = if self.trail.part == Part::Authority {
                    WordOf::Name
                } else {
                    WordOf::Value
                };
                self.unless_met(value, Some(what), |walk| walk.leaf(value))
            }
            _ => self.leaf(value),
        };
        if self.trail.part == Part::Authority && !edits.is_empty() {
            self.cannot_rewrite();
        }
        self.applied(value, edits)
    }

    /// A name with a finding in it is not repeated in a pointer.
    fn header_name(&mut self, name: &str) {
        let before = self.inspection.findings.len();
        self.trail.steps.push(Step::Other);
        let matched = |walk: &mut Self| walk.matched(name, Hint::None);
        self.frozen(|walk| walk.unless_met(name.as_bytes(), Some(WordOf::Header), matched));
        if self.inspection.findings.len() == before {
            self.trail.steps = vec![Step::header(name)];
        }
    }

    /// `Basic` hides a name and a password in base64; other schemes are texts.
    fn credentials(&mut self, value: &[u8]) -> Vec<Edit> {
        let Some((scheme, rest)) = value.split_at_checked(6) else {
            return self.leaf(value);
        };
        let decoded = if scheme.eq_ignore_ascii_case(b"basic ") {
            base64::decode(rest)
        } else {
            None
        };
        let Some(decoded) = decoded.filter(|decoded| self.pay(decoded.len())) else {
            return self.leaf(value);
        };
        let edits = self
            .layer(Layer::Base64, |walk| walk.leaf(&decoded))
            .unwrap_or_default();
        if edits.is_empty() {
            return Vec::new();
        }
        let with = base64::Alphabet::of(rest).encode(&apply(&decoded, edits));
        vec![Edit {
            range: 6..value.len(),
            with,
        }]
    }

    fn message_body(&mut self, message: &Message<'_>) -> Vec<u8> {
        self.at(Part::Body);
        if message.body.len() > self.limits.body_max_bytes {
            self.unreadable(UnreadableBecause::TooLarge);
            return self.applied(message.body, Vec::new());
        }
        let types: Vec<&[u8]> = values(message, "content-type").collect();
        if types.len() > 1 && !message.body.is_empty() {
            // Two types: two readers would take different ones.
            self.unreadable(UnreadableBecause::Malformed);
        }
        let mut media = types
            .first()
            .map_or_else(Media::default, |value| Media::parsed(&String::from_utf8_lossy(value)));
        media.frame_coding = values(message, "grpc-encoding")
            .chain(values(message, "connect-content-encoding"))
            .next()
            .and_then(|name| Coding::named(String::from_utf8_lossy(name).trim()));
        let codings = codings(message);
        let before = self.inspection.findings.len();
        let edits = self.encoded_body(message.body, &codings, &media);
        if let Some(transfer) = values(message, "content-transfer-encoding").next() {
            // HTTP knows no such field, but readers of mail do.
            let transfer = String::from_utf8_lossy(transfer).to_ascii_lowercase();
            self.also(before, |walk| walk.transferred(message.body, &transfer, &media));
        }
        self.applied(message.body, edits)
    }
}

fn values<'m>(message: &'m Message<'_>, name: &'m str) -> impl Iterator<Item = &'m [u8]> {
    message
        .headers
        .iter()
        .filter(move |(header, _)| header.eq_ignore_ascii_case(name))
        .map(|(_, value)| *value)
}

/// All content encodings, in the order in which they were applied.
fn codings(message: &Message<'_>) -> Vec<Coding> {
    let mut codings = Vec::new();
    for value in values(message, "content-encoding") {
        let text = String::from_utf8_lossy(value);
        codings.extend(text.split(',').filter_map(|name| Coding::named(name.trim())));
    }
    codings
}
