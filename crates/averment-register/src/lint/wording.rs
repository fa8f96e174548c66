//! Wording that leaves a statement open: it cannot fail, because it does not say what is in and what is out.

use super::look::{RecipientLook, SentenceLook};
use super::phrase::{Hit, Text, words};
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::{ClaimKind, Condition};
use crate::diagnostic::Severity::{Error, Note, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "open-ended-elements",
        ids: &["SEED-b", "COPPA-4-c"],
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.4(d); GDPR Art. 12(1)"),
        hint: "name every element, or drop the words: a list that is open cannot be held against anything",
        eyes: Eyes::Sentence(open_list),
        ..Rule::BLANK
    },
    Rule {
        code: "open-ended-condition",
        severity: Note,
        cite: Some("GDPR Art. 12(1)"),
        hint: "say when it happens",
        eyes: Eyes::Sentence(perhaps),
        ..Rule::BLANK
    },
    Rule {
        code: "unnamed-recipients",
        ids: &["COPPA-4-c", "GDPR-13-a"],
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.4(d)(2); GDPR Art. 13(1)(e)"),
        hint: "name them, or their category, and why they get it",
        eyes: Eyes::Sentence(unnamed),
        ..Rule::BLANK
    },
    Rule {
        code: "incidental-data",
        ids: &["SEED-c"],
        severity: Warning,
        cite: Some("GDPR Art. 5(1)(c), (e); COPPA 16 CFR 312.10"),
        hint: "say how it is found and removed, and how long it is kept",
        eyes: Eyes::Sentence(incidental),
        ..Rule::BLANK
    },
    Rule {
        code: "incidental-row",
        ids: &["SEED-c"],
        severity: Warning,
        cite: Some("GDPR Art. 5(1)(c), (e); COPPA 16 CFR 312.10"),
        hint: "say how it is found and removed, and how long it is kept: `[contract] deletion`, or a `retained_for` claim",
        eyes: Eyes::Recipient(incidental_row),
        page: false,
        ..Rule::BLANK
    },
    Rule {
        code: "vague-place",
        ids: &["GDPR-13-a", "NY-3-a"],
        severity: Warning,
        cite: Some("GDPR Art. 13(1)(f); 8 NYCRR 121.3(c)(5)"),
        hint: "name every country in which the data are kept, and what the transfer rests on",
        eyes: Eyes::Sentence(vague_place),
        ..Rule::BLANK
    },
    Rule {
        code: "vague-period",
        ids: &["COPPA-10-b", "GDPR-13-a"],
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.10; GDPR Art. 13(2)(a)"),
        hint: "say a number: after how many days, or how often",
        eyes: Eyes::Sentence(vague_period),
        ..Rule::BLANK
    },
    Rule {
        code: "kept-without-end",
        ids: &["COPPA-10-a"],
        severity: Error,
        cite: Some("COPPA 16 CFR 312.10; GDPR Art. 5(1)(e)"),
        hint: "say when it is deleted: keeping it for ever is not allowed",
        eyes: Eyes::Sentence(without_end),
        ..Rule::BLANK
    },
];

/// Phrases that leave a list open.
const OPEN: &[&str] = &[
    "etc",
    "and other",
    "or other",
    "and others",
    "other contact information",
    "other contact details",
    "further contact details",
    "comparable contact details",
    "similar contact information",
    "contact details and other",
    "other personal data",
    "other optional information",
    "other information",
    "limited other",
    "other data",
    "related information",
    "relevant information",
    "various",
    "and similar",
    "and the like",
    "and so on",
    "and what else",
    "among others",
    "among other things",
    "including but not limited to",
    "including, but not limited to",
    "such as",
    "certain",
    "some data",
    "some pii",
    "some personal data",
    "some personal information",
    "some information",
    "most data",
    "as needed",
    "where applicable",
];

/// Phrases that leave open whether it happens.
const PERHAPS: &[&str] = &[
    "may",
    "might",
    "could",
    "in some cases",
    "in some instances",
    "in certain cases",
    "potentially",
    "from time to time",
    "where appropriate",
    "as appropriate",
    "generally",
    "typically",
    "every effort",
    "best efforts",
    "reasonable efforts",
    "strive to",
    "endeavour to",
    "endeavor to",
];

/// Phrases for recipients that nobody can look up.
const UNNAMED: &[&str] = &[
    "select third parties",
    "selected third parties",
    "certain third parties",
    "trusted third parties",
    "various third parties",
    "other third parties",
    "select partners",
    "select partner",
    "selected partners",
    "chosen partners",
    "trusted partners",
    "certain partners",
    "business partners",
    "our partners",
    "our affiliates",
];

