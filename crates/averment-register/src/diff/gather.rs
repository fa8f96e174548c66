//! Both charters side by side: every field of every part, as changes.
//!
//! Start at [`all`]. What only one side has is one change; what both have is compared field by field.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{Vocabulary, WordId};
use jiff::civil::Date;
use serde::Serialize;

use super::change::{Aspect, Change, Side, Subject, Value};
use super::facet::{self, Scalar, Set};
use super::{claims, school, term};
use crate::charter::{CharterContent, Disclosure, Mode, Period, Recipient, RecipientRole, StudentRecords, Unreadable};
use crate::{label, reach};

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
    recipients(both, &mut found);
    claims::compare(both, &mut found);
    school::compare(both, &mut found);
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

/// A word that a closed list of the model is written as.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(|word| word.replace('_', " ")))
        .unwrap_or_default()
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

fn recipients(both: Both<'_>, found: &mut Vec<Change>) {
    let (old, new) = (&both.old.recipients, &both.new.recipients);
    let ids: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for id in ids {
        let (before, after) = (old.get(id), new.get(id));
        let mut at = Collector {
            subject: Subject::Recipient(id.clone()),
            sides: [recipient_side(before), recipient_side(after)],
            found,
        };
        match (before, after) {
            (Some(before), Some(after)) => recipient(&mut at, before, after),
            _ => {
                let whole = |side: Option<&Recipient>| side.map(|one| Value::Recipient(Box::new(one.clone())));
                at.push(Aspect::Whole, whole(before), whole(after));
            }
        }
    }
}

pub(super) fn recipient_side(recipient: Option<&Recipient>) -> Side {
    let Some(recipient) = recipient else {
        return Side::default();
    };
    let subjects = |row: &Disclosure| reach::subjects(&row.subjects);
    let reached: BTreeSet<_> = recipient.discloses.iter().flat_map(subjects).collect();
    let reaches = |names: &[&str]| reached.iter().any(|id| names.contains(&id.as_str()));
    Side {
        name: recipient.name.clone(),
        students: reached.iter().any(averment_catalog::SubjectId::is_student),
        children: reaches(&["student", "student.under13", "child.public"]),
    }
}

fn recipient(at: &mut Collector<'_>, old: &Recipient, new: &Recipient) {
    recipient_values(at, old, new);
    recipient_lists(at, old, new);
    contract(at, old, new);
    let (was, is) = (term::disclosed(&old.discloses), term::disclosed(&new.discloses));
    for (elements, subjects, before, after) in term::changed(&was, &is) {
        at.push(
            Aspect::Discloses(elements, subjects),
            before.map(Value::Terms),
            after.map(Value::Terms),
        );
    }
    let (was, is) = (term::received(&old.receives), term::received(&new.receives));
    for (elements, subjects, before, after) in term::changed(&was, &is) {
        at.push(
            Aspect::Receives(elements, subjects),
            before.map(Value::Terms),
            after.map(Value::Terms),
        );
    }
}

fn recipient_values(at: &mut Collector<'_>, old: &Recipient, new: &Recipient) {
    at.text(&facet::NAME, Some(&old.name), Some(&new.name));
    at.text(&facet::OPERATOR, old.operator.as_ref(), new.operator.as_ref());
    at.text(&facet::PURPOSE, Some(&old.purpose), Some(&new.purpose));
    at.text(&facet::INFORMATION, Some(&old.information), Some(&new.information));
    at.scalar(&facet::ROLE, Some(ranked_role(old.role)), Some(ranked_role(new.role)));
    let records = |recipient: &Recipient| Some(ranked_records(recipient.student_records));
    at.scalar(&facet::STUDENT_RECORDS, records(old), records(new));
    at.scalar(&facet::MODE, Some(ranked_mode(old.mode)), Some(ranked_mode(new.mode)));
    let unreadable = |recipient: &Recipient| Some(ranked_unreadable(recipient.unreadable));
    at.scalar(&facet::UNREADABLE, unreadable(old), unreadable(new));
    at.text(&facet::ADDRESS, old.address.as_ref(), new.address.as_ref());
    at.text(&facet::WEBSITE, old.website.as_ref(), new.website.as_ref());
    at.date(&facet::ANNOUNCED, old.announced, new.announced);
    at.date(&facet::EFFECTIVE, old.effective, new.effective);
    at.date(&facet::RETIRED, old.retired, new.retired);
    let no_own_use = |recipient: &Recipient| {
        let none = recipient.own_use.iter().any(|word| word.as_str() == "none");
        none.then(|| ("none".to_owned(), 0))
    };
    at.scalar(&facet::NO_OWN_USE, no_own_use(old), no_own_use(new));
}

