//! User names, account and student numbers, and people's names: runs of letters and digits.
//!
//! An *atom* is a run of letters and digits; atoms joined by `.`, `_` or `-` form a *chunk*. A whole chunk and every run
//! of up to [`ATOMS_MAX`] atoms in it are looked up, so that `ada_l` is found in `ada_l.png`; never a part of an atom. A
//! name is a window of up to five atoms of letters with little between them.

use std::ops::Range;

use super::context::may_announce;
use super::{Search, is_word};
use crate::directory::{Filter, Keyword, LeastWords, TokenKey, joined, name_token};
use crate::mask::{Digit, Word, long_runs, mask_at};
use crate::normalise::NAME_WORDS_MAX;
use crate::normalise::fold::without_marks;
use crate::{Directory, Form};

/// Atoms of one chunk that are looked up together.
const ATOMS_MAX: usize = 6;
/// Digits of a number that is looked for inside a longer token.
const EMBEDDED_MIN: usize = 6;
const EMBEDDED_MAX: usize = 20;
/// Longest chunk that is looked up as a whole, bytes.
const CHUNK_MAX: usize = 256;
/// Longest gap between two words of a name, bytes.
const NAME_GAP_MAX: usize = 8;
/// Longest gap that may hold a full stop: `J. Lindqvist`; what is longer ends a sentence.
const STOP_GAP_MAX: usize = 3;
/// Words between two names of two people.
const BETWEEN_PEOPLE: [&str; 10] = ["and", "or", "und", "y", "e", "et", "og", "och", "en", "vs"];

/// Words of a name with one more between them, counted from the last back: of three and of four words.
const AROUND: [&[usize]; 3] = [&[2, 0], &[3, 1, 0], &[3, 2, 0]];

/// What a byte between two atoms says: bit 0, it joins them to one chunk; bit 1, they may be words of one name.
static GAPS: [u8; 256] = {
    let mut gaps = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        gaps[byte] = match byte as u8 {
            b'.' | b'_' | b'-' => JOINS | NAMES,
            b' ' | b',' | b'\'' | b'+' | b'\t' | b'\r' | b'\n' => NAMES,
            b':' | b';' | b'|' | b'/' | b'"' | b'(' | b')' | b'<' | b'>' | b'&' | b'*' | b'~' => NAMES,
            _ => 0,
        };
        byte += 1;
    }
    gaps
};
const JOINS: u8 = 1;
const NAMES: u8 = 2;

#[derive(Clone, Copy, Default)]
struct Atom {
    start: usize,
    end: usize,
    token: u64,
}

/// What the directory may hold.
enum Candidate<'a> {
    Word(Range<usize>),
    Name(&'a [Atom]),
    /// A word that says what stands beside it.
    Keyword(Keyword, Range<usize>),
}

/// Goes through a text and gives every candidate to `found`. Most of the time of an inspection is spent here.
fn candidates(text: &[u8], directory: &Directory, found: &mut dyn FnMut(Candidate<'_>)) {
    let mut scan = Scan {
        text,
        directory,
        key: directory.token_key(),
        words: directory.filter(Form::Word),
        full_names: directory.filter(Form::Name),
        least_words: directory.least_words(),
        chunk: Chunk::default(),
        names: Names::default(),
        found,
    };
    let last = scan.atoms();
    scan.end_chunk(last, text.len());
}

struct Scan<'a, 'f> {
    text: &'a [u8],
    directory: &'a Directory,
    key: &'a TokenKey,
    words: &'a Filter,
    full_names: &'a Filter,
    least_words: &'a LeastWords,
    chunk: Chunk,
    names: Names,
    found: &'f mut dyn FnMut(Candidate<'_>),
}

/// The last atoms of a chunk. Each carries the token of the run from it to the last one.
#[derive(Default)]
struct Chunk {
    start: usize,
    atoms: [Atom; ATOMS_MAX],
    count: usize,
}