/// Phrases that make data a by-catch.
const INCIDENTAL: &[&str] = &[
    "incidental",
    "incidentally",
    "inadvertently",
    "unintentionally",
    "in passing",
];

/// Phrases for places that are no place.
const PLACES: &[&str] = &[
    "outside the eu",
    "outside of the eu",
    "outside the european union",
    "outside of the european union",
    "outside the eea",
    "outside of the eea",
    "outside the european economic area",
    "outside of the european economic area",
    "outside the united states",
    "outside of the united states",
    "outside your country",
    "outside of your country",
    "various locations",
    "various countries",
    "various regions",
    "multiple locations",
    "multiple countries",
    "several countries",
    "other countries",
    "third countries",
    "around the world",
    "worldwide",
    "globally distributed",
    "overseas",
];

/// Phrases for periods that have no length.
const PERIODS: &[&str] = &[
    "as long as necessary",
    "as long as is necessary",
    "as long as reasonably necessary",
    "as long as needed",
    "as long as it is needed",
    "as long as required",
    "as long as we need",
    "no longer than necessary",
    "no longer than is necessary",
    "longer than needed",
    "until no longer needed",
    "until it is no longer needed",
    "when no longer needed",
    "reasonable period",
    "reasonable time",
    "limited period",
    "limited time",
    "certain period",
    "in a timely manner",
    "as soon as possible",
    "promptly",
    "periodically",
    "periodic",
    "regularly",
    "regular",
    "on a regular basis",
    "at regular intervals",
];

/// What is done from time to time: only beside these does "regular" speak of a period.
const DONE: &[&str] = &[
    "review",
    "reviews",
    "reviewed",
    "training",
    "trainings",
    "trained",
    "audit",
    "audits",
    "audited",
    "test",
    "tests",
    "tested",
    "testing",
    "assessment",
    "assessments",
    "assessed",
    "backup",
    "backups",
    "backed",
    "back",
    "check",
    "checks",
    "checked",
    "scan",
    "scans",
    "update",
    "updates",
    "updated",
    "purge",
    "purged",
    "delete",
    "deleted",
    "basis",
    "intervals",
    "monitored",
    "security",
];

/// Phrases for keeping something for ever.
const WITHOUT_END: &[&str] = &[
    "indefinitely",
    "indefinite",
    "forever",
    "for ever",
    "in perpetuity",
    "perpetually",
    "without time limit",
    "never deleted",
    "never delete",
];

/// People and bodies: what they may do is a permission, and "and other teachers" opens no list of data.
const PEOPLE: &[&str] = &[
    "you",
    "user",
    "users",
    "student",
    "students",
    "pupil",
    "pupils",
    "teacher",
    "teachers",
    "parent",
    "parents",
    "guardian",
    "guardians",
    "instructor",
    "instructors",
    "educator",
    "educators",
    "school",
    "schools",
    "district",
    "districts",
    "institution",
    "institutions",
    "person",
    "persons",
    "people",
    "child",
    "children",
    "learner",
    "learners",
    "ambassador",
    "ambassadors",
    "official",
    "officials",
    "employee",
    "employees",
    "administrator",
    "administrators",
    "author",
    "authors",
    "member",
    "members",
    "visitor",
    "visitors",
    "customer",
    "customers",
    "organisations",
    "organizations",
    "who",
    "nobody",
    "everybody",
    "anybody",
    "anyone",
    "everyone",
    "somebody",
];

/// Wording that leaves the list of elements open.
fn open_list(look: &SentenceLook<'_>) -> Vec<Found> {
    let is_shared = look.recipient.is_some_and(|of| of.information == look.text.raw);
    let object = if is_shared { "what is shared" } else { "what is covered" };
    quote(look, &look.text.hits(OPEN, opens_a_list), "open", object)
}

/// "and other teachers" names people, and a question asserts nothing.
fn opens_a_list(hit: &Hit<'_>) -> bool {
    !hit.after.trim_end().ends_with('?') && !hit.next_words(3).any(|word| ORGANISED.contains(&word))
}

/// People and bodies that "and other …" may name without opening a list of data.
const ORGANISED: &[&str] = &[
    "ambassadors",
    "students",
    "teachers",
    "users",
    "officials",
    "institutions",
    "schools",
    "districts",
    "employees",
];

/// Wording that leaves open whether anything is shared.
fn perhaps(look: &SentenceLook<'_>) -> Vec<Found> {
    quote(
        look,
        &look.text.hits(PERHAPS, leaves_open),
        "open",
        "whether it happens",
    )
}

