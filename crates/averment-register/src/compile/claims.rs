//! `[[claims]]` rows to claims. Which kind takes which parameters is the table [`KINDS`].

use std::collections::BTreeSet;

use averment_catalog::{ElementId, SubjectId};
use toml::Spanned;

use super::{At, Run, check, names, suggest};
use crate::charter::{Claim, ClaimId, ClaimKind, RecipientId, STUDENT_RECORD_CATEGORIES, Said};
use crate::model::ClaimRow;

/// Where a kind of claim may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Recipient,
    List,
}

/// One kind of claim.
struct Kind {
    word: &'static str,
    needs: &'static [&'static str],
    may: &'static [&'static str],
    place: Place,
}

const fn kind(word: &'static str, needs: &'static [&'static str], may: &'static [&'static str], place: Place) -> Kind {
    Kind {
        word,
        needs,
        may,
        place,
    }
}

const KINDS: &[Kind] = &[
    kind("never_shares", &[], &["elements", "subjects"], Place::Anywhere),
    kind("list_complete", &[], &[], Place::List),
    kind("not_stored", &["elements"], &[], Place::Anywhere),
    kind("stored_as", &["elements", "form"], &["subjects"], Place::Anywhere),
    kind("encrypted_at_rest", &[], &[], Place::Anywhere),
    kind("contract_says", &["term"], &[], Place::Recipient),
    kind("embeds_only", &["host"], &[], Place::Recipient),
    kind("statement", &[], &[], Place::Anywhere),
];

impl Run {
    /// Compiles the rows of one file and adds them to the charter's claims.
    pub(super) fn claims(&mut self, at: At<'_>, recipient: Option<&RecipientId>, rows: &[Spanned<ClaimRow>]) {
        for row in rows {
            self.said_is_declared(at, row.get_ref().said.as_ref());
            let Some(kind) = self.claim_kind(at, recipient.is_some(), row) else {
                continue;
            };
            let said = row.get_ref().said.as_ref().map(|said| said.get_ref().clone());
            self.claim(at, recipient, row, kind, said);
        }
    }

    fn claim(
        &mut self,
        at: At<'_>,
        recipient: Option<&RecipientId>,
        row: &Spanned<ClaimRow>,
        kind: ClaimKind,
        said: Option<Said>,
    ) {
        let sentence = row.get_ref().sentence.clone();
        let same =
            |claim: &&Claim| claim.recipient.as_ref() == recipient && claim.kind == kind && claim.sentence == sentence;
        if let Some(same) = self.claims.values().find(same) {
            let message = format!("this claim is already made as `{}`", same.id);
            return self.findings.error(
                at,
                Some(row.span()),
                "duplicate-claim",
                message,
                Some("remove one of the two".into()),
            );
        }
        let word = row
            .get_ref()
            .id
            .as_ref()
            .map_or_else(|| kind.as_str().replace('_', "-"), |id| id.get_ref().clone());
        let prefix = recipient.map_or("list", |id| id.as_str());
        let Some(id) = self.free_claim_id(at, row.get_ref(), &format!("{prefix}/{word}")) else {
            return;
        };
        self.claims.insert(
            id.clone(),
            Claim {
                id,
                kind,
                recipient: recipient.cloned(),
                sentence,
                said,
            },
        );
    }

    /// The wanted identifier, or the first of `…-2`, `…-3` that is free when the row names none.
    fn free_claim_id(&mut self, at: At<'_>, row: &ClaimRow, wanted: &str) -> Option<ClaimId> {
        let free = |run: &Self, text: &str| ClaimId::new(text).ok().filter(|id| !run.claims.contains_key(id));
        let Some(id) = &row.id else {
            return self.numbered_claim_id(wanted);
        };
        let found = free(self, wanted).filter(|_| !id.get_ref().contains('/'));
        if found.is_none() {
            let message = format!("claim identifier `{}` is malformed or used twice", id.get_ref());
            let hint = "give each claim of a file its own word of lower-case letters, digits and `-`";
            self.findings
                .error(at, Some(id.span()), "claim-id", message, Some(hint.into()));
        }
        found
    }

    /// `wanted`, or `wanted-2`, `wanted-3` …: the first that is free. The last number is kept, so that ten thousand
    /// statements do not each count from two.
    fn numbered_claim_id(&mut self, wanted: &str) -> Option<ClaimId> {
        let last = self.claim_numbers.get(wanted).copied().unwrap_or(0);
        for number in last + 1.. {
            let text = if number == 1 {
                wanted.to_owned()
            } else {
                format!("{wanted}-{number}")
            };
            let id = ClaimId::new(&text).ok()?;
            if !self.claims.contains_key(&id) {
                self.claim_numbers.insert(wanted.to_owned(), number);
                return Some(id);
            }
        }
        None
    }

    fn claim_kind(&mut self, at: At<'_>, of_recipient: bool, row: &Spanned<ClaimRow>) -> Option<ClaimKind> {
        let word = &row.get_ref().kind;
        let Some(kind) = KINDS.iter().find(|kind| kind.word == word.get_ref()) else {
            let message = format!("`{}` is not a kind of claim", word.get_ref());
            let hint = match word.get_ref().as_str() {
                "shares" => {
                    Some("leave it out: every recipient has this claim, its `information` is the sentence".into())
                }
                other => suggest::hint(other, KINDS.iter().map(|kind| kind.word)),
            };
            self.findings
                .error(at, Some(word.span()), "unknown-claim-kind", message, hint);
            return None;
        };
        let place = self.place_fits(at, kind, of_recipient, row);
        let parameters = self.parameters_fit(at, kind, row);
        let built = self.build(at, kind.word, row.get_ref());
        built.filter(|_| place && parameters)
    }

    fn place_fits(&mut self, at: At<'_>, kind: &Kind, of_recipient: bool, row: &Spanned<ClaimRow>) -> bool {
        let (fits, belongs) = match kind.place {
            Place::Anywhere => (true, ""),
            Place::Recipient => (of_recipient, "a file under `recipients/`"),
            Place::List => (!of_recipient, "a file under `claims/`"),
        };
        if !fits {
            let message = format!("a `{}` claim does not belong here", kind.word);
            let hint = Some(format!("expected in {belongs}"));
            self.findings
                .error(at, Some(row.get_ref().kind.span()), "claim-place", message, hint);
        }
        fits
    }

    /// Whether the row has every parameter that its kind needs and none that it does not take.
    fn parameters_fit(&mut self, at: At<'_>, kind: &Kind, row: &Spanned<ClaimRow>) -> bool {
        let row_span = row.span();
        let row = row.get_ref();
        let given = [
            ("elements", row.elements.is_some()),
            ("subjects", row.subjects.is_some()),
            ("form", row.form.is_some()),
            ("term", row.term.is_some()),
            ("host", row.host.is_some()),
        ];
        let mut fits = true;
        for (name, given) in given {
            let (code, message) = match (given, kind.needs.contains(&name), kind.may.contains(&name)) {
                (false, true, _) => ("missing-parameter", format!("a `{}` claim needs `{name}`", kind.word)),
                (true, false, false) => (
                    "foreign-parameter",
                    format!("a `{}` claim does not take `{name}`", kind.word),
                ),
                _ => continue,
            };
            fits = false;
            let span = if code == "missing-parameter" {
                row.kind.span()
            } else {
                row_span.clone()
            };
            self.findings
                .error(at, Some(span), code, message, parameters_hint(kind));
        }
        fits
    }

    fn build(&mut self, at: At<'_>, word: &str, row: &ClaimRow) -> Option<ClaimKind> {
        let elements = row
            .elements
            .as_deref()
            .map(|rows| names::resolve(&mut self.findings, at, rows, names::element));
        let subjects = row
            .subjects
            .as_deref()
            .map(|rows| names::resolve(&mut self.findings, at, rows, names::subject));
        Some(match word {
            "never_shares" => ClaimKind::NeverShares {
                elements: elements.unwrap_or_else(student_record_elements),
                subjects: subjects.unwrap_or_else(students),
            },
            "list_complete" => ClaimKind::ListComplete,
            "not_stored" => ClaimKind::NotStored { elements: elements? },
            "stored_as" => ClaimKind::StoredAs {
                elements: elements?,
                subjects: subjects.unwrap_or_default(),
                form: row.form.clone()?,
            },
            "encrypted_at_rest" => ClaimKind::EncryptedAtRest,
            "contract_says" => ClaimKind::ContractSays {
                term: row.term.clone()?,
            },
            "embeds_only" => {
                let host = row.host.as_ref()?;
                check::host(&mut self.findings, at, host.get_ref(), host.span()).then(|| ClaimKind::EmbedsOnly {
                    host: host.get_ref().to_ascii_lowercase(),
                })?
            }
            _ => ClaimKind::Statement,
        })
    }
}

fn parameters_hint(kind: &Kind) -> Option<String> {
    let list = |names: &[&str]| {
        names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    Some(match (kind.needs, kind.may) {
        ([], []) => format!("`{}` takes no parameter", kind.word),
        ([], may) => format!("`{}` may take {}", kind.word, list(may)),
        (needs, []) => format!("`{}` takes {}", kind.word, list(needs)),
        (needs, may) => format!("`{}` takes {} and may take {}", kind.word, list(needs), list(may)),
    })
}

pub(super) fn student_record_elements() -> BTreeSet<ElementId> {
    STUDENT_RECORD_CATEGORIES
        .iter()
        .filter_map(|text| ElementId::new(text).ok())
        .collect()
}

fn students() -> BTreeSet<SubjectId> {
    SubjectId::new("student").into_iter().collect()
}
