//! What would be done: a dry run with counts, without a person's value.
//!
//! Start at [`plan`]. The hash is of everything but counts and times, so that a plan that was read and agreed to is the one
//! that is run: as long as tables, columns, strategies and people are the same it is the same.

mod tables;

use std::collections::BTreeSet;

use averment_ledger::LeftByHold;
use averment_register::{Digest, OnErase};
use averment_store::Keys;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::dependent::Effect;
use super::harvest::Known;
use super::numbers::Numbers;
use super::stores::Opened;
use super::{EraseError, harvest};
use tables::store_plan;

/// People in one statement.
const PEOPLE_MAX: usize = 500;
/// Version of the document.
const SCHEMA: &str = "averment.erasure-plan/1";

/// What would be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `averment.erasure-plan/1`.
    pub schema: String,
    /// When it was made, RFC 3339 UTC.
    pub made_at: String,
    /// SHA-256, hexadecimal, of everything but counts, times and this.
    pub hash: String,
    /// How many people.
    pub people: u64,
    /// A keyed digest of who they are.
    pub who: String,
    /// How many values lead to rows that go and are known of people, too, who are not meant. Only where a backup was restored.
    #[serde(default, skip_serializing_if = "is_none")]
    pub values_of_others: u64,
    /// Who was met, and stays because of holds. Only where a backup was restored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftByHold>,
    /// In the order of their names.
    pub stores: Vec<StorePlan>,
}

/// In one store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorePlan {
    /// Identifier.
    pub store: String,
    /// Its engine.
    pub engine: String,
    /// In the order in which rows go.
    pub tables: Vec<TablePlan>,
    /// What keeps it from being done.
    pub problems: Vec<PlanProblem>,
}

/// In one table, or among objects whose names begin alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablePlan {
    /// Name or prefix.
    pub table: String,
    /// `delete` or `keep`.
    pub how: OnErase,
    /// Why rows stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Rows or objects of these people.
    pub rows: u64,
    /// Of those that go, how many name others, too.
    #[serde(default)]
    pub shared: u64,
    /// How many are somebody else's as well and stay without the column that leads to these people.
    #[serde(default)]
    pub joint: u64,
    /// Rows or objects that only a value leads to which others have as well, as the address of a household: nobody can say
    /// whose they are, and they stay.
    #[serde(default)]
    pub undecided: u64,
    /// What becomes of columns of rows that stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnPlan>,
    /// Rows of others that name these people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OthersPlan>,
    /// Rows of others that depend on those that go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependents: Vec<DependentPlan>,
}

/// What becomes of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnPlan {
    /// Name.
    pub column: String,
    /// How.
    pub how: OnErase,
    /// Why it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Rows of others that name these people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OthersPlan {
    /// The column that names them, and what becomes of it.
    #[serde(flatten)]
    pub column: ColumnPlan,
    /// How many rows.
    pub rows: u64,
}

/// Rows of others that depend by a foreign key on rows that go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependentPlan {
    /// Tables from the one whose rows go to the one that depends: `messages < replies`.
    pub by: String,
    /// Columns of the foreign key.
    pub columns: Vec<String>,
    /// What the database would do: `cascade`, `set_null` or `refuse`.
    pub rule: String,
    /// What is done.
    pub effect: Effect,
    /// How many rows.
    pub rows: u64,
}

/// What keeps a plan from being run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanProblem {
    /// Where.
    pub store: String,
    /// Table or prefix.
    pub table: String,
    /// What, in a few words without values.
    pub what: String,
}

