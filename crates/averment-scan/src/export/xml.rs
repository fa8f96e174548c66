//! XML, one item after the other: the elements of the names that trackers and help desks give items.
//!
//! Tags are looked for, not a tree; comments and `CDATA` are passed over whole. What is around the items is one more if it holds
//! something.

use std::io::{BufRead, BufReader, Read};

use super::ITEM_MAX;
use super::tally::Looking;

/// What an item is called: Jira's and feeds' `item`, Zendesk's `ticket`, and their kin.
const ITEMS: [&str; 8] = ["item", "ticket", "issue", "entry", "card", "record", "message", "row"];

/// Bytes of a tag's name that are kept.
const NAME_MAX: usize = 32;

pub(super) fn split(file: impl Read, name: &str, sink: &mut Looking<'_>) -> std::io::Result<()> {
    let mut splitter = Splitter::default();
    let mut file = BufReader::with_capacity(1 << 16, file);
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        bytes.iter().for_each(|byte| splitter.byte(*byte, sink));
        file.consume(length);
    }
    splitter.end(name, sink);
    Ok(())
}

/// What the walk is in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// A tag, up to its end.
    Tag,
    /// Until these bytes.
    Until(&'static [u8]),
}

#[derive(Debug, Default)]
struct Splitter {
    state: State,
    /// The tag that is open, from behind its `<`.
    tag: Vec<u8>,
    /// The quote in a tag that is open.
    quote: Option<u8>,
    /// The last bytes, to see an end by.
    last: [u8; 3],
    /// The item that is open, what it is called, and how many of its name are open.
    item: Option<(Vec<u8>, &'static str, usize)>,
    rest: Vec<u8>,
    count: u64,
    too_large: bool,
}

impl Splitter {
    fn byte(&mut self, byte: u8, sink: &mut Looking<'_>) {
        self.keep(byte);
        self.last = [self.last[1], self.last[2], byte];
        match self.state {
            State::Text if byte == b'<' => {
                (self.state, self.quote) = (State::Tag, None);
                self.tag.clear();
            }
            State::Text => {}
            State::Until(end) if self.last.ends_with(end) => self.state = State::Text,
            State::Until(_) => {}
            State::Tag => self.in_tag(byte, sink),
        }
    }

    fn in_tag(&mut self, byte: u8, sink: &mut Looking<'_>) {
        if self.tag.len() < NAME_MAX {
            self.tag.push(byte);
        }
        match (self.quote, byte) {
            (Some(open), byte) if byte == open => self.quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => self.quote = Some(byte),
            (None, b'>') => {
                self.state = State::Text;
                self.closed(self.last[1] == b'/', sink);
            }
            _ if self.tag == b"!--" => self.state = State::Until(b"-->"),
            _ if self.tag == b"![CDATA[" => self.state = State::Until(b"]]>"),
            _ => {}
        }
    }

    /// At the end of a tag. `alone`: it is an element without content.
    fn closed(&mut self, alone: bool, sink: &mut Looking<'_>) {
        let (ends, name) = match self.tag.strip_prefix(b"/") {
            Some(name) => (true, name),
            None => (false, self.tag.as_slice()),
        };
        let length = name
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || b"_-:.".contains(byte)));
        let name = name[..length.unwrap_or(name.len())].to_ascii_lowercase();
        let known = ITEMS.iter().find(|known| known.as_bytes() == name).copied();
        match (&mut self.item, known) {
            (None, Some(known)) if !ends && !alone => self.begin(known),
            (Some((_, own, open)), Some(known)) if *own == known && !alone => {
                *open = if ends { *open - 1 } else { *open + 1 };
                if *open == 0 {
                    self.finish(sink);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, name: &'static str) {
        let from = self
            .rest
            .iter()
            .rposition(|byte| *byte == b'<')
            .unwrap_or(self.rest.len());
        self.item = Some((self.rest.split_off(from), name, 1));
    }

    fn finish(&mut self, sink: &mut Looking<'_>) {
        let Some((bytes, name, _)) = self.item.take() else {
            return;
        };
        self.count += 1;
        let place = format!("{name} {}", self.count);
        match std::mem::take(&mut self.too_large) {
            true => sink.unread(&place, "larger than 64 MiB"),
            false => sink.item(&place, Some("application/xml"), &bytes),
        }
    }

    fn keep(&mut self, byte: u8) {
        let into = match &mut self.item {
            Some((bytes, ..)) => bytes,
            None => &mut self.rest,
        };
        if into.len() < ITEM_MAX {
            into.push(byte);
        } else {
            self.too_large = true;
        }
    }

    fn end(mut self, name: &str, sink: &mut Looking<'_>) {
        if self.item.is_some() {
            self.finish(sink);
            sink.unread("", "it ends in the midst of something");
        }
        match (self.count, self.rest.is_empty()) {
            (_, true) => sink.unread("", "empty"),
            _ if self.too_large => sink.unread("", "larger than 64 MiB"),
            (0, _) => sink.unsplit(Some("application/xml"), name, &self.rest),
            // Without its items the document is none any more: what is left is a text.
            _ => sink.aside("around the items", Some("text/plain"), &self.rest),
        }
    }
}
