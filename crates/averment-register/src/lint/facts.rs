//! Rules about what is declared, what the catalog knows, and what is switched on.

use averment_catalog::{Certainty, Flow, Plane, Treatment};

use super::look::{ClaimLook, RecipientLook, Register, SentenceLook};
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::{ClaimKind, Condition, Disclosure, Mode};
use crate::diagnostic::Severity::{Note, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "recipient-retention-unknown",
        ids: &["SEED-e"],
        severity: Note,
        cite: Some("COPPA 16 CFR 312.10; GDPR Art. 28(3)(g)"),
        hint: "what the platform does not store the recipient may: ask how long it keeps it",
        eyes: Eyes::Recipient(not_stored_here_only),
        ..Rule::BLANK
    },
    Rule {
        code: "nothing-declared",
        severity: Note,
        cite: Some("GDPR Art. 30(1)(d)"),
        hint: "declare what leaves, or that it is reached through another recipient: `through = [\"…\"]`",
        eyes: Eyes::Recipient(nothing_declared),
        ..Rule::BLANK
    },
    Rule {
        code: "purpose-unknown",
        ids: &["GDPR-30-a", "COPPA-4-c", "CO-108-a", "US-STU-c"],
        severity: Note,
        cite: Some("GDPR Art. 30(1)(b); COPPA 16 CFR 312.4(d); CRS 22-16-108(1)"),
        hint: "name the purpose in the catalog's words: `purposes = [\"…\"]`",
        eyes: Eyes::Recipient(purpose_unknown),
        ..Rule::BLANK
    },
    Rule {
        code: "hash-is-personal-data",
        ids: &["SEED-g"],
        severity: Note,
        cite: Some("GDPR Art. 4(1), 4(5), Recital 26"),
        hint: "say which function and whether it is keyed; without a key the value can be guessed",
        eyes: Eyes::Register(hashes),
        ..Rule::BLANK
    },
    Rule {
        code: "weak-hash",
        ids: &["SEED-g"],
        severity: Warning,
        cite: Some("GDPR Art. 32(1)(a)"),
        hint: "use a slow, salted function for passwords (Argon2, scrypt, bcrypt) and a keyed one for anything else",
        eyes: Eyes::Claim(weak_hash),
        ..Rule::BLANK
    },
    Rule {
        code: "weak-hash-named",
        ids: &["SEED-g"],
        severity: Warning,
        cite: Some("GDPR Art. 32(1)(a)"),
        hint: "use a slow, salted function for passwords (Argon2, scrypt, bcrypt) and a keyed one for anything else",
        eyes: Eyes::Sentence(weak_hash_named),
        ..Rule::BLANK
    },
    Rule {
        code: "condition-not-declared",
        ids: &["SEED-i"],
        severity: Warning,
        cite: Some("GDPR Art. 5(1)(a)"),
        hint: "the sentence says that the person chooses: declare it, `when = \"subject_chooses\"`, so that it can be held against traffic",
        eyes: Eyes::Recipient(condition_not_declared),
        ..Rule::BLANK
    },
    Rule {
        code: "turned-back-without-pseudonym",
        severity: Warning,
        hint: "give a row `treatment = \"pseudonym\"`, or take `pseudonyms_in_answers` out",
        eyes: Eyes::Recipient(turned_back_without_pseudonym),
        page: false,
        ..Rule::BLANK
    },
    Rule {
        code: "gateway-not-declared",
        severity: Warning,
        hint: "add `gateway` to `planes`, or the flow is not measured",
        eyes: Eyes::Recipient(gateway_not_declared),
        page: false,
        ..Rule::BLANK
    },
    Rule {
        code: "own-domain-unknown",
        severity: Note,
        hint: "name it in `hosts`: the catalog cannot know it",
        eyes: Eyes::Recipient(own_domain),
        page: false,
        ..Rule::BLANK
    },
    Rule {
        code: "not-in-catalog",
        severity: Note,
        hint: "its hosts and fields are unknown: name `hosts`, or add it to the catalog",
        eyes: Eyes::Recipient(not_in_catalog),
        page: false,
        ..Rule::BLANK
    },
    Rule {
        code: "facts-from-memory",
        severity: Note,
        hint: "check the third party's hosts and fields before relying on them",
        eyes: Eyes::Recipient(facts_from_memory),
        page: false,
        ..Rule::BLANK
    },
    Rule {
        code: "mode-report",
        severity: Note,
        hint: "`mode = \"enforce\"` refuses what is not declared",
        eyes: Eyes::Register(report_mode),
        page: false,
        ..Rule::BLANK
    },
];

