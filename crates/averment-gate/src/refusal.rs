//! What a refusal says: for which recipient, by which rule, and what to change. Never a value.

use std::collections::BTreeSet;

use averment_catalog::Treatment;
use averment_detect::{Finding, Inspection, Layer, Unreadable, Whose};
use averment_policy::{Reason, Ruling, Stop, Verdict};
use averment_register::Charter;
use serde_json::{Map, Value, json};

use crate::problem::Kind;

/// Findings beyond this many kinds are only counted; a refusal is read by people.
const FINDINGS_MAX: usize = 50;

/// The members of a refusal's problem document.
///
/// `host`: `*` when the name itself holds a finding. `excepting`: whether the register may let unreadable bodies out; it
/// cannot for what the gate refuses in both modes.
pub(crate) fn members(
    charter: &Charter,
    host: &str,
    inspection: &Inspection,
    verdict: &Verdict,
    excepting: bool,
) -> Map<String, Value> {
    let mut members = few_members(host, verdict);
    let (findings, left_off) = findings(charter, inspection, verdict);
    members.insert("findings".into(), Value::from(findings));
    if left_off > 0 {
        members.insert("findings_left_off".into(), Value::from(left_off));
    }
    let unreadable: Vec<Value> = inspection
        .unreadable
        .iter()
        .map(|place| unreadable(place, verdict, excepting))
        .collect();
    members.insert("unreadable".into(), Value::from(unreadable));
    members
}

/// What does not depend on what was found.
pub(crate) fn few_members(host: &str, verdict: &Verdict) -> Map<String, Value> {
    let mut members = Map::new();
    if let Some(recipient) = &verdict.recipient {
        members.insert("recipient".into(), Value::from(recipient.as_str()));
    }
    members.insert("host".into(), Value::from(host));
    members.insert("mode".into(), Value::from(verdict.mode.as_str()));
    members.insert("charter".into(), Value::from(verdict.charter.to_string()));
    members
}

/// The problem that a stop is answered with. A canary is told like any refusal: whoever sends it is not warned.
pub(crate) fn kind(stop: Stop) -> Kind {
    match stop {
        Stop::CutOff => Kind::CutOff,
        Stop::Canary => Kind::Refused,
        Stop::ServiceUnknown => Kind::CallerUnknown,
        Stop::ServiceRecipient | Stop::ServiceCondition => Kind::NotForService,
        Stop::InClear => Kind::InClear,
        Stop::Port => Kind::PortUndeclared,
        Stop::AuthorityOutside => Kind::AuthorityOutside,
        Stop::CredentialUnusable => Kind::CredentialUnusable,
        Stop::RewriteImpossible => Kind::RewriteImpossible,
    }
}

/// One sentence for people who read only that.
pub(crate) fn detail(host: &str, inspection: &Inspection, verdict: &Verdict) -> String {
    let refused = verdict
        .rulings
        .iter()
        .filter(|ruling| ruling.treatment == Treatment::Block)
        .count();
    match &verdict.recipient {
        None => format!(
            "no recipient of the register declares the host `{host}`: add it to the `hosts` of a recipient, or stop sending to it"
        ),
        Some(recipient) if refused > 0 => {
            format!(
                "{refused} of {} findings may not go to recipient `{recipient}`; see `findings`",
                inspection.findings.len()
            )
        }
        Some(recipient) => format!("what cannot be read does not go to recipient `{recipient}`; see `unreadable`"),
    }
}

/// The findings that are refused, alike ones once, and how many kinds were left off.
fn findings(charter: &Charter, inspection: &Inspection, verdict: &Verdict) -> (Vec<Value>, usize) {
    let ruled = inspection.findings.iter().zip(&verdict.rulings);
    let refused = ruled.filter(|(_, ruling)| ruling.treatment == Treatment::Block);
    let mut seen = BTreeSet::new();
    let rows = refused.map(|(finding, ruling)| row(charter, verdict, finding, ruling));
    let distinct: Vec<Value> = rows.filter(|row| seen.insert(row.to_string())).collect();
    let left_off = distinct.len().saturating_sub(FINDINGS_MAX);
    (distinct.into_iter().take(FINDINGS_MAX).collect(), left_off)
}

