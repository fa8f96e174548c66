//! What reached whom in a time: how many people, of which schools, with which elements, and on what authority.
//!
//! Start at [`Index::reach`]. The school of a person is the one that the directory named when the message was decided, as the
//! entry says. Where it does not, because it is older or somebody entered it, it is the one that the directory names now; of somebody who
//! has left that, the one whose variant the entry names; and it is counted of how many people that is so.

use std::collections::{BTreeMap, HashMap};

use averment_catalog::ElementId;
use averment_detect::PersonNumber;
use jiff::Timestamp;
use rusqlite::params;

use super::fold::{Affected, Fold};
use super::one_person::fate;
use super::{Index, IndexError};
use crate::People;
use crate::person::Fate;

/// Which disclosures are asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// To this recipient, by its identifier; to anybody when absent.
    pub recipient: Option<String>,
    /// Of people of this school, as the directory names or named it.
    pub school: Option<String>,
    /// This element, or any below this category.
    pub element: Option<ElementId>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// How surely something reached the recipient; the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reaching {
    /// It left, as it was or changed.
    Left,
    /// It may have left.
    MayHaveLeft,
    /// It did not leave: refused, not sent, or taken out.
    Kept,
}

impl Reaching {
    /// The word used in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::MayHaveLeft => "may_have_left",
            Self::Kept => "kept",
        }
    }

    pub(super) fn of(fate: Fate, is_taken_out: bool) -> Self {
        match fate {
            _ if is_taken_out => Self::Kept,
            Fate::Left => Self::Left,
            Fate::MayHaveLeft => Self::MayHaveLeft,
            Fate::NotSent | Fate::Refused => Self::Kept,
        }
    }
}

/// How many; each is counted once, with the surest extent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Headcount {
    /// About whom something left.
    pub left: u64,
    /// About whom something may have left, and nothing surely did.
    pub may_have_left: u64,
    /// Who were named only in what did not leave.
    pub kept: u64,
}

impl Headcount {
    /// About whom something left or may have left.
    pub fn affected(&self) -> u64 {
        self.left + self.may_have_left
    }

    pub(super) fn count(&mut self, extent: Reaching) {
        *match extent {
            Reaching::Left => &mut self.left,
            Reaching::MayHaveLeft => &mut self.may_have_left,
            Reaching::Kept => &mut self.kept,
        } += 1;
    }
}

/// One data element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct ElementReach {
    /// Whose.
    pub people: Headcount,
    /// Of the affected, those whose value left or may have left as it was.
    pub as_it_was: u64,
}

/// What reached a recipient about the people of one school.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct SchoolReach {
    /// Its people.
    pub people: Headcount,
    /// By kind of data subject.
    pub subjects: BTreeMap<String, Headcount>,
    /// By data element.
    pub elements: BTreeMap<String, ElementReach>,
    /// By what the disclosure rested on, in the catalog's words; the empty word where entries do not say.
    pub authority: BTreeMap<String, Headcount>,
    /// People with a disclosure that the school's record must hold, 34 CFR 99.32(a).
    pub record_required: Headcount,
}

/// What went to one recipient of several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecipientReach {
    /// Messages by what became of them.
    pub messages: BTreeMap<Fate, u64>,
    /// About whom.
    pub people: Headcount,
}

/// What reached a recipient.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Messages by what became of them; what was made void is not counted.
    pub messages: BTreeMap<Fate, u64>,
    /// The first and the last of them, RFC 3339 UTC.
    pub first_at: Option<String>,
    /// See `first_at`.
    pub last_at: Option<String>,
    /// Everybody.
    pub all: SchoolReach,
    /// By school; none where neither the directory nor the entry names one. Who changed school is counted at each of them.
    pub schools: BTreeMap<Option<String>, SchoolReach>,
    /// People of whom some entry does not say the school of then, and who count at another that is known.
    pub schools_of_today: u64,
    /// By recipient, where the question names none; none: of no recipient of the register.
    pub recipients: BTreeMap<Option<String>, RecipientReach>,
    /// Messages that name people whose key is gone: who they were and how many is not known any more.
    pub unlinked: Headcount,
    /// Messages with data of people outside the directory.
    pub outsiders: Headcount,
    /// Who.
    pub affected: Affected,
}

impl Headcount {
    fn add(&mut self, other: Self) {
        self.left += other.left;
        self.may_have_left += other.may_have_left;
        self.kept += other.kept;
    }
}

impl SchoolReach {
    fn add(&mut self, other: Self) {
        self.people.add(other.people);
        self.record_required.add(other.record_required);
        for (subject, count) in other.subjects {
            self.subjects.entry(subject).or_default().add(count);
        }
        for (element, of_element) in other.elements {
            let own = self.elements.entry(element).or_default();
            own.people.add(of_element.people);
            own.as_it_was += of_element.as_it_was;
        }
        for (basis, count) in other.authority {
            self.authority.entry(basis).or_default().add(count);
        }
    }
}

