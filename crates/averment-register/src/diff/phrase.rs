//! A claim in a few words of ours: what it promises, not how it was published.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, SubjectId, Vocabulary, WordId};

use crate::charter::{Claim, ClaimKind, Condition, Period, Words};
use crate::{label, reach};

/// What `claim` says, as the part of a sentence that follows a colon.
pub(super) fn of(claim: &Claim) -> String {
    match &claim.kind {
        ClaimKind::Shares => "it gets what its rows declare and nothing else".to_owned(),
        ClaimKind::NeverShares { elements, subjects } => format!("it never gets {}", whose(elements, subjects)),
        ClaimKind::ListComplete { unless } => format!("nobody gets data but the recipients listed{}", except(unless)),
        ClaimKind::AggregatesOnly { elements, subjects } => {
            format!("{} leaves in aggregate form only", whose(elements, subjects))
        }
        ClaimKind::Collects {
            elements,
            subjects,
            when,
        } => {
            format!("{} is collected{}", whose(elements, subjects), after(when))
        }
        kind => kept(kind)
            .or_else(|| seen(kind))
            .or_else(|| done(kind))
            .unwrap_or_else(|| quoted(&claim.sentence)),
    }
}

/// Claims about what is stored, how and for how long.
fn kept(kind: &ClaimKind) -> Option<String> {
    Some(match kind {
        ClaimKind::NotStored { elements, subjects } => format!("{} is not stored", whose(elements, subjects)),
        ClaimKind::StoredAs {
            elements,
            subjects,
            form,
        } => {
            let form = label::word(Vocabulary::Form, form);
            format!("{} is stored as {form} only", whose(elements, subjects))
        }
        ClaimKind::StoredIn {
            elements,
            subjects,
            places,
        } => {
            format!("{} is stored in {}", whose(elements, subjects), label::places(places))
        }
        ClaimKind::EncryptedInTransit { elements } => format!("{} is encrypted in transit", data(elements)),
        ClaimKind::EncryptedAtRest { elements } => format!("{} is encrypted where it is stored", data(elements)),
        ClaimKind::RetainedFor {
            elements,
            subjects,
            duration,
            after,
        } => {
            let after = label::word(Vocabulary::Trigger, after);
            match *duration == Period::ZERO {
                true => format!("{} is kept until {after}", whose(elements, subjects)),
                false => format!(
                    "{} is kept for {} after {after}",
                    whose(elements, subjects),
                    duration.in_words()
                ),
            }
        }
        ClaimKind::ErasedOn {
            elements,
            subjects,
            except,
            after,
            duration,
        } => {
            let left = match except.is_empty() {
                true => String::new(),
                false => format!(", except {}", data(except)),
            };
            let within = match *duration == Period::ZERO {
                true => "at once".to_owned(),
                false => format!("within {}", duration.in_words()),
            };
            let after = label::word(Vocabulary::Trigger, after);
            format!("{} is erased {within} after {after}{left}", whose(elements, subjects))
        }
        _ => return None,
    })
}

/// Claims about who sees what, and who allows it.
fn seen(kind: &ClaimKind) -> Option<String> {
    Some(match kind {
        ClaimKind::VisibleTo {
            elements,
            subjects,
            viewers,
            when,
            off_by,
        } => {
            let off = off_by.as_ref().map(|who| label::word(Vocabulary::Giver, who));
            let off = off.map_or_else(String::new, |who| format!(", unless {who} switches it off"));
            let viewers = label::words(Vocabulary::Viewer, viewers);
            format!(
                "{} is visible to {viewers}{}{off}",
                whose(elements, subjects),
                after(when)
            )
        }
        ClaimKind::HiddenFrom {
            elements,
            subjects,
            viewers,
            unless,
        } => {
            let what = match elements.is_empty() {
                true => "what no other claim shows them".to_owned(),
                false => whose(elements, subjects),
            };
            let viewers = label::words(Vocabulary::Viewer, viewers);
            format!("{what} is hidden from {viewers}{}", except(unless))
        }
        ClaimKind::NeedsConsent {
            consent,
            giver,
            elements,
            subjects,
        } => {
            let giver = label::word(Vocabulary::Giver, giver);
            format!(
                "{} needs a `{consent}` consent given by {giver}",
                whose(elements, subjects)
            )
        }
        _ => return None,
    })
}

/// Claims about what is done, held and offered.
fn done(kind: &ClaimKind) -> Option<String> {
    let word = |vocabulary, id: &WordId| label::word(vocabulary, id);
    Some(match kind {
        ClaimKind::ExemptFrom { activity, subjects } => {
            format!(
                "no {} for {}",
                word(Vocabulary::Activity, activity),
                label::subjects(&reach::subjects(subjects))
            )
        }
        ClaimKind::PerformedEvery { activity, period } => {
            let activity = word(Vocabulary::Activity, activity);
            match period {
                Some(period) => format!("{activity} every {}", period.in_words()),
                None => format!("{activity} all the time"),
            }
        }
        ClaimKind::HoldsCertificate { certificate, until } => {
            let until = until.map_or_else(String::new, |until| format!(" until {until}"));
            format!("{} is held{until}", word(Vocabulary::Certificate, certificate))
        }
        ClaimKind::CompliesWith { regimes } => format!("it meets {}", label::words(Vocabulary::Regime, regimes)),
        ClaimKind::ActsAs { role } => format!("it acts as {}", label::role(*role)),
        ClaimKind::RetiredSince { date } => format!("it is not used since {date}"),
        ClaimKind::EmbedsOnly { host } => format!("only `{host}` is embedded"),
        ClaimKind::ContractSays { term } => format!("the contract says: {}", word(Vocabulary::Term, term)),
        ClaimKind::Offers { offer, .. } => format!("{} is offered", word(Vocabulary::Offer, offer)),
        _ => return None,
    })
}

pub(super) fn quoted(sentence: &str) -> String {
    format!("“{}”", sentence.trim_end_matches(['.', ' ']))
}

fn data(elements: &BTreeSet<ElementId>) -> String {
    label::elements(&reach::elements(elements))
}

fn whose(elements: &BTreeSet<ElementId>, subjects: &BTreeSet<SubjectId>) -> String {
    format!("{} of {}", data(elements), label::subjects(&reach::subjects(subjects)))
}

fn except(unless: &Words) -> String {
    match unless.is_empty() {
        true => String::new(),
        false => format!(", except {}", label::words(Vocabulary::Exception, unless)),
    }
}

fn after(when: &Condition) -> String {
    match when {
        Condition::Always => String::new(),
        when => format!(" {}", label::condition(when)),
    }
}