fn row(charter: &Charter, verdict: &Verdict, finding: &Finding, ruling: &Ruling) -> Value {
    let layers: Vec<&str> = finding.layers.iter().copied().map(Layer::as_str).collect();
    let mut row = json!({
        "element": finding.element.as_str(),
        "subject": subject(finding),
        "place": finding.place.to_string(),
        "layers": layers,
        "reason": ruling.reason.as_str(),
        "change": change(charter, verdict, finding, ruling),
    });
    if let Some(school) = &ruling.school {
        row["school"] = Value::from(school.as_str());
    }
    if let Some(rule) = ruling.reason.rule() {
        row["rule"] = Value::from(rule);
    }
    row
}

fn subject(finding: &Finding) -> &str {
    match &finding.whose {
        Whose::Person { subject, .. } => subject.as_str(),
        Whose::Unknown => "unknown",
    }
}

fn change(charter: &Charter, verdict: &Verdict, finding: &Finding, ruling: &Ruling) -> String {
    let (element, subject) = (&finding.element, subject(finding));
    let file = verdict
        .recipient
        .as_ref()
        .map_or_else(|| "recipients/".to_owned(), |id| format!("recipients/{id}.toml"));
    match &ruling.reason {
        Reason::Undeclared if ruling.school.is_some() => {
            let school = ruling.school.as_ref().map_or("", |school| school.as_str());
            format!(
                "the person's school lets it out no more, or {file} never did: stop sending `{element}` of `{subject}`, or ask \
                 the school to change controllers/{school}.toml"
            )
        }
        Reason::Undeclared => format!("declare `{element}` of `{subject}` in {file} or stop sending it"),
        Reason::Barred { claim } => {
            let sentence = charter
                .content()
                .claims
                .get(claim)
                .map_or("", |claim| claim.sentence.as_str());
            format!(
                "the published sentence \"{sentence}\" (claim `{claim}`) says that it never happens: stop sending `{element}` of `{subject}`"
            )
        }
        Reason::ConsentMissing {
            rule,
            consent,
            of_school: false,
        } => {
            format!(
                "`{rule}` declares `{element}` given the consent `{consent}`, which is not there: get it or stop sending it"
            )
        }
        Reason::ConsentMissing {
            rule,
            consent,
            of_school: true,
        } => {
            format!(
                "`{rule}` declares `{element}` given the consent `{consent}`, which the school gave: that covers pupils and \
                 school purposes only, so ask the parents or stop sending it"
            )
        }
        Reason::EnteredElsewhere { rule } => {
            format!(
                "`{rule}` declares `{element}` as typed in at the recipient: stop sending it from a server, or declare when that happens"
            )
        }
        Reason::TerritoryUnknown { rule } => {
            format!(
                "`{rule}` declares `{element}` of people in some countries only, and nobody told the gate where this person is: stop sending it"
            )
        }
        Reason::OptedOut { rule } => {
            format!(
                "`{rule}` declares `{element}` as directory information, and the person has opted out of that: stop sending it"
            )
        }
        Reason::Restricted => {
            "the person's data may only be stored, and this recipient does more: stop sending it until that is lifted"
                .to_owned()
        }
        Reason::Objected => "the person, or their school, objects to this recipient: stop sending it".to_owned(),
        Reason::ConditionNotDeclared { rule, when } => {
            format!(
                "`{rule}` declares `{element}` when `{when}`: say so in the field `averment-context: when={when}` where it is so, \
                 or stop sending it"
            )
        }
        Reason::UnknownHost => "declare the host in the `hosts` of a recipient, or stop sending to it".to_owned(),
        Reason::Declared { rule, .. } => {
            format!("`{rule}` declares `{element}` with treatment `block`: stop sending it")
        }
    }
}

fn unreadable(unreadable: &Unreadable, verdict: &Verdict, excepting: bool) -> Value {
    let file = verdict
        .recipient
        .as_ref()
        .map_or_else(|| "its recipient".to_owned(), |id| format!("recipients/{id}.toml"));
    let change = if excepting {
        format!("send it in a form that can be read, or declare the exception `unreadable = \"forward\"` in {file}")
    } else {
        "send it in a form that can be read; no register can except this".to_owned()
    };
    json!({
        "place": unreadable.place.to_string(),
        "because": unreadable.because.as_str(),
        "change": change,
    })
}
