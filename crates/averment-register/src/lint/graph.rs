//! Rules about recipients beside recipients: who is reached through whom, who passes data on, who is no longer used.

use std::collections::BTreeMap;

use averment_catalog::{Plane, Treatment};

use super::look::{RecipientLook, Register};
use super::phrase::{Text, words};
use super::rule::{Eyes, Found, Rule};
use crate::charter::{Onward, RecipientId, RecipientRole};
use crate::diagnostic::Severity::{Error, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "indirect-recipient",
        ids: &["SEED-f", "FERPA-33-b", "GDPR-28-d"],
        severity: Warning,
        cite: Some("FERPA 34 CFR 99.33(b); GDPR Art. 28(4)"),
        hint: "declare the edge: `through = [\"<recipient>\"]`",
        eyes: Eyes::Register(indirect),
        ..Rule::BLANK
    },
    Rule {
        code: "onward-incomplete",
        ids: &["FERPA-33-b", "FERPA-32-g", "UT-309-a"],
        severity: Warning,
        cite: Some("FERPA 34 CFR 99.32(b)(1), 99.33(b)(1)"),
        hint: "say for each party that gets data from it: `purpose`, `elements`, `country`",
        eyes: Eyes::Recipient(onward),
        ..Rule::BLANK
    },
    Rule {
        code: "retired-and-still-declared",
        ids: &["SEED-h"],
        severity: Error,
        cite: Some("GDPR Art. 5(1)(a), 5(1)(d)"),
        hint: "remove its `[[discloses]]` rows: nothing may leave to a recipient that is not used",
        eyes: Eyes::Recipient(retired),
        ..Rule::BLANK
    },
    Rule {
        code: "retired-without-date",
        ids: &["SEED-h"],
        severity: Warning,
        cite: Some("GDPR Art. 5(1)(d)"),
        hint: "say since when: `retired = 2018-10-03`, so that what still goes there is refused",
        eyes: Eyes::Recipient(retired_undated),
        ..Rule::BLANK
    },
    Rule {
        code: "joint-without-arrangement",
        ids: &["GDPR-26-a"],
        severity: Warning,
        cite: Some("GDPR Art. 26(1)-(2)"),
        hint: "name the arrangement: `[contract] document`",
        eyes: Eyes::Recipient(joint),
        ..Rule::BLANK
    },
    Rule {
        code: "nothing-shared-untested",
        ids: &["SEED-j", "COPPA-2-a"],
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.2 (persistent identifier); GDPR Art. 4(1)"),
        hint: "a browser or a server that reaches it shows its IP address: declare that, or say how it is kept away",
        eyes: Eyes::Recipient(nothing_shared),
        ..Rule::BLANK
    },
];

/// Phrases behind which a text names the party that data come from.
const LINKS: &[&str] = &[
    "linked to",
    "linked with",
    "draws on",
    "collected through",
    "collected via",
    "collected by",
    "by means of",
    "integrated with",
    "connected to",
    "what",
    "through",
    "via",
];

/// Phrases for data that come, but not from the platform itself.
pub(super) const NOT_DIRECTLY: &[&str] = &[
    "no information directly shared",
    "not directly shared",
    "handed over directly",
    "but linked to",
];

/// Names of recipients that the text of another gives as the source of its data, and that `through` does not name.
fn indirect(register: &Register<'_>) -> Vec<Found> {
    let names = Names::of(register);
    let one = |look: &RecipientLook<'_>| {
        if !look.recipient.through.is_empty() {
            return None;
        }
        let text = Text::of(&look.recipient.information);
        let link = text
            .first(LINKS)
            .filter(|link| *link != "what" || look.recipient.discloses.is_empty());
        let other = names
            .named_in(&look.recipient.information, &look.recipient.id)
            .filter(|_| link.is_some());
        if let Some(other) = other.filter(|_| look.recipient.discloses.is_empty()) {
            let message = format!(
                "`{}` gets data through `{other}`, which no edge says",
                look.recipient.id
            );
            let hint = format!("declare the edge: `through = [\"{other}\"]`");
            return Some(look.at(message, look.file.information.span()).hint(hint));
        }
        let linked = text.first(NOT_DIRECTLY);
        linked.filter(|_| look.recipient.discloses.is_empty()).map(|words| {
            let message = format!("`{}` gets data through somebody whom no edge names", look.recipient.id);
            look.at(message, look.file.information.span()).words(words)
        })
    };
    register.recipients.iter().filter_map(one).collect()
}

/// The names of all recipients by their first word, so that a text is read once.
struct Names<'a> {
    by_first_word: BTreeMap<String, Vec<(Vec<String>, &'a RecipientId)>>,
}

impl<'a> Names<'a> {
    fn of(register: &'a Register<'_>) -> Self {
        let mut by_first_word: BTreeMap<String, Vec<(Vec<String>, &RecipientId)>> = BTreeMap::new();
        for look in &register.recipients {
            let products = look.parties().flat_map(|party| {
                let aliases = party.aliases.iter().map(String::as_str);
                std::iter::once(party.product.as_str()).chain(aliases)
            });
            for name in std::iter::once(look.recipient.name.as_str()).chain(products) {
                let name: Vec<String> = split(name).collect();
                if let Some(first) = name.first().cloned() {
                    by_first_word.entry(first).or_default().push((name, &look.recipient.id));
                }
            }
        }
        Self { by_first_word }
    }

