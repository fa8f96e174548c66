//! Identifiers by their fast digest: a filter that most look-ups end at, and what is kept of each behind it.
//!
//! Per identifier 12 bytes in four columns, 2 or 3 bytes of filter and about 1 of bucket: a look-up that passes the filter
//! reads a bucket of five, and compares 30 bits of the fast digest beyond those that chose the bucket, its form, and 16
//! bits of the strong one. With ten million identifiers that is wrong once in 2^50 look-ups of texts that are in no
//! directory; who does not have the key cannot bring it about.

use std::collections::HashMap;

use averment_catalog::ElementId;

use super::{DirectoryRow, Form, least_kept, least_of_name};
use crate::finding::PersonNumber;

/// Identifiers per bucket.
const BUCKET: usize = 5;
/// Bits of a filter for each identifier. User names are asked for at every word, the others where something has the look of
/// them.
const BITS: [usize; 4] = [16, 16, 24, 16];
/// Bits for each word that is the least of a name.
const LEAST_BITS: usize = 24;

/// Where a fast digest belongs among `parts` of the same size, and how far into that part.
#[inline(always)]
fn scaled(fast: u64, parts: usize) -> (usize, u64) {
    let product = u128::from(fast) * parts as u128;
    ((product >> 64) as usize, product as u64)
}

/// Three bits set per identifier within one word of 64: a look-up reads one cache line, and a few in a thousand pass by
/// chance. One table per form, because user names are asked for at every word: all together would not fit the cache that
/// they fit apart.
#[derive(Clone)]
pub(super) struct Filters {
    forms: [Filter; 4],
    least_words: LeastWords,
}

impl Filters {
    /// `keywords`: tokens of words that are to pass as words, although nobody has them.
    pub(super) fn new(rows: &[DirectoryRow], keywords: impl Iterator<Item = u64>) -> Self {
        let mut counts = [0; 4];
        for row in rows {
            counts[slot(row.digest.fast)] += 1;
        }
        let (word, keywords) = (usize::from(Form::Word.code() - 1), Vec::from_iter(keywords));
        // A filter of a few people would else let most words pass.
        counts[word] += keywords.len();
        let mut filters: [Filter; 4] = std::array::from_fn(|form| Filter::new(counts[form] * BITS[form]));
        for row in rows {
            filters[slot(row.digest.fast)].add(row.digest.fast);
        }
        keywords.into_iter().for_each(|token| filters[word].add(token));
        Self {
            forms: filters,
            least_words: LeastWords::new(rows),
        }
    }

    /// The same with some more identifiers: what was made for many stays a filter when a few come.
    pub(super) fn with(&self, rows: &[DirectoryRow]) -> Self {
        let mut filters = self.clone();
        for row in rows {
            filters.forms[slot(row.digest.fast)].add(row.digest.fast);
        }
        filters.least_words.add(rows);
        filters
    }

    pub(super) fn bytes(&self) -> usize {
        let forms: usize = self.forms.iter().map(|filter| filter.words.len() * 8).sum();
        forms + self.least_words.bytes()
    }

    /// Which words have the least token of those of a name.
    #[inline(always)]
    pub(super) fn least_words(&self) -> &LeastWords {
        &self.least_words
    }

    /// The filter of a form.
    #[inline(always)]
    pub(super) fn of(&self, form: Form) -> &Filter {
        &self.forms[usize::from(form.code() - 1)]
    }
}

/// The form stands in the two lowest bits of a fast digest.
fn slot(fast: u64) -> usize {
    (fast & 3) as usize
}

/// The filter of one form.
#[derive(Clone)]
pub(crate) struct Filter {
    words: Box<[u64]>,
}

impl Filter {
    fn new(bits: usize) -> Self {
        Self {
            words: vec![0; bits.div_ceil(64).max(1)].into(),
        }
    }

    fn add(&mut self, fast: u64) {
        let (word, within) = scaled(fast & !3, self.words.len());
        self.words[word] |= bits(within);
    }

    /// `false` is certain, `true` says little. `token`: of an identifier, or its fast digest, which differs only in bits
    /// that are not looked at.
    #[inline(always)]
    pub(crate) fn passes(&self, token: u64) -> bool {
        let (word, within) = scaled(token & !3, self.words.len());
        let bits = bits(within);
        self.words[word] & bits == bits
    }
}

/// Of the bits behind those that chose the word: the lowest ones are the same in all names with the same least word.
#[inline(always)]
fn bits(within: u64) -> u64 {
    1 << (within >> 58) | 1 << (within >> 52 & 63) | 1 << (within >> 46 & 63)
}

/// Words whose token is the least of a name's. Most words of a text are none, and then no window of words in which theirs
/// is the least token can be a name: one look into a small table for what would be seven into a large one.
#[derive(Clone)]
pub(crate) struct LeastWords(Filter);

