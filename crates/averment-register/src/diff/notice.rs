//! The text that schools get before something changes: who, what, why, where, from when, and until when to object.
//!
//! Start at [`Diff::notice`]. Days come from the register (`announced`, `effective`) or from the caller; no clock is read.
//!
//! Source: GDPR Art. 28(2); C.R.S. 22-16-108(2).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Span;
use jiff::civil::Date;

use super::Diff;
use super::change::Change;
use super::sentence;
use crate::charter::{Charter, CharterContent, Period, Recipient, RecipientId};
use crate::label;

/// Why no notice could be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoticeError {
    /// Nobody said when schools are told.
    #[error("the notice needs the day on which schools are told of {what}")]
    NoAnnouncement {
        /// Of which change.
        what: String,
    },
    /// The day and the time to object lead out of the calendar.
    #[error("the time to object, `{window}` from {announced}, is longer than a calendar holds")]
    OutOfCalendar {
        /// The day of the notice.
        announced: Date,
        /// The time to object.
        window: Period,
    },
}

/// The days of one part of a notice.
#[derive(Clone, Copy)]
struct Days {
    announced: Date,
    /// First day of use, where the register names one.
    effective: Option<Date>,
    /// The time to object that holds for everybody.
    window: Option<Period>,
}

impl Diff {
    /// The notice to schools of the changes that need one, at most 80 columns wide; none when no change does.
    ///
    /// `new`: the charter that this diff leads to. `announced`: the day of the notice, for changes whose recipient has no
    /// new `announced` date of its own.
    ///
    /// # Errors
    /// [`NoticeError::NoAnnouncement`] when a change has neither; [`NoticeError::OutOfCalendar`] for absurd periods.
    pub fn notice(&self, new: &Charter, announced: Option<Date>) -> Result<Option<String>, NoticeError> {
        let content = new.content();
        let mut parts: BTreeMap<Option<&RecipientId>, Vec<&Change>> = BTreeMap::new();
        for change in self.changes.iter().filter(|change| change.needs_notice()) {
            parts.entry(change.subject.recipient()).or_default().push(change);
        }
        if parts.is_empty() {
            return Ok(None);
        }
        let mut out = String::new();
        paragraph(&mut out, "", &format!("Notice of changes by {}", content.organisation));
        // Recipients first: what is about the list as a whole has no recipient, and comes last.
        let (general, recipients): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(id, _)| id.is_none());
        for (index, (id, changes)) in recipients.into_iter().chain(general).enumerate() {
            let recipient = id.and_then(|id| content.recipients.get(id));
            let days = self.days(recipient, &changes, content, announced)?;
            part(&mut out, index + 1, recipient, &changes);
            timing(&mut out, days, recipient, content)?;
        }
        objections(&mut out, content);
        Ok(Some(out))
    }

    /// A day that stood in the register before is that of an earlier notice.
    fn days(
        &self,
        recipient: Option<&Recipient>,
        changes: &[&Change],
        content: &CharterContent,
        announced: Option<Date>,
    ) -> Result<Days, NoticeError> {
        let is_new = |what: &str| {
            let about = |change: &&Change| change.subject.recipient() == recipient.map(|recipient| &recipient.id);
            let about = self.changes.iter().filter(about);
            about
                .into_iter()
                .any(|change| change.what == what || change.what == "recipient")
        };
        let own = |what, date: fn(&Recipient) -> Option<Date>| recipient.and_then(date).filter(|_| is_new(what));
        let announced = own("announced", |recipient| recipient.announced).or(announced);
        let name = changes.first().map(|change| change.name()).unwrap_or_default();
        Ok(Days {
            announced: announced.ok_or_else(|| NoticeError::NoAnnouncement { what: name.to_owned() })?,
            effective: own("effective", |recipient| recipient.effective),
            window: content.about.notice,
        })
    }
}