    /// Another recipient that the text names; the longest name counts.
    fn named_in(&self, text: &str, own: &RecipientId) -> Option<&'a RecipientId> {
        let all: Vec<String> = split(text).collect();
        let starts = all.iter().enumerate();
        let found = starts.flat_map(|(at, word)| {
            let rows = self.by_first_word.get(word).into_iter().flatten().take(64);
            let rest = &all[at..];
            rows.filter(move |(name, id)| *id != own && rest.starts_with(name))
        });
        found.max_by_key(|(name, _)| name.len()).map(|(_, id)| *id)
    }
}

fn split(text: &str) -> impl Iterator<Item = String> {
    words(text).flat_map(|word| word.split('-').map(str::to_lowercase).collect::<Vec<_>>())
}

fn onward(look: &RecipientLook<'_>) -> Vec<Found> {
    let bare = |party: &Onward| party.purpose.is_none() || party.elements.is_empty();
    let rows = look
        .recipient
        .onward
        .iter()
        .zip(&look.file.onward)
        .filter(|(party, _)| bare(party));
    rows.map(|(party, row)| {
        let message = format!(
            "`{}` passes data on to `{}`, and what or why is not said",
            look.recipient.id, party.name
        );
        look.at(message, row.span())
    })
    .collect()
}

fn retired(look: &RecipientLook<'_>) -> Vec<Found> {
    let row = look.leaving().next().filter(|_| look.is_retired());
    let say = |(row, span): (&crate::charter::Disclosure, _)| {
        let message = format!(
            "`{}` is not used any more, and rule `{}` still lets data leave",
            look.recipient.id, row.rule
        );
        look.at(message, span)
    };
    row.map(say).into_iter().collect()
}

/// Phrases for what is not used any more.
const NO_LONGER: &[&str] = &[
    "no longer embeds",
    "no longer embedds",
    "no longer embed",
    "no longer uses",
    "no longer use",
    "no longer used",
    "not used any more",
    "not used anymore",
    "has been discontinued",
    "is discontinued",
];

fn retired_undated(look: &RecipientLook<'_>) -> Vec<Found> {
    let dated = look.recipient.retired.is_some()
        || look
            .claims
            .iter()
            .any(|claim| matches!(claim.kind, crate::charter::ClaimKind::RetiredSince { .. }));
    let texts = [&look.recipient.information, &look.recipient.purpose];
    let words = texts
        .into_iter()
        .find_map(|text| Text::of(text).first(NO_LONGER).map(str::to_owned));
    let say = |words: String| {
        let message = format!(
            "`{}` is said of `{}`, and the register has no day for it",
            words.to_lowercase(),
            look.recipient.id
        );
        look.found(message).words(words)
    };
    words.filter(|_| !dated).map(say).into_iter().collect()
}

fn joint(look: &RecipientLook<'_>) -> Vec<Found> {
    let arranged = look
        .recipient
        .contract
        .as_ref()
        .is_some_and(|contract| contract.document.is_some());
    let bare = look.recipient.role == RecipientRole::JointController && !arranged;
    let say = || {
        look.found(format!(
            "`{}` decides together with the platform, and no arrangement is named",
            look.recipient.id
        ))
    };
    bare.then(say).into_iter().collect()
}

/// Phrases that say that nothing personal is shared.
const NOTHING: &[&str] = &[
    "no personal data is shared",
    "no personal data are shared",
    "no personal information is shared",
    "does not receive pii",
    "do not receive pii",
    "does not receive personal data",
    "do not receive personal data",
    "does not receive any personal data",
    "no pii is shared",
    "no structured user data is shared",
    "no data is shared",
    "no personal data leaves",
    "receives no personal data",
    "gets no personal data",
];

/// A recipient that is reached over a network, said to get nothing: its rows do not say that it sees addresses.
fn nothing_shared(look: &RecipientLook<'_>) -> Vec<Found> {
    let reached = [Plane::Browser, Plane::Gateway, Plane::VendorForm, Plane::Infrastructure];
    let over_network = look.recipient.planes.iter().any(|plane| reached.contains(plane));
    let declared = look
        .recipient
        .discloses
        .iter()
        .any(|row| row.treatment != Treatment::Drop);
    let texts = std::iter::once(&look.recipient.information).chain(look.claims.iter().map(|claim| &claim.sentence));
    let words = texts
        .into_iter()
        .find_map(|text| Text::of(text).first(NOTHING).map(str::to_owned));
    if !over_network || declared || look.is_retired() {
        return Vec::new();
    }
    let say = |words: String| {
        let message = format!(
            "`{}` is said of `{}`, which sees at least an IP address",
            words.to_lowercase(),
            look.recipient.id
        );
        look.at(message, look.file.information.span()).words(words)
    };
    words.map(say).into_iter().collect()
}
