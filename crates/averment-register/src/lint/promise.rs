//! Promises that nothing could show to be kept or broken: compliance, certificates, security in fine words, duties of others.

use super::look::{ClaimLook, SentenceLook};
use super::phrase::{Hit, holds};
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::{Claim, ClaimKind};
use crate::diagnostic::Severity::{Error, Note, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "compliance-without-evidence",
        ids: &["SEED-o"],
        severity: Warning,
        cite: Some("GDPR Art. 5(2), 24(1)"),
        hint: "add `evidence = { owner, every, document }`: a report or certificate with its date",
        eyes: Eyes::Sentence(compliance),
        ..Rule::BLANK
    },
    Rule {
        code: "certificate-expired",
        ids: &["SEED-o"],
        severity: Error,
        cite: Some("GDPR Art. 5(2), 42(7)"),
        hint: "renew it and say until when it holds, or take the sentence back",
        eyes: Eyes::Claim(expired_certificate),
        ..Rule::BLANK
    },
    Rule {
        code: "activity-without-evidence",
        ids: &["SEED-k", "GDPR-32-a"],
        severity: Note,
        cite: Some("GDPR Art. 5(2), 32(1)(d)"),
        hint: "add `evidence = { owner, every, document }`, so that somebody is reminded and something can be shown",
        eyes: Eyes::Claim(activity),
        ..Rule::BLANK
    },
    Rule {
        code: "unmeasurable-security",
        ids: &["IL-15-a"],
        severity: Note,
        cite: Some("GDPR Art. 12(1), 32; 105 ILCS 85/15(1)"),
        hint: "say what is done (TLS, encryption at rest, who has access), so that it can be looked at",
        eyes: Eyes::Sentence(fine_words),
        ..Rule::BLANK
    },
    Rule {
        code: "burden-on-school",
        ids: &["SEED-m", "COPPA-5-g"],
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.4(b), 312.5"),
        hint: "the operator still owes the school the full direct notice: say where it is, and what the school consents to",
        eyes: Eyes::Sentence(burden),
        ..Rule::BLANK
    },
    Rule {
        code: "directory-claimed-in-general",
        ids: &["FERPA-37-f", "FERPA-37-a"],
        severity: Warning,
        cite: Some("FERPA 34 CFR 99.37(a)"),
        hint: "what is directory information each school designates: `directory_information` in its file under `controllers/`",
        eyes: Eyes::Sentence(directory),
        ..Rule::BLANK
    },
    Rule {
        code: "plain-http",
        ids: &["GDPR-32-a"],
        severity: Warning,
        cite: Some("GDPR Art. 32(1)(a)"),
        hint: "use `https`: what goes over plain http can be read on the way",
        eyes: Eyes::Sentence(plain_http),
        ..Rule::BLANK
    },
];

/// Phrases by which a text says that a law or a standard is met.
const COMPLIANCE: &[&str] = &[
    "complies with",
    "comply with",
    "compliant",
    "in compliance with",
    "fully compliant",
    "certified",
    "certification",
    "accredited",
    "meets international standards",
    "meet international standards",
    "meets the requirements of",
];

/// Phrases that only sound like security.
const FINE_WORDS: &[&str] = &[
    "industry standard",
    "industry-standard",
    "industry standards",
    "industry-leading",
    "industry leading",
    "bank-level",
    "bank-grade",
    "military-grade",
    "military grade",
    "best-in-class",
    "best in class",
    "state-of-the-art",
    "state of the art",
    "world-class",
    "commercially reasonable",
    "100% secure",
    "completely secure",
    "highest standards",
];

/// Phrases that make something the school's business.
const BURDEN: &[&str] = &[
    "school's responsibility",
    "schools' responsibility",
    "teacher's responsibility",
    "school’s responsibility",
    "schools’ responsibility",
    "school's (or teacher's) responsibility",
    "school’s (or teacher’s) responsibility",
    "responsibility of the school",
    "responsibility of schools",
    "responsibility of the teacher",
    "school is responsible",
    "schools are responsible",
    "teachers are responsible",
    "school must obtain",
    "schools must obtain",
    "school must collect",
    "schools must collect",
    "for the school to collect",
    "for schools to collect",
    "up to the school",
];

