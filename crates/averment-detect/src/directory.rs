//! The platform's own people, as keyed digests: who a value belongs to can be asked, who is in it cannot be read.
//!
//! Start at [`Directory::look_up`]. A value is normalised ([`crate::normalise`]), then a fast keyed hash finds a candidate
//! and HMAC-SHA-256 confirms it. Clear identifiers exist only while a row is made.
//!
//! What is lost if the key is lost: nobody can be recognised any more. What can be forged with it: membership can be
//! tested by guessing, so the key is personal data of everybody in the directory.

mod index;
mod keywords;
mod met;
mod overlay;
mod token;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use averment_catalog::{ElementId, SubjectId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroize as _;

use crate::finding::PersonNumber;
pub(crate) use index::{Filter, LeastWords};
use index::{Filters, Identifiers};
pub(crate) use keywords::Keyword;
use keywords::Keywords;
pub(crate) use met::{Met, WordOf};
use overlay::Overlay;
pub(crate) use token::TokenKey;

/// The shape of an identifier: what kind of text a look-up is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// One word: a user name, an account or student number.
    Word,
    /// A full name: two or more words.
    Name,
}

impl Form {
    /// The number that stands for the form in digests and rows; stored, so never changed.
    pub fn code(self) -> u8 {
        match self {
            Self::Email => 1,
            Self::Phone => 2,
            Self::Word => 3,
            Self::Name => 4,
        }
    }

    /// The form of a [`Self::code`].
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Email, Self::Phone, Self::Word, Self::Name]
            .into_iter()
            .find(|form| form.code() == code)
    }
}

/// The directory's secret: 32 random bytes.
pub struct DirectoryKey {
    bytes: [u8; 32],
    token: TokenKey,
}

impl DirectoryKey {
    /// Takes a key read from its file.
    pub fn new(bytes: [u8; 32]) -> Self {
        let token = TokenKey::new(bytes.first_chunk().expect("a key has 32 bytes"));
        Self { bytes, token }
    }

    /// The digest of a normalised identifier.
    pub fn digest(&self, form: Form, normal: &str) -> IdentifierDigest {
        IdentifierDigest {
            fast: self.fast(form, normal),
            strong: self.strong(form, normal),
        }
    }

    /// The token of a word that may be joined of several, made of theirs (see [`joined`]).
    fn word_token(&self, normal: &str) -> u64 {
        if normal.starts_with(is_joiner) || normal.ends_with(is_joiner) {
            return self.token.hash(normal.as_bytes());
        }
        let (mut token, mut gap) = (None, 0);
        for (at, atom) in atoms(normal) {
            let next = self.token.hash(atom.as_bytes());
            token = Some(token.map_or(next, |before| joined(before, &normal.as_bytes()[gap..at], next)));
            gap = at + atom.len();
        }
        token.unwrap_or_default()
    }

    fn fast(&self, form: Form, normal: &str) -> u64 {
        let token = match form {
            Form::Name => {
                let tokens = normal.split(' ').map(|word| self.token.hash(word.as_bytes()));
                let (sum, least) = tokens.fold((0, u64::MAX), |(sum, least), token| {
                    (u64::wrapping_add(sum, token), least.min(token))
                });
                name_token(sum, least)
            }
            Form::Word => self.word_token(normal),
            Form::Email | Form::Phone => self.token.hash(normal.as_bytes()),
        };
        of_form(form, token)
    }

    fn strong(&self, form: Form, normal: &str) -> [u8; 16] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.bytes).expect("HMAC takes keys of any length");
        mac.update(b"averment.directory/1");
        mac.update(&[form.code()]);
        mac.update(normal.as_bytes());
        let mut short = [0; 16];
        short.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        short
    }
}

fn is_joiner(c: char) -> bool {
    matches!(c, '.' | '_' | '-')
}

/// The atoms of a word between `.`, `_` and `-`, and where each starts.
fn atoms(word: &str) -> impl Iterator<Item = (usize, &str)> {
    let starts = word.split(is_joiner).scan(0, |at, atom| {
        let start = *at;
        *at += atom.len() + 1;
        Some((start, atom))
    });
    starts.filter(|(_, atom)| !atom.is_empty())
}

/// The token of `before`, `gap` and `next` together: a window over a long chunk grows by one multiplication, not by
/// hashing its text again.
pub(crate) fn joined(before: u64, gap: &[u8], next: u64) -> u64 {
    const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;
    let with_gap = gap.iter().fold(before, |token, byte| {
        (token ^ u64::from(*byte)).wrapping_mul(FACTOR).rotate_left(23)
    });
    (with_gap ^ next).wrapping_mul(FACTOR)
}

/// Bits of the least token of a name's words that its own token keeps.
const LEAST_KEPT: u32 = 24;