fn recipient_lists(at: &mut Collector<'_>, old: &Recipient, new: &Recipient) {
    let parties = |one: &Recipient| named(one.third_parties.iter(), |id| format!("`{id}`"));
    at.set(&facet::THIRD_PARTIES, &parties(old), &parties(new));
    let purposes = |one: &Recipient| named(one.purposes.iter(), |id| label::purpose(id));
    at.set(&facet::PURPOSES, &purposes(old), &purposes(new));
    let planes = |one: &Recipient| {
        named(one.planes.iter().map(|plane| plane.as_str()), |word| {
            word.replace('_', " ")
        })
    };
    at.set(&facet::PLANES, &planes(old), &planes(new));
    let hosts = |one: &Recipient| named(one.hosts.iter(), |host| format!("`{host}`"));
    at.set(&facet::HOSTS, &hosts(old), &hosts(new));
    let through = |one: &Recipient| named(one.through.iter(), |id| format!("`{id}`"));
    at.set(&facet::THROUGH, &through(old), &through(new));
    let runs_on = |one: &Recipient| named(one.runs_on.iter(), |id| format!("`{id}`"));
    at.set(&facet::RUNS_ON, &runs_on(old), &runs_on(new));
    at.set(&facet::ONWARD, &onward(old), &onward(new));
    let countries = |one: &Recipient| named(reach::places(&one.countries).iter(), |code| label::place(code));
    at.set(&facet::COUNTRIES, &countries(old), &countries(new));
    at.set(&facet::TRANSFERS, &transfers(old), &transfers(new));
    let own_use = |one: &'_ Recipient| {
        one.own_use
            .iter()
            .filter(|word| word.as_str() != "none")
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    at.words(
        &facet::OWN_USE,
        Vocabulary::OwnUse,
        own_use(old).iter().collect(),
        own_use(new).iter().collect(),
    );
}

fn onward(recipient: &Recipient) -> BTreeMap<String, String> {
    let row = |row: &crate::charter::Onward| {
        let elements = (!row.elements.is_empty()).then(|| label::elements(&reach::elements(&row.elements)));
        let country = row.country.as_ref().map(|code| label::place(code));
        let details: Vec<String> = [row.purpose.clone(), elements, country].into_iter().flatten().collect();
        let label = match details.is_empty() {
            true => row.name.clone(),
            false => format!("{} ({})", row.name, details.join("; ")),
        };
        (label.clone(), label)
    };
    recipient.onward.iter().map(row).collect()
}

fn transfers(recipient: &Recipient) -> BTreeMap<String, String> {
    let row = |row: &crate::charter::Transfer| {
        let mut label = format!(
            "{}, resting on {}",
            label::place(&row.to),
            label::word(Vocabulary::Safeguard, &row.safeguard)
        );
        if let Some(instrument) = &row.instrument {
            label += &format!(" ({instrument})");
        }
        if let Some(until) = row.until {
            label += &format!(" until {until}");
        }
        (format!("{} by {} {label}", row.to, row.safeguard), label)
    };
    recipient.transfers.iter().map(row).collect()
}

fn contract(at: &mut Collector<'_>, old: &Recipient, new: &Recipient) {
    let (was, is) = (
        old.contract.clone().unwrap_or_default(),
        new.contract.clone().unwrap_or_default(),
    );
    at.text(&facet::CONTRACT_DOCUMENT, was.document.as_ref(), is.document.as_ref());
    at.date(&facet::CONTRACT_SIGNED, was.signed, is.signed);
    at.date(&facet::CONTRACT_UNTIL, was.until, is.until);
    at.period(&facet::CONTRACT_DELETION, was.deletion, is.deletion);
    at.period(&facet::CONTRACT_BREACH, was.breach_notice, is.breach_notice);
    for (set, bad) in [(&facet::TERMS, false), (&facet::BAD_TERMS, true)] {
        let of = |word: &&WordId| (word.as_str() == "unilateral_change") == bad;
        let (was, is) = (
            was.terms.iter().filter(of).collect(),
            is.terms.iter().filter(of).collect(),
        );
        at.words(set, Vocabulary::Term, was, is);
    }
}

fn ranked_mode(mode: Mode) -> (String, i64) {
    (mode.as_str().to_owned(), i64::from(mode == Mode::Report))
}

fn ranked_unreadable(unreadable: Unreadable) -> (String, i64) {
    (word(unreadable), i64::from(unreadable == Unreadable::Forward))
}

/// The more a role decides for itself, the higher.
pub(super) fn role_rank(role: RecipientRole) -> i64 {
    match role {
        RecipientRole::Conduit => 1,
        RecipientRole::Processor | RecipientRole::Subprocessor => 2,
        RecipientRole::JointController => 3,
        RecipientRole::Controller => 4,
    }
}

fn ranked_role(role: RecipientRole) -> (String, i64) {
    (label::role(role).to_owned(), role_rank(role))
}

fn ranked_records(records: StudentRecords) -> (String, i64) {
    let rank = match records {
        StudentRecords::None => 0,
        StudentRecords::Technical => 1,
        StudentRecords::Content => 2,
        StudentRecords::Possible => 3,
        StudentRecords::Yes => 4,
    };
    (word(records), rank)
}
