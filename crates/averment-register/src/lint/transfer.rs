//! Rules about transfers out of the European Economic Area, where its law has to do with the register.
//!
//! Source: GDPR Art. 44-49; `countries.toml` of the catalog.

use averment_catalog::{Region, catalog};
use toml::Spanned;

use super::look::{RecipientLook, Register};
use super::rule::{Eyes, Found, Rule, listed};
use crate::diagnostic::Severity::{Error, Note, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "transfer-without-safeguard",
        ids: &["GDPR-46-a"],
        severity: Error,
        cite: Some("GDPR Art. 44-46"),
        hint: "say what the transfer rests on: `[[transfers]] to = \"…\", safeguard = \"standard_clauses\"`",
        eyes: Eyes::Register(without),
        ..Rule::BLANK
    },
    Rule {
        code: "adequacy-needs-certification",
        ids: &["GDPR-46-b"],
        severity: Warning,
        cite: Some("GDPR Art. 45; Decision (EU) 2023/1795"),
        hint: "only certified organisations in the United States are covered: add `[[transfers]]` with the certification and its last day",
        eyes: Eyes::Register(certification),
        ..Rule::BLANK
    },
    Rule {
        code: "adequacy-not-decided",
        ids: &["GDPR-46-a"],
        severity: Error,
        cite: Some("GDPR Art. 45(3)"),
        hint: "no decision of the Commission covers that country: name another safeguard",
        eyes: Eyes::Recipient(not_decided),
        ..Rule::BLANK
    },
    Rule {
        code: "transfer-expired",
        ids: &["GDPR-46-a", "GDPR-46-b"],
        severity: Error,
        cite: Some("GDPR Art. 44-46"),
        hint: "renew it and mend `until`, or stop the flow",
        eyes: Eyes::Recipient(expired),
        ..Rule::BLANK
    },
    Rule {
        code: "compelling-interests",
        ids: &["GDPR-49-a"],
        severity: Warning,
        cite: Some("GDPR Art. 49(1) second subparagraph, 49(6)"),
        hint: "it must be a single case, assessed and recorded: name the assessment in `instrument`",
        eyes: Eyes::Recipient(compelling),
        ..Rule::BLANK
    },
    Rule {
        code: "onward-country-unknown",
        ids: &["GDPR-46-a", "FERPA-33-b"],
        severity: Note,
        cite: Some("GDPR Art. 44"),
        hint: "onward transfers count too: say `country`",
        eyes: Eyes::Register(onward),
        ..Rule::BLANK
    },
];

/// Countries of a recipient outside the Area for which no transfer is declared, of one sort.
fn bare<'a>(look: &'a RecipientLook<'_>, region: Region) -> Vec<&'a str> {
    let declared = |code: &str| look.recipient.transfers.iter().any(|transfer| transfer.to == code);
    let of_sort = |code: &&str| catalog().country(code).is_some_and(|country| country.region == region);
    let codes = look.recipient.countries.iter().map(String::as_str);
    codes.filter(of_sort).filter(|code| !declared(code)).collect()
}

fn place(look: &RecipientLook<'_>, code: &str) -> std::ops::Range<usize> {
    let row = look.file.countries.iter().find(|name| name.get_ref() == code);
    row.map_or(look.file.recipient.span(), Spanned::span)
}

fn without(register: &Register<'_>) -> Vec<Found> {
    if !register.under_gdpr() {
        return Vec::new();
    }
    let one = |look: &RecipientLook<'_>| {
        let codes = bare(look, Region::Third);
        let message = format!(
            "`{}` processes in {}, and nothing says what the transfer rests on",
            look.recipient.id,
            listed(codes.iter().copied(), 6)
        );
        codes.first().map(|first| look.at(message, place(look, first)))
    };
    register.recipients.iter().filter_map(one).collect()
}

fn certification(register: &Register<'_>) -> Vec<Found> {
    if !register.under_gdpr() {
        return Vec::new();
    }
    let one = |look: &RecipientLook<'_>| {
        let american = bare(look, Region::Adequate).contains(&"US");
        let message = format!(
            "`{}` processes in `US`, where only certified organisations are covered",
            look.recipient.id
        );
        american.then(|| look.at(message, place(look, "US")))
    };
    register.recipients.iter().filter_map(one).collect()
}

fn not_decided(look: &RecipientLook<'_>) -> Vec<Found> {
    let rows = look.recipient.transfers.iter().zip(&look.file.transfers);
    let wrong = rows.filter(|(transfer, _)| {
        let third = catalog()
            .country(&transfer.to)
            .is_some_and(|country| country.region == Region::Third);
        transfer.safeguard.as_str() == "adequacy" && third
    });
    wrong
        .map(|(transfer, row)| {
            look.at(
                format!(
                    "the transfer to `{}` rests on an adequacy decision that does not exist",
                    transfer.to
                ),
                row.span(),
            )
        })
        .collect()
}

fn expired(look: &RecipientLook<'_>) -> Vec<Found> {
    let rows = look.recipient.transfers.iter().zip(&look.file.transfers);
    let late = rows.filter_map(|(transfer, row)| Some((transfer, row, transfer.until?)));
    late.filter(|(.., until)| *until < look.look.today)
        .map(|(transfer, row, until)| {
            let message = format!("what the transfer to `{}` rests on ran out on {until}", transfer.to);
            look.at(message, row.get_ref().until.as_ref().map_or(row.span(), Spanned::span))
        })
        .collect()
}

fn compelling(look: &RecipientLook<'_>) -> Vec<Found> {
    let rows = look.recipient.transfers.iter().zip(&look.file.transfers);
    let bare = rows
        .filter(|(transfer, _)| transfer.safeguard.as_str() == "compelling_interests" && transfer.instrument.is_none());
    bare.map(|(transfer, row)| {
        look.at(
            format!(
                "the transfer to `{}` rests on compelling interests, and no assessment is named",
                transfer.to
            ),
            row.span(),
        )
    })
    .collect()
}

fn onward(register: &Register<'_>) -> Vec<Found> {
    let gdpr = register.under_gdpr();
    let one = |look: &RecipientLook<'_>| {
        let names: Vec<&str> = look
            .recipient
            .onward
            .iter()
            .filter(|party| party.country.is_none())
            .map(|party| party.name.as_str())
            .collect();
        let row = look.file.onward.first()?;
        let message = format!(
            "where {} processes what it gets from `{}` is not said",
            listed(names.iter().copied(), 4),
            look.recipient.id
        );
        (gdpr && !names.is_empty()).then(|| look.at(message, row.span()))
    };
    register.recipients.iter().filter_map(one).collect()
}