/// The token of a name: 38 bits of the sum of its words' tokens, then 24 of the least of them. Neither depends on the order
/// of the words, so that a window of words costs one addition per word; and a word that is the least of no name spares all
/// look-ups of the windows in which it is the least (see [`LeastWords`]).
#[inline(always)]
pub(crate) fn name_token(sum: u64, least: u64) -> u64 {
    sum >> (LEAST_KEPT + 2) << (LEAST_KEPT + 2) | least_kept(least) << 2
}

/// What the token of a name keeps of its least word's.
#[inline(always)]
fn least_kept(token: u64) -> u64 {
    token >> (64 - LEAST_KEPT)
}

/// The same, of the token of a name.
fn least_of_name(token: u64) -> u64 {
    token >> 2 & ((1 << LEAST_KEPT) - 1)
}

/// A token as the fast digest of an identifier of this form: the form takes the place of the two lowest bits.
#[inline]
fn of_form(form: Form, token: u64) -> u64 {
    token & !3 | u64::from(form.code() - 1)
}

impl Drop for DirectoryKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
        self.token.wipe();
    }
}

impl std::fmt::Debug for DirectoryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DirectoryKey(<32 bytes>)")
    }
}

/// What the directory keeps of an identifier. Still personal data: whoever has the key can test guesses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct IdentifierDigest {
    /// Made of SipHash-1-3, for finding; the form in the two lowest bits.
    pub fast: u64,
    /// HMAC-SHA-256, first 16 bytes, for confirming.
    pub strong: [u8; 16],
}

impl std::fmt::Debug for IdentifierDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentifierDigest(<24 bytes>)")
    }
}

/// One identifier of one person.
#[derive(Debug, Clone)]
pub struct DirectoryRow {
    /// Its digest.
    pub digest: IdentifierDigest,
    /// Its element, e.g. `contact.email` or `guardian.email`.
    pub element: ElementId,
    /// Whose.
    pub person: PersonNumber,
}

/// The match of a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match<'a> {
    /// Its element.
    pub element: &'a ElementId,
    /// Whose.
    pub person: PersonNumber,
    /// What kind of data subject that person is.
    pub subject: &'a SubjectId,
}

/// The frozen index: built once from rows, swapped whole. Of some changed people another is made that shares what is big,
/// see [`Self::with_changes`].
pub struct Directory {
    key: DirectoryKey,
    held: Arc<Identifiers>,
    /// Of all people; `own_filters` of those the directory was built of.
    filters: Arc<Filters>,
    own_filters: Arc<Filters>,
    keywords: Keywords,
    subjects: Arc<HashMap<PersonNumber, SubjectId>>,
    overlay: Overlay,
    met: Met,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Directory(<{} identifiers, {} people>)",
            self.identifiers(),
            self.people()
        )
    }
}

impl Directory {
    /// Builds the index. `people`: what kind of data subject each person is; a row of a person who is missing there
    /// counts as `student.under13`.
    pub fn new(
        key: DirectoryKey,
        mut rows: Vec<DirectoryRow>,
        people: impl IntoIterator<Item = (PersonNumber, SubjectId)>,
    ) -> Self {
        let subjects = sorted(&mut rows, people);
        let keywords = Keywords::new(&key.token);
        let filters = Arc::new(Filters::new(&rows, keywords.tokens()));
        Self {
            held: Arc::new(Identifiers::new(&rows)),
            filters: Arc::clone(&filters),
            own_filters: filters,
            keywords,
            key,
            subjects: Arc::new(subjects),
            overlay: Overlay::none(),
            met: Met::none(),
        }
    }

    /// The directory that [`Self::new`] would make if the people in `changed` had only these `rows`, or, without any and
    /// missing in `people`, were not there. `self` may be such a directory itself: its changes are then given up.
    ///
    /// Costs a copy of the filters, 3 bytes an identifier, and what the changed people need; everything else is shared.
    #[must_use]
    pub fn with_changes(
        &self,
        changed: HashSet<PersonNumber>,
        mut rows: Vec<DirectoryRow>,
        people: impl IntoIterator<Item = (PersonNumber, SubjectId)>,
    ) -> Self {
        let subjects = sorted(&mut rows, people);
        let filters = if rows.is_empty() {
            Arc::clone(&self.own_filters)
        } else {
            Arc::new(self.own_filters.with(&rows))
        };
        let key = DirectoryKey::new(self.key.bytes);
        Self {
            held: Arc::clone(&self.held),
            filters,
            own_filters: Arc::clone(&self.own_filters),
            keywords: Keywords::new(&key.token),
            key,
            subjects: Arc::clone(&self.subjects),
            overlay: Overlay::new((&self.held, &self.subjects), changed, &rows, subjects),
            met: Met::none(),
        }
    }

