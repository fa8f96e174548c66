//! The few facts about people that a decision looks at: the slice that a platform hands in with its question.
//!
//! A school is named by the person's entry and by nothing else, so that no request can choose one. Anything that an entry does
//! not say does not hold. Fields that are not known are passed over, as the decision API asks; wrong ones are errors.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{SubjectId, Vocabulary, WordId, catalog};
use averment_register::ControllerId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kind::Kind;

/// What somebody is on the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Learns.
    Student,
    /// Teaches.
    Teacher,
    /// Works for a school otherwise, a contractor under 34 CFR 99.31(a)(1)(i)(B) among them.
    SchoolOfficial,
    /// Administers a school.
    SchoolAdmin,
    /// Works for the platform.
    Staff,
    /// Answers support requests for the platform.
    SupportStaff,
    /// Reads pages for an index.
    SearchEngine,
    /// Did not sign in.
    Anonymous,
    /// Anybody else who signed in: a parent, a visitor.
    Other,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Student,
        Self::Teacher,
        Self::SchoolOfficial,
        Self::SchoolAdmin,
        Self::Staff,
        Self::SupportStaff,
        Self::SearchEngine,
        Self::Anonymous,
        Self::Other,
    ];
}

/// What somebody is, by the words of the catalog's subjects and `school_official`, `support_staff`, `search_engine`,
/// `anonymous`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// What that is on the platform.
    pub part: Part,
    /// The kind of person, where data of such a person are asked for.
    pub kind: Kind,
}

const OWN_WORDS: [(&str, Part); 4] = [
    ("school_official", Part::SchoolOfficial),
    ("support_staff", Part::SupportStaff),
    ("search_engine", Part::SearchEngine),
    ("anonymous", Part::Anonymous),
];

impl Role {
    /// The role of a word; none for one that nobody knows.
    pub fn of(word: &str) -> Option<Self> {
        let own = OWN_WORDS.into_iter().find(|(own, _)| *own == word);
        let of_catalog = || SubjectId::new(word).ok().filter(|id| catalog().subject(id).is_some());
        match own {
            Some((_, part)) => Some(Self {
                part,
                kind: Kind::other(),
            }),
            None => of_catalog().map(|subject| Self {
                part: part_of(&subject),
                kind: Kind::of(&subject),
            }),
        }
    }

    /// The word.
    pub fn as_str(self) -> &'static str {
        let own = OWN_WORDS.iter().find(|(_, part)| *part == self.part);
        own.map_or(self.kind.as_str(), |(word, _)| word)
    }

    /// Whether the platform knows who it is.
    pub fn is_known(self) -> bool {
        !matches!(self.part, Part::Anonymous | Part::SearchEngine)
    }
}

fn part_of(subject: &SubjectId) -> Part {
    match subject.as_str() {
        _ if subject.is_student() => Part::Student,
        "teacher" => Part::Teacher,
        "school_admin" => Part::SchoolAdmin,
        "staff" => Part::Staff,
        _ => Part::Other,
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
        let expected = "expected a kind of people of the catalog, `school_official`, `support_staff`, `search_engine` or `anonymous`";
        Self::of(&word).ok_or_else(|| serde::de::Error::custom(format!("this is no role: {expected}")))
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The schools that somebody belongs to, each with the classes that they attend or teach there.
pub type Schools = BTreeMap<ControllerId, BTreeSet<String>>;

/// Somebody who asks, or whose data are asked for. `Debug` shows the role alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// How the platform names them; empty for whoever did not sign in.
    #[serde(default)]
    pub id: String,
    /// What they are.
    pub role: Role,
    /// Where they learn, teach or work.
    #[serde(default)]
    pub schools: Schools,
    /// Of whoever asks: whose parent or guardian they are.
    #[serde(default)]
    pub guardian_of: BTreeSet<String>,
    /// Of whoever asks: for whom a link that they have opens something.
    #[serde(default)]
    pub holds_link_of: BTreeSet<String>,
    /// Of the person concerned: guardians whose rights a court order, a statute or a binding document has taken, 34 CFR 99.4.
    #[serde(default)]
    pub limited_guardians: BTreeSet<String>,
    /// Of the person concerned: the viewers to whom they chose to open it.
    #[serde(default)]
    pub opened_to: BTreeSet<WordId>,
    /// Of the person concerned: for which viewers the school, or another who may, has switched it off. Who is not named here
    /// is not known to have left it on.
    #[serde(default)]
    pub switched_off: BTreeMap<WordId, BTreeSet<WordId>>,
    /// Of the person concerned: consents in force, by kind.
    #[serde(default)]
    pub consents: BTreeSet<String>,
    /// Of the person concerned: what they did, as in `act:<what>`.
    #[serde(default)]
    pub acts: BTreeSet<String>,
    /// Of the person concerned: whether directory information was refused, 34 CFR 99.37(a)(2). Not known: as if it were.
    #[serde(default)]
    pub directory_opt_out: Option<bool>,
}

impl Person {
    /// Somebody of this role of whom nothing else is known.
    pub fn new(id: &str, role: Role) -> Self {
        Self {
            id: id.to_owned(),
            role,
            schools: Schools::new(),
            guardian_of: BTreeSet::new(),
            holds_link_of: BTreeSet::new(),
            limited_guardians: BTreeSet::new(),
            opened_to: BTreeSet::new(),
            switched_off: BTreeMap::new(),
            consents: BTreeSet::new(),
            acts: BTreeSet::new(),
            directory_opt_out: None,
        }
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Person({})", self.role.as_str())
    }
}

/// What is true of the question itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Whether a support request of the person is open.
    #[serde(default)]
    pub support_request: bool,
    /// Whether a reason was given.
    #[serde(default)]
    pub reason_given: bool,
    /// Whether whoever asks needs it for their task at the school, 34 CFR 99.31(a)(1)(i)(A).
    #[serde(default)]
    pub educational_interest: bool,
    /// Exceptions of the catalog that hold now: `emergency`.
    #[serde(default)]
    pub exceptions: BTreeSet<WordId>,
}

impl Context {
    /// The first exception that the catalog does not know.
    pub fn unknown_exception(&self) -> Option<&WordId> {
        let known = |word: &&WordId| catalog().word(Vocabulary::Exception, word.as_str()).is_none();
        self.exceptions.iter().find(known)
    }
}