/// One finding, or none.
fn once(found: bool, say: impl FnOnce() -> Found) -> Vec<Found> {
    found.then(say).into_iter().collect()
}

fn not_stored_here_only(look: &RecipientLook<'_>) -> Vec<Found> {
    let kept = |claim: &crate::charter::Claim| {
        matches!(claim.kind, ClaimKind::RetainedFor { .. } | ClaimKind::ErasedOn { .. })
    };
    let agreed = look
        .recipient
        .contract
        .as_ref()
        .is_some_and(|contract| contract.deletion.is_some());
    if agreed || look.claims.iter().any(|claim| kept(claim)) {
        return Vec::new();
    }
    let claims = look
        .claims
        .iter()
        .filter(|claim| matches!(claim.kind, ClaimKind::NotStored { .. }));
    claims
        .map(|claim| {
            look.at_claim(
                format!("claim `{}` is silent on the recipient's own retention", claim.id),
                claim,
            )
        })
        .collect()
}

fn nothing_declared(look: &RecipientLook<'_>) -> Vec<Found> {
    let empty = look.recipient.discloses.is_empty() && look.recipient.through.is_empty();
    // Data that come through another recipient have a finding of their own.
    let linked = super::phrase::Text::of(&look.recipient.information)
        .first(super::graph::NOT_DIRECTLY)
        .is_some();
    let nothing = empty && look.recipient.receives.is_empty() && !look.is_retired() && !linked;
    once(nothing, || {
        look.found(format!("recipient `{}` is listed and gets nothing", look.recipient.id))
    })
}

fn purpose_unknown(look: &RecipientLook<'_>) -> Vec<Found> {
    let unknown = look.recipient.purposes.is_empty();
    once(unknown, || {
        let message = format!(
            "why `{}` gets data is not said in the catalog's words",
            look.recipient.id
        );
        look.at(message, look.file.purpose.span())
    })
}

fn hashes(register: &Register<'_>) -> Vec<Found> {
    let hashed = |look: &&ClaimLook<'_>| match &look.claim.kind {
        ClaimKind::StoredAs { form, .. } => form.as_str().contains("hash"),
        _ => false,
    };
    let say = |look: &ClaimLook<'_>| {
        look.found(format!(
            "claim `{}` rests on a hash, which stays personal data",
            look.claim.id
        ))
    };
    let claims = register.claims.iter().filter(hashed).map(say);
    claims
        .chain(register.recipients.iter().flat_map(hashes_leaving))
        .collect()
}

fn hashes_leaving(look: &RecipientLook<'_>) -> Vec<Found> {
    let rows = look.leaving().filter(|(row, _)| {
        row.treatment == Treatment::Hash || row.elements.iter().any(|element| element.as_str().ends_with("_hash"))
    });
    let say = |row: &Disclosure| format!("rule `{}` lets a hash leave, which stays personal data", row.rule);
    rows.map(|(row, span)| look.at(say(row), span)).collect()
}

/// A function that is broken, or a fast one over a value that can be guessed.
fn weak_hash(look: &ClaimLook<'_>) -> Vec<Found> {
    let ClaimKind::StoredAs { elements, form, .. } = &look.claim.kind else {
        return Vec::new();
    };
    let guessable = |id: &averment_catalog::ElementId| {
        ["account.password", "contact.email", "contact.phone"].contains(&id.as_str())
    };
    let found = match form.as_str() {
        "md5" | "sha1" => Some(format!("`{form}` is broken: values can be found from it")),
        "sha256" => {
            let element = elements.iter().find(|id| guessable(id));
            element.map(|id| format!("`{form}` without a key is fast: `{id}` can be guessed from it"))
        }
        _ => None,
    };
    found.map(|message| look.found(message)).into_iter().collect()
}

/// A broken function named in prose that no claim types.
fn weak_hash_named(look: &SentenceLook<'_>) -> Vec<Found> {
    let typed = look
        .claims
        .iter()
        .any(|claim| matches!(claim.kind, ClaimKind::StoredAs { .. }));
    let words = look.text.hits(&["md5", "sha1", "sha-1"], |hit| {
        !["not ", "no longer", "instead of"]
            .iter()
            .any(|word| hit.before.contains(word))
    });
    let first = words.first().filter(|_| !typed);
    let say = |words: &&str| look.found(format!("`{words}` is broken: values can be found from it"), words);
    first.map(say).into_iter().collect()
}

