//! JSON, one item after the other without a tree of the whole: the elements of a list, of every list that an object at the top
//! holds (`issues`, `tickets`, `cards`), or one value a line. What is left of such an object is an item, too. Lists of items that
//! lie deeper, in projects or under another name, are looked for in what is left, and in elements that are called otherwise.
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

/// Lists whose elements are items wherever they lie.
const ITEMS: [&str; 5] = ["issues", "tickets", "cards", "messages", "records"];

/// Where an item begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// The elements of the lists called as in [`ITEMS`], at any depth.
    Deep,
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
    /// Of these, which are lists of items by their names.
    of_items: Vec<bool>,
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
    /// The place of what all of it stands in.
    within: String,
}

/// Brackets around items that are told apart; deeper ones are only counted.
const OPEN_MAX: usize = 3;

/// The same where items are looked for at any depth.
const DEEP_MAX: usize = 32;

impl Splitter {
    fn new(shape: Shape) -> Self {
        Self {
            shape,
            depth: 0,
            in_string: false,
            escaped: false,
            lists: Vec::new(),
            of_items: Vec::new(),
            item: None,
            rest: Vec::new(),
            string: Vec::new(),
            list: String::new(),
            count: 0,
            total: 0,
            list_count: 0,
            too_large: false,
            rest_too_large: false,
            within: String::new(),
        }
    }

    fn take(&mut self, bytes: &[u8], sink: &mut Looking<'_>) {
        for byte in bytes {
            if let Some(item) = self.byte(*byte) {
                self.finish(&item, sink);
            }
        }
    }

    /// As [`Self::take`] for one byte, without looking: list, number in it, and item.
    fn take_apart(&mut self, byte: u8, items: &mut Vec<(String, u64, Vec<u8>)>) {
        if let Some(item) = self.byte(byte) {
            self.count += 1;
            items.push((self.list.clone(), self.count, item));
        }
    }

    /// The item that ends with this byte.
    fn byte(&mut self, byte: u8) -> Option<Vec<u8>> {
        if self.in_string {
            self.keep(byte);
            self.in_string = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            if self.item.is_none() && self.in_string && self.string.len() < 64 {
                self.string.push(byte);
            }
            return None;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.string.clear();
                self.keep(byte);
            }
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => return self.close(byte),
            b',' if self.item.is_none() && self.between_items() => {}
            _ => self.keep(byte),
        }
        None
    }

    /// Whether commas here stand between items: they must not be left over without them.
    fn between_items(&self) -> bool {
        self.count > 0 && self.lists.last() == Some(&true) && self.begins_item()
    }

    /// Whether a bracket that opens now begins an item.
    fn begins_item(&self) -> bool {
        match self.shape {
            Shape::Deep => self.of_items.last() == Some(&true) && self.of_items.len() == self.depth,
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
            if byte == b'[' && (self.depth == 1 || self.shape == Shape::Deep) {
                self.name_list();
            }
            let most = if self.shape == Shape::Deep { DEEP_MAX } else { OPEN_MAX };
            if self.lists.len() < most {
                self.lists.push(byte == b'[');
                self.of_items.push(byte == b'[' && self.is_of_items());
            }
        }
        self.keep(byte);
        self.depth += 1;
    }

    fn is_of_items(&self) -> bool {
        ITEMS.contains(&self.list.as_str())
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

    fn close(&mut self, byte: u8) -> Option<Vec<u8>> {
        self.keep(byte);
        self.depth = self.depth.saturating_sub(1);
        match self.item.take() {
            Some((bytes, depth)) if depth == self.depth => return Some(bytes),
            Some(open) => self.item = Some(open),
            None => {
                self.lists.truncate(self.depth);
                self.of_items.truncate(self.depth);
            }
        }
        None
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
        let may_hold_more = matches!(self.shape, Shape::List | Shape::Lists) && !self.is_of_items() && !self.too_large;
        if may_hold_more && deeper(&place, bytes, sink) {
            return;
        }
        self.look(&place, bytes, sink);
    }

    fn place(&self, bytes: &[u8], sink: &Looking<'_>) -> String {
        let within = if self.within.is_empty() {
            String::new()
        } else {
            format!("{} ", self.within)
        };
        let list = if self.list.is_empty() {
            within
        } else {
            format!("{within}{} ", self.list)
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
        let place = match (self.total, self.within.as_str()) {
            (0, _) => String::new(),
            (_, "") => "around the items".to_owned(),
            (_, within) => format!("{within} around the items"),
        };
        if self.rest_too_large {
            sink.unread(&place, "larger than 64 MiB");
        } else if self.total > 0 {
            sink.aside(&place, Some("application/json"), &rest);
        } else if self.shape == Shape::Lists && deeper("", &rest, sink) {
        } else if self.shape == Shape::Lists && id_of(&rest).is_none() && holds_a_list(&rest) {
            sink.unsplit(Some("application/json"), "", &rest);
        } else {
            sink.item(&place, Some("application/json"), &rest);
        }
    }
}

/// Looks at the items that lie deeper in `bytes`; false where there are none, and nothing was looked at.
fn deeper(within: &str, bytes: &[u8], sink: &mut Looking<'_>) -> bool {
    let names = ITEMS.map(|name| format!("\"{name}\""));
    if !names
        .iter()
        .any(|name| memchr::memmem::find(bytes, name.as_bytes()).is_some())
    {
        return false;
    }
    // Once without looking: what holds no items is looked at as a whole.
    let mut splitter = Splitter::new(Shape::Deep);
    splitter.within = within.to_owned();
    let mut items = Vec::new();
    for byte in bytes {
        splitter.take_apart(*byte, &mut items);
    }
    if items.is_empty() || splitter.depth > 0 {
        return false;
    }
    for (list, number, item) in items {
        (splitter.list, splitter.count) = (list, number);
        let place = splitter.place(&item, sink);
        sink.item(&place, Some("application/json"), &item);
    }
    splitter.total = 1;
    splitter.end(sink);
    true
}

/// Whether two objects or more stand in one list somewhere in it.
fn holds_a_list(bytes: &[u8]) -> bool {
    fn holds(value: &Value) -> bool {
        match value {
            Value::Array(all) => all.iter().filter(|one| one.is_object()).count() > 1 || all.iter().any(holds),
            Value::Object(all) => all.values().any(holds),
            _ => false,
        }
    }
    serde_json::from_slice::<Value>(bytes).is_ok_and(|value| holds(&value))
}

/// The texts of lists whose elements have a `text` each, joined: editors cut one line in pieces where it is bold or a link.
pub(super) fn runs_of_text(bytes: &[u8]) -> Vec<String> {
    fn gather(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(all) => {
                let texts: Vec<&str> = all.iter().filter_map(|one| one.get("text")?.as_str()).collect();
                if texts.len() > 1 {
                    found.push(texts.concat());
                }
                all.iter().for_each(|one| gather(one, found));
            }
            Value::Object(all) => all.values().for_each(|one| gather(one, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if memchr::memmem::find_iter(bytes, b"\"text\"").nth(1).is_some()
        && let Ok(value) = serde_json::from_slice::<Value>(bytes)
    {
        gather(&value, &mut found);
    }
    found
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
