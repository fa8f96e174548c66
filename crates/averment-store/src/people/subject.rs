//! From role and age to the kind of data subject.
//!
//! Of an age only the year of birth or a band is kept. Without the day the strict reading holds: somebody counts as
//! under 13 until the end of the year in which they turn 13, and as a minor until the end of the year in which they
//! turn 18. A student of unknown age counts as under 13. When both year and band are known, the younger holds.
//!
//! Source: 16 CFR 312.2 (child: under 13); 34 CFR 99.3 (eligible student: 18, or in postsecondary education).

use averment_catalog::SubjectId;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The part somebody plays at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    Student,
    /// Everybody whose kind does not depend on age: the catalog's identifier.
    Other(&'static str),
}

/// Role, its word in files and in the database, other spellings.
const ROLES: &[(Role, &str, &[&str])] = &[
    (Role::Student, "student", &["pupil", "learner"]),
    (Role::Other("teacher"), "teacher", &["instructor", "educator"]),
    (Role::Other("guardian"), "guardian", &["parent", "caregiver"]),
    (
        Role::Other("school_admin"),
        "school_admin",
        &["school_administrator", "administrator", "district_admin", "principal"],
    ),
    (Role::Other("facilitator"), "facilitator", &["regional_partner"]),
    (Role::Other("staff"), "staff", &["employee"]),
    (Role::Other("volunteer"), "volunteer", &[]),
    (Role::Other("donor"), "donor", &[]),
    (Role::Other("child.public"), "child", &["child_public"]),
];

impl Role {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let word = text.trim().to_lowercase().replace([' ', '-'], "_");
        let row = ROLES
            .iter()
            .find(|(_, name, others)| *name == word || others.contains(&word.as_str()));
        row.map(|(role, ..)| *role)
    }

    /// The role of a word as the database has it.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        ROLES.iter().find(|(_, name, _)| *name == word).map(|(role, ..)| *role)
    }

    pub(crate) fn as_str(self) -> &'static str {
        let row = ROLES.iter().find(|(role, ..)| *role == self);
        row.map(|(_, name, _)| *name).expect("every role is in the table")
    }

    /// All words, for messages.
    pub(crate) fn words() -> String {
        ROLES.iter().map(|(_, name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// Ages as the law tells them apart; younger is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum AgeBand {
    Under13,
    Minor,
    Adult,
}

/// Band, its word in files and in the database, other spellings.
const BANDS: &[(AgeBand, &str, &[&str])] = &[
    (AgeBand::Under13, "under_13", &["under13", "<13", "0_12", "child"]),
    (
        AgeBand::Minor,
        "13_17",
        &["13_15", "16_17", "13_to_17", "minor", "teen"],
    ),
    (AgeBand::Adult, "adult", &["18+", "18_plus", "over_18", "eligible"]),
];

impl AgeBand {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let word = text.trim().to_lowercase().replace([' ', '-', '–'], "_");
        let row = BANDS
            .iter()
            .find(|(_, name, others)| *name == word || others.contains(&word.as_str()));
        row.map(|(band, ..)| *band)
    }

    /// The band of a word as the database has it.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        BANDS.iter().find(|(_, name, _)| *name == word).map(|(band, ..)| *band)
    }

    pub(crate) fn as_str(self) -> &'static str {
        let row = BANDS.iter().find(|(band, ..)| *band == self);
        row.map(|(_, name, _)| *name).expect("every band is in the table")
    }

    /// All words, for messages.
    pub(crate) fn words() -> String {
        BANDS.iter().map(|(_, name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    fn of_birth_year(birth_year: i16, this_year: i16) -> Self {
        match this_year - birth_year {
            ..=13 => Self::Under13,
            14..=18 => Self::Minor,
            _ => Self::Adult,
        }
    }
}

/// What is kept of an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Age {
    pub(crate) birth_year: Option<i16>,
    pub(crate) band: Option<AgeBand>,
}

/// The year that `now` lies in, in UTC.
pub(crate) fn year_of(now: Timestamp) -> i16 {
    now.to_zoned(TimeZone::UTC).year()
}

/// The kind of data subject at `now`.
pub(crate) fn subject_of(role: Role, age: Age, now: Timestamp) -> SubjectId {
    let by_year = age.birth_year.map(|year| AgeBand::of_birth_year(year, year_of(now)));
    let youngest = by_year.into_iter().chain(age.band).min().unwrap_or(AgeBand::Under13);
    let id = match (role, youngest) {
        (Role::Other(id), _) => id,
        (Role::Student, AgeBand::Under13) => "student.under13",
        (Role::Student, AgeBand::Minor) => "student.minor",
        (Role::Student, AgeBand::Adult) => "student.eligible",
    };
    SubjectId::new(id).expect("the test `every_kind_is_in_the_catalog` reads each")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn student(birth_year: Option<i16>, band: Option<AgeBand>, now: &str) -> String {
        subject_of(Role::Student, Age { birth_year, band }, at(now)).to_string()
    }

    #[test]
    fn every_kind_is_in_the_catalog() {
        for (role, ..) in ROLES {
            for band in [AgeBand::Under13, AgeBand::Minor, AgeBand::Adult] {
                let subject = subject_of(
                    *role,
                    Age {
                        birth_year: None,
                        band: Some(band),
                    },
                    at("2026-03-01T00:00:00Z"),
                );
                assert!(averment_catalog::catalog().subject(&subject).is_some(), "{subject}");
            }
        }
    }

    #[test]
    fn an_age_grows_at_the_end_of_the_year() {
        assert_eq!(student(Some(2013), None, "2026-12-31T23:59:59Z"), "student.under13");
        assert_eq!(student(Some(2013), None, "2027-01-01T00:00:00Z"), "student.minor");
        assert_eq!(student(Some(2008), None, "2026-12-31T23:59:59Z"), "student.minor");
        assert_eq!(student(Some(2008), None, "2027-01-01T00:00:00Z"), "student.eligible");
    }

    #[test]
    fn doubt_counts_as_young() {
        assert_eq!(student(None, None, "2026-03-01T00:00:00Z"), "student.under13");
        assert_eq!(
            student(Some(1999), Some(AgeBand::Minor), "2026-03-01T00:00:00Z"),
            "student.minor"
        );
        assert_eq!(
            student(Some(2020), Some(AgeBand::Adult), "2026-03-01T00:00:00Z"),
            "student.under13"
        );
    }

    #[test]
    fn words_come_back() {
        for (role, name, _) in ROLES {
            assert_eq!(Role::parse(name), Some(*role));
            assert_eq!(Role::parse(role.as_str()), Some(*role));
        }
        assert_eq!(Role::parse("School Administrator"), Some(Role::Other("school_admin")));
        assert_eq!(AgeBand::parse("13-15"), Some(AgeBand::Minor));
        assert_eq!(AgeBand::parse(AgeBand::Under13.as_str()), Some(AgeBand::Under13));
    }
}
