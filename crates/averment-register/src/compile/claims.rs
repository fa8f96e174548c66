//! `[[claims]]` rows to claims. Which kind takes which parameters is the table [`KINDS`].

use std::collections::BTreeSet;

use averment_catalog::{ElementId, SubjectId, Vocabulary, WordId};
use toml::Spanned;

use super::{At, Run, check, names, suggest};
use crate::charter::{
    Claim, ClaimId, ClaimKind, Condition, Period, RecipientId, STUDENT_RECORD_CATEGORIES, Said, Words,
};
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

const WHO: &[&str] = &["elements", "subjects"];

const KINDS: &[Kind] = &[
    kind("never_shares", &[], WHO, Place::Anywhere),
    kind("list_complete", &[], &["unless"], Place::List),
    kind("aggregates_only", &[], WHO, Place::Anywhere),
    kind("collects", &["elements"], &["subjects", "when"], Place::List),
    kind("not_stored", &["elements"], &["subjects"], Place::Anywhere),
    kind("stored_as", &["elements", "form"], &["subjects"], Place::Anywhere),
    kind("stored_in", &["places"], WHO, Place::Anywhere),
    kind("encrypted_in_transit", &[], &["elements"], Place::Anywhere),
    kind("encrypted_at_rest", &[], &["elements"], Place::Anywhere),
    kind(
        "retained_for",
        &["duration"],
        &["elements", "subjects", "after"],
        Place::Anywhere,
    ),
    kind(
        "erased_on",
        &["after"],
        &["elements", "subjects", "except", "duration"],
        Place::Anywhere,
    ),
    kind(
        "visible_to",
        &["elements", "viewers"],
        &["subjects", "when", "off_by"],
        Place::Anywhere,
    ),
    kind(
        "hidden_from",
        &["viewers"],
        &["elements", "subjects", "unless"],
        Place::Anywhere,
    ),
    kind("needs_consent", &["consent", "giver"], WHO, Place::Anywhere),
    kind("exempt_from", &["activity", "subjects"], &[], Place::Anywhere),
    kind("performed_every", &["activity"], &["period"], Place::Anywhere),
    kind("holds_certificate", &["certificate"], &["until"], Place::Anywhere),
    kind("complies_with", &["regimes"], &[], Place::Anywhere),
    kind("acts_as", &["role"], &[], Place::Anywhere),
    kind("retired_since", &["date"], &[], Place::Recipient),
    kind("embeds_only", &["host"], &[], Place::Recipient),
    kind("contract_says", &["term"], &[], Place::Anywhere),
    kind("offers", &["offer"], &["url"], Place::Anywhere),
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
        let said_key = (recipient.cloned(), sentence.clone());
        let alike = self.claims_said.get(&said_key).into_iter().flatten();
        let mut alike = alike.filter_map(|id| self.claims.get(id));
        if let Some(same) = alike.find(|claim| claim.kind == kind) {
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
        self.claims_said.entry(said_key).or_default().push(id.clone());
        let row_place = (at.name.to_owned(), row.span());
        self.files.claim_rows.insert(id.clone(), row_place);
        self.claims.insert(
            id.clone(),
            Claim {
                id,
                kind,
                recipient: recipient.cloned(),
                sentence,
                said,
                evidence: row.get_ref().evidence.clone(),
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
            ("except", row.except.is_some()),
            ("when", row.when.is_some()),
            ("unless", row.unless.is_some()),
            ("form", row.form.is_some()),
            ("places", row.places.is_some()),
            ("duration", row.duration.is_some()),
            ("after", row.after.is_some()),
            ("viewers", row.viewers.is_some()),
            ("off_by", row.off_by.is_some()),
            ("consent", row.consent.is_some()),
            ("giver", row.giver.is_some()),
            ("activity", row.activity.is_some()),
            ("period", row.period.is_some()),
            ("certificate", row.certificate.is_some()),
            ("until", row.until.is_some()),
            ("regimes", row.regimes.is_some()),
            ("role", row.role.is_some()),
            ("date", row.date.is_some()),
            ("term", row.term.is_some()),
            ("host", row.host.is_some()),
            ("offer", row.offer.is_some()),
            ("url", row.url.is_some()),
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

    /// The kind with its parameters; none when one that it needs is missing or not known.
    fn build(&mut self, at: At<'_>, word: &str, row: &ClaimRow) -> Option<ClaimKind> {
        let mut read = Parameters { run: self, at };
        let elements = read.names(row.elements.as_deref(), names::element);
        let subjects = read.names(row.subjects.as_deref(), names::subject);
        Some(match word {
            "never_shares" => ClaimKind::NeverShares {
                elements: elements.unwrap_or_else(student_record_elements),
                subjects: subjects.unwrap_or_else(students),
            },
            "list_complete" => ClaimKind::ListComplete {
                unless: read.words(row.unless.as_deref(), Vocabulary::Exception),
            },
            "aggregates_only" => ClaimKind::AggregatesOnly {
                elements: elements.unwrap_or_default(),
                subjects: subjects.unwrap_or_default(),
            },
            "collects" => ClaimKind::Collects {
                elements: elements?,
                subjects: subjects.unwrap_or_default(),
                when: read.condition(row),
            },
            "not_stored" => ClaimKind::NotStored {
                elements: elements?,
                subjects: subjects.unwrap_or_default(),
            },
            "stored_as" => ClaimKind::StoredAs {
                elements: elements?,
                subjects: subjects.unwrap_or_default(),
                form: read.word(row.form.as_ref(), Vocabulary::Form)?,
            },
            "stored_in" => ClaimKind::StoredIn {
                elements: elements.unwrap_or_default(),
                subjects: subjects.unwrap_or_default(),
                places: read.names(row.places.as_deref(), names::place)?,
            },
            "encrypted_in_transit" => ClaimKind::EncryptedInTransit {
                elements: elements.unwrap_or_default(),
            },
            "encrypted_at_rest" => ClaimKind::EncryptedAtRest {
                elements: elements.unwrap_or_default(),
            },
            "retained_for" => ClaimKind::RetainedFor {
                elements: elements.unwrap_or_default(),
                subjects: subjects.unwrap_or_default(),
                duration: *row.duration.as_ref()?.get_ref(),
                after: read.trigger(row.after.as_ref())?,
            },
            "erased_on" => ClaimKind::ErasedOn {
                elements: elements.unwrap_or_default(),
                subjects: subjects.unwrap_or_default(),
                except: read.names(row.except.as_deref(), names::element).unwrap_or_default(),
                after: read.trigger(row.after.as_ref())?,
                duration: row
                    .duration
                    .as_ref()
                    .map_or(Period::ZERO, |duration| *duration.get_ref()),
            },
            "visible_to" => ClaimKind::VisibleTo {
                elements: elements?,
                subjects: subjects.unwrap_or_default(),
                viewers: read.words(row.viewers.as_deref(), Vocabulary::Viewer),
                when: read.condition(row),
                off_by: read.word(row.off_by.as_ref(), Vocabulary::Giver),
            },
            "hidden_from" => ClaimKind::HiddenFrom {
                elements: elements.unwrap_or_default(),
                subjects: subjects.unwrap_or_default(),
                viewers: read.words(row.viewers.as_deref(), Vocabulary::Viewer),
                unless: read.words(row.unless.as_deref(), Vocabulary::Exception),
            },
            "needs_consent" => ClaimKind::NeedsConsent {
                consent: read.consent(row.consent.as_ref())?,
                giver: read.word(row.giver.as_ref(), Vocabulary::Giver)?,
                elements: elements.unwrap_or_default(),
                subjects: subjects.unwrap_or_default(),
            },
            "exempt_from" => ClaimKind::ExemptFrom {
                activity: read.word(row.activity.as_ref(), Vocabulary::Activity)?,
                subjects: subjects?,
            },
            "performed_every" => ClaimKind::PerformedEvery {
                activity: read.word(row.activity.as_ref(), Vocabulary::Activity)?,
                period: row.period.as_ref().map(|period| *period.get_ref()),
            },
            "holds_certificate" => ClaimKind::HoldsCertificate {
                certificate: read.word(row.certificate.as_ref(), Vocabulary::Certificate)?,
                until: row.until.as_ref().map(|until| *until.get_ref()),
            },
            "complies_with" => ClaimKind::CompliesWith {
                regimes: read.words(row.regimes.as_deref(), Vocabulary::Regime),
            },
            "acts_as" => ClaimKind::ActsAs { role: row.role? },
            "retired_since" => ClaimKind::RetiredSince {
                date: *row.date.as_ref()?.get_ref(),
            },
            "embeds_only" => ClaimKind::EmbedsOnly {
                host: read.host(row.host.as_ref())?,
            },
            "contract_says" => ClaimKind::ContractSays {
                term: read.word(row.term.as_ref(), Vocabulary::Term)?,
            },
            "offers" => ClaimKind::Offers {
                offer: read.word(row.offer.as_ref(), Vocabulary::Offer)?,
                url: row.url.as_ref().map(|url| url.get_ref().clone()),
            },
            _ => ClaimKind::Statement,
        })
    }
}

/// Reads the parameters of one row.
struct Parameters<'a, 'b> {
    run: &'a mut Run,
    at: At<'b>,
}

impl Parameters<'_, '_> {
    fn names<T: Ord>(
        &mut self,
        rows: Option<&[Spanned<String>]>,
        one: impl Fn(&str) -> Result<T, names::Unknown>,
    ) -> Option<BTreeSet<T>> {
        rows.map(|rows| names::resolve(&mut self.run.findings, self.at, rows, one))
    }

    fn words(&mut self, rows: Option<&[Spanned<String>]>, vocabulary: Vocabulary) -> Words {
        self.names(rows, names::word(vocabulary)).unwrap_or_default()
    }

    fn word(&mut self, name: Option<&Spanned<String>>, vocabulary: Vocabulary) -> Option<WordId> {
        names::one(&mut self.run.findings, self.at, name?, names::word(vocabulary))
    }

    /// What starts the clock; collection when the row does not say.
    fn trigger(&mut self, name: Option<&Spanned<String>>) -> Option<WordId> {
        match name {
            Some(name) => self.word(Some(name), Vocabulary::Trigger),
            None => WordId::new("collection").ok(),
        }
    }

    fn condition(&mut self, row: &ClaimRow) -> Condition {
        names::condition(&mut self.run.findings, self.at, row.when.as_ref())
    }

    fn consent(&mut self, name: Option<&Spanned<String>>) -> Option<String> {
        let name = name?;
        if averment_catalog::is_id(name.get_ref()) {
            return Some(name.get_ref().clone());
        }
        let message = format!("`{}` is not the name of a consent", name.get_ref());
        let hint = "expected lower-case letters, digits and `-`, as in `consent:<kind>`";
        let findings = &mut self.run.findings;
        findings.error(
            self.at,
            Some(name.span()),
            "unknown-consent",
            message,
            Some(hint.into()),
        );
        None
    }

    fn host(&mut self, host: Option<&Spanned<String>>) -> Option<String> {
        let host = host?;
        let fits = check::host(&mut self.run.findings, self.at, host.get_ref(), host.span());
        fits.then(|| host.get_ref().to_ascii_lowercase())
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
