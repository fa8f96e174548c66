//! JSON, one item after the other without a tree of the whole: the elements of a list, of every list that an object at the top
//! holds (`issues`, `tickets`, `cards`), or one value a line. What is left of such an object is an item, too.
//!
//! What is not valid JSON comes to the detection room as it stands, which says that it cannot read it.

use std::io::{BufRead, Read as _};

use serde::Deserialize;
use serde_json::Value;

use super::ITEM_MAX;
use super::tally::Looking;

/// Names of lists that are shown; others are numbered, because a key may be somebody's name.
const LISTS: [&str; 22] = [
    "issues",
    "tickets",
    "cards",
    "actions",
    "records",
    "comments",
    "messages",
    "checklists",
    "lists",
    "labels",
    "members",
    "users",
    "organizations",
    "channels",
    "articles",
    "events",
    "rows",
    "items",
    "results",
    "data",
    "attachments",
    "worklogs",
];

/// Where an item begins.
enum Shape {
    /// A value per line, or several values behind each other.
    Values,
    /// The elements of the list at the top.
    List,
    /// The elements of the lists in the object at the top.
    Lists,
}

pub(super) fn split(mut file: impl BufRead, sink: &mut Looking<'_>) -> std::io::Result<()> {
    // A file may be one line of any length: only its beginning is held.
    let mut first = Vec::new();
    if file.by_ref().take(ITEM_MAX as u64).read_until(b'\n', &mut first)? == 0 {
        return Ok(());
    }
    let mut splitter = Splitter::new(shape(&first, &mut file)?);
    splitter.take(&first, sink);
    drop(first);
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        splitter.take(bytes, sink);
        file.consume(length);
    }
    splitter.end(sink);
    Ok(())
}

/// A first line that is a whole object, with something behind it, is the first of many.
fn shape(first: &[u8], file: &mut impl BufRead) -> std::io::Result<Shape> {
    let start = first
        .iter()
        .find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
    let whole = serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok();
    let more = file.fill_buf()?.iter().any(|byte| !byte.is_ascii_whitespace());
    Ok(match start {
        _ if whole && more => Shape::Values,
        Some(b'[') => Shape::List,
        Some(b'{') => Shape::Lists,
        _ => Shape::Values,
    })
}

/// Walks over bytes and knows only strings and brackets.
struct Splitter {
    shape: Shape,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Whether the innermost bracket that is open outside of an item is a list.
    lists: Vec<bool>,
    /// The item that is open, and the depth that it began at.
    item: Option<(Vec<u8>, usize)>,
    /// What belongs to no item.
    rest: Vec<u8>,
    /// The last string outside of an item: the name of the list that may follow.
    string: Vec<u8>,
    /// Name of the list that items are read from.
    list: String,
    count: u64,
    total: u64,
    list_count: u64,
    /// Whether the open item is larger than may be looked at.
    too_large: bool,
    rest_too_large: bool,
}

/// Brackets around items that are told apart; deeper ones are only counted.
const OPEN_MAX: usize = 3;

impl Splitter {
    fn new(shape: Shape) -> Self {
        Self {
            shape,
            depth: 0,
            in_string: false,
            escaped: false,
            lists: Vec::new(),
            item: None,
            rest: Vec::new(),
            string: Vec::new(),
            list: String::new(),
            count: 0,
            total: 0,
            list_count: 0,
            too_large: false,
            rest_too_large: false,
        }
    }

    fn take(&mut self, bytes: &[u8], sink: &mut Looking<'_>) {
        for byte in bytes {
            self.byte(*byte, sink);
        }
    }