/// The last words of a name.
#[derive(Default)]
struct Names {
    /// Where they stand and their tokens, counted round: the last at `last`, the one before it at `last - 1`.
    ring: [Atom; 8],
    last: usize,
    count: usize,
    /// One bit for each of them, the last lowest: whether it may be the least word of a name.
    least: u32,
}

impl Names {
    fn end(&mut self) {
        (self.count, self.least) = (0, 0);
    }

    fn back(&self, words: usize) -> Atom {
        self.ring[self.last.wrapping_sub(words) & 7]
    }
}

/// Several words taken together.
#[derive(Clone, Copy)]
struct Window {
    sum: u64,
    least: u64,
    /// Whether `least` is the least word of a name.
    may_be: bool,
}

impl Window {
    const EMPTY: Self = Self {
        sum: 0,
        least: u64::MAX,
        may_be: false,
    };

    #[inline(always)]
    fn with(self, token: u64, may_be: bool) -> Self {
        let is_less = token < self.least;
        Self {
            sum: self.sum.wrapping_add(token),
            least: token.min(self.least),
            may_be: if is_less { may_be } else { self.may_be },
        }
    }
}

impl Scan<'_, '_> {
    /// Takes every atom; gives the end of the last one. Starts and ends are the bits where a mask differs from itself
    /// shifted by one.
    fn atoms(&mut self) -> usize {
        let text = self.text;
        let (mut carry, mut open, mut start, mut before) = (0, false, 0, 0);
        for base in (0..text.len()).step_by(64) {
            let mask = mask_at::<Word>(text, base);
            let mut edges = mask ^ (mask << 1 | carry);
            carry = mask >> 63;
            while edges != 0 {
                let at = base + edges.trailing_zeros() as usize;
                edges &= edges - 1;
                if open {
                    self.atom(before, start, at.min(text.len()));
                    before = at;
                } else {
                    start = at;
                }
                open = !open;
            }
        }
        if open {
            self.last_atom(before, start);
            before = text.len();
        }
        before.min(text.len())
    }

    /// One that the text ends with.
    #[inline(never)]
    fn last_atom(&mut self, before: usize, start: usize) {
        self.atom(before, start, self.text.len());
    }

    /// Takes the atom at `start..end`; the one before it ended at `before`.
    #[inline(always)]
    fn atom(&mut self, before: usize, start: usize, end: usize) {
        let hash = self.key.hash_atom(self.text, start, end);
        let atom = Atom {
            start,
            end,
            token: hash.token,
        };
        let gap = gap(&self.text[before..start]);
        if gap & JOINS == 0 || self.chunk.count == 0 {
            self.end_chunk(before, start);
            self.chunk.atoms[0] = atom;
            self.chunk.count = 1;
            if self.words.passes(atom.token) {
                word(self.directory, start..end, atom.token, self.found);
            }
        } else {
            self.join(before, atom);
        }
        if hash.has_digit {
            self.names.end();
            return;
        }
        if gap & NAMES == 0 {
            self.names.end();
        }
        if hash.is_ascii {
            self.name_word(atom);
        } else {
            self.marked_name_word(atom);
        }
    }

    /// Adds an atom to the chunk and looks up every run of atoms that ends with it.
    fn join(&mut self, before: usize, atom: Atom) {
        let gap = &self.text[before..atom.start];
        let chunk = &mut self.chunk;
        for held in &mut chunk.atoms[..chunk.count] {
            held.token = joined(held.token, gap, atom.token);
        }
        if chunk.count == ATOMS_MAX {
            chunk.atoms.copy_within(1.., 0);
            chunk.count -= 1;
        }
        chunk.atoms[chunk.count] = atom;
        chunk.count += 1;
        for held in &self.chunk.atoms[..self.chunk.count] {
            if self.words.passes(held.token) {
                word(self.directory, held.start..atom.end, held.token, self.found);
            }
        }
    }

