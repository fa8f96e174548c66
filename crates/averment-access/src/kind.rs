//! Kinds of people as a small number: the catalog's subjects, and one for everybody else.

use std::sync::LazyLock;

use averment_catalog::{SubjectId, catalog};

/// A kind of person: one of the catalog's subjects, or another, of whom only what is said of everybody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(u8);

fn subjects() -> &'static [SubjectId] {
    static SUBJECTS: LazyLock<Vec<SubjectId>> =
        LazyLock::new(|| catalog().subjects().map(|row| row.id.clone()).collect());
    &SUBJECTS
}

impl Kind {
    /// How many there are.
    pub fn count() -> usize {
        subjects().len() + 1
    }

    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::count()).map(|index| Self(u8::try_from(index).expect("the catalog has few kinds of people")))
    }

    /// Somebody whom the catalog has no word for.
    pub fn other() -> Self {
        Self(u8::try_from(subjects().len()).expect("the catalog has few kinds of people"))
    }

    /// The kind of a subject of the catalog.
    pub fn of(subject: &SubjectId) -> Self {
        let place = subjects().binary_search(subject).ok();
        place.map_or(Self::other(), |place| {
            Self(u8::try_from(place).expect("the catalog has few kinds of people"))
        })
    }

    /// The catalog's word; none for [`Kind::other`].
    pub fn subject(self) -> Option<&'static SubjectId> {
        subjects().get(self.index())
    }

    /// The word, `other` for those without one.
    pub fn as_str(self) -> &'static str {
        self.subject().map_or("other", SubjectId::as_str)
    }

    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Whether it is surely among those that a claim names; naming none means everybody.
    pub(crate) fn is_among<'a>(self, mut named: impl ExactSizeIterator<Item = &'a SubjectId>) -> bool {
        named.len() == 0 || self.subject().is_some_and(|own| named.any(|name| name.covers(own)))
    }

    /// Whether it may be among those that a claim names: a student of unknown age may be under 13.
    pub(crate) fn may_be_among<'a>(self, mut named: impl ExactSizeIterator<Item = &'a SubjectId>) -> bool {
        let meets = |own: &SubjectId, name: &SubjectId| name.covers(own) || own.covers(name);
        named.len() == 0 || self.subject().is_some_and(|own| named.any(|name| meets(own, name)))
    }
}