    fn byte(&mut self, byte: u8, sink: &mut Looking<'_>) {
        if self.in_string {
            self.keep(byte);
            self.in_string = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            if self.item.is_none() && self.in_string && self.string.len() < 64 {
                self.string.push(byte);
            }
            return;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.string.clear();
                self.keep(byte);
            }
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => self.close(byte, sink),
            b',' if self.item.is_none() && self.between_items() => {}
            _ => self.keep(byte),
        }
    }

    /// Whether commas here stand between items: they must not be left over without them.
    fn between_items(&self) -> bool {
        self.count > 0 && self.lists.last() == Some(&true) && self.begins_item()
    }

    /// Whether a bracket that opens now begins an item.
    fn begins_item(&self) -> bool {
        match self.shape {
            Shape::Values => self.depth == 0,
            Shape::List => self.depth == 1 && self.lists == [true],
            Shape::Lists => self.depth == 2 && self.lists == [false, true],
        }
    }

    fn open(&mut self, byte: u8) {
        if self.item.is_none() && byte == b'{' && self.begins_item() || self.item.is_none() && self.is_value_list(byte)
        {
            self.item = Some((Vec::new(), self.depth));
        }
        if self.item.is_none() {
            if self.lists.len() < OPEN_MAX {
                self.lists.push(byte == b'[');
            }
            if byte == b'[' && self.depth == 1 {
                self.name_list();
            }
        }
        self.keep(byte);
        self.depth += 1;
    }

    fn is_value_list(&self, byte: u8) -> bool {
        byte == b'[' && self.depth == 0 && matches!(self.shape, Shape::Values)
    }

    fn name_list(&mut self) {
        self.list_count += 1;
        self.count = 0;
        let known = LISTS.iter().find(|name| name.as_bytes() == self.string);
        self.list = known.map_or_else(|| format!("list {}", self.list_count), |name| (*name).to_owned());
    }

    fn close(&mut self, byte: u8, sink: &mut Looking<'_>) {
        self.keep(byte);
        self.depth = self.depth.saturating_sub(1);
        match self.item.take() {
            Some((bytes, depth)) if depth == self.depth => self.finish(&bytes, sink),
            Some(open) => self.item = Some(open),
            None => self.lists.truncate(self.depth),
        }
    }

    fn keep(&mut self, byte: u8) {
        let (into, too_large) = match &mut self.item {
            Some((bytes, _)) => (bytes, &mut self.too_large),
            None => (&mut self.rest, &mut self.rest_too_large),
        };
        if into.len() < ITEM_MAX {
            into.push(byte);
        } else {
            *too_large = true;
        }
    }

    fn finish(&mut self, bytes: &[u8], sink: &mut Looking<'_>) {
        self.count += 1;
        self.total += 1;
        let place = self.place(bytes, sink);
        self.look(&place, bytes, sink);
    }

    fn place(&self, bytes: &[u8], sink: &Looking<'_>) -> String {
        let list = if self.list.is_empty() {
            String::new()
        } else {
            format!("{} ", self.list)
        };
        match id_of(bytes).filter(|id| sink.is_nobodys(id)) {
            Some(id) => format!("{list}{id}"),
            None => format!("{list}{}", self.count),
        }
    }

    fn look(&mut self, place: &str, bytes: &[u8], sink: &mut Looking<'_>) {
        if std::mem::take(&mut self.too_large) {
            sink.unread(place, "larger than 64 MiB");
        } else {
            sink.item(place, Some("application/json"), bytes);
        }
    }

    /// What is left: of a file that ends in the midst of an item also that.
    fn end(mut self, sink: &mut Looking<'_>) {
        if let Some((bytes, _)) = self.item.take() {
            self.count += 1;
            let place = self.count.to_string();
            self.look(&place, &bytes, sink);
        }
        if self.depth > 0 || self.in_string {
            sink.unread("", "it ends in the midst of something");
        }
        let rest = std::mem::take(&mut self.rest);
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || b"[]{},".contains(byte);
        if rest.iter().all(is_blank) {
            return;
        }
        // Where nothing in it is a list the file is one item.
        let place = if self.total == 0 { "" } else { "around the items" };
        if self.rest_too_large {
            sink.unread(place, "larger than 64 MiB");
        } else if self.total == 0 {
            sink.item(place, Some("application/json"), &rest);
        } else {
            sink.aside(place, Some("application/json"), &rest);
        }
    }
}

/// The identifier that a tool gave an item: `key` before `ts` before `id`.
fn id_of(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Ids {
        key: Option<Value>,
        ts: Option<Value>,
        id: Option<Value>,
        number: Option<Value>,
    }
    let ids: Ids = serde_json::from_slice(bytes).ok()?;
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let mut ids = [ids.key, ids.ts, ids.id, ids.number]
        .into_iter()
        .flatten()
        .filter_map(text);
    ids.find(|id| super::items::is_plain_id(id))
}
