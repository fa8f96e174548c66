//! One accepted drift.

use jiff::civil::Date;

use super::{Row, latest};
use crate::drift::{Accepted, Drift, Rule};

/// What stands in for a reason until somebody writes one.
const NO_REASONS: [&str; 4] = ["", "to be said", "todo", "tbd"];

/// One `[[accepted]]` row, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    rule: Rule,
    /// `*` for everything below `paths`.
    subject: String,
    reason: String,
    /// Last day.
    pub(super) until: Date,
    mistaken: bool,
    /// Files, or folders with a slash at the end; everywhere when empty.
    paths: Vec<String>,
    line: usize,
}

impl Entry {
    pub(super) fn read(row: Row, line: usize, today: Date) -> Result<Self, String> {
        let rule = Rule::of(&row.rule).ok_or_else(|| {
            let known: Vec<String> = Rule::all().map(|rule| format!("`{}`", rule.as_str())).collect();
            format!("`{}` is no rule: expected one of {}", row.rule, known.join(", "))
        })?;
        let reason = row.reason.trim();
        if NO_REASONS.contains(&reason.to_lowercase().as_str()) {
            return Err(format!(
                "`{}` of `{}` is accepted without a reason: write why",
                row.rule, row.subject
            ));
        }
        let until: Date = row.until.to_string().parse().map_err(|_| {
            let found = row.until.to_string();
            format!("`until = {found}`: expected a day such as `2027-01-31`")
        })?;
        if until > latest(today) {
            return Err(format!(
                "`until = {until}` is more than a year ahead: expected {} at the latest",
                latest(today)
            ));
        }
        if row.subject.trim().is_empty() || (row.subject == "*" && row.paths.is_empty()) {
            return Err("`subject` must name the drift; `*` is for everything below `paths`".to_owned());
        }
        if row
            .paths
            .iter()
            .any(|path| path.is_empty() || path.starts_with('/') || path.split('/').any(|part| part == ".."))
        {
            return Err("`paths` are files, or folders with `/` at the end, from the root of what is read".to_owned());
        }
        Ok(Self {
            rule,
            subject: row.subject,
            reason: reason.to_owned(),
            until,
            mistaken: row.mistaken,
            paths: row.paths,
            line,
        })
    }

    /// What two entries must not share.
    pub(super) fn key(&self) -> (Rule, String, Vec<String>) {
        (self.rule, self.subject.clone(), self.paths.clone())
    }

    pub(super) fn accepts(&self) -> Accepted {
        Accepted {
            reason: self.reason.clone(),
            until: self.until,
            mistaken: self.mistaken,
        }
    }

    /// Whether it speaks of this drift. With paths all of its places must be below them: one elsewhere is something else.
    pub(super) fn fits(&self, drift: &Drift) -> bool {
        let below = |file: &str| {
            let mut paths = self.paths.iter();
            paths.any(|path| {
                if path.ends_with('/') {
                    file.starts_with(path.as_str())
                } else {
                    file == path
                }
            })
        };
        let named = self.rule == drift.rule && (self.subject == "*" || self.subject == drift.subject);
        let placed =
            self.paths.is_empty() || !drift.places.is_empty() && drift.places.iter().all(|spot| below(&spot.file));
        named && placed
    }

    /// What has to be told of it.
    pub(super) fn notice(&self, used: bool, today: Date) -> Option<String> {
        let (rule, subject, line) = (self.rule.as_str(), &self.subject, self.line);
        let entry = format!("line {line}, `{rule}` of `{subject}`");
        match used {
            false => Some(format!("{entry}: nothing fits it any more, take it out")),
            true if self.until < today => Some(format!("{entry}: ended on {} and counts again", self.until)),
            true => None,
        }
    }
}
