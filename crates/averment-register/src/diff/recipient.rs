//! Recipients in both charters: every field of each, and what leaves to it cell by cell.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{Vocabulary, WordId};
use serde::Serialize;

use super::change::{Aspect, Change, Side, Subject, Value};
use super::gather::{Both, Collector, named};
use super::{facet, term};
use crate::charter::{Disclosure, Mode, Recipient, RecipientRole, StudentRecords, Unreadable};
use crate::{label, reach};

pub(super) fn compare(both: Both<'_>, found: &mut Vec<Change>) {
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
    let pseudonyms = |recipient: &Recipient| word(recipient.pseudonyms_in_answers);
    at.text(
        &facet::PSEUDONYMS_IN_ANSWERS,
        Some(&pseudonyms(old)),
        Some(&pseudonyms(new)),
    );
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

pub(super) fn ranked_mode(mode: Mode) -> (String, i64) {
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

pub(super) fn ranked_role(role: RecipientRole) -> (String, i64) {
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

/// A word that a closed list of the model is written as.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(|word| word.replace('_', " ")))
        .unwrap_or_default()
}
