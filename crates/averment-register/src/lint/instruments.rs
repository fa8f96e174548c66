//! Instruments that have lapsed: a framework that was struck down, clauses that were repealed, a pledge that was retired.

use averment_catalog::{Instrument, catalog};

use super::look::{ClaimLook, RecipientLook, SentenceLook};
use super::rule::{Eyes, Found, Rule};
use crate::charter::ClaimKind;
use crate::diagnostic::Severity::{Error, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "lapsed-instrument",
        ids: &["SEED-n", "GDPR-46-a"],
        severity: Error,
        cite: Some("GDPR Art. 44-46; cases C-311/18, C-362/14"),
        hint: "name what the transfer rests on today: an adequacy decision, standard contractual clauses of 2021, binding rules",
        eyes: Eyes::Sentence(cited),
        ..Rule::BLANK
    },
    Rule {
        code: "lapsed-safeguard",
        ids: &["SEED-n", "GDPR-46-a"],
        severity: Error,
        cite: Some("GDPR Art. 44-46; cases C-311/18, C-362/14"),
        hint: "name what the transfer rests on today: an adequacy decision, standard contractual clauses of 2021, binding rules",
        eyes: Eyes::Recipient(safeguard),
        ..Rule::BLANK
    },
    Rule {
        code: "lapsed-certificate",
        ids: &["SEED-n", "SEED-o"],
        severity: Error,
        cite: Some("case C-311/18"),
        hint: "take the sentence back: nobody can hold it any more",
        eyes: Eyes::Claim(certificate),
        ..Rule::BLANK
    },
    Rule {
        code: "retired-pledge",
        ids: &["PLEDGE-a"],
        severity: Warning,
        hint: "take the sentence back: the pledge was retired on 25 April 2025",
        eyes: Eyes::Sentence(pledge),
        unverified: true,
        ..Rule::BLANK
    },
];

/// Words that speak of an instrument as of something past.
const PAST: &[&str] = &[
    "no longer",
    "invalid",
    "invalidated",
    "struck down",
    "void",
    "formerly",
    "replaced",
    "successor",
    "instead of",
    "not rely on",
    "retired",
    "ended",
];

/// The instruments that had lapsed on the day, of one sort.
fn lapsed(today: jiff::civil::Date, transfer: bool) -> impl Iterator<Item = (&'static Instrument, &'static str)> {
    let day = today.to_string();
    let rows = catalog()
        .instruments()
        .iter()
        .filter(move |row| row.transfer == transfer);
    rows.filter_map(move |row| row.lapsed_on(&day).map(|last| (row, last)))
}

fn cited(look: &SentenceLook<'_>) -> Vec<Found> {
    // A certificate or safeguard that a claim types has a finding of its own.
    let typed = |row: &Instrument| {
        look.claims.iter().any(|claim| match &claim.kind {
            ClaimKind::HoldsCertificate { certificate, .. } => {
                row.words.iter().any(|word| word == certificate.as_str())
            }
            _ => false,
        })
    };
    named(look, true, typed)
}

fn pledge(look: &SentenceLook<'_>) -> Vec<Found> {
    named(look, false, |_| false)
}

fn named(look: &SentenceLook<'_>, transfer: bool, typed: impl Fn(&Instrument) -> bool) -> Vec<Found> {
    let mut found = Vec::new();
    for (row, last) in lapsed(look.today, transfer).filter(|(row, _)| !typed(row)) {
        let names: Vec<&str> = row.names.iter().map(String::as_str).collect();
        let past = |hit: &super::phrase::Hit<'_>| {
            let other = row.unless.iter().any(|word| hit.beside(word));
            !other && !PAST.iter().any(|word| hit.beside(word))
        };
        if let Some(words) = look.text.hits(&names, past).first() {
            let sure = if row.review { ", a date to be checked" } else { "" };
            let message = format!("{} is cited, which ended on {last} ({}{sure})", row.label, row.source);
            found.push(look.found(message, words));
        }
    }
    found
}

/// Transfers whose safeguard or instrument has lapsed.
fn safeguard(look: &RecipientLook<'_>) -> Vec<Found> {
    let rows = look.recipient.transfers.iter().zip(&look.file.transfers);
    let one = |(transfer, row): (&crate::charter::Transfer, &toml::Spanned<crate::model::TransferRow>)| {
        let text = transfer.instrument.as_deref().unwrap_or_default().to_lowercase();
        let is = |instrument: &&(&Instrument, &str)| {
            let by_word = instrument
                .0
                .words
                .iter()
                .any(|word| word == transfer.safeguard.as_str());
            by_word || instrument.0.names.iter().any(|name| super::phrase::holds(&text, name))
        };
        let all: Vec<_> = lapsed(look.look.today, true).collect();
        let (instrument, last) = all.iter().find(is)?;
        let message = format!(
            "the transfer to `{}` rests on {}, which ended on {last}",
            transfer.to, instrument.label
        );
        Some(look.at(message, row.span()))
    };
    rows.filter_map(one).collect()
}

fn certificate(look: &ClaimLook<'_>) -> Vec<Found> {
    let ClaimKind::HoldsCertificate { certificate, .. } = &look.claim.kind else {
        return Vec::new();
    };
    let is = |row: &&(&Instrument, &str)| row.0.words.iter().any(|word| word == certificate.as_str());
    let all: Vec<_> = lapsed(look.today, true).collect();
    let say = |(row, last): &(&Instrument, &str)| look.found(format!("{} ended on {last} ({})", row.label, row.source));
    all.iter().find(is).map(say).into_iter().collect()
}