    /// Ends the chunk in the gap `from..to` after it, and begins the next one there.
    #[inline]
    fn end_chunk(&mut self, from: usize, to: usize) {
        let gap = &self.text[from..to];
        let plain = matches!(gap, [byte] if GAPS[usize::from(*byte)] & JOINS == 0);
        if !plain || self.chunk.start != self.chunk.atoms[0].start {
            self.end_long_chunk(from, gap);
        } else {
            self.chunk.start = to;
        }
    }

    /// Looks up the whole chunk where the runs of atoms do not cover it: it starts or ends with a joiner, or is longer.
    fn end_long_chunk(&mut self, from: usize, gap: &[u8]) {
        let joiners =
            |bytes: &mut dyn Iterator<Item = &u8>| bytes.take_while(|b| GAPS[usize::from(**b)] & JOINS != 0).count();
        let range = self.chunk.start..from + joiners(&mut gap.iter());
        let first = self.chunk.atoms[0].start;
        if self.chunk.count > 0 && (first > range.start || from < range.end) && range.len() <= CHUNK_MAX {
            self.whole_chunk(range);
        }
        self.chunk.start = from + gap.len() - joiners(&mut gap.iter().rev());
    }

    fn whole_chunk(&mut self, range: Range<usize>) {
        let mut folded = [0; CHUNK_MAX];
        let folded = &mut folded[..range.len()];
        folded.copy_from_slice(&self.text[range.clone()]);
        folded.make_ascii_lowercase();
        if std::str::from_utf8(folded).is_ok_and(|word| self.directory.may_know(Form::Word, word)) {
            (self.found)(Candidate::Word(range));
        }
    }

    #[inline(always)]
    fn name_word(&mut self, atom: Atom) {
        let may_be = self.least_words.passes(atom.token);
        let names = &mut self.names;
        names.last = (names.last + 1) & 7;
        names.ring[names.last] = atom;
        names.count += 1;
        names.least = (names.least << 1 | u32::from(may_be)) & ((1 << NAME_WORDS_MAX) - 1);
        if names.least != 0 && names.count > 1 {
            self.name_windows();
        }
    }

    /// Looks up the windows of words that end with the last one.
    #[inline(never)]
    fn name_windows(&mut self) {
        let names = &self.names;
        let words = names.count.min(NAME_WORDS_MAX);
        let mut windows = [Window::EMPTY; NAME_WORDS_MAX];
        let mut window = Window::EMPTY;
        for (back, held) in windows[..words].iter_mut().enumerate() {
            window = window.with(names.back(back).token, names.least >> back & 1 != 0);
            *held = window;
        }
        for (back, window) in windows[..words].iter().enumerate().skip(1) {
            if self.may_be_name(window) {
                let atoms: [Atom; NAME_WORDS_MAX] =
                    std::array::from_fn(|word| self.names.back(back.saturating_sub(word)));
                (self.found)(Candidate::Name(&atoms[..=back]));
            }
        }
        for kept in AROUND.iter().filter(|kept| kept[0] < words) {
            self.name_around(kept);
        }
    }

    #[inline(always)]
    fn may_be_name(&self, window: &Window) -> bool {
        let token = name_token(window.sum, window.least);
        window.may_be && self.full_names.passes(token) && self.directory.may_hold(Form::Name, token)
    }

    /// A name with a word between that the directory does not have. `kept`: the others, counted from the last word back.
    #[inline(always)]
    fn name_around(&mut self, kept: &[usize]) {
        let names = &self.names;
        let window = kept.iter().fold(Window::EMPTY, |window, back| {
            window.with(names.back(*back).token, names.least >> back & 1 != 0)
        });
        if self.may_be_name(&window) {
            self.found_around(kept);
        }
    }

