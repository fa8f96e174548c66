//! Findings as JSON, `averment.check/2`: for programs.

use serde_json::{Value, json};

use super::Diagnostic;

/// The findings as one document. `charter`: digest of the charter, when there is one.
///
/// `column` and `end_column` count characters from 1; `end_column` is the first one behind. `said` is where the statement
/// was published, `suppressed` why the register accepts the finding and until when.
pub fn json(findings: &[Diagnostic], charter: Option<&str>) -> Value {
    let findings: Vec<Value> = findings.iter().map(finding).collect();
    json!({ "schema": "averment.check/2", "charter": charter, "findings": findings })
}

fn finding(finding: &Diagnostic) -> Value {
    let at = finding.at.as_ref();
    let context = &finding.context;
    let said = context.said.as_ref();
    let suppressed = context.suppressed.as_ref();
    json!({
        "code": finding.code,
        "rules": context.ids,
        "severity": finding.severity.as_str(),
        "message": finding.message,
        "file": finding.file,
        "line": at.map(|at| at.line),
        "column": at.map(|at| at.column),
        "end_column": at.map(|at| at.column + at.length),
        "said": said.map(|said| json!({ "document": said.document, "line": said.line })),
        "words": context.words,
        "hint": finding.hint,
        "cite": finding.cite,
        "source_confirmed": !context.unverified,
        "suppressed": suppressed.map(|why| json!({ "reason": why.reason, "until": why.until.to_string() })),
    })
}