impl std::fmt::Display for PlanProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}.{}`: {}", self.store, self.table, self.what)
    }
}

/// Makes the plan for the people with these numbers at the platform.
///
/// # Errors
/// [`EraseError`] when a store does not answer.
pub fn plan(
    stores: &mut [Opened],
    numbers: &BTreeSet<String>,
    keys: &Keys,
    now: Timestamp,
) -> Result<Plan, EraseError> {
    let mut counting = Counting::default();
    let all: Vec<&String> = numbers.iter().collect();
    // A statement takes only so many parameters. Without anybody the plan still says what would be done.
    let chunks = all.chunks(PEOPLE_MAX).map(<[&String]>::to_vec);
    for chunk in chunks.chain(all.is_empty().then(Vec::new)) {
        let chunk: BTreeSet<String> = chunk.into_iter().cloned().collect();
        let known = harvest(stores, &chunk, numbers)?;
        counting.add(stores, &known, numbers)?;
    }
    let whom = Whom {
        people: numbers.len() as u64,
        who: digest_of(numbers.iter().map(String::as_bytes), keys),
        values_of_others: 0,
    };
    Ok(counting.plan(stores, whom, now))
}

/// Whom a plan is about, without naming them.
pub(super) struct Whom {
    /// How many people.
    pub(super) people: u64,
    /// Of [`digest_of`].
    pub(super) who: String,
    pub(super) values_of_others: u64,
}

/// A keyed digest of who is meant.
pub(super) fn digest_of<'a>(parts: impl Iterator<Item = &'a [u8]>, keys: &Keys) -> String {
    let parts: Vec<&[u8]> = std::iter::once(&b"people of a plan"[..]).chain(parts).collect();
    hex(&keys.tombstone(&parts)[..16])
}

/// A plan that is being counted, some people after the other.
#[derive(Default)]
pub(super) struct Counting {
    plans: Vec<StorePlan>,
    met: Numbers,
}

impl Counting {
    /// Counts what would be done to more people, some of `everybody`.
    pub(super) fn add(
        &mut self,
        stores: &mut [Opened],
        known: &Known,
        everybody: &BTreeSet<String>,
    ) -> Result<(), EraseError> {
        let (subject, or_others) = (known.subject(), known.or_others());
        self.met.look(stores, &subject, everybody)?;
        for (index, opened) in stores.iter_mut().enumerate() {
            let mut more = store_plan(opened, &subject)?;
            if let Some(or_others) = &or_others {
                let wide = store_plan(opened, or_others)?;
                for (table, wide) in more.tables.iter_mut().zip(wide.tables) {
                    table.undecided = wide.rows.saturating_sub(table.rows);
                }
            }
            match self.plans.get_mut(index) {
                Some(plan) => plan.add(&more),
                None => self.plans.push(more),
            }
        }
        Ok(())
    }

    /// The plan.
    pub(super) fn plan(mut self, stores: &[Opened], whom: Whom, now: Timestamp) -> Plan {
        for problem in self.met.problems(stores) {
            let plan = self.plans.iter_mut().find(|plan| plan.store == problem.store);
            plan.into_iter().for_each(|plan| plan.problems.push(problem.clone()));
        }
        self.plans.sort_by(|one, other| one.store.cmp(&other.store));
        let mut plan = Plan {
            schema: SCHEMA.to_owned(),
            made_at: now.to_string(),
            hash: String::new(),
            people: whom.people,
            who: whom.who,
            values_of_others: whom.values_of_others,
            left_out: Vec::new(),
            stores: self.plans,
        };
        plan.hash = plan.hash_now();
        plan
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// Written for every value of a store that a look goes through: no text of its own for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

impl StorePlan {
    /// Adds the counts of the same plan for other people.
    fn add(&mut self, more: &Self) {
        for (table, more) in self.tables.iter_mut().zip(&more.tables) {
            table.rows += more.rows;
            table.shared += more.shared;
            table.joint += more.joint;
            table.undecided += more.undecided;
            for (others, more) in table.others.iter_mut().zip(&more.others) {
                others.rows += more.rows;
            }
            for (dependent, more) in table.dependents.iter_mut().zip(&more.dependents) {
                dependent.rows += more.rows;
            }
        }
    }
}

impl Plan {
    fn hash_now(&self) -> String {
        let mut plan = self.clone();
        (plan.made_at, plan.hash, plan.values_of_others) = (String::new(), String::new(), 0);
        plan.left_out.clear();
        for table in plan.stores.iter_mut().flat_map(|store| &mut store.tables) {
            (table.rows, table.shared, table.joint, table.undecided) = (0, 0, 0, 0);
            table.others.iter_mut().for_each(|others| others.rows = 0);
            table.dependents.iter_mut().for_each(|dependent| dependent.rows = 0);
        }
        let json = serde_json::to_vec(&plan).expect("a plan holds only strings, numbers and lists");
        Digest::of(&json).to_string().trim_start_matches("sha256:").to_owned()
    }

    /// What keeps it from being run.
    pub fn problems(&self) -> Vec<PlanProblem> {
        let problems = self.stores.iter().flat_map(|store| &store.problems);
        problems.cloned().collect()
    }

    /// Rows of others that would go.
    pub fn rows_of_others(&self) -> u64 {
        let tables = self.stores.iter().flat_map(|store| &store.tables);
        let dependents = tables.flat_map(|table| &table.dependents);
        let goes = dependents.filter(|dependent| dependent.effect == Effect::Goes);
        goes.map(|dependent| dependent.rows).sum()
    }

    /// Rows and objects of the people that go or are changed.
    pub fn rows(&self) -> u64 {
        let tables = self.stores.iter().flat_map(|store| &store.tables);
        tables.map(|table| table.rows).sum()
    }

    /// Whether it says the same as another, whatever the counts.
    ///
    /// # Errors
    /// [`EraseError::OtherPlan`].
    pub fn must_be(&self, hash: &str) -> Result<(), EraseError> {
        if self.hash == hash.trim().to_lowercase() {
            return Ok(());
        }
        Err(EraseError::OtherPlan {
            planned: hash.trim().to_owned(),
            now: self.hash.clone(),
        })
    }
}
