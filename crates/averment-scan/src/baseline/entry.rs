//! One accepted drift.

use jiff::civil::Date;

use super::{Row, latest};
use crate::drift::{Drift, Rule};
use crate::report::visible;

/// What stands in for a reason until somebody writes one.
const NO_REASONS: [&str; 4] = ["", "to be said", "todo", "tbd"];

/// One `[[accepted]]` row, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    rule: Rule,
    /// `*` for everything below `paths`.
    subject: String,
    pub(super) reason: String,
    /// Last day.
    pub(super) until: Date,
    pub(super) mistaken: bool,
    /// Files, or folders with a slash at the end; everywhere when empty.
    paths: Vec<String>,
    pub(super) line: usize,
}

impl Entry {
    pub(super) fn read(row: Row, line: usize, today: Date) -> Result<Self, String> {
        let rule = Rule::of(&row.rule).ok_or_else(|| {
            let known: Vec<String> = Rule::all().map(|rule| format!("`{}`", rule.as_str())).collect();
            format!(
                "`{}` is no rule: expected one of {}",
                visible(&row.rule),
                known.join(", ")
            )
        })?;
        let reason = row.reason.trim();
        if NO_REASONS.contains(&reason.to_lowercase().as_str()) {
            return Err(format!(
                "`{}` of `{}` is accepted without a reason: write why",
                row.rule,
                visible(&row.subject)
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
        if row.mistaken && row.paths.is_empty() {
            return Err(format!(
                "`{}` of `{}` is `mistaken` wherever it is: name the files and folders in which the look is wrong as `paths`",
                row.rule,
                visible(&row.subject)
            ));
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

    /// Whether it speaks of drift of this rule and subject.
    pub(super) fn names(&self, drift: &Drift) -> bool {
        self.rule == drift.rule && (self.subject == "*" || self.subject == drift.subject)
    }

    /// Whether it accepts all that it names, or every place of it.
    pub(super) fn covers(&self, drift: &Drift) -> bool {
        self.paths.is_empty() || !drift.places.is_empty() && drift.places.iter().all(|place| self.is_above(&place.file))
    }

    /// Whether it accepts at least one place of what it names.
    pub(super) fn speaks_of(&self, drift: &Drift) -> bool {
        self.covers(drift) || drift.places.iter().any(|place| self.is_above(&place.file))
    }

    /// Whether a file is one of its paths, or below one.
    pub(super) fn is_above(&self, file: &str) -> bool {
        self.paths.iter().any(|path| match path.ends_with('/') {
            true => file.starts_with(path.as_str()),
            false => file == path,
        })
    }

    /// What has to be told of it: also that it says that the look is wrong, because that counts for no claim and against none.
    pub(super) fn notice(&self, used: bool, today: Date) -> Option<String> {
        let (rule, subject, line) = (self.rule.as_str(), visible(&self.subject), self.line);
        let entry = format!("line {line}, `{rule}` of `{subject}`");
        match used {
            false => Some(format!("{entry}: nothing fits it any more, take it out")),
            true if self.until < today => Some(format!("{entry}: ended on {} and counts again", self.until)),
            true if self.mistaken => Some(format!(
                "{entry}: taken for a mistake of the look until {} in {}: {}",
                self.until,
                visible(&self.paths.join(", ")),
                visible(&self.reason)
            )),
            true => None,
        }
    }
}
