//! What a plan or a run showed, rule by rule.

use averment_catalog::WordId;
use averment_register::{ClaimId, ControllerId, Period, StoreId};
use jiff::Timestamp;
use serde::Serialize;

use super::batch::Ended;
use super::bound::Bound;
use super::look::Look;
use super::rule::{Kept, Rule, Rules, Unmeasured, What, When};
use crate::connect::OnDelete;

/// What the time of an object is called.
const WRITTEN: &str = "last_modified";

/// A plan or a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The version of this document.
    pub schema: &'static str,
    /// When it began.
    pub from: Timestamp,
    /// When it ended.
    pub until: Timestamp,
    /// Whether something was to be changed.
    pub run: bool,
    /// Why nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What could be looked at, the shortest time first.
    pub rules: Vec<RuleReport>,
    /// What could not.
    pub unmeasured: Vec<Unmeasured>,
    /// What the data map keeps.
    pub kept: Vec<Kept>,
    #[serde(skip)]
    pub(super) newest: Option<Timestamp>,
}

/// One rule.
#[derive(Debug, Clone, Serialize)]
pub struct RuleReport {
    /// The claim.
    pub claim: ClaimId,
    /// The school that shortened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school: Option<ControllerId>,
    /// Store.
    pub store: StoreId,
    /// Table.
    pub table: String,
    /// Columns that are emptied or masked; the row goes when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// How long.
    pub duration: Period,
    /// After what.
    pub after: WordId,
    /// Where that stands: `column`, `table.column`.
    pub time: String,
    /// How that is read.
    pub read_as: String,
    /// Whether it is about objects and not rows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub objects: bool,
    /// Whether an index begins with it.
    pub index: bool,
    /// Tables of which rows go with these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub takes_with: Vec<String>,
    /// What was there.
    pub before: Look,
    /// Rows that went or lost columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<u64>,
    /// What is there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_run: Option<Look>,
    /// Why it was broken off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

impl Report {
    pub(super) fn new(now: Timestamp, run: bool, rules: &Rules) -> Self {
        Self {
            schema: "averment.retention/1",
            from: now,
            until: now,
            run,
            refused: None,
            rules: Vec::new(),
            unmeasured: rules.unmeasured.clone(),
            kept: rules.kept.clone(),
            newest: None,
        }
    }

    pub(super) fn not_seen(&mut self, rule: &Rule, because: &str) {
        let one = Unmeasured {
            claim: rule.claim.clone(),
            store: Some(rule.store.clone()),
            table: Some(rule.table.clone()),
            because: because.to_owned(),
        };
        if !self.unmeasured.contains(&one) {
            self.unmeasured.push(one);
        }
    }

    /// Rows that are due and still there, and that nobody holds.
    pub fn overdue(&self) -> u64 {
        self.rules.iter().map(RuleReport::overdue).sum()
    }

    /// Rows that went or lost columns.
    pub fn ended(&self) -> u64 {
        self.rules.iter().filter_map(|rule| rule.ended).sum()
    }

    /// Tables and prefixes, `store.table`, of which something could not be looked at.
    pub fn not_looked_at(&self) -> Vec<String> {
        let places = self.unmeasured.iter();
        let mut places: Vec<String> = places
            .filter_map(|one| Some(format!("{}.{}", one.store.as_ref()?, one.table.as_ref()?)))
            .collect();
        places.sort();
        places.dedup();
        places
    }

    /// Whether every rule was looked at, and every time could be read.
    pub fn is_whole(&self) -> bool {
        self.refused.is_none()
            && self.unmeasured.iter().all(|one| one.store.is_none())
            && self.rules.iter().all(|rule| rule.now().unread == 0)
    }
}

impl RuleReport {
    pub(super) fn new(bound: &Bound<'_>, zone: &str, before: Look) -> Self {
        let rule = bound.rule;
        let taken = bound.referring().filter(|(_, key)| key.on_delete == OnDelete::Cascade);
        let mut takes_with: Vec<String> = taken.map(|(table, _)| table.name.clone()).collect();
        takes_with.dedup();
        Self {
            claim: rule.claim.clone(),
            school: rule.school.clone(),
            store: rule.store.clone(),
            table: rule.table.clone(),
            columns: match &rule.what {
                What::Columns(columns) => columns.keys().cloned().collect(),
                What::Rows | What::Objects => Vec::new(),
            },
            duration: rule.duration,
            after: rule.after.clone(),
            time: match &rule.when {
                When::Own(column) => column.clone(),
                When::Other { table, column } => format!("{table}.{column}"),
                When::Written => WRITTEN.to_owned(),
            },
            read_as: bound.time.reading.in_words(zone),
            objects: false,
            index: bound.has_index(),
            takes_with: if bound.deletes() { takes_with } else { Vec::new() },
            before,
            ended: None,
            after_run: None,
            stopped: None,
        }
    }

    /// Of a rule about objects.
    pub(super) fn of_objects(rule: &Rule, before: Look) -> Self {
        Self {
            claim: rule.claim.clone(),
            school: rule.school.clone(),
            store: rule.store.clone(),
            table: rule.table.clone(),
            columns: Vec::new(),
            duration: rule.duration,
            after: rule.after.clone(),
            time: WRITTEN.to_owned(),
            read_as: "the moment at which an object was last written".to_owned(),
            objects: true,
            index: false,
            takes_with: Vec::new(),
            before,
            ended: None,
            after_run: None,
            stopped: None,
        }
    }

    pub(super) fn is_of(&self, rule: &Rule) -> bool {
        (&self.claim, &self.school, &self.store, &self.table) == (&rule.claim, &rule.school, &rule.store, &rule.table)
    }

    pub(super) fn done(&mut self, ended: Ended, after: Result<Look, String>) {
        self.ended = Some(ended.rows);
        self.stopped = ended.because;
        match after {
            Ok(look) => self.after_run = Some(look),
            Err(because) => self.stopped = self.stopped.take().or(Some(because)),
        }
    }

    /// What is there as of the last look.
    pub fn now(&self) -> &Look {
        self.after_run.as_ref().unwrap_or(&self.before)
    }

    /// Rows that are due and still there, and that nobody holds.
    pub fn overdue(&self) -> u64 {
        self.now().overdue()
    }
}
