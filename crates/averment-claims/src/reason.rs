//! The one sentence that says why a grade is what it is, in words that do not promise more than was seen.
//!
//! We say "no match of e-mail address or full name for these people", and what nothing looks for; never "no student data".

use averment_catalog::{ElementId, Plane};
use averment_register::{Claim, ClaimKind};
use jiff::Timestamp;

use crate::evidence::{Contrary, Evidence, Left, Watched};
use crate::grade::{Grade, PlaneGrade};
use crate::kind::row;
use crate::looked_for::{LookedFor, NotLookedFor, element_label, looked_for, short_label, speaks_of_all};
use crate::plane_grade::{Held, whose_is_unknown};

mod testimony;

pub(crate) use testimony::{clean_look, denied, expired, in_part, measured_against, proved, stale_look, vouched};

/// Why a kind that nothing measures is unverified.
pub(crate) fn not_measured(kind: &ClaimKind) -> &'static str {
    match kind {
        ClaimKind::NotStored { .. } | ClaimKind::StoredAs { .. } | ClaimKind::Collects { .. } => {
            "Nothing looks into databases yet to see what is stored."
        }
        ClaimKind::StoredIn { .. } => "Nothing checks yet where data is stored.",
        ClaimKind::EncryptedInTransit { .. } => "Nothing checks yet whether connections are encrypted.",
        ClaimKind::EncryptedAtRest { .. } => "Nothing checks yet whether what is written to disk is encrypted.",
        ClaimKind::RetainedFor { .. } | ClaimKind::ErasedOn { .. } => {
            "Nothing measures yet how old the oldest data is."
        }
        ClaimKind::VisibleTo { .. } | ClaimKind::HiddenFrom { .. } => {
            "Nothing signs in yet as each kind of viewer to see what is shown."
        }
        ClaimKind::PerformedEvery { .. } => "Nobody has put a record of it in evidence yet.",
        ClaimKind::HoldsCertificate { .. } => "The certificate has not been put in evidence yet.",
        ClaimKind::CompliesWith { .. } => {
            "Compliance with a law is somebody's judgement: nothing can measure it as a whole."
        }
        ClaimKind::ActsAs { .. } | ClaimKind::ContractSays { .. } => "No contract has been put in evidence yet.",
        ClaimKind::EmbedsOnly { .. } => "Nothing checks yet which variant the pages embed.",
        ClaimKind::Offers { .. } => "Nothing checks yet whether it is offered.",
        ClaimKind::Statement => "This sentence is kept as it was published; nothing measures it yet.",
        ClaimKind::Shares
        | ClaimKind::NeverShares { .. }
        | ClaimKind::ListComplete { .. }
        | ClaimKind::AggregatesOnly { .. }
        | ClaimKind::NeedsConsent { .. }
        | ClaimKind::ExemptFrom { .. }
        | ClaimKind::RetiredSince { .. } => "Nothing yet measures this.",
    }
}

/// Why a plane without any evidence is unverified.
pub(crate) fn unseen(claim: &Claim, plane: Plane) -> String {
    if !row(&claim.kind).is_about_flows() {
        return match row(&claim.kind).planes.first() == Some(&plane) {
            true => not_measured(&claim.kind).to_owned(),
            false => format!("No measurement of {} counts for this.", what_flows(plane)),
        };
    }
    if plane != Plane::Gateway {
        return format!("Nothing yet measures {}.", what_flows(plane));
    }
    if let Some(not) = nothing_looks_for(claim, "request") {
        return not;
    }
    match claim.recipient {
        None => "No request has passed the gateway yet.".to_owned(),
        Some(_) => "No request to this recipient has passed the gateway yet.".to_owned(),
    }
}

/// Why messages show nothing of a consent.
pub(crate) fn no_row_asks() -> &'static str {
    "No row of any recipient asks for this consent, so no request shows it."
}

/// Why nothing shows a consent where others than processors get something without one.
pub(crate) fn unasked(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    format!(
        "Without a row that asks for this consent something goes to {}, so nothing shows that people were asked.",
        list(&names, "and")
    )
}

fn what_flows(plane: Plane) -> &'static str {
    match plane {
        Plane::Gateway => "what servers send",
        Plane::Browser => "what browsers send directly",
        Plane::VendorForm => "what people type in at the recipient",
        Plane::StaffTool => "what staff enter into the tool",
        Plane::Infrastructure => "what is kept on the recipient's machines",
        Plane::Database => "what the recipient reads from databases",
        Plane::Mail => "what goes out by e-mail",
    }
}

/// Why messages that do not go against a claim do not show that it holds.
pub(crate) fn unclear(claim: &Claim, evidence: &Evidence, now: Timestamp) -> String {
    if let Some(not) = nothing_looks_for(claim, "request") {
        return not;
    }
    if evidence.observed == 0 {
        return stale(evidence, now);
    }
    if evidence.let_out() + evidence.refused == 0 {
        return "Nothing went out: the recipient could not be reached.".to_owned();
    }
    if evidence.unreadable > 0 {
        let share = of_requests(evidence.unreadable, evidence.let_out().max(evidence.unreadable));
        return format!("{share} went out with something that could not be read, and that is never a pass.");
    }
    debug_assert!(whose_is_unknown(claim, evidence), "one of these is why");
    let count = evidence.unattributed;
    let share = of_requests(count, evidence.let_out().max(count));
    format!("{share} held such elements of somebody outside the directory, who may be one of these people.")
}

