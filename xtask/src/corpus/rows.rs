//! The tables of the corpus: one row for each way in which an identifier can be written, encoded, placed or packed.

use super::people::Person;
use super::random::Random;
use super::request::Request;
use super::{formats, pack, place, rare, spell, text};

/// What is promised of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Can be undone for certain: nothing may be missed.
    Deterministic,
    /// At most one in a hundred may be missed.
    Harder,
    /// Known not to be read (`docs/detection.md`): counted and printed, so that nobody thinks otherwise.
    NotRead,
}

impl Class {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Deterministic => "certain",
            Self::Harder => "harder",
            Self::NotRead => "not read",
        }
    }
}

/// What a text may stand in without being escaped again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escaped {
    /// Every format escapes it as its rules are.
    No,
    /// It is escaped for JSON.
    Json,
    /// It is escaped for XML and HTML.
    Markup,
    /// It has line breaks, so that it stands in bodies alone.
    Lines,
}

/// A text on its way into a request.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) escaped: Escaped,
}

/// What a row does.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// Writes one identifier of a person.
    Spelled(fn(&Person, &mut Random) -> String),
    /// Encodes a text.
    Text(Escaped, fn(&str, &mut Random) -> String),
    /// Puts a text into a request.
    Placed(fn(&Piece, &mut Random) -> Request),
    /// Puts what it chooses of a person into a request.
    PersonPlaced(fn(&Person, &mut Random) -> Request),
    /// Encodes the body of a request.
    Packed(fn(Request, &mut Random) -> Request),
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) class: Class,
    pub(super) how: How,
}

/// Every row, in the order of the printed table.
pub(super) fn rows() -> Vec<Row> {
    let tables = [
        spell::PLAIN,
        spell::OTHER,
        text::ROWS,
        rare::ROWS,
        place::ROWS,
        place::OF_PEOPLE,
        formats::ROWS,
        formats::OF_PEOPLE,
        pack::ROWS,
    ];
    tables.into_iter().flatten().copied().collect()
}

/// A message with one identifier in it: the row has its way, and everything else is plain or, at times, of another row.
pub(super) struct Made {
    pub(super) request: Request,
    pub(super) person: u32,
    /// The rows that took part, for whoever looks at a miss.
    pub(super) way: Vec<&'static str>,
}

pub(super) fn make(row: &Row, person: &Person, random: &mut Random) -> Made {
    let mut way = Vec::new();
    let request = match row.how {
        How::PersonPlaced(put) => put(person, random),
        _ => placed(row, person, random, &mut way),
    };
    let packs = match row.how {
        How::Packed(_) => Some(*row),
        _ if random.chance(20) => Some(*random.pick(pack::PLAIN)),
        _ => None,
    };
    let request = match packs {
        Some(Row {
            name,
            how: How::Packed(packed),
            ..
        }) => {
            way.push(name);
            packed(request, random)
        }
        _ => request,
    };
    Made {
        request,
        person: person.number,
        way,
    }
}

fn placed(row: &Row, person: &Person, random: &mut Random, way: &mut Vec<&'static str>) -> Request {
    let spelling = match row.how {
        How::Spelled(_) => *row,
        _ => *random.pick(spell::PLAIN),
    };
    way.push(spelling.name);
    let How::Spelled(spelled) = spelling.how else {
        unreachable!("spellings are rows of the first tables")
    };
    let plain = spelled(person, random);
    let mut piece = Piece {
        text: plain,
        escaped: Escaped::No,
    };
    // Innermost first: mostly one, at times two that can stand anywhere.
    let encodings = match row.how {
        How::Text(..) if random.chance(20) => vec![mixed(random), *row],
        How::Text(..) => vec![*row],
        How::Packed(_) => Vec::new(),
        _ if random.chance(20) => vec![mixed(random)],
        _ => Vec::new(),
    };
    for Row { name, how, .. } in encodings {
        let How::Text(escaped, encode) = how else { continue };
        way.push(name);
        piece = Piece {
            text: encode(&piece.text, random),
            escaped,
        };
    }
    let place = match (row.how, piece.escaped) {
        (How::Placed(_), _) => *row,
        (How::Packed(_), _) => *random.pick(place::TEXTS),
        (_, Escaped::Json) => *random.pick(place::JSON),
        (_, Escaped::Markup) if random.chance(50) => *random.pick(place::MARKUP),
        (_, Escaped::Lines) => *random.pick(place::LINES),
        _ => *random.pick(place::PLAIN),
    };
    way.push(place.name);
    let How::Placed(put) = place.how else {
        unreachable!("places are rows of the third table")
    };
    put(&piece, random)
}

/// An encoding of a text that can stand anywhere and is undone for certain.
fn mixed(random: &mut Random) -> Row {
    let certain = |row: &&Row| row.class == Class::Deterministic && matches!(row.how, How::Text(Escaped::No, _));
    let rows: Vec<&Row> = text::ROWS.iter().filter(certain).collect();
    **random.pick(&rows)
}
