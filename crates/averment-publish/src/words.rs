//! The words that a parent reads for what the register calls by an identifier. One table per word list.

use averment_catalog::{ElementId, PurposeId, SubjectId, catalog};
use averment_claims::element_label_with_examples;
use jiff::Timestamp;
use serde::Serialize;

use crate::terms::spaced;

/// An identifier with what people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) label: String,
}

/// An element or category by what people call it.
pub(crate) fn element(id: &ElementId) -> Named {
    Named {
        id: id.to_string(),
        label: element_label_with_examples(id),
    }
}

/// A kind of data subject by what people call it.
pub(crate) fn subject(id: &SubjectId) -> Named {
    let label = catalog()
        .subject(id)
        .map_or_else(|| id.to_string(), |subject| subject.label.clone());
    Named {
        id: id.to_string(),
        label,
    }
}

/// A purpose by what people call it.
pub(crate) fn purpose(id: &PurposeId) -> Named {
    let label = catalog()
        .purpose(id)
        .map_or_else(|| id.to_string(), |purpose| purpose.label.clone());
    Named {
        id: id.to_string(),
        label,
    }
}

/// `enforced` → `Enforced`.
pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a grade means.
pub(crate) fn grade_meaning(grade: &str) -> &'static str {
    match grade {
        "enforced" => {
            "What is recognised as going against the sentence is stopped at the gateway. None was seen to get through."
        }
        "monitored" => {
            "Every request at the gateway is looked at. None was recognised as going against the sentence, but one would not have been stopped."
        }
        "attested" => {
            "Somebody vouches for it; the sentence says who, and whether with a document. Not all of it is measured."
        }
        "broken" => "At least one request went against the sentence, or may have.",
        _ => {
            "Not measured, or not lately, or only in part, or something could not be read, or it is not known whose it was. This is not a pass."
        }
    }
}

/// The same in the words of the page for parents.
pub(crate) fn grade_for_parents(grade: &str) -> &'static str {
    match grade {
        "enforced" => "A computer checks this. If it sees something that breaks the promise, it stops it.",
        "monitored" => "A computer checks this. It would report a broken promise, but not stop it.",
        "attested" => "Somebody has shown a paper for it. No computer checks it.",
        "broken" => "This promise was broken, or may have been.",
        _ => "This is not checked, or only in part. It may be true, but we cannot show it.",
    }
}

/// What kind of sentence a claim is.
pub(crate) fn kind_heading(kind: &str) -> &'static str {
    match kind {
        "shares" => "What it gets, and nothing else",
        "never_shares" => "What it never gets",
        "list_complete" => "The list is complete",
        "aggregates_only" => "Only totals",
        "collects" => "What is collected",
        "not_stored" => "What is not stored",
        "stored_as" => "How it is stored",
        "stored_in" => "Where it is stored",
        "encrypted_in_transit" => "Encryption on the way",
        "encrypted_at_rest" => "Encryption of what is stored",
        "retained_for" => "How long it is kept",
        "erased_on" => "When it is erased",
        "visible_to" => "Who can see it",
        "hidden_from" => "Who cannot see it",
        "needs_consent" => "Who has to agree",
        "exempt_from" => "Who is left out",
        "performed_every" => "What is done again and again",
        "holds_certificate" => "Certificate",
        "complies_with" => "Laws",
        "acts_as" => "Its part",
        "retired_since" => "No longer used",
        "embeds_only" => "What is embedded",
        "contract_says" => "What the contract says",
        "offers" => "What is offered",
        _ => "Also stated",
    }
}

/// A way that data can take.
pub(crate) fn plane_name(plane: &str) -> &'static str {
    match plane {
        "gateway" => "From servers, through the gateway",
        "browser" => "Directly from browsers",
        "vendor_form" => "Typed in at the recipient",
        "staff_tool" => "Entered by staff",
        "infrastructure" => "Kept on the recipient’s machines",
        "database" => "Read from databases",
        "mail" => "By e-mail",
        _ => "Some other way",
    }
}

/// When a disclosure happens.
pub(crate) fn condition(when: &str) -> String {
    match when {
        "always" => "in normal operation".to_owned(),
        "subject_chooses" => "if the person chooses to use the feature".to_owned(),
        "subject_enters" => "typed in by the person at the recipient".to_owned(),
        "on_support_request" => "when the person asks for support".to_owned(),
        "incidental" => "not intended, but may happen".to_owned(),
        other => match other.split_once(':') {
            Some(("consent", kind)) => format!("only with consent ({})", spaced(&kind)),
            Some(("act", what)) => format!("when the person does this: {}", spaced(&what)),
            _ => other.to_owned(),
        },
    }
}

/// A fact of the catalog that no source confirms, in plain words: `hosts (browser)` → `addresses that browsers contact`.
pub(crate) fn unconfirmed_fact(field: &str) -> &'static str {
    let (fact, part) = field.split_once(" (").unwrap_or((field, ""));
    match (fact, part.split(')').next().unwrap_or_default()) {
        ("company", _) => "the name of the company",
        ("product", _) => "the name of the product",
        (_, "browser") => "some addresses that browsers contact",
        (_, "api") => "some addresses that servers send to",
        (_, "ingest") => "some addresses that take in events and files",
        (_, "app") => "some addresses of the tool that staff use",
        (_, "regional") => "some addresses that differ by country",
        _ => "some of its addresses",
    }
}

/// What is done to an element before it leaves.
pub(crate) fn treatment(treatment: &str) -> &'static str {
    match treatment {
        "pass" => "sent as it is",
        "generalise" => "made less precise",
        "mask" => "mostly replaced by asterisks",
        "pseudonym" => "replaced by a made-up identifier",
        "hash" => "replaced by a keyed hash, which is still personal data",
        "drop" => "left out",
        _ => "the whole request is stopped",
    }
}

/// The part a recipient plays.
pub(crate) fn role(role: &str) -> &'static str {
    match role {
        "processor" => "Works on behalf of the platform or the school (processor)",
        "subprocessor" => "Engaged by another processor (sub-processor)",
        "controller" => "Decides on its own purposes (controller)",
        "joint controller" => "Decides together with the platform (joint controller)",
        _ => "Carries data without reading it (conduit)",
    }
}

/// What the published document says about student records.
pub(crate) fn student_records(records: &str) -> &'static str {
    match records {
        "none" => "None",
        "technical" => "Technical data only",
        "content" => "Content that students make",
        "possible" => "Not intended, but possible",
        _ => "Yes",
    }
}

/// `1234567` → `1,234,567`.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let groups = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| String::from_utf8_lossy(group));
    groups.collect::<Vec<_>>().join(",")
}

/// `2026-11-21T10:00:00Z` → `21 November 2026, 10:00 UTC`.
pub(crate) fn long_time(at: &str) -> String {
    at.parse::<Timestamp>()
        .map_or_else(|_| at.to_owned(), |at| at.strftime("%-d %B %Y, %H:%M UTC").to_string())
}

/// `2026-11-21` → `21 November 2026`.
pub(crate) fn long_date(day: &str) -> String {
    day.parse().map_or_else(|_| day.to_owned(), crate::terms::date)
}

/// A length of time in the largest unit that fits.
pub fn duration(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => return "less than a minute".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if count == 1 {
        format!("1 {unit}")
    } else {
        format!("{count} {unit}s")
    }
}