    #[cold]
    fn found_around(&mut self, kept: &[usize]) {
        let names = &self.names;
        let between = (0..=kept[0]).find(|back| !kept.contains(back)).is_some_and(|back| {
            let word = names.back(back);
            let text = &self.text[word.start..word.end];
            BETWEEN_PEOPLE
                .iter()
                .any(|between| between.as_bytes().eq_ignore_ascii_case(text))
        });
        if !between {
            let mut atoms = [Atom::default(); NAME_WORDS_MAX];
            atoms
                .iter_mut()
                .zip(kept)
                .for_each(|(held, back)| *held = names.back(*back));
            (self.found)(Candidate::Name(&atoms[..kept.len()]));
        }
    }

    /// A word with other letters than ASCII: names are known without diacritics.
    #[cold]
    fn marked_name_word(&mut self, atom: Atom) {
        let word = std::str::from_utf8(&self.text[atom.start..atom.end]);
        match word {
            Ok(word) => {
                let token = self.key.hash(without_marks(word).as_bytes());
                self.name_word(Atom { token, ..atom });
            }
            Err(_) => self.names.end(),
        }
    }
}

/// What passes the filter as a word.
#[cold]
fn word(directory: &Directory, range: Range<usize>, token: u64, found: &mut dyn FnMut(Candidate<'_>)) {
    if let Some(keyword) = directory.keyword(token) {
        found(Candidate::Keyword(keyword, range.clone()));
    }
    if directory.may_hold(Form::Word, token) {
        found(Candidate::Word(range));
    }
}

/// What the bytes between two atoms say together.
#[inline]
fn gap(bytes: &[u8]) -> u8 {
    if let [byte] = bytes {
        return GAPS[usize::from(*byte)];
    }
    let all = bytes
        .iter()
        .fold(JOINS | NAMES, |all, byte| all & GAPS[usize::from(*byte)]);
    let stop = bytes.len() > STOP_GAP_MAX && memchr::memchr(b'.', bytes).is_some();
    if bytes.len() <= NAME_GAP_MAX && !stop {
        all
    } else {
        all & JOINS
    }
}

/// Gives to `found` the numbers of accounts and students that no atom is by itself: `ID4810224`, `2024-4810224`,
/// `4810224.1.pdf`; and telephone numbers behind letters: `tel2065550100`.
fn embedded(text: &[u8], directory: &Directory, found: &mut dyn FnMut(Form, Range<usize>)) {
    for start in long_runs::<Digit>(text, EMBEDDED_MIN) {
        let length = text[start..]
            .iter()
            .take(EMBEDDED_MAX + 1)
            .take_while(|b| b.is_ascii_digit())
            .count();
        let range = start..start + length;
        let fits = length <= EMBEDDED_MAX && is_beside_something(text, &range);
        let Some(digits) = text.get(range.clone()).filter(|_| fits) else {
            continue;
        };
        let Ok(digits) = std::str::from_utf8(digits) else {
            continue;
        };
        for form in [Form::Word, Form::Phone] {
            let wanted = form == Form::Word || length >= 10;
            if wanted && directory.may_know(form, digits) && is_embedded(text, &range) {
                found(form, range.clone());
            }
        }
    }
}

/// Whether something stands beside digits that they could be embedded in.
fn is_beside_something(bytes: &[u8], range: &Range<usize>) -> bool {
    let before = range.start.checked_sub(1).map(|at| bytes[at]);
    before.is_some_and(|b| is_word(b) || b == b'-') || matches!(bytes.get(range.end), Some(b'.' | b'-'))
}

/// Whether digits stand behind a word, a year, or before a counter, and are no part of a hexadecimal id or a fraction.
fn is_embedded(bytes: &[u8], range: &Range<usize>) -> bool {
    let at = |index: Option<usize>| index.and_then(|index| bytes.get(index)).copied();
    let (before, after) = (at(range.start.checked_sub(1)), at(Some(range.end)));
    let rest = &bytes[(range.end + 1).min(bytes.len())..];
    let counter = rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let digits = counter > 0 && rest[..counter].iter().all(u8::is_ascii_digit);
    let then = rest.get(counter).copied();
    let (free, counted) = match after {
        Some(b) if is_word(b) => return false,
        Some(b'.') if digits => (false, counter == 1 || rest[..counter] == *b"00"),
        Some(b'-') if digits => (false, counter <= 4 && then != Some(b'-')),
        _ => (true, false),
    };
    let word = bytes[..range.start]
        .iter()
        .rev()
        .take(25)
        .take_while(|b| b.is_ascii_alphanumeric());
    let (letters, length) = (
        word.clone().any(|b| matches!(b | 0x20, b'g'..=b'z')),
        word.clone().count(),
    );
    let label = (2..=24).contains(&length) && letters && word.clone().all(u8::is_ascii_alphabetic);
    match before {
        Some(b'-') => {
            let year = bytes[..range.start - 1]
                .iter()
                .rev()
                .take(5)
                .take_while(|b| b.is_ascii_digit())
                .count();
            let open = at(range.start.checked_sub(6)).is_none_or(|b| !is_word(b) && b != b'-' && b != b'.');
            free && year == 4 && open
        }
        Some(b'.') => false,
        Some(b) if is_word(b) => free && label,
        _ => counted,
    }
}

impl Search<'_> {
    pub(super) fn embedded(&mut self) {
        let (text, directory) = (self.text, self.directory);
        embedded(text.as_bytes(), directory, &mut |form, range| {
            let _ = self.exact(form, &text[range.clone()], range);
        });
    }

    pub(super) fn words(&mut self) {
        let (text, directory) = (self.text.as_bytes(), self.directory);
        candidates(text, directory, &mut |candidate| match candidate {
            Candidate::Word(range) => self.word(range),
            Candidate::Name(atoms) => self.name(atoms),
            Candidate::Keyword(keyword, range) if may_announce(keyword, text, &range) => self.keyword(keyword, range),
            Candidate::Keyword(..) => {}
        });
    }

    fn word(&mut self, range: Range<usize>) {
        let text = self.text;
        let normal = &text[range.clone()];
        let numeric = !normal.bytes().any(|b| is_word(b) && !b.is_ascii_digit());
        if numeric && is_in_number(text.as_bytes(), &range) {
            return;
        }
        let _ = self.exact(Form::Word, normal, range);
    }

    fn name(&mut self, atoms: &[Atom]) {
        let mut words: Vec<String> = atoms
            .iter()
            .map(|atom| without_marks(&self.text[atom.start..atom.end]))
            .collect();
        words.sort_unstable();
        let range = atoms[0].start..atoms[atoms.len() - 1].end;
        let _ = self.exact(Form::Name, &words.join(" "), range);
    }
}

/// Whether digits at `range` are only a part of a longer number or of a hexadecimal id: `1.12345`, `-12345`, `e29b-12345`.
fn is_in_number(bytes: &[u8], range: &Range<usize>) -> bool {
    let before = bytes[..range.start].iter().rev();
    let joined_before = before.clone().next().is_some_and(|b| matches!(b, b'.' | b'-'));
    let neighbour_before = before.skip(1).take_while(|b| b.is_ascii_alphanumeric());
    let joined_after = bytes.get(range.end).is_some_and(|b| matches!(b, b'.' | b'-'));
    let neighbour_after = bytes[(range.end + 1).min(bytes.len())..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric());
    (joined_before && is_numeric(neighbour_before)) || (joined_after && is_numeric(neighbour_after))
}

/// Digits, or digits among hexadecimal letters.
fn is_numeric<'b>(neighbour: impl Iterator<Item = &'b u8>) -> bool {
    let mut digits = 0;
    let hex = neighbour
        .take(64)
        .inspect(|b| digits += usize::from(b.is_ascii_digit()))
        .all(u8::is_ascii_hexdigit);
    hex && digits > 0
}
