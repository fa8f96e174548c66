//! A source that is put together from pieces of a file: what is Ruby in an ERB file, what is HTML in it, the inside of a
//! `<script>`. Facts of it are moved back to where their pieces stand.

use crate::{Argument, Facts, Span};

/// Stands for what a template puts in at run time. A private character is a name in every grammar and nothing that people write.
pub(crate) const HOLE: &str = "\u{E000}";

/// A source and where its pieces come from.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    pub(crate) text: String,
    /// Where each piece starts here and in the file, in order.
    places: Vec<(usize, usize)>,
    /// Where holes are, and the names in what is put in.
    holes: Vec<(usize, Vec<String>)>,
}

/// How many names of one hole, and of one argument, are kept.
const NAMES_MAX: usize = 32;

impl Pieces {
    /// Adds a piece of the file.
    pub(crate) fn add(&mut self, piece: &str, start: usize) {
        if !piece.is_empty() {
            self.places.push((self.text.len(), start));
            self.text.push_str(piece);
        }
    }

    /// Adds what is not in the file.
    pub(crate) fn glue(&mut self, glue: &str, at: usize) {
        self.places.push((self.text.len(), at));
        self.text.push_str(glue);
    }

    /// Adds a hole for a value that is put in: `inside` is its source.
    pub(crate) fn hole(&mut self, inside: &str, at: usize) {
        self.holes.push((self.text.len(), names(inside)));
        self.glue(HOLE, at);
    }

    /// The part from one place of the text to another, as a source of its own.
    pub(crate) fn part(&self, span: &Span) -> Self {
        let mut part = Self {
            text: self.text.get(span.clone()).unwrap_or("").to_owned(),
            ..Self::default()
        };
        let holes = self
            .holes
            .iter()
            .skip(self.holes.partition_point(|(at, _)| *at < span.start));
        let holes = holes.take_while(|(at, _)| *at < span.end);
        part.holes = holes.map(|(at, names)| (at - span.start, names.clone())).collect();
        let first = self
            .places
            .partition_point(|(here, _)| *here <= span.start)
            .saturating_sub(1);
        for (here, there) in self.places.iter().skip(first).take_while(|(here, _)| *here < span.end) {
            let skipped = span.start.saturating_sub(*here);
            part.places.push((here.saturating_sub(span.start), there + skipped));
        }
        part
    }

    /// Where a byte of the text stands in the file. `file` settles that it is a boundary of a character.
    fn place(&self, at: usize, file: &str) -> usize {
        let index = self.places.partition_point(|(here, _)| *here <= at).saturating_sub(1);
        let Some((here, there)) = self.places.get(index) else {
            return 0;
        };
        let mut place = (there + at.saturating_sub(*here)).min(file.len());
        while !file.is_char_boundary(place) {
            place -= 1;
        }
        place
    }

    fn span(&self, span: &mut Span, file: &str) {
        let start = self.place(span.start, file);
        // The end belongs to the piece of the byte before it.
        let end = if span.end > span.start {
            self.place(span.end - 1, file) + 1
        } else {
            start
        };
        let mut end = end.clamp(start, file.len());
        while !file.is_char_boundary(end) {
            end += 1;
        }
        *span = start..end;
    }

    /// Names of what is put into an argument at run time.
    fn fill(&self, argument: &mut Argument) {
        let first = self.holes.partition_point(|(at, _)| *at < argument.span.start);
        for (_, names) in self
            .holes
            .iter()
            .skip(first)
            .take_while(|(at, _)| *at < argument.span.end)
        {
            for name in names {
                if argument.names.len() < NAMES_MAX && !argument.names.contains(name) {
                    argument.names.push(name.clone());
                }
            }
        }
    }

    /// Facts of the text as facts of the file.
    pub(crate) fn moved(&self, facts: Facts, file: &str) -> Facts {
        let mut facts = facts;
        for import in &mut facts.imports {
            self.span(&mut import.span, file);
        }
        for call in &mut facts.calls {
            self.span(&mut call.span, file);
            for argument in &mut call.arguments {
                argument.names.retain(|name| !name.contains(HOLE));
                self.fill(argument);
                self.span(&mut argument.span, file);
                argument.texts.iter_mut().for_each(shown);
            }
            shown(&mut call.path);
            shown(&mut call.resolved);
        }
        for definition in &mut facts.definitions {
            self.span(&mut definition.span, file);
        }
        for text in &mut facts.texts {
            self.span(&mut text.span, file);
            shown(&mut text.text);
            shown(&mut text.argument_of);
        }
        for tag in &mut facts.tags {
            self.span(&mut tag.span, file);
            tag.attributes.iter_mut().for_each(|(_, value)| shown(value));
        }
        for key in &mut facts.keys {
            self.span(&mut key.span, file);
        }
        facts.texts.retain(|text| text.text != "{}");
        facts
    }
}

/// Identifiers outside of quotes.
fn names(code: &str) -> Vec<String> {
    let outside = code.split(['"', '\'']).step_by(2);
    let words = outside.flat_map(|part| part.split(|letter: char| !letter.is_alphanumeric() && letter != '_'));
    let names = words.filter(|word| word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_'));
    names.take(NAMES_MAX).map(str::to_owned).collect()
}

/// Writes a hole as it is written everywhere.
fn shown(text: &mut String) {
    if text.contains(HOLE) {
        *text = text.replace(HOLE, "{}");
    }
}

impl Facts {
    /// Takes over the facts of another part of the same file.
    pub(crate) fn take(&mut self, other: Self) {
        self.imports.extend(other.imports);
        self.calls.extend(other.calls);
        self.definitions.extend(other.definitions);
        self.texts.extend(other.texts);
        self.tags.extend(other.tags);
        self.keys.extend(other.keys);
        self.broken += other.broken;
    }
}
