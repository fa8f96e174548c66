//! Sentences about what programs measured and what people vouch for.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{thousands, time};
use crate::kind::{PROVED_BY_CASES, PROVED_BY_SOLVER};
use crate::testimony::{About, Look, Vouched};

/// A program found something against the claim.
pub(crate) fn measured_against(look: &Look) -> String {
    let verb = if look.contrary == 1 { "goes" } else { "go" };
    let found = match look.observed.max(look.contrary) {
        1 => "the one thing that it looked at goes against it".to_owned(),
        whole => format!(
            "{} of {} that it looked at {verb} against it",
            thousands(look.contrary),
            thousands(whole)
        ),
    };
    // Where it found them is for whoever mends it: this sentence is published.
    format!("`{}` looked {} and found that {found}.", look.by, when(look.until))
}

/// The last look is too long ago.
pub(crate) fn stale_look(look: &Look) -> String {
    format!(
        "`{}` last looked {}, and that is too long ago.",
        look.by,
        when(look.until)
    )
}

/// Something was not seen.
pub(crate) fn in_part(look: &Look) -> String {
    let (by, when) = (&look.by, when(look.until));
    if look.unreadable > 0 {
        let whole = thousands(look.observed.max(look.unreadable));
        let part = thousands(look.unreadable);
        return format!("`{by}` looked {when} and could not read {part} of {whole}, and that is never a pass.");
    }
    let vouched = match look.is_vouched_for_in_part() {
        true => "; for some of it somebody vouches, and nobody looked",
        false => "",
    };
    if look.unseen > 0 {
        let part = thousands(look.unseen);
        return format!("`{by}` looked {when} and did not see {part} of what it should have looked at{vouched}.");
    }
    if look.observed > 0 {
        return format!("`{by}` looked {when} and did not see all of what it should have looked at{vouched}.");
    }
    format!("`{by}` looked {when} and found nothing to look at.")
}

/// Everything was looked at.
pub(crate) fn clean_look(look: &Look) -> String {
    let enforced = match look.enforcing {
        true => ", and what goes against it is kept from happening",
        false => "",
    };
    let found = match look.observed {
        1 => "found nothing against it".to_owned(),
        observed => format!("found none of {} against it", thousands(observed)),
    };
    format!("`{}` looked {} and {found}{enforced}.", look.by, when(look.until))
}

/// The rules of this very register, which a report of this name is about, were proved to keep it, and how; the best of the ways.
pub(crate) fn proved(about: &About, report: &str, now: Timestamp) -> Option<String> {
    let ways = [
        (PROVED_BY_SOLVER, "for all requests by a solver"),
        (PROVED_BY_CASES, "case by case"),
    ];
    let holds = |by: &str| {
        let proved = about.proved.get(by).filter(|proved| proved.report == report)?;
        (proved.look.is_clean() && proved.look.is_past(now)).then_some(&proved.look)
    };
    let (look, how) = ways.into_iter().find_map(|(by, how)| Some((holds(by)?, how)))?;
    Some(format!(
        " The register’s own rules keep to it, proved {how} {}.",
        when(look.until)
    ))
}

/// Somebody vouches for it.
pub(crate) fn vouched(vouched: &Vouched, last_day: Date) -> String {
    let performed = vouched
        .performed_on
        .map_or_else(String::new, |performed| format!(" as of {}", day(performed)));
    let document = match vouched.document {
        Some(_) => " with a document",
        None => "",
    };
    format!(
        "Vouched for{document} by {}{performed}; that counts up to {}.",
        vouched.by,
        day(last_day)
    )
}

/// What somebody vouched for counts no more.
pub(crate) fn expired(vouched: &Vouched, last_day: Date) -> String {
    format!(
        "Vouched for by {}, but that counted only up to {}.",
        vouched.by,
        day(last_day)
    )
}

/// Somebody says that it does not hold.
pub(crate) fn denied(vouched: &Vouched) -> String {
    let performed = vouched
        .performed_on
        .map_or_else(|| "on an unreadable day".to_owned(), |at| format!("on {}", day(at)));
    format!("Found not to hold by {} {performed}.", vouched.by)
}

fn when(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "at an unreadable time".to_owned(), |at| format!("on {}", time(at)))
}

fn day(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests;
