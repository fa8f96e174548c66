//! Two pages compared, recipient by recipient and claim by claim.

use std::collections::{BTreeMap, BTreeSet};

use super::seen::{Claim, Page, Recipient, Row};
use super::{Change, Effect, Kind};
use crate::words::capital;

/// Everything that `now` says and `before` did not, or the other way round. Identifiers are empty.
pub(super) fn changes(before: &Page, now: &Page) -> Vec<Change> {
    let (old, new) = (before.recipients(), now.recipients());
    let ids: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let mut changes = Vec::new();
    for id in ids {
        match (old.get(id), new.get(id)) {
            (Some(before), Some(now)) => recipient(before, now, &mut changes),
            (None, Some(now)) => changes.push(added(now)),
            (Some(before), None) => changes.push(removed(before)),
            (None, None) => {}
        }
    }
    claims(None, &before.claims, &now.claims, &mut changes);
    if before.unknown_hosts != now.unknown_hosts {
        changes.push(unknown_hosts(before, now));
    }
    changes
}

/// A change about `recipient`, without its details.
fn change(kind: Kind, effect: Effect, recipient: Option<&Recipient>, words: String) -> Change {
    Change {
        id: String::new(),
        kind,
        effect,
        recipient: recipient.map(|row| row.id.clone()),
        claim: None,
        words,
        before: None,
        after: None,
    }
}

fn added(row: &Recipient) -> Change {
    let words = format!("New on the list: {}.", row.name);
    Change {
        after: Some(row.all_rows()),
        ..change(Kind::RecipientAdded, Effect::More, Some(row), words)
    }
}

fn removed(row: &Recipient) -> Change {
    let words = format!("No longer on the list: {}.", row.name);
    change(Kind::RecipientRemoved, Effect::Less, Some(row), words)
}

fn recipient(before: &Recipient, now: &Recipient, changes: &mut Vec<Change>) {
    for ((fact, old), (_, new)) in before.facts().into_iter().zip(now.facts()) {
        if old != new {
            let words = format!("{}: {fact} changed.", now.name);
            changes.push(Change {
                before: old,
                after: new,
                ..change(Kind::Fact, Effect::Other, Some(now), words)
            });
        }
    }
    changes.extend(mode(before, now));
    changes.extend(state(before, now));
    rows(&before.discloses, &now.discloses, now, changes);
    incoming(before, now, changes);
    claims(Some(now), &before.claims, &now.claims, changes);
}

fn mode(before: &Recipient, now: &Recipient) -> Option<Change> {
    let (effect, words) = match (before.mode(), now.mode()) {
        (Some("enforce"), Some("report")) => (Effect::More, "only reports, it no longer refuses"),
        (Some("report"), Some("enforce")) => (Effect::Less, "refuses what is not declared, it no longer only reports"),
        _ => return None,
    };
    let words = format!("{}: the gateway {words}.", now.name);
    Some(change(Kind::Fact, effect, Some(now), words))
}

fn state(before: &Recipient, now: &Recipient) -> Option<Change> {
    let (old, new) = (before.state()?, now.state()?);
    let (effect, words) = match new {
        _ if old == new => return None,
        "retired" => (Effect::Less, "is no longer used"),
        "announced" => (Effect::Other, "is announced and not used yet"),
        _ => (Effect::More, "is used now"),
    };
    Some(change(Kind::Fact, effect, Some(now), format!("{} {words}.", now.name)))
}

fn rows(before: &[Row], now: &[Row], recipient: &Recipient, changes: &mut Vec<Change>) {
    let sentences = |rows: &[Row]| -> Option<BTreeSet<String>> { rows.iter().map(|row| row.plain.clone()).collect() };
    let (Some(old), Some(new)) = (sentences(before), sentences(now)) else {
        return;
    };
    for row in new.difference(&old) {
        let words = format!("{} may now get something more.", recipient.name);
        changes.push(Change {
            after: Some(row.clone()),
            ..change(Kind::MayGet, Effect::More, Some(recipient), words)
        });
    }
    for row in old.difference(&new) {
        let words = format!("{} no longer gets something.", recipient.name);
        changes.push(Change {
            before: Some(row.clone()),
            ..change(Kind::NoLongerGets, Effect::Less, Some(recipient), words)
        });
    }
}

