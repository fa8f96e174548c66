//! The report as SARIF 2.1.0: what code-scanning services read.
//!
//! Source: OASIS, Static Analysis Results Interchange Format 2.1.0, 3.13-3.28, 3.35, 3.58.

use std::collections::BTreeMap;

use averment_register::{Digest, Engine, RuleHelp, Severity, sarif_log, sarif_rule, sarif_uri};
use serde_json::{Value, json};

use super::excerpt::{Excerpts, word};
use super::{Roots, visible};
use crate::drift::{Drift, Report, Rule};
use crate::observation::Spot;
use crate::seen::Unread;

/// Most places of one result: services show the first, and refuse what is too long.
const PLACES_MAX: usize = 100;

/// What stands for a file where a server was asked.
const SERVERS: [Engine; 3] = [Engine::Postgresql, Engine::Mysql, Engine::Mariadb];

/// The report as one SARIF log: a result for each file of a drift, so that services show one where a change adds to what is known.
/// `version`: of the program.
pub fn sarif(report: &Report, roots: Roots<'_>, version: &str) -> Value {
    let excerpts = Excerpts::of(&report.seen);
    let mut writer = Writer {
        roots,
        excerpts,
        numbers: BTreeMap::new(),
    };
    let results: Vec<Value> = report.drift.iter().flat_map(|one| writer.results(one)).collect();
    let rules: Vec<Value> = Rule::all().map(rule).collect();
    let mut log = sarif_log(&rules, &results, &[("SOURCE", roots.read)], version);
    let unread = report.seen.coverage.unread.iter().map(|one| notification(one, roots));
    log["runs"][0]["invocations"] = json!([{
        "executionSuccessful": report.seen.coverage.saw_something(),
        "toolExecutionNotifications": unread.collect::<Vec<_>>(),
        "toolConfigurationNotifications": report.notices.iter().map(|one| of_baseline(one)).collect::<Vec<_>>(),
    }]);
    let name = roots.name.map_or_else(String::new, |name| format!("{name}/"));
    log["runs"][0]["automationDetails"] = json!({ "id": format!("averment/{}/{name}", report.seen.look.as_str()) });
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

/// What results are written with.
struct Writer<'a> {
    roots: Roots<'a>,
    excerpts: Excerpts<'a>,
    /// How many results of a fingerprint there are already.
    numbers: BTreeMap<String, usize>,
}

impl Writer<'_> {
    /// One result for each file, in the order in which they are named; one about the register where nothing is.
    fn results(&mut self, drift: &Drift) -> Vec<Value> {
        let mut files: Vec<(&str, Vec<&Spot>)> = Vec::new();
        for spot in drift.places.iter().filter(|spot| !spot.file.is_empty()) {
            match files.iter_mut().find(|(file, _)| *file == spot.file) {
                Some((_, spots)) => spots.push(spot),
                None => files.push((&spot.file, vec![spot])),
            }
        }
        if files.is_empty() {
            files.push(("", Vec::new()));
        }
        files
            .into_iter()
            .map(|(file, spots)| self.result(drift, file, &spots))
            .collect()
    }

    fn result(&mut self, drift: &Drift, file: &str, spots: &[&Spot]) -> Value {
        let mut out = json!({
            "ruleId": drift.rule.as_str(),
            "ruleIndex": Rule::all().position(|rule| rule == drift.rule),
            "level": drift.severity.as_str(),
            "message": { "text": message(drift, file) },
            "locations": [],
            "partialFingerprints": { "averment/v2": self.fingerprint(drift, file) },
            "properties": { "subject": drift.subject, "places": spots.len() },
        });
        let mut locations = spots.iter().take(PLACES_MAX).map(|spot| self.location(drift, spot));
        if let Some(first) = locations.next().or_else(|| in_register(drift, self.roots)) {
            out["locations"] = json!([first]);
        }
        let others: Vec<Value> = locations
            .enumerate()
            .map(|(at, mut location)| {
                location["id"] = (at + 1).into();
                location
            })
            .collect();
        if !others.is_empty() {
            out["relatedLocations"] = others.into();
        }
        if let Some(accepted) = &drift.accepted {
            let justification = format!("{} (until {})", visible(&accepted.reason), accepted.until);
            out["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": justification }]);
        }
        out
    }

    /// Stays the same when lines move: rule, subject and file, and which of several equal ones it is.
    fn fingerprint(&mut self, drift: &Drift, file: &str) -> String {
        let key = format!("{}\n{}\n{file}", drift.rule.as_str(), drift.subject);
        let number = self.numbers.entry(key.clone()).or_default();
        *number += 1;
        Digest::of(format!("{key}\n{number}").as_bytes()).to_string()
    }

    fn location(&self, drift: &Drift, spot: &Spot) -> Value {
        let mut location = match is_no_file(spot) {
            true => of_page(drift, spot, self.roots),
            false => json!({ "physicalLocation": physical(spot, self.roots) }),
        };
        if let Some(evidence) = self.excerpts.at(drift, spot) {
            let text = format!("{} {}", word(evidence.how), visible(&evidence.what));
            location["message"] = json!({ "text": text });
        }
        location
    }
}

