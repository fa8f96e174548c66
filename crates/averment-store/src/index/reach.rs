//! What reached one recipient in a time: how many people, of which schools, with which elements, and on what authority.
//!
//! Start at [`Index::reach`]. The school of a person is the one that the directory names now; of somebody who has left it,
//! the one that the entry names.

use std::collections::BTreeMap;

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
    /// Of people of this school, as in the directory.
    pub school: Option<String>,
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
    /// By school; none where neither the directory nor the entry names one.
    pub schools: BTreeMap<Option<String>, SchoolReach>,
    /// Messages that name people whose key is gone: who they were and how many is not known any more.
    pub unlinked: Headcount,
    /// Messages with data of people outside the directory.
    pub outsiders: Headcount,
    /// Who.
    pub affected: Affected,
}

/// Messages to a recipient in a time, each with its findings.
const TO: &str = "
    select m.entry, m.at, m.fate, f.person, f.shape
    from message m indexed by message_recipient left join finding f on f.entry = m.entry
    where m.recipient = (select id from word where text = ?1) and m.at >= ?2 and m.at < ?3 and m.void = 0
    order by m.at, m.entry";

/// The same to anybody.
const TO_ANYBODY: &str = "
    select m.entry, m.at, m.fate, f.person, f.shape
    from message m left join finding f on f.entry = m.entry
    where ?1 is null and m.at >= ?2 and m.at < ?3 and m.void = 0
    order by m.entry";

impl Index {
    /// What reached whom the question names, as of the last [`Index::follow`].
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn reach(&self, people: &People, question: &Question) -> Result<Reach, IndexError> {
        let mut fold = Fold::new(&self.connection, people.schools()?, question.school.as_deref())?;
        let sql = if question.recipient.is_some() { TO } else { TO_ANYBODY };
        let mut to = self.connection.prepare_cached(sql)?;
        let (from, until) = (
            question.from.map_or(i64::MIN, Timestamp::as_microsecond),
            question.until.map_or(i64::MAX, Timestamp::as_microsecond),
        );
        let mut rows = to.query(params![question.recipient, from, until])?;
        while let Some(row) = rows.next()? {
            fold.message(row.get(0)?, row.get(1)?, fate(row.get(2)?)?);
            if let Some(shape) = row.get(4)? {
                fold.finding(row.get(3)?, shape)?;
            }
        }
        fold.finish()
    }
}