    /// Somebody who has the identifier with this digest, and as what; what was laid over the directory is not looked at.
    pub fn holder(&self, digest: &IdentifierDigest) -> Option<(PersonNumber, ElementId)> {
        let held = self.held.find(digest.fast, || digest.strong, |_| true);
        held.map(|(element, person)| (person, element.clone()))
    }

    /// Number of people.
    pub fn people(&self) -> usize {
        self.subjects.len() - self.overlay.hidden.0 + self.overlay.subjects.len()
    }

    /// Number of identifiers.
    pub fn identifiers(&self) -> usize {
        self.held.len() - self.overlay.hidden.1 + self.overlay.held.len()
    }

    /// Bytes that the index holds in memory: what grows with identifiers, not with people or kinds of elements.
    pub fn index_bytes(&self) -> usize {
        self.held.bytes() + self.overlay.held.bytes() + self.filters.bytes()
    }

    /// Whose identifier the normalised text `normal` is; the strictest kind of subject when it is several people's.
    pub fn look_up(&self, form: Form, normal: &str) -> Option<Match<'_>> {
        let fast = self.key.fast(form, normal);
        if !self.filter(form).passes(fast) {
            return None;
        }
        let held = self.overlay.find(&self.held, fast, || self.key.strong(form, normal));
        let matches = held.into_iter().flatten().map(|(element, person)| Match {
            element,
            person,
            subject: self.subject(person),
        });
        matches.min_by_key(|found| (strictness(found.subject), found.person))
    }

    fn subject(&self, person: PersonNumber) -> &SubjectId {
        let changed = self.overlay.subjects.get(&person);
        changed.unwrap_or_else(|| &self.subjects[&person])
    }

    /// The key of token hashes, for [`Self::may_hold`].
    pub(crate) fn token_key(&self) -> &TokenKey {
        &self.key.token
    }

    /// Words in which nothing was found.
    #[inline]
    pub(crate) fn met(&self) -> &Met {
        &self.met
    }

    /// The filter of a form, for asking whether a token (for a name, see [`name_token`]) may be in the directory.
    #[inline]
    pub(crate) fn filter(&self, form: Form) -> &Filter {
        self.filters.of(form)
    }

    /// Which words have the least token of those of a name.
    #[inline]
    pub(crate) fn least_words(&self) -> &LeastWords {
        self.filters.least_words()
    }

    /// Whether an identifier of this form with this token is in the directory. `false` is certain, and `true` is wrong
    /// about once in 2^40 look-ups: what passes the filter is looked for among the identifiers before anybody
    /// normalises a text for it.
    #[inline]
    pub(crate) fn may_hold(&self, form: Form, token: u64) -> bool {
        self.filter(form).passes(token) && self.overlay.holds(&self.held, of_form(form, token))
    }

    /// What the word with this token says about what stands beside it. Its token passes the filter of words.
    pub(crate) fn keyword(&self, token: u64) -> Option<Keyword> {
        self.keywords.get(token)
    }

    /// Whether [`Self::look_up`] is worth its HMAC.
    pub(crate) fn may_know(&self, form: Form, normal: &str) -> bool {
        self.may_hold(form, self.key.fast(form, normal))
    }

    /// The digest of a normalised identifier under this directory's key.
    pub fn digest(&self, form: Form, normal: &str) -> IdentifierDigest {
        self.key.digest(form, normal)
    }
}

/// The subjects of all people, and `rows` sorted: within one digest the strictest subject comes first, so that an
/// ambiguous value counts as a student's.
fn sorted(
    rows: &mut [DirectoryRow],
    people: impl IntoIterator<Item = (PersonNumber, SubjectId)>,
) -> HashMap<PersonNumber, SubjectId> {
    let mut subjects: HashMap<PersonNumber, SubjectId> = people.into_iter().collect();
    for row in rows.iter() {
        subjects.entry(row.person).or_insert_with(strictest_subject);
    }
    rows.sort_by(|a, b| {
        let rank = |row: &DirectoryRow| (strictness(&subjects[&row.person]), row.person);
        let digests = (a.digest.fast, a.digest.strong).cmp(&(b.digest.fast, b.digest.strong));
        digests.then_with(|| rank(a).cmp(&rank(b)))
    });
    subjects
}

/// The kind of subject that somebody of unknown role and age counts as.
fn strictest_subject() -> SubjectId {
    SubjectId::new("student.under13").expect("a literal")
}

/// Lower is stricter: students by age, then guardians, then everybody else.
fn strictness(subject: &SubjectId) -> u8 {
    match subject.as_str() {
        "student.under13" => 0,
        "student" => 1,
        "student.minor" => 2,
        "student.eligible" => 3,
        "guardian" => 4,
        _ => 5,
    }
}