/// What comes in matters less than what goes out: one change for all rows.
fn incoming(before: &Recipient, now: &Recipient, changes: &mut Vec<Change>) {
    let text = |rows: &[Row]| -> Option<String> {
        let rows: Option<Vec<&str>> = rows.iter().map(|row| row.plain.as_deref()).collect();
        rows.map(|rows| rows.join(" ")).filter(|rows| !rows.is_empty())
    };
    let (old, new) = (text(&before.receives), text(&now.receives));
    if old != new {
        let words = format!("{}: what comes in from it changed.", now.name);
        changes.push(Change {
            before: old,
            after: new,
            ..change(Kind::Fact, Effect::Other, Some(now), words)
        });
    }
}

fn claims(recipient: Option<&Recipient>, before: &[Claim], now: &[Claim], changes: &mut Vec<Change>) {
    let by_id = |claims: &'_ [Claim]| -> BTreeMap<String, Claim> {
        claims.iter().map(|claim| (claim.id.clone(), claim.clone())).collect()
    };
    let (old, new) = (by_id(before), by_id(now));
    let about = recipient.map_or("The whole list", |row| row.name.as_str());
    let claimed = |kind, effect, id: &str, words: String| Change {
        claim: Some(id.to_owned()),
        ..change(kind, effect, recipient, words)
    };
    for (id, claim) in &new {
        match old.get(id) {
            None => changes.push(Change {
                after: Some(claim.sentence.clone()),
                ..claimed(Kind::ClaimAdded, Effect::Less, id, format!("{about}: a new sentence."))
            }),
            Some(then) => changes.extend(
                sentence(then, claim, about, &claimed)
                    .into_iter()
                    .chain(grade(then, claim, about, &claimed)),
            ),
        }
    }
    for (id, claim) in old.iter().filter(|(id, _)| !new.contains_key(*id)) {
        changes.push(Change {
            before: Some(claim.sentence.clone()),
            ..claimed(
                Kind::ClaimRemoved,
                Effect::More,
                id,
                format!("{about}: a sentence is no longer there."),
            )
        });
    }
}

type Claimed<'a> = dyn Fn(Kind, Effect, &str, String) -> Change + 'a;

fn sentence(before: &Claim, now: &Claim, about: &str, claimed: &Claimed) -> Option<Change> {
    let same_reading = before.plain.is_none() || before.plain == now.plain;
    let (old, new, words) = match (before.sentence == now.sentence, same_reading) {
        (false, _) => (&before.sentence, &now.sentence, "a sentence reads differently"),
        (true, false) => (
            before.plain.as_ref()?,
            now.plain.as_ref()?,
            "a sentence is read differently",
        ),
        (true, true) => return None,
    };
    Some(Change {
        before: Some(old.clone()),
        after: Some(new.clone()),
        ..claimed(Kind::Sentence, Effect::Other, &now.id, format!("{about}: {words}."))
    })
}

fn grade(before: &Claim, now: &Claim, about: &str, claimed: &Claimed) -> Option<Change> {
    let (old, new) = (before.grade.as_deref()?, now.grade.as_deref()?);
    if old == new {
        return None;
    }
    let effect = if rank(new) > rank(old) {
        Effect::More
    } else {
        Effect::Less
    };
    let words = format!("{about}: a sentence was {old} and is {new} now.");
    Some(Change {
        before: Some(capital(old)),
        after: Some(format!("{}: {}", capital(new), now.sentence)),
        ..claimed(Kind::Grade, effect, &now.id, words)
    })
}

/// From best to worst.
fn rank(grade: &str) -> usize {
    let grades = averment_claims::Grade::ALL.iter();
    grades.take_while(|known| known.as_str() != grade).count()
}

fn unknown_hosts(before: &Page, now: &Page) -> Change {
    let (effect, words) = match now.unknown_hosts.as_str() {
        "enforce" => (
            Effect::Less,
            "Requests to services that are not on the list are refused now.",
        ),
        _ => (
            Effect::More,
            "Requests to services that are not on the list go out now and are recorded.",
        ),
    };
    Change {
        before: Some(before.unknown_hosts.clone()),
        after: Some(now.unknown_hosts.clone()),
        ..change(Kind::Fact, effect, None, words.to_owned())
    }
}

impl Recipient {
    /// What it may get, in one text.
    fn all_rows(&self) -> String {
        let rows: Vec<&str> = self.discloses.iter().filter_map(|row| row.plain.as_deref()).collect();
        match rows.is_empty() {
            true => "The register lets nothing through to it.".to_owned(),
            false => rows.join(" "),
        }
    }
}