/// Why messages break a claim.
pub(crate) fn broken(claim: &Claim, evidence: &Evidence) -> String {
    // Requests from the future count against a claim and are not among those observed.
    let share = of_requests(evidence.contrary, evidence.let_out().max(evidence.contrary));
    let what = match claim.kind {
        ClaimKind::NeverShares { .. } => "carried what the sentence rules out",
        ClaimKind::ListComplete { .. } => "went to a host that no recipient declares",
        ClaimKind::AggregatesOnly { .. } => "carried such data of one person",
        ClaimKind::NeedsConsent { .. } => "carried what needs a consent, without it",
        ClaimKind::ExemptFrom { .. } => "carried data of people who are left out of this",
        ClaimKind::RetiredSince { .. } => "went to the recipient after its last day",
        ClaimKind::EmbedsOnly { .. } => "went to another host than the one that is embedded",
        _ => "carried what the register does not declare",
    };
    let last = evidence
        .last_contrary
        .as_ref()
        .map(|last| last_contrary(last, evidence.contrary))
        .unwrap_or_default();
    format!("{share} {what}{last}.")
}

fn last_contrary(contrary: &Contrary, count: u64) -> String {
    let what = contrary
        .element
        .as_ref()
        .map_or_else(String::new, |element| format!(" ({})", element_label(element)));
    let left = match contrary.left {
        Left::Surely => "left",
        Left::Perhaps => "may have left",
    };
    let when = contrary
        .at
        .map_or_else(|| "at an unreadable time".to_owned(), |at| format!("on {}", time(at)));
    if count == 1 {
        format!("{what}; it {left} {when}")
    } else {
        format!("; the last{what} {left} {when}")
    }
}

fn stale(evidence: &Evidence, now: Timestamp) -> String {
    let days = evidence.watched.window.as_hours() / 24;
    match evidence.last_at.filter(|at| *at <= now) {
        Some(at) => format!(
            "No request was seen in the last {days} days; the last one was on {}.",
            time(at)
        ),
        None => format!("No request was seen in the last {days} days."),
    }
}

/// Why messages are as good as they are, where none goes against the claim.
///
/// `asked`: on which recipients a claim about a consent rests.
pub(crate) fn clean(claim: &Claim, evidence: &Evidence, held: Held, asked: &[&str]) -> String {
    let mut text = match evidence.let_out() {
        0 => "Nothing went out".to_owned(),
        let_out => format!(
            "{} in {}{}",
            no_match(claim),
            requests(let_out),
            besides(claim, evidence)
        ),
    };
    if evidence.refused > 0 {
        text += &refused(&claim.kind, evidence);
    }
    if evidence.unattributed > 0 {
        text += &no_longer_listed(evidence.unattributed);
    }
    text + "; " + &watched_how(&claim.kind, evidence, held) + &not_looked_for(claim) + &rests_on(asked) + "."
}

/// What was left out where e-mail addresses are looked for.
fn besides(claim: &Claim, evidence: &Evidence) -> String {
    let of_email = |element: &ElementId| element.as_str() == "contact.email";
    let looks_for_it = looked_for(claim).is_some_and(|looked_for| looked_for.elements.iter().any(of_email));
    match (evidence.own_mailboxes.min(evidence.let_out()), evidence.let_out()) {
        (0, _) => String::new(),
        _ if !looks_for_it => String::new(),
        (1, 1) => ", besides the platform's own mailboxes".to_owned(),
        (some, _) => format!(", besides the platform's own mailboxes in {} of them", thousands(some)),
    }
}

fn rests_on(asked: &[&str]) -> String {
    let asked: Vec<String> = asked.iter().map(|name| (*name).to_owned()).collect();
    match asked.is_empty() {
        true => String::new(),
        false => format!("; this rests on {}, whose rows ask for it", list(&asked, "and")),
    }
}

/// Why a claim is unverified whatever the traffic: none of what it speaks of can be recognised.
pub(crate) fn nothing_looks_for(claim: &Claim, evidence: &str) -> Option<String> {
    let looked_for = looked_for(claim).filter(|looked_for| looked_for.elements.is_empty())?;
    Some(format!(
        "Nothing looks for it yet, so no {evidence} shows it: {}.",
        list(&names_not(&looked_for), "and")
    ))
}

/// The end of a sentence that says what a pass does not cover.
fn not_looked_for(claim: &Claim) -> String {
    match (speaks_of_all(claim), looked_for(claim)) {
        (true, Some(_)) => "; nothing looks yet for anything else".to_owned(),
        (_, Some(looked_for)) if !looked_for.not.is_empty() => {
            format!("; nothing looks yet for {}", list(&names_not(&looked_for), "or"))
        }
        _ => String::new(),
    }
}

fn names(looked_for: &LookedFor) -> Vec<String> {
    looked_for.elements.iter().map(short_label).collect()
}