impl LeastWords {
    fn new(rows: &[DirectoryRow]) -> Self {
        let mut tokens: Vec<u64> = least_words_of(rows).collect();
        tokens.sort_unstable();
        tokens.dedup();
        let mut words = Filter::new(tokens.len() * LEAST_BITS);
        tokens.into_iter().for_each(|token| words.add(spread(token)));
        Self(words)
    }

    fn add(&mut self, rows: &[DirectoryRow]) {
        least_words_of(rows).for_each(|token| self.0.add(spread(token)));
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.words.len() * 8
    }

    /// `false` is certain. `token`: of a word.
    #[inline(always)]
    pub(crate) fn passes(&self, token: u64) -> bool {
        self.0.passes(spread(least_kept(token)))
    }
}

fn least_words_of(rows: &[DirectoryRow]) -> impl Iterator<Item = u64> {
    let names = rows.iter().map(|row| row.digest.fast);
    names
        .filter(|fast| slot(*fast) == usize::from(Form::Name.code() - 1))
        .map(least_of_name)
}

/// A filter looks at more bits than are kept of a word.
#[inline(always)]
fn spread(kept: u64) -> u64 {
    kept.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// What is kept of every identifier, in the order of their fast digests.
pub(super) struct Identifiers {
    /// Where each bucket starts.
    starts: Box<[u32]>,
    /// How far into the bucket, and the form in the two lowest bits.
    rest: Box<[u32]>,
    /// The first two bytes of the strong digest.
    strong: Box<[[u8; 2]]>,
    people: Box<[PersonNumber]>,
    /// Positions in `kinds`.
    elements: Box<[u16]>,
    kinds: Vec<ElementId>,
}

impl Identifiers {
    /// `rows`: sorted by fast digest.
    pub(super) fn new(rows: &[DirectoryRow]) -> Self {
        let count = rows.len().div_ceil(BUCKET).max(1);
        let mut starts = Vec::with_capacity(count + 1);
        for (position, row) in rows.iter().enumerate() {
            let (bucket, _) = scaled(row.digest.fast, count);
            if starts.len() <= bucket {
                starts.resize(bucket + 1, position as u32);
            }
        }
        starts.resize(count + 1, rows.len() as u32);
        let mut positions = HashMap::new();
        let mut kinds = Vec::new();
        let elements = rows.iter().map(|row| {
            *positions.entry(&row.element).or_insert_with(|| {
                kinds.push(row.element.clone());
                (kinds.len() - 1) as u16
            })
        });
        Self {
            elements: elements.collect(),
            rest: rows.iter().map(|row| rest(row.digest.fast, count)).collect(),
            strong: rows.iter().map(|row| shortened(&row.digest.strong)).collect(),
            people: rows.iter().map(|row| row.person).collect(),
            starts: starts.into(),
            kinds,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.starts.len() * size_of::<u32>()
            + self.len() * (size_of::<u32>() + size_of::<[u8; 2]>() + size_of::<PersonNumber>() + size_of::<u16>())
    }

    /// Whether an identifier has this fast digest, as far as it is kept.
    // Not inlined: nearly every look-up ends at the filter, and its loop should stay short.
    #[inline(never)]
    pub(super) fn holds(&self, fast: u64) -> bool {
        self.same(fast).next().is_some()
    }

    /// Whose identifiers have this fast digest.
    pub(super) fn holders(&self, fast: u64) -> impl Iterator<Item = PersonNumber> {
        self.same(fast).map(|at| self.people[at])
    }

    /// Of each identifier, whose it is.
    pub(super) fn all_holders(&self) -> &[PersonNumber] {
        &self.people
    }

    /// The first identifier with this digest of a person who counts; `strong` is asked for only where the fast one is
    /// there.
    pub(super) fn find(
        &self,
        fast: u64,
        strong: impl FnOnce() -> [u8; 16],
        counts: impl Fn(PersonNumber) -> bool,
    ) -> Option<(&ElementId, PersonNumber)> {
        let mut same = self.same(fast).filter(|at| counts(self.people[*at])).peekable();
        same.peek()?;
        let strong = shortened(&strong());
        let at = same.find(|at| self.strong[*at] == strong)?;
        Some((&self.kinds[usize::from(self.elements[at])], self.people[at]))
    }

    fn same(&self, fast: u64) -> impl Iterator<Item = usize> {
        let count = self.starts.len() - 1;
        let (bucket, _) = scaled(fast, count);
        let rest = rest(fast, count);
        let rows = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        rows.filter(move |at| self.rest[*at] == rest)
    }
}

fn rest(fast: u64, buckets: usize) -> u32 {
    let (_, within) = scaled(fast, buckets);
    (within >> 32) as u32 & !3 | slot(fast) as u32
}

fn shortened(strong: &[u8; 16]) -> [u8; 2] {
    [strong[0], strong[1]]
}