fn message(drift: &Drift, file: &str) -> String {
    let hint = drift.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
    let page = if file.contains("://") {
        format!(" (on {file})")
    } else {
        String::new()
    };
    visible(&format!("{}{page}{hint}", drift.message))
}

/// A page of a browser is no file of the sources, nor is a server that was asked for its tables.
fn is_no_file(spot: &Spot) -> bool {
    let is_server = spot.line.is_none() && SERVERS.iter().any(|engine| engine.as_str() == spot.file);
    is_server || spot.file.contains("://")
}

/// Services refuse a whole log for one address that is no file of theirs: a page stands beside the file of the register that it is about.
fn of_page(drift: &Drift, spot: &Spot, roots: Roots<'_>) -> Value {
    let mut location = in_register(drift, roots).unwrap_or_else(|| json!({}));
    location["logicalLocations"] = json!([{ "fullyQualifiedName": visible(&spot.file), "kind": "resource" }]);
    location
}

fn physical(spot: &Spot, roots: Roots<'_>) -> Value {
    let mut region = json!({ "startLine": spot.line.unwrap_or(1).max(1) });
    if let Some(column) = spot.column.filter(|column| *column > 0) {
        region["startColumn"] = column.into();
    }
    let base = if roots.read.is_empty() { "%SRCROOT%" } else { "SOURCE" };
    json!({ "artifactLocation": artifact(&spot.file, base), "region": region })
}

/// A path below a base; one from the root of the machine is below none.
fn artifact(path: &str, base: &str) -> Value {
    let uri = sarif_uri(path.strip_prefix("./").unwrap_or(path));
    match uri.starts_with('/') {
        true => json!({ "uri": format!("file://{uri}") }),
        false => json!({ "uri": uri, "uriBaseId": base }),
    }
}

/// What has no place of its own is about a file of the register, which is there: services want a line all the same.
fn in_register(drift: &Drift, roots: Roots<'_>) -> Option<Value> {
    let register = roots.register?;
    let id = drift.subject.split(' ').next().unwrap_or_default();
    let recipient = || roots.recipients.and_then(|files| files.get(id).cloned());
    let file = match drift.rule {
        Rule::UnmappedTable | Rule::UnmappedColumn | Rule::MissingColumn | Rule::OtherElement => {
            Some(format!("data/{id}.toml"))
        }
        _ => recipient(),
    };
    let file = file.unwrap_or_else(|| "organisation.toml".to_owned());
    let path = format!("{}/{file}", register.trim_end_matches('/'));
    let file = artifact(&path, "%SRCROOT%");
    Some(json!({ "physicalLocation": { "artifactLocation": file, "region": { "startLine": 1 } } }))
}

fn of_baseline(notice: &str) -> Value {
    json!({ "level": Severity::Note.as_str(), "message": { "text": visible(&format!("baseline: {notice}")) } })
}

fn notification(unread: &Unread, roots: Roots<'_>) -> Value {
    let place = match is_no_file(&unread.spot) {
        true => {
            json!({ "logicalLocations": [{ "fullyQualifiedName": visible(&unread.spot.file), "kind": "resource" }] })
        }
        false => json!({ "physicalLocation": physical(&unread.spot, roots) }),
    };
    let places = if unread.spot.file.is_empty() {
        vec![]
    } else {
        vec![place]
    };
    json!({
        "level": Severity::Warning.as_str(),
        "message": { "text": visible(&format!("could not be read: {}", unread.because)) },
        "locations": places,
    })
}