fn part(out: &mut String, number: usize, recipient: Option<&Recipient>, changes: &[&Change]) {
    let is_new = changes.iter().any(|change| change.what == "recipient");
    let title = match (recipient, is_new) {
        (Some(recipient), true) => format!("{} (new recipient)", recipient.name),
        (Some(recipient), false) => format!("{} (changed)", recipient.name),
        (None, _) => "What we say about all data".to_owned(),
    };
    _ = writeln!(out);
    paragraph(out, &format!("{number}. "), &title);
    if let Some(recipient) = recipient {
        let operator = recipient
            .operator
            .as_ref()
            .map_or_else(String::new, |name| format!("{name}, "));
        paragraph(out, "   Who    ", &format!("{operator}{}", label::role(recipient.role)));
    }
    for (index, change) in changes.iter().enumerate() {
        paragraph(
            out,
            if index == 0 { "   What   " } else { "          " },
            &change.sentence,
        );
    }
    if let Some(recipient) = recipient {
        paragraph(out, "   Why    ", &recipient.purpose);
        paragraph(out, "   Where  ", &sentence::places_of(recipient));
    }
}

/// From when, and until when to object; a school whose agreement gives longer has a line of its own.
fn timing(
    out: &mut String,
    days: Days,
    recipient: Option<&Recipient>,
    content: &CharterContent,
) -> Result<(), NoticeError> {
    let last = days.window.map(|window| after(days.announced, window)).transpose()?;
    let from = match (days.effective, last) {
        (Some(day), _) => format!("{day} (announced {})", days.announced),
        (None, Some(day)) => format!("not before {day} (announced {})", days.announced),
        (None, None) => format!("announced {}, no first day is declared", days.announced),
    };
    paragraph(out, "   From   ", &from);
    let until = match (last, days.effective, days.window) {
        (Some(last), Some(effective), _) if effective < last => {
            format!("{last}, although it begins on {effective}: the register gives less time than it declares")
        }
        (Some(last), _, Some(window)) => format!("{last} ({} from the announcement)", window.in_words()),
        _ => "before it begins; no time to object is declared".to_owned(),
    };
    paragraph(out, "   Object until  ", &until);
    for school in content.controllers.values() {
        if recipient.is_some_and(|recipient| school.off.contains(&recipient.id)) {
            let said = format!("{}: not concerned, it is switched off for you", school.name);
            paragraph(out, "                 ", &said);
            continue;
        }
        let own = school.agreement.as_ref().and_then(|agreement| agreement.notice);
        if let Some(own) = own.filter(|own| days.window.is_none_or(|window| *own > window)) {
            let last = after(days.announced, own)?;
            let early = match days.effective {
                Some(effective) if effective < last => format!(", although it begins on {effective}"),
                _ => String::new(),
            };
            let said = format!("{}: {last} ({} by your agreement){early}", school.name, own.in_words());
            paragraph(out, "                 ", &said);
        }
    }
    Ok(())
}

fn objections(out: &mut String, content: &CharterContent) {
    _ = writeln!(out);
    let how = match (&content.about.contact, &content.about.address) {
        (Some(contact), _) => format!("How to object: write to {contact}."),
        (None, Some(address)) => format!("How to object: write to {}, {address}.", content.organisation),
        (None, None) => format!(
            "How to object: write to {}; the register names no contact.",
            content.organisation
        ),
    };
    paragraph(out, "", &how);
    if let Some(page) = &content.about.page {
        paragraph(out, "", &format!("The whole register: {page}"));
    }
}

/// The day on which `window` from `day` has passed; hours count as days begun.
fn after(day: Date, window: Period) -> Result<Date, NoticeError> {
    let (months, days, seconds) = window.parts();
    let days = u64::from(days) + u64::from(seconds).div_ceil(86_400);
    let span = Span::new()
        .try_months(months)
        .and_then(|span| span.try_days(i64::try_from(days).unwrap_or(i64::MAX)));
    let last = span.and_then(|span| day.checked_add(span));
    last.map_err(|_| NoticeError::OutOfCalendar { announced: day, window })
}

/// `text` behind `label`, broken at 80 columns; later lines start below the text.
fn paragraph(out: &mut String, label: &str, text: &str) {
    let indent = label.chars().count();
    out.push_str(label);
    let mut column = indent;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > 80 {
            _ = write!(out, "\n{:indent$}", "");
            column = indent;
        } else if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}
