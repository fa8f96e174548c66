//! What came of a stream and has not gone on: the bytes as they came, and what they decode to.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use averment_detect::{Limits, UnreadableBecause};
use bytes::Bytes;
use hyper::body::Incoming;

use super::decode::Decoder;
use super::events::Events;
use super::json_cut::JsonCut;
use super::window::{Cut, Look, Stuck, Window};
use crate::body::Pause;
use crate::framing::Framed;
use crate::lifetime::Lifetime;
use crate::load::{Allowance, Places};
use crate::outgoing::Outgoing;
use crate::settings::LimitSettings;

/// Where a body comes from.
pub(crate) struct Source {
    /// What was read already.
    pub(crate) first: Bytes,
    /// The rest.
    pub(crate) body: Incoming,
    pub(crate) framed: Framed,
    /// Room in memory.
    pub(crate) allowance: Allowance,
    /// Bounds.
    pub(crate) limits: LimitSettings,
    /// Whether the caller waits for leave to send it.
    pub(crate) expects: bool,
    /// Of its connection: an upload goes on when the answer is there already.
    pub(crate) lifetime: Lifetime,
    /// Held until it has ended.
    pub(crate) places: Arc<Places>,
    /// When what can go on does; none: it is waited for.
    pub(crate) pause: Option<Pause>,
    /// Whether that was so behind `first`.
    pub(crate) has_paused: bool,
}

/// Bytes on their way.
pub(super) struct Intake {
    decoder: Decoder,
    window: Window,
    /// As they came.
    raw: VecDeque<Raw>,
    decoded: u64,
    released: u64,
    /// What is unreadable, to be said of the next look.
    unread: Option<UnreadableBecause>,
}

/// Some bytes as they came.
struct Raw {
    bytes: Bytes,
    /// How much was decoded with them.
    end: u64,
    /// Whether trailers inside the body begin or go on in them: no look at what they decode to shows those.
    has_trailers: bool,
}

impl Intake {
    /// For the body of `outgoing`.
    pub(super) fn new(outgoing: &Outgoing, settings: &LimitSettings, limits: &Limits) -> Self {
        let codings = outgoing.codings();
        let decoder = Decoder::named(&codings, limits.ratio_max);
        let media = outgoing.media_type();
        let cut = if decoder.is_some() {
            cut_of(&media, outgoing.is_http2())
        } else {
            Cut::Text
        };
        let unread = (decoder.is_none() || has_other_charset(&media)).then_some(UnreadableBecause::UnknownFormat);
        let whole_max_bytes = settings.whole_max_bytes.min(limits.body_max_bytes);
        // Pieces of documents are shown with what is open around them, and must not be too large by that.
        let hold_max_bytes = if matches!(cut, Cut::Frames | Cut::Events(_)) {
            whole_max_bytes
        } else {
            whole_max_bytes / 2
        };
        Self {
            decoder: decoder.unwrap_or(Decoder::Identity),
            window: Window::new(cut, settings.window_bytes, hold_max_bytes),
            raw: VecDeque::new(),
            decoded: 0,
            released: 0,
            unread,
        }
    }

