//! Findings as SARIF 2.1.0: what code-scanning services read.
//!
//! Files are named relative to the register (`REGISTER`), whose own place is relative to the root of the sources.
//!
//! Source: OASIS, Static Analysis Results Interchange Format 2.1.0, 3.13-3.28, 3.35, 3.49.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Diagnostic, Severity};
use crate::digest::Digest;

/// What a rule is about, for people who meet one of its findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleHelp {
    /// Stable name of the rule.
    pub code: &'static str,
    /// Rules of law and good sense that it comes from.
    pub ids: &'static [&'static str],
    /// How bad its findings are.
    pub severity: Severity,
    /// How to mend what it finds.
    pub hint: &'static str,
    /// Paragraph that it rests on.
    pub cite: Option<&'static str>,
    /// The source of the rule is not confirmed from the text of the law itself.
    pub unverified: bool,
}

/// The findings as one SARIF log. `root`: the register's folder as given; `version`: of the program.
pub fn sarif(findings: &[Diagnostic], root: &str, version: &str) -> Value {
    let rules = rules_of(findings);
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(at, rule)| (rule.code, at)).collect();
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| result(finding, index.get(finding.code).copied(), &mut seen))
        .collect();
    let rules: Vec<Value> = rules.iter().map(sarif_rule).collect();
    sarif_log(&rules, &results, &[("REGISTER", root)], version)
}

/// A log of one run. `bases`: folders that `uriBaseId`s name, as given; `version`: of the program.
pub fn sarif_log(rules: &[Value], results: &[Value], bases: &[(&str, &str)], version: &str) -> Value {
    let bases = bases.iter().filter(|(_, folder)| !folder.is_empty());
    let bases: serde_json::Map<String, Value> =
        bases.map(|(name, folder)| ((*name).to_owned(), base(folder))).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "averment", "semanticVersion": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": bases,
            "results": results,
        }],
    })
}

/// The rules of the linter, and the codes of findings that are no rule of it (a file that cannot be read).
fn rules_of(findings: &[Diagnostic]) -> Vec<RuleHelp> {
    let mut rules: BTreeMap<&str, RuleHelp> = crate::lint::rules().map(|rule| (rule.code, rule)).collect();
    for finding in findings {
        rules.entry(finding.code).or_insert(RuleHelp {
            code: finding.code,
            ids: &[],
            severity: finding.severity,
            hint: "mend the file: the finding says what was expected",
            cite: None,
            unverified: false,
        });
    }
    rules.into_values().collect()
}

/// A rule as services show it beside its findings.
pub fn sarif_rule(rule: &RuleHelp) -> Value {
    let title = rule.code.replace('-', " ");
    let mut help = rule.hint.to_owned();
    if let Some(cite) = rule.cite {
        help = format!("{help}\n\nRests on: {cite}");
    }
    if rule.unverified {
        help.push_str(" (source not confirmed)");
    }
    let tags: Vec<&str> = std::iter::once("privacy").chain(rule.ids.iter().copied()).collect();
    json!({
        "id": rule.code,
        "shortDescription": { "text": title },
        "fullDescription": { "text": rule.hint },
        "help": { "text": help, "markdown": help },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": tags, "precision": "high", "problem.severity": problem(rule.severity) },
    })
}

fn result(finding: &Diagnostic, rule: Option<usize>, seen: &mut BTreeMap<String, usize>) -> Value {
    let mut out = json!({
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": { "text": message(finding) },
        "locations": [{ "physicalLocation": place(finding) }],
        "partialFingerprints": { "averment/v1": fingerprint(finding, seen) },
    });
    if let Some(said) = &finding.context.said {
        out["properties"] = json!({ "said": { "document": said.document, "line": said.line } });
    }
    if let Some(why) = &finding.context.suppressed {
        let justification = format!("{} (until {})", why.reason, why.until);
        out["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": justification }]);
    }
    out
}

fn message(finding: &Diagnostic) -> String {
    let said = finding.context.said.as_ref();
    let said = said.map_or_else(String::new, |said| {
        format!(" (said: {} line {})", said.document, said.line)
    });
    let hint = finding
        .hint
        .as_ref()
        .map_or_else(String::new, |hint| format!("; {hint}"));
    format!("{}{said}{hint}", finding.message)
}

fn place(finding: &Diagnostic) -> Value {
    let file = json!({ "uri": sarif_uri(&finding.file), "uriBaseId": "REGISTER" });
    // A finding without a place is about the file as a whole: services want a line all the same.
    let region = finding.at.as_ref().map_or_else(
        || json!({ "startLine": 1 }),
        |at| {
            json!({
                "startLine": at.line,
                "startColumn": at.column,
                "endColumn": at.column + at.length,
                "snippet": { "text": at.excerpt },
            })
        },
    );
    json!({ "artifactLocation": file, "region": region })
}

/// Stays the same when lines move: rule, file, message, and which of several equal ones it is.
fn fingerprint(finding: &Diagnostic, seen: &mut BTreeMap<String, usize>) -> String {
    let key = format!("{}\n{}\n{}", finding.code, finding.file, finding.message);
    let number = seen.entry(key.clone()).or_default();
    *number += 1;
    Digest::of(format!("{key}\n{number}").as_bytes()).to_string()
}

/// The register's folder as a base, ending in a slash; relative folders are below the root of the sources.
fn base(root: &str) -> Value {
    let folder = format!("{}/", sarif_uri(root.trim_end_matches('/')));
    if root.starts_with('/') {
        json!({ "uri": format!("file://{folder}") })
    } else {
        json!({ "uri": folder, "uriBaseId": "%SRCROOT%" })
    }
}

/// A path as a URI reference, RFC 3986, 2.1.
pub fn sarif_uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let bytes = path.bytes();
    bytes
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn level(severity: Severity) -> &'static str {
    severity.as_str()
}

fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "recommendation",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