impl Reach {
    /// What two ledgers say together. Each knows people by numbers of its own: whoever stands in both counts in both, and who they are
    /// ([`Self::affected`]) is left to each.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        add_messages(&mut self.messages, other.messages);
        self.first_at = self.first_at.into_iter().chain(other.first_at).min();
        self.last_at = self.last_at.max(other.last_at);
        self.all.add(other.all);
        for (school, of_school) in other.schools {
            self.schools.entry(school).or_default().add(of_school);
        }
        for (recipient, of_recipient) in other.recipients {
            let own = self.recipients.entry(recipient).or_default();
            add_messages(&mut own.messages, of_recipient.messages);
            own.people.add(of_recipient.people);
        }
        self.schools_of_today += other.schools_of_today;
        self.unlinked.add(other.unlinked);
        self.outsiders.add(other.outsiders);
        self.affected = Affected::default();
        self
    }
}

fn add_messages(own: &mut BTreeMap<Fate, u64>, other: BTreeMap<Fate, u64>) {
    for (fate, count) in other {
        *own.entry(fate).or_default() += count;
    }
}

/// Each message in a time with its findings. What is between the two parts chooses the messages by an index, so that the time
/// that an answer takes goes by how much is in it.
const FOUND: &str = "
    select m.entry, m.at, m.fate, f.person, f.shape, f.school, m.recipient
    from message m";
/// See [`FOUND`].
const IN_TIME: &str = "m.at >= ?2 and m.at < ?3 and m.void = 0 and ?4 is not null order by";

const TO: &str = "indexed by message_recipient left join finding f on f.entry = m.entry
    where m.recipient = (select id from word where text = ?1)";
const OF_ELEMENT: &str = "not indexed left join finding f on f.entry = m.entry
    where m.entry in (
        select entry from element_at where at >= ?2 and at < ?3 and element in (
            select id from word where text = ?1 union all select id from word where text > ?1 || '.' and text < ?1 || '/'))";
/// `?4`: those of the school today, as JSON; they are asked about where the entry does not say the school of then.
const OF_SCHOOL: &str = "not indexed left join finding f on f.entry = m.entry
    where m.entry in (
        select entry from school_at where at >= ?2 and at < ?3 and school = (select id from school where text = ?1)
        union select entry from finding indexed by finding_of_today
        where school is null and person in (select value from json_each(?4)))";
const TO_ANYBODY: &str = "indexed by message_at left join finding f on f.entry = m.entry
    where ?1 is null";

impl Question {
    /// How its messages are found, and the word by which.
    fn way(&self) -> (&'static str, Option<&str>) {
        match (&self.recipient, &self.element, &self.school) {
            (Some(recipient), _, _) => (TO, Some(recipient)),
            (None, Some(element), _) => (OF_ELEMENT, Some(element.as_str())),
            (None, None, Some(school)) => (OF_SCHOOL, Some(school)),
            (None, None, None) => (TO_ANYBODY, None),
        }
    }
}

impl Index {
    /// What reached whom the question names, as of the last [`Index::follow`].
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn reach(&self, people: &People, question: &Question) -> Result<Reach, IndexError> {
        let schools = people.schools()?;
        let (way, word) = question.way();
        let today = if way == OF_SCHOOL {
            of_school(&schools, question)
        } else {
            String::new()
        };
        let mut fold = Fold::new(&self.connection, schools, question)?;
        let mut found = self.connection.prepare_cached(&statement(way))?;
        let (from, until) = (
            question.from.map_or(i64::MIN, Timestamp::as_microsecond),
            question.until.map_or(i64::MAX, Timestamp::as_microsecond),
        );
        let mut rows = found.query(params![word, from, until, today])?;
        while let Some(row) = rows.next()? {
            fold.message(row.get(0)?, row.get(1)?, fate(row.get(2)?)?, row.get(6)?)?;
            if let Some(shape) = row.get(4)? {
                fold.finding(row.get(3)?, row.get(5)?, shape)?;
            }
        }
        fold.finish()
    }
}

fn statement(way: &str) -> String {
    // By time is the order of the two indexes, so that nothing has to be sorted.
    let order = if [TO, TO_ANYBODY].contains(&way) {
        "m.at, m.entry"
    } else {
        "m.entry"
    };
    format!("{FOUND} {way} and {IN_TIME} {order}")
}

/// Numbers of the people whom the directory names at the school now, as a list in JSON.
fn of_school(schools: &HashMap<PersonNumber, String>, question: &Question) -> String {
    let theirs = schools
        .iter()
        .filter(|(_, school)| Some(*school) == question.school.as_ref());
    let numbers: Vec<String> = theirs.map(|(person, _)| person.0.to_string()).collect();
    format!("[{}]", numbers.join(","))
}

#[cfg(test)]
mod tests;