fn names_not(looked_for: &LookedFor) -> Vec<String> {
    looked_for.not.iter().map(NotLookedFor::label).collect()
}

/// `a, b or c`.
fn list(names: &[String], and: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

fn refused(kind: &ClaimKind, evidence: &Evidence) -> String {
    let count = match (evidence.let_out(), evidence.refused) {
        (0, 1) => "1 request was".to_owned(),
        (0, refused) => format!("{} were", requests(refused)),
        (_, 1) => "1 more was".to_owned(),
        (_, refused) => format!("{} more were", thousands(refused)),
    };
    let because = match kind {
        ClaimKind::ListComplete { .. } => "because of its host",
        _ => "because of such a match",
    };
    match evidence.prevented {
        0 => format!("; {count} refused for other reasons"),
        prevented if prevented == evidence.refused => format!("; {count} refused {because}"),
        prevented => format!("; {count} refused, {} {because}", thousands(prevented)),
    }
}

fn watched_how(kind: &ClaimKind, evidence: &Evidence, held: Held) -> String {
    let is_list = matches!(kind, ClaimKind::ListComplete { .. });
    let words = match (is_list, held) {
        (true, Held::Nothing) => "the gateway refuses unlisted hosts",
        (false, Held::Nothing) => "the gateway refuses what does not conform",
        (true, Held::Report) => "the gateway reports unlisted hosts, it does not refuse them",
        (false, Held::Report) => "the gateway only reports here, it does not refuse",
        (_, Held::Kind) => "the gateway reports this, it does not refuse it",
        (_, Held::ReportedBefore) => "the gateway refuses now, but some of these were decided while it only reported",
        (_, Held::OtherCharter) => "the gateway decides by another version of this register",
        (_, Held::Gaps) => return format!("the gateway refuses, but {}", not_watched(evidence.watched)),
    };
    words.to_owned()
}

/// A gate did not watch for too long.
pub(crate) fn gaps(watched: Watched) -> String {
    format!("Nothing is known of too much of the time: {}.", not_watched(watched))
}

fn not_watched(watched: Watched) -> String {
    let (gaps, since) = (hours(watched.gaps()), hours(watched.since_begun));
    format!("it did not watch for {gaps} of the last {since} hours")
}

/// That nothing came while a gate watched.
pub(crate) fn absence(watched: Watched, grade: Grade) -> String {
    match grade {
        Grade::Unverified if watched.watched.is_zero() => {
            "No gateway has watched yet whether anything goes to it.".to_owned()
        }
        Grade::Unverified if watched.has_gaps(10) => gaps(watched),
        Grade::Unverified => "No request went to it, but the gateway has not watched for a whole day yet.".to_owned(),
        _ => format!(
            "No request went to it in the {} hours that the gateway watched.",
            hours(watched.watched)
        ),
    }
}

fn hours(time: jiff::SignedDuration) -> String {
    thousands(time.as_hours().unsigned_abs())
}

fn no_match(claim: &Claim) -> String {
    let names = looked_for(claim).map(|looked_for| list(&names(&looked_for), "or"));
    match (&claim.kind, names) {
        (ClaimKind::NeedsConsent { .. }, Some(names)) => format!("No match of {names} without the consent"),
        (ClaimKind::Shares, Some(names)) => format!("No match of {names} beyond what the register declares"),
        (_, Some(names)) => format!("No match of {names} for these people"),
        _ => "No unlisted host".to_owned(),
    }
}

fn no_longer_listed(count: u64) -> String {
    let went = requests(count);
    match count {
        1 => format!("; {went} went to a recipient that was on the list then and is not now"),
        _ => format!("; {went} went to recipients that were on the list then and are not now"),
    }
}

/// Why the whole claim has its grade.
pub(crate) fn overall(planes: &[PlaneGrade], overall: Grade) -> String {
    let worst: Vec<&PlaneGrade> = planes.iter().filter(|plane| plane.grade == overall).collect();
    let Some(first) = worst.first() else {
        return "Nothing yet measures this.".to_owned();
    };
    let measured = planes.iter().find(|plane| plane.plane == Plane::Gateway);
    match measured {
        Some(gateway)
            if overall == Grade::Unverified
                && gateway.grade < overall
                && worst.iter().all(|plane| plane.is_gap && plane.looks.is_empty()) =>
        {
            let flows: Vec<&str> = worst.iter().map(|plane| what_flows(plane.plane)).collect();
            let word = gateway.grade.as_str();
            format!(
                "Only the gateway's part is {word}: nothing yet measures {}.",
                flows.join(" or ")
            )
        }
        _ => first.reason.clone(),
    }
}

fn of_requests(part: u64, whole: u64) -> String {
    match (part, whole) {
        (1, 1) => "The one request seen".to_owned(),
        _ if part == whole => format!("All {}", requests(whole)),
        _ => format!("{} of {}", thousands(part), requests(whole)),
    }
}

fn requests(count: u64) -> String {
    if count == 1 {
        "1 request".to_owned()
    } else {
        format!("{} requests", thousands(count))
    }
}

fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn time(at: Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}