/// Phrases by which a text says that the person decides.
const CHOICE: &[&str] = &[
    "explicitly requests",
    "explicitly asks",
    "at the user's discretion",
    "at the user’s discretion",
    "completely optional",
    "entirely optional",
    "only on request",
    "only if you choose",
    "only if the user chooses",
    "only when the user chooses",
    "if a user chooses",
    "if they choose",
    "unless the user asks",
    "unless you ask",
    "nobody has to use",
    "use is optional",
    "participation is optional",
];

fn condition_not_declared(look: &RecipientLook<'_>) -> Vec<Found> {
    let information = super::phrase::Text::of(&look.recipient.information);
    let purpose = super::phrase::Text::of(&look.recipient.purpose);
    let words = information.first(CHOICE).or_else(|| purpose.first(CHOICE));
    let always = look.leaving().find(|(row, _)| row.when == Condition::Always);
    let (Some(words), Some((row, span))) = (words, always) else {
        return Vec::new();
    };
    let message = format!("rule `{}` is for always, beside `{}`", row.rule, words.to_lowercase());
    vec![look.at(message, span).words(words)]
}

fn turned_back_without_pseudonym(look: &RecipientLook<'_>) -> Vec<Found> {
    let said = look.file.pseudonyms_in_answers.as_ref();
    let treated = |row: &Disclosure| row.treatment == Treatment::Pseudonym;
    let said = said.filter(|word| !word.get_ref().are_kept() && !look.recipient.discloses.iter().any(treated));
    let message = "pseudonyms are turned back in answers, and no row puts one in";
    said.map(|word| look.at(message, word.span())).into_iter().collect()
}

fn gateway_not_declared(look: &RecipientLook<'_>) -> Vec<Found> {
    if look.recipient.planes.contains(&Plane::Gateway) || look.recipient.discloses.is_empty() {
        return Vec::new();
    }
    let by_servers = look
        .parties()
        .filter(|party| party.flows.contains(&Flow::Server) && !party.staff_tool);
    let hosting = look.recipient.planes.contains(&Plane::Infrastructure);
    by_servers
        .filter(|_| !hosting)
        .map(|party| {
            let message = format!("`{}` is reached by servers, and `gateway` is not declared", party.id);
            look.at(message, look.file.planes.span())
        })
        .collect()
}

fn own_domain(look: &RecipientLook<'_>) -> Vec<Found> {
    let own = look
        .parties()
        .filter(|party| party.hosts.iter().any(|host| is_placeholder(&host.pattern)));
    let ids: Vec<&str> = own.map(|party| party.id.as_str()).collect();
    once(!ids.is_empty() && look.file.hosts.is_empty(), || {
        let names = listed(ids.iter().copied(), 4);
        look.found(format!(
            "{names} runs under a domain of your own, which the register does not name"
        ))
    })
}

/// A catalog pattern that is one placeholder (`{forum-domain}`) stands for a domain that only the organisation knows.
fn is_placeholder(pattern: &str) -> bool {
    pattern.starts_with('{') && pattern.ends_with('}') && !pattern.contains('.')
}

fn not_in_catalog(look: &RecipientLook<'_>) -> Vec<Found> {
    let absent = look.recipient.third_parties.is_empty() && look.recipient.hosts.is_empty();
    once(absent, || {
        look.found(format!(
            "recipient `{}` is in no catalog and names no host",
            look.recipient.id
        ))
    })
}

fn facts_from_memory(look: &RecipientLook<'_>) -> Vec<Found> {
    let unsure = look.parties().filter(|party| party.certainty == Certainty::Memory);
    let ids: Vec<&str> = unsure.map(|party| party.id.as_str()).collect();
    once(!ids.is_empty(), || {
        look.found(format!(
            "what the catalog says about {} rests on memory",
            listed(ids.iter().copied(), 4)
        ))
    })
}

/// One finding for up to three recipients each, one for more.
fn report_mode(register: &Register<'_>) -> Vec<Found> {
    let visible = |look: &&RecipientLook<'_>| {
        look.recipient.planes.contains(&Plane::Gateway) && look.recipient.mode == Mode::Report
    };
    let looks: Vec<&RecipientLook<'_>> = register.recipients.iter().filter(visible).collect();
    if looks.len() > 3 {
        let message = format!(
            "{} recipients are in report mode: what is not declared is forwarded and recorded",
            looks.len()
        );
        return vec![register.found(message)];
    }
    let say = |look: &RecipientLook<'_>| {
        let message = format!(
            "`{}` is in report mode: what is not declared is forwarded and recorded",
            look.recipient.id
        );
        look.found(message)
    };
    looks.into_iter().map(say).collect()
}