fn compliance(look: &SentenceLook<'_>) -> Vec<Found> {
    let claims = || look.claims.iter().filter(|claim| asserts(claim));
    if look.claims.iter().any(|claim| shown(claim)) {
        return Vec::new();
    }
    let words = look.text.hits(COMPLIANCE, says_so);
    let Some(first) = words.first() else {
        let of_claim = claims().next();
        let say = |claim: &&Claim| format!("claim `{}` rests on nothing that could be shown", claim.id);
        return of_claim
            .map(|claim| look.found(say(claim), look.text.raw))
            .into_iter()
            .collect();
    };
    vec![look.found(
        format!("`{}` is said, and nothing shows it", first.to_lowercase()),
        first,
    )]
}

fn asserts(claim: &Claim) -> bool {
    matches!(
        claim.kind,
        ClaimKind::CompliesWith { .. } | ClaimKind::HoldsCertificate { .. }
    )
}

fn shown(claim: &Claim) -> bool {
    let document = claim.evidence.as_ref().and_then(|duty| duty.document.as_ref());
    asserts(claim) && document.is_some()
}

/// A question, a duty of somebody else and a denial assert nothing about the one who speaks.
fn says_so(hit: &Hit<'_>) -> bool {
    let question = hit.after.trim_end().ends_with('?');
    let duty = ["must", "should", "requires", "required", "help comply", "to help"].iter();
    let help = hit.word_before() == "help";
    !question && !help && !duty.clone().any(|word| holds(hit.before, word)) && !holds(hit.before, "not")
}

fn expired_certificate(look: &ClaimLook<'_>) -> Vec<Found> {
    let ClaimKind::HoldsCertificate {
        certificate,
        until: Some(until),
    } = &look.claim.kind
    else {
        return Vec::new();
    };
    let expired = *until < look.today;
    let say = || look.found(format!("certificate `{certificate}` ran out on {until}"));
    expired.then(say).into_iter().collect()
}

fn activity(look: &ClaimLook<'_>) -> Vec<Found> {
    let ClaimKind::PerformedEvery { activity, .. } = &look.claim.kind else {
        return Vec::new();
    };
    let bare = look.claim.evidence.is_none();
    let say = || {
        look.found(format!(
            "claim `{}` says `{activity}`, and nobody has to show it",
            look.claim.id
        ))
    };
    bare.then(say).into_iter().collect()
}

fn fine_words(look: &SentenceLook<'_>) -> Vec<Found> {
    let words = look.text.hits(FINE_WORDS, |_| true);
    let Some(first) = words.first() else { return Vec::new() };
    let names: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let names = listed(names.iter().map(String::as_str), 4);
    vec![look.found(format!("{names} cannot be measured"), first)]
}

fn burden(look: &SentenceLook<'_>) -> Vec<Found> {
    let words = look.text.hits(BURDEN, |hit| {
        hit.beside("consent") || hit.beside("consents") || hit.beside("permission")
    });
    let say = |words: &&str| {
        look.found(
            format!("`{}` leaves the consent to the school alone", words.to_lowercase()),
            words,
        )
    };
    words.first().map(say).into_iter().collect()
}

fn directory(look: &SentenceLook<'_>) -> Vec<Found> {
    let shared = |hit: &Hit<'_>| {
        let lower = |words: &[&str]| {
            words
                .iter()
                .any(|word| hit.before.contains(word) || hit.after.contains(word))
        };
        lower(&["share", "disclos", "divulge", "release", "submit"]) && !hit.after.trim_end().ends_with('?')
    };
    let words = look.text.hits(&["directory information"], shared);
    let say = |words: &&str| {
        look.found(
            "`directory information` is used in general, not as a school has designated it",
            words,
        )
    };
    words.first().map(say).into_iter().collect()
}

fn plain_http(look: &SentenceLook<'_>) -> Vec<Found> {
    let found = look.text.sentences().find_map(|(lower, raw)| {
        let at = lower.find("http://")?;
        let rest = raw.get(at..)?;
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | '"'))
            .unwrap_or(rest.len());
        let local = ["http://localhost", "http://127."]
            .iter()
            .any(|host| lower[at..].starts_with(host));
        (!local).then(|| rest[..end].trim_end_matches(['.', ',']))
    });
    let say = |url: &str| look.found("an address over plain http is published".to_owned(), url);
    found.map(say).into_iter().collect()
}