    /// Takes the next bytes as they came.
    pub(super) fn push(&mut self, bytes: Bytes) {
        let is_wide = self.decoded == 0 && (bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff"));
        let decoded = self.decoder.feed(&bytes);
        let decoded = decoded.unwrap_or_else(|because| self.read_as_it_is(because, &bytes));
        if is_wide {
            self.unread = Some(UnreadableBecause::UnknownFormat);
        }
        self.decoded += decoded.len() as u64;
        self.window.push(&decoded);
        if !bytes.is_empty() {
            let has_trailers = matches!(&self.decoder, Decoder::AwsChunked(chunks) if chunks.is_behind_content());
            self.raw.push_back(Raw {
                bytes,
                end: self.decoded,
                has_trailers,
            });
        }
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self) {
        if let Err(because) = self.decoder.finish() {
            self.read_as_it_is(because, &[]);
        }
    }

    /// What cannot be decoded is unreadable from here on, and scanned as bytes.
    fn read_as_it_is(&mut self, because: UnreadableBecause, bytes: &[u8]) -> Vec<u8> {
        self.unread = Some(because);
        self.decoder = Decoder::Identity;
        self.window.give_up_structure();
        // What was held for its trailers is content from here on, and looked at like the rest.
        for raw in self.raw.iter_mut().filter(|raw| raw.has_trailers) {
            self.window.push(&raw.bytes);
            self.decoded += raw.bytes.len() as u64;
            (raw.end, raw.has_trailers) = (self.decoded, false);
        }
        bytes.to_vec()
    }

    /// The next look.
    pub(super) fn next(&mut self, ended: bool) -> Result<Option<Look>, Stuck> {
        let look = self.window.next(ended)?;
        Ok(match look {
            Some(look) => Some(self.with_fault(look)),
            // Bytes that decode to nothing, such as a checksum, have to go on too.
            None if ended && self.raw.front().is_some_and(|raw| !raw.has_trailers) => Some(Look {
                body: Vec::new(),
                media: Some("text/plain"),
                releases: 0,
                unread: self.unread,
            }),
            None => None,
        })
    }

    /// The next look where nothing more comes for now; none where what is held has to stay.
    pub(super) fn next_at_pause(&mut self) -> Option<Look> {
        let look = self.window.next_at_pause()?;
        Some(self.with_fault(look))
    }

    /// A look at all that is held, which stays.
    pub(super) fn peek(&self) -> Option<Look> {
        self.window.peek().map(|look| self.with_fault(look))
    }

    fn with_fault(&self, look: Look) -> Look {
        Look {
            unread: look.unread.or(self.unread),
            ..look
        }
    }

    /// Takes what `releases` decoded bytes free. `last`: everything, but for bytes with trailers in them.
    pub(super) fn release(&mut self, releases: usize, last: bool) -> Vec<Bytes> {
        self.window.release(releases);
        self.released += releases as u64;
        let mut free = Vec::new();
        while let Some(mut raw) = self.raw.pop_front() {
            if !raw.has_trailers && (raw.end <= self.released || last) {
                free.push(raw.bytes);
                continue;
            }
            if matches!(self.decoder, Decoder::Identity) {
                // Every byte is its own decoding, so that a piece can be cut where the look ends.
                let left = usize::try_from(raw.end - self.released).unwrap_or(usize::MAX);
                free.push(raw.bytes.split_to(raw.bytes.len().saturating_sub(left)));
            }
            self.raw.push_front(raw);
            break;
        }
        free.retain(|bytes| !bytes.is_empty());
        free
    }

    /// Takes all that is left: bytes with trailers in them, once those were looked at.
    pub(super) fn release_rest(&mut self) -> impl Iterator<Item = Bytes> + use<> {
        std::mem::take(&mut self.raw).into_iter().map(|raw| raw.bytes)
    }

    /// Drops what `releases` bytes free, because others go in their place.
    pub(super) fn replace(&mut self, releases: usize) {
        drop(self.release(releases, false));
    }

    /// Whether what is held is the beginning of a text in UTF-8.
    pub(super) fn is_utf_8(&self) -> bool {
        self.window.is_utf_8()
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.window.held_bytes()
    }

    pub(super) fn is_messages(&self) -> bool {
        self.window.is_messages()
    }

    pub(super) fn is_call(&self) -> bool {
        self.window.is_call()
    }

    /// Trailers inside the body.
    pub(super) fn inner_trailers(&self) -> &[(String, Vec<u8>)] {
        match &self.decoder {
            Decoder::AwsChunked(chunks) => chunks.trailers(),
            _ => &[],
        }
    }
}

/// When a body of this type can go on in pieces without anything in it being read less well than in a whole; none for one in an
/// encoding, and for one that cannot. `time`: the pause.
pub(super) fn pause_of(outgoing: &Outgoing, time: Duration) -> Option<Pause> {
    let media = outgoing.media_type();
    let essence = media.split(';').next().unwrap_or_default().trim();
    let (is_followed, of_words) = match cut_of(&media, false) {
        Cut::Json(_) => (true, false),
        Cut::Delimited(delimiter, _) => (delimiter == b'\n', false),
        Cut::Text => (essence == "text/plain", true),
        Cut::Frames | Cut::Events(_) => (false, false),
    };
    let is_followed = is_followed && !has_other_charset(&media) && outgoing.codings().is_empty();
    is_followed.then_some(Pause { time, of_words })
}

/// Whether what has this type is a call whose messages go both ways.
pub(super) fn is_call(media: &str, is_http2: bool) -> bool {
    matches!(
        cut_of(&media.to_ascii_lowercase(), is_http2),
        Cut::Frames | Cut::Events(_)
    )
}

fn cut_of(media: &str, is_http2: bool) -> Cut {
    let essence = media.split(';').next().unwrap_or_default().trim();
    match essence {
        // Connect has the frames of gRPC; what its types end in is the type of the messages.
        essence if essence.starts_with("application/connect+") => Cut::Frames,
        "application/vnd.amazon.eventstream" => Cut::Events(Events::default()),
        "application/json" => Cut::Json(Box::<JsonCut>::default()),
        essence if essence.ends_with("+json") => Cut::Json(Box::<JsonCut>::default()),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
            Cut::Delimited(b'\n', "application/x-ndjson")
        }
        "application/x-www-form-urlencoded" => Cut::Delimited(b'&', "application/x-www-form-urlencoded"),
        essence if is_grpc(essence) && is_http2 => Cut::Frames,
        _ => Cut::Text,
    }
}

fn is_grpc(essence: &str) -> bool {
    essence == "application/grpc" || essence.starts_with("application/grpc+")
}

/// Whether the type names a character set that a look would not know of.
fn has_other_charset(media: &str) -> bool {
    let charset = media.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        (name.trim() == "charset").then(|| value.trim().trim_matches('"').to_owned())
    });
    charset.is_some_and(|charset| !["utf-8", "utf8", "us-ascii", "ascii"].contains(&charset.as_str()))
}
