//! Whether a piece of an address is somebody of the directory: a user name, a number or a full name, however it is joined.

use std::cell::RefCell;
use std::collections::HashMap;

use averment_detect::{Directory, Form, normalise};

use crate::words;

/// Pieces whose answer is remembered; pages repeat theirs.
const REMEMBERED_MAX: usize = 50_000;
/// Words of one identifier or name.
const WORDS_MAX: usize = 4;
/// Letters of two words that were written as one.
const GLUED: std::ops::RangeInclusive<usize> = 5..=30;
/// What is shorter and has no digit is a common word as often as somebody's.
const ALONE_MIN: usize = 8;

/// The people who are recognised.
pub(super) struct People<'d> {
    directory: Option<&'d Directory>,
    known: RefCell<HashMap<String, bool>>,
}

impl<'d> People<'d> {
    /// Nobody where there is no directory, or an empty one.
    pub(super) fn of(directory: Option<&'d Directory>) -> Self {
        Self {
            directory: directory.filter(|directory| directory.people() > 0),
            known: RefCell::default(),
        }
    }

    /// Whether `piece` is somebody's identifier or name, or has one in it.
    pub(super) fn has(&self, piece: &str) -> bool {
        let Some(directory) = self.directory else { return false };
        if let Some(known) = self.known.borrow().get(piece) {
            return *known;
        }
        let is_somebody = is_somebody(directory, piece);
        let mut known = self.known.borrow_mut();
        if known.len() < REMEMBERED_MAX {
            known.insert(piece.to_owned(), is_somebody);
        }
        is_somebody
    }
}

fn is_somebody(directory: &Directory, piece: &str) -> bool {
    let is_word = |text: &str| directory.look_up(Form::Word, &normalise::word(text)).is_some();
    let is_name = |text: &str| directory.look_up(Form::Name, &normalise::name(text)).is_some();
    let stem = piece.rsplit_once('.').map_or(piece, |(stem, _)| stem);
    let atoms = atoms(piece);
    let is_strong =
        |atom: &str| atom.len() >= ALONE_MIN || (atom.len() > 2 && atom.bytes().any(|b| b.is_ascii_digit()));
    let alone = atoms.iter().map(|at| &piece[at.clone()]).filter(|atom| is_strong(atom));
    let joined = windows(&atoms).map(|window| &piece[window[0].start..window[window.len() - 1].end]);
    let mut identifiers = [piece, stem].into_iter().chain(alone).chain(joined);
    let words = words::split(piece);
    let mut names = windows(&words).map(|window| window.join(" "));
    identifiers.any(is_word)
        || names.any(|name| is_name(&name))
        || atoms
            .iter()
            .any(|at| halves(&piece[at.clone()]).any(|name| is_name(&name)))
}

/// Where the words between `.`, `_`, `-` and the like stand.
fn atoms(piece: &str) -> Vec<std::ops::Range<usize>> {
    let mut atoms = Vec::new();
    let mut start = 0;
    let ends = piece.char_indices().filter(|(_, c)| !c.is_alphanumeric());
    for (at, c) in ends.chain([(piece.len(), ' ')]) {
        if at > start {
            atoms.push(start..at);
        }
        start = at + c.len_utf8();
    }
    atoms
}

/// Every run of two and more.
fn windows<T>(all: &[T]) -> impl Iterator<Item = &[T]> {
    (2..=WORDS_MAX).flat_map(move |length| all.windows(length))
}

/// Two words that may have been written as one: `mayalindqvist`.
fn halves(atom: &str) -> impl Iterator<Item = String> {
    let is_one = GLUED.contains(&atom.len()) && atom.bytes().all(|byte| byte.is_ascii_alphabetic());
    let ends = if is_one { 2..atom.len() - 1 } else { 0..0 };
    ends.map(move |at| format!("{} {}", &atom[..at], &atom[at..]))
}