/// A permission ("students may join", "may only be seen by") and the month of May leave nothing open.
fn leaves_open(hit: &Hit<'_>) -> bool {
    let mut next = hit.next_words(3);
    let first = next.next().unwrap_or_default();
    let limits = |word: &str| matches!(word, "only" | "not" | "never" | "no");
    let month = hit.capital && (first.chars().all(|c| c.is_ascii_digit()) || !hit.before.trim().is_empty());
    let permission = PEOPLE.contains(&hit.word_before()) && first != "be";
    let question = hit.after.trim_end().ends_with('?');
    !limits(first) && !next.any(limits) && !month && !permission && !question
}

/// Recipients that nobody can look up.
fn unnamed(look: &SentenceLook<'_>) -> Vec<Found> {
    let found = look
        .text
        .hits(UNNAMED, |hit| !denies(hit) && !hit.after.trim_end().ends_with('?'));
    quote(look, &found, "open", "who gets it")
}

/// "does not share with business partners" names nobody who gets something.
fn denies(hit: &Hit<'_>) -> bool {
    [" not ", "n't ", " never ", "no ", "nothing "]
        .iter()
        .any(|word| hit.before.contains(word))
}

/// Data said to be by-catch.
fn incidental(look: &SentenceLook<'_>) -> Vec<Found> {
    let words = look.text.first(INCIDENTAL);
    let say = |words: &str| look.found(format!("`{}` makes the data a by-catch", words.to_lowercase()), words);
    words.map(say).into_iter().collect()
}

/// Data declared as by-catch whose end nothing fixes; where the text says so too, that finding is enough.
fn incidental_row(look: &RecipientLook<'_>) -> Vec<Found> {
    let agreed = look
        .recipient
        .contract
        .as_ref()
        .is_some_and(|contract| contract.deletion.is_some());
    let kept = |claim: &crate::charter::Claim| {
        matches!(claim.kind, ClaimKind::RetainedFor { .. } | ClaimKind::ErasedOn { .. })
    };
    let said = Text::of(&look.recipient.information).first(INCIDENTAL).is_some();
    if agreed || said || look.claims.iter().any(|claim| kept(claim)) {
        return Vec::new();
    }
    let row = look.leaving().find(|(row, _)| row.when == Condition::Incidental);
    row.map(|(row, span)| {
        look.at(
            format!("rule `{}` declares a by-catch, and nothing fixes its end", row.rule),
            span,
        )
    })
    .into_iter()
    .collect()
}

/// Places that are no place.
fn vague_place(look: &SentenceLook<'_>) -> Vec<Found> {
    let found = look.text.hits(PLACES, |hit| !denies(hit));
    quote(look, &found, "open", "where the data are")
}

/// Periods that have no length.
fn vague_period(look: &SentenceLook<'_>) -> Vec<Found> {
    let found = look.text.hits(PERIODS, is_a_period);
    quote(look, &found, "open", "how long or how often")
}

/// Phrases that speak of a period whatever stands beside them.
const PLAIN_PERIODS: &[&str] = &["as long as", "longer than", "no longer needed"];

/// What is done to data: beside it "promptly" and "a limited time" speak of a period.
const HANDLED: &[&str] = &["keep", "kept", "retain", "stor", "delet", "eras", "notif"];

fn is_a_period(hit: &Hit<'_>) -> bool {
    let plain = PLAIN_PERIODS.iter().any(|phrase| hit.phrase.contains(phrase));
    let mut around = words(hit.before).chain(hit.next_words(5));
    let done = around.any(|word| DONE.contains(&word));
    plain || done || HANDLED.iter().any(|part| hit.before.contains(part))
}

/// Keeping something for ever.
fn without_end(look: &SentenceLook<'_>) -> Vec<Found> {
    let found = look.text.hits(WITHOUT_END, |hit| !denies(hit));
    let said = found.first().map(|words| {
        let message = format!("`{}` keeps it without end", words.to_lowercase());
        look.found(message, words)
    });
    said.into_iter().collect()
}

/// One finding for a text, with the phrases in it.
fn quote(look: &SentenceLook<'_>, found: &[&str], leaves: &str, object: &str) -> Vec<Found> {
    let Some(first) = found.first() else { return Vec::new() };
    let mut names: Vec<String> = Vec::new();
    for phrase in found.iter().map(|phrase| phrase.to_lowercase()) {
        if !names.contains(&phrase) {
            names.push(phrase);
        }
    }
    let verb = if names.len() == 1 { "leaves" } else { "leave" };
    let names = listed(names.iter().map(String::as_str), 6);
    vec![look.found(format!("{names} {verb} {leaves} {object}"), first)]
}
