//! Both charters side by side: every field of every part, as changes.
//!
//! Start at [`all`]. What only one side has is one change; what both have is compared field by field.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{Vocabulary, WordId};
use jiff::civil::Date;

use super::change::{Aspect, Change, Side, Subject, Value};
use super::facet::{self, Scalar, Set};
use super::recipient::{self, ranked_mode, ranked_role};
use super::{claims, school, store};
use crate::charter::{About, CharterContent, Period};
use crate::label;

/// Both charters.
#[derive(Clone, Copy)]
pub(super) struct Both<'a> {
    pub(super) old: &'a CharterContent,
    pub(super) new: &'a CharterContent,
}

/// Collects the changes of one subject.
pub(super) struct Collector<'a> {
    pub(super) subject: Subject,
    pub(super) sides: [Side; 2],
    pub(super) found: &'a mut Vec<Change>,
}

/// Every change, in no order.
pub(super) fn all(both: Both<'_>) -> Vec<Change> {
    let mut found = Vec::new();
    organisation(both, &mut found);
    documents(both, &mut found);
    recipient::compare(both, &mut found);
    claims::compare(both, &mut found);
    school::compare(both, &mut found);
    store::compare(both, &mut found);
    found
}

impl Collector<'_> {
    pub(super) fn push(&mut self, aspect: Aspect, old: Option<Value>, new: Option<Value>) {
        let change = Change::between(self.subject.clone(), aspect, self.sides.clone(), [old, new]);
        self.found.push(change);
    }

    /// Compares two values, each with its rank.
    pub(super) fn scalar(&mut self, scalar: &'static Scalar, old: Option<(String, i64)>, new: Option<(String, i64)>) {
        self.scalar_of(scalar, "", old, new);
    }

    pub(super) fn scalar_of(
        &mut self,
        scalar: &'static Scalar,
        part: &str,
        old: Option<(String, i64)>,
        new: Option<(String, i64)>,
    ) {
        if old != new {
            let value = |side: Option<(String, i64)>| side.map(|(text, rank)| Value::Scalar { text, rank });
            self.push(Aspect::Scalar(scalar, part.to_owned()), value(old), value(new));
        }
    }

    pub(super) fn text<T: ToString>(&mut self, scalar: &'static Scalar, old: Option<&T>, new: Option<&T>) {
        let value = |side: Option<&T>| side.map(|text| (text.to_string(), 0));
        self.scalar(scalar, value(old), value(new));
    }

    pub(super) fn date(&mut self, scalar: &'static Scalar, old: Option<Date>, new: Option<Date>) {
        self.scalar(scalar, old.map(ranked_date), new.map(ranked_date));
    }

    pub(super) fn period(&mut self, scalar: &'static Scalar, old: Option<Period>, new: Option<Period>) {
        self.scalar(scalar, old.map(ranked_period), new.map(ranked_period));
    }

    /// Compares two lists: one change for what came, one for what went.
    pub(super) fn set(&mut self, set: &'static Set, old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) {
        let without = |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            let only = one.iter().filter(|(key, _)| !other.contains_key(*key));
            only.map(|(key, label)| (key.clone(), label.clone())).collect()
        };
        let (gained, lost) = (without(new, old), without(old, new));
        if !gained.is_empty() {
            self.push(Aspect::Set(set), None, Some(Value::Members(gained)));
        }
        if !lost.is_empty() {
            self.push(Aspect::Set(set), Some(Value::Members(lost)), None);
        }
    }

    pub(super) fn words(
        &mut self,
        set: &'static Set,
        vocabulary: Vocabulary,
        old: BTreeSet<&WordId>,
        new: BTreeSet<&WordId>,
    ) {
        let named = |side: BTreeSet<&WordId>| named(side.into_iter(), |id| label::word(vocabulary, id));
        self.set(set, &named(old), &named(new));
    }
}

pub(super) fn ranked_date(date: Date) -> (String, i64) {
    let rank = i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day());
    (date.to_string(), rank)
}

pub(super) fn ranked_period(period: Period) -> (String, i64) {
    (
        period.in_words(),
        i64::try_from(period.approximate_seconds()).unwrap_or(i64::MAX - 1),
    )
}

/// Names in files, each with what people call it.
pub(super) fn named<T: ToString>(
    items: impl Iterator<Item = T>,
    label: impl Fn(&T) -> String,
) -> BTreeMap<String, String> {
    items.map(|item| (item.to_string(), label(&item))).collect()
}

fn organisation(both: Both<'_>, found: &mut Vec<Change>) {
    let Both { old, new } = both;
    let side = |content: &CharterContent| Side {
        name: content.organisation.clone(),
        students: true,
        children: true,
    };
    let mut at = Collector {
        subject: Subject::Organisation,
        sides: [side(old), side(new)],
        found,
    };
    at.text(&facet::ORGANISATION, Some(&old.organisation), Some(&new.organisation));
    at.text(&facet::VARIANT, old.controller.as_ref(), new.controller.as_ref());
    let unknown_hosts = |content: &CharterContent| Some(ranked_mode(content.unknown_hosts));
    at.scalar(&facet::UNKNOWN_HOSTS, unknown_hosts(old), unknown_hosts(new));
    let (was, is) = (&old.about, &new.about);
    at.scalar(&facet::OWN_ROLE, was.role.map(ranked_role), is.role.map(ranked_role));
    at.text(&facet::CONTACT, was.contact.as_ref(), is.contact.as_ref());
    at.text(&facet::ADDRESS, was.address.as_ref(), is.address.as_ref());
    at.text(&facet::COUNTRY, was.country.as_ref(), is.country.as_ref());
    at.text(
        &facet::OFFICER,
        was.data_protection_officer.as_ref(),
        is.data_protection_officer.as_ref(),
    );
    at.text(
        &facet::REPRESENTATIVE,
        was.representative.as_ref(),
        is.representative.as_ref(),
    );
    at.text(&facet::PAGE, was.page.as_ref(), is.page.as_ref());
    at.text(&facet::LANGUAGE, was.language.as_ref(), is.language.as_ref());
    at.period(&facet::NOTICE, was.notice, is.notice);
    at.date(&facet::UPDATED, was.updated, is.updated);
    let mailboxes = |about: &About| -> BTreeMap<String, String> {
        let all = about.own_mailboxes.iter();
        all.map(|mailbox| (mailbox.clone(), mailbox.clone())).collect()
    };
    at.set(&facet::OWN_MAILBOXES, &mailboxes(was), &mailboxes(is));
    let documents = |content: &CharterContent| -> BTreeMap<String, String> {
        let rows = content.documents.iter();
        rows.map(|document| (document.id.clone(), format!("“{}”", document.title)))
            .collect()
    };
    at.set(&facet::DOCUMENTS, &documents(old), &documents(new));
}

fn documents(both: Both<'_>, found: &mut Vec<Change>) {
    for new in &both.new.documents {
        let Some(old) = both.old.documents.iter().find(|old| old.id == new.id) else {
            continue;
        };
        let side = |title: &str| Side {
            name: format!("“{title}”"),
            ..Side::default()
        };
        let mut at = Collector {
            subject: Subject::Document(new.id.clone()),
            sides: [side(&old.title), side(&new.title)],
            found,
        };
        at.text(&facet::TITLE, Some(&old.title), Some(&new.title));
        at.text(&facet::URL, old.url.as_ref(), new.url.as_ref());
        at.date(&facet::READ, old.read, new.read);
    }
}
