//! The report as SARIF 2.1.0: what code-scanning services read.
//!
//! Source: OASIS, Static Analysis Results Interchange Format 2.1.0, 3.13-3.28, 3.35, 3.58.

use std::collections::BTreeMap;

use averment_register::{Digest, RuleHelp, Severity, sarif_log, sarif_rule, sarif_uri};
use serde_json::{Value, json};

use super::excerpt::{Excerpts, word};
use super::{Roots, visible};
use crate::drift::{Drift, Report, Rule};
use crate::observation::Spot;
use crate::seen::Unread;

/// Most places of one result: services show the first, and refuse what is too long.
const PLACES_MAX: usize = 100;

/// The report as one SARIF log. `version`: of the program.
pub fn sarif(report: &Report, roots: Roots<'_>, version: &str) -> Value {
    let excerpts = Excerpts::of(&report.seen);
    let mut numbers = BTreeMap::new();
    let results = report
        .drift
        .iter()
        .map(|one| result(one, roots, &excerpts, &mut numbers));
    let results: Vec<Value> = results.collect();
    let rules: Vec<Value> = Rule::all().map(rule).collect();
    let mut log = sarif_log(&rules, &results, &[("SOURCE", roots.read)], version);
    let unread = report.seen.coverage.unread.iter().map(|one| notification(one, roots));
    log["runs"][0]["invocations"] = json!([{
        "executionSuccessful": report.seen.coverage.saw_something(),
        "toolExecutionNotifications": unread.collect::<Vec<_>>(),
    }]);
    log["runs"][0]["automationDetails"] = json!({ "id": format!("averment/{}/", report.seen.look.as_str()) });
    log
}

fn rule(rule: Rule) -> Value {
    let mut value = sarif_rule(&RuleHelp {
        code: rule.as_str(),
        ids: &[],
        severity: rule.severity(),
        hint: rule.mend(),
        cite: None,
        unverified: false,
    });
    value["fullDescription"]["text"] = rule.finds().into();
    let help = format!("{}\n\n{}", rule.finds(), rule.mend());
    value["help"] = json!({ "text": help, "markdown": help });
    value
}

fn result(drift: &Drift, roots: Roots<'_>, excerpts: &Excerpts<'_>, numbers: &mut BTreeMap<String, usize>) -> Value {
    let hint = drift.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
    let mut out = json!({
        "ruleId": drift.rule.as_str(),
        "ruleIndex": Rule::all().position(|rule| rule == drift.rule),
        "level": drift.severity.as_str(),
        "message": { "text": visible(&format!("{}{hint}", drift.message)) },
        "locations": [],
        "partialFingerprints": { "averment/v1": fingerprint(drift, numbers) },
        "properties": { "subject": drift.subject, "places": drift.places.len() },
    });
    let mut places = drift.places.iter();
    match (places.next(), roots.register) {
        (Some(first), _) => out["locations"] = json!([location(drift, first, roots, excerpts)]),
        (None, Some(register)) => out["locations"] = json!([in_register(drift, register)]),
        (None, None) => {}
    }
    let others = places.take(PLACES_MAX - 1).enumerate();
    let others = others.map(|(at, spot)| {
        let mut location = location(drift, spot, roots, excerpts);
        location["id"] = (at + 1).into();
        location
    });
    let others: Vec<Value> = others.collect();
    if !others.is_empty() {
        out["relatedLocations"] = others.into();
    }
    if let Some(accepted) = &drift.accepted {
        let justification = format!("{} (until {})", visible(&accepted.reason), accepted.until);
        out["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": justification }]);
    }
    out
}

/// Stays the same when lines move: rule and subject, and which of several equal ones it is.
fn fingerprint(drift: &Drift, numbers: &mut BTreeMap<String, usize>) -> String {
    let key = format!("{}\n{}", drift.rule.as_str(), drift.subject);
    let number = numbers.entry(key.clone()).or_default();
    *number += 1;
    Digest::of(format!("{key}\n{number}").as_bytes()).to_string()
}

fn location(drift: &Drift, spot: &Spot, roots: Roots<'_>, excerpts: &Excerpts<'_>) -> Value {
    let mut location = json!({ "physicalLocation": physical(spot, roots) });
    if let Some(evidence) = excerpts.at(drift, spot) {
        let text = format!("{} {}", word(evidence.how), visible(&evidence.what));
        location["message"] = json!({ "text": text });
    }
    location
}

fn physical(spot: &Spot, roots: Roots<'_>) -> Value {
    let uri = sarif_uri(&spot.file);
    // A page of a browser is where it is; files are below what was read.
    let file = match spot.file.split_once("://") {
        Some((scheme, rest)) => json!({ "uri": format!("{}://{}", sarif_uri(scheme), sarif_uri(rest)) }),
        None if roots.read.is_empty() => json!({ "uri": uri, "uriBaseId": "%SRCROOT%" }),
        None => json!({ "uri": uri, "uriBaseId": "SOURCE" }),
    };
    let mut region = json!({ "startLine": spot.line.unwrap_or(1).max(1) });
    if let Some(column) = spot.column.filter(|column| *column > 0) {
        region["startColumn"] = column.into();
    }
    json!({ "artifactLocation": file, "region": region })
}

/// What has no place of its own is about a file of the register: services want a line all the same.
fn in_register(drift: &Drift, register: &str) -> Value {
    let id = drift.subject.split(' ').next().unwrap_or_default();
    let file = match drift.rule {
        Rule::NeverSeen => format!("recipients/{id}.toml"),
        _ => "organisation.toml".to_owned(),
    };
    let uri = sarif_uri(&format!("{}/{file}", register.trim_end_matches('/')));
    let file = match uri.starts_with('/') {
        true => json!({ "uri": format!("file://{uri}") }),
        false => json!({ "uri": uri, "uriBaseId": "%SRCROOT%" }),
    };
    json!({ "physicalLocation": { "artifactLocation": file, "region": { "startLine": 1 } } })
}

fn notification(unread: &Unread, roots: Roots<'_>) -> Value {
    json!({
        "level": Severity::Warning.as_str(),
        "message": { "text": visible(&format!("could not be read: {}", unread.because)) },
        "locations": [{ "physicalLocation": physical(&unread.spot, roots) }],
    })
}
