//! Who asks to see: the catalog's words for a viewer's relation to the person concerned.
//!
//! One word of the catalog, `recipient`, is none of them: what reaches a recipient the gate decides, from its rows.

use averment_catalog::{Vocabulary, WordId, catalog};

/// A viewer's relation to the person whose data are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Viewer {
    /// The person concerned.
    Owner,
    /// A parent or guardian who has the rights of one, 34 CFR 99.4.
    Guardian,
    /// A teacher of a class that the person is in.
    Teacher,
    /// Any other teacher.
    OtherTeacher,
    /// A student of the same school, or of a class of the same teacher.
    Peer,
    /// Any other student.
    OtherStudent,
    /// An official of the school with a legitimate educational interest, 34 CFR 99.31(a)(1).
    SchoolOfficial,
    /// An administrator of the school.
    SchoolAdmin,
    /// Staff of the platform.
    Staff,
    /// Support staff of the platform.
    SupportStaff,
    /// Whoever has the link.
    LinkHolder,
    /// A search engine.
    SearchEngine,
    /// Anybody.
    Public,
}

/// The word that is the gate's business.
pub const RECIPIENT: &str = "recipient";

impl Viewer {
    /// All of them, in the order of the catalog.
    pub const ALL: [Self; 13] = [
        Self::Owner,
        Self::Guardian,
        Self::Teacher,
        Self::OtherTeacher,
        Self::Peer,
        Self::OtherStudent,
        Self::SchoolOfficial,
        Self::SchoolAdmin,
        Self::Staff,
        Self::SupportStaff,
        Self::LinkHolder,
        Self::SearchEngine,
        Self::Public,
    ];

    /// The catalog's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Guardian => "guardian",
            Self::Teacher => "teacher",
            Self::OtherTeacher => "other_teacher",
            Self::Peer => "peer",
            Self::OtherStudent => "other_student",
            Self::SchoolOfficial => "school_official",
            Self::SchoolAdmin => "school_admin",
            Self::Staff => "staff",
            Self::SupportStaff => "support_staff",
            Self::LinkHolder => "link_holder",
            Self::SearchEngine => "search_engine",
            Self::Public => "public",
        }
    }

    /// The viewer of a word of the catalog; none for `recipient` and for what is no viewer.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|viewer| viewer.as_str() == word)
    }

    /// The viewers of claims.
    pub(crate) fn of_words<'a>(words: impl IntoIterator<Item = &'a WordId>) -> Vec<Self> {
        words.into_iter().filter_map(|word| Self::of(word.as_str())).collect()
    }

    /// What people call it, as it reads inside a sentence.
    pub fn label(self) -> &'static str {
        let word = catalog().word(Vocabulary::Viewer, self.as_str());
        word.map_or(self.as_str(), |word| word.label.as_str())
    }

    /// Every relation that somebody in this one always has as well, itself first. Anybody sees what is shown to anybody; only
    /// a search engine is asked for by itself, since a page may be open to people and closed to it.
    pub fn implied(self) -> &'static [Self] {
        match self {
            Self::Owner => &[Self::Owner, Self::Public],
            Self::Guardian => &[Self::Guardian, Self::Public],
            Self::Teacher => &[Self::Teacher, Self::SchoolOfficial, Self::Public],
            Self::OtherTeacher => &[Self::OtherTeacher, Self::Public],
            Self::Peer => &[Self::Peer, Self::Public],
            Self::OtherStudent => &[Self::OtherStudent, Self::Public],
            Self::SchoolOfficial => &[Self::SchoolOfficial, Self::Public],
            Self::SchoolAdmin => &[Self::SchoolAdmin, Self::Public],
            Self::Staff => &[Self::Staff, Self::Public],
            Self::SupportStaff => &[Self::SupportStaff, Self::Staff, Self::Public],
            Self::LinkHolder => &[Self::LinkHolder, Self::Public],
            Self::SearchEngine => &[Self::SearchEngine],
            Self::Public => &[Self::Public],
        }
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl std::fmt::Display for Viewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_catalog_is_a_viewer_but_the_recipient() {
        let words: Vec<&str> = catalog()
            .words(Vocabulary::Viewer)
            .iter()
            .map(|word| word.id.as_str())
            .collect();
        let (last, known) = words.split_last().unwrap();
        assert_eq!(*last, RECIPIENT);
        assert_eq!(known, Viewer::ALL.map(Viewer::as_str));
    }

    #[test]
    fn what_is_implied_is_closed() {
        for viewer in Viewer::ALL {
            assert_eq!(viewer.implied()[0], viewer);
            for other in viewer.implied() {
                assert!(other.implied().iter().all(|third| viewer.implied().contains(third)));
            }
        }
    }
}
