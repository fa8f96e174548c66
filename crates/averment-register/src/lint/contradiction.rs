//! Claims beside claims, and claims beside rows: two that cannot both be true.
//!
//! Claims meet only others of the same recipient and the same elements, found through an index: never each with each.

use std::collections::BTreeMap;

use averment_catalog::{ElementId, SubjectId};

use super::look::{ClaimLook, RecipientLook, Register, is_identifier};
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::{ClaimKind, Elements, Period, RecipientId, Subjects};
use crate::diagnostic::Severity::{Error, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "stored-and-not-stored",
        ids: &["COPPA-10-b"],
        severity: Error,
        cite: Some("GDPR Art. 5(1)(a)"),
        hint: "one of the two is wrong, or they speak of different people: name `subjects`",
        eyes: Eyes::Register(stored),
        ..Rule::BLANK
    },
    Rule {
        code: "visible-and-hidden",
        ids: &["SEED-l"],
        severity: Error,
        cite: Some("GDPR Art. 5(1)(a), 25(2)"),
        hint: "one of the two is wrong: narrow the elements or the viewers",
        eyes: Eyes::Register(visible),
        ..Rule::BLANK
    },
    Rule {
        code: "public-by-default",
        ids: &["GDPR-25-a", "SEED-l", "COPPA-2-f"],
        severity: Warning,
        cite: Some("GDPR Art. 25(2); COPPA 16 CFR 312.2 (disclosure)"),
        hint: "what students make is not seen by everybody unless they choose so: `when = \"subject_chooses\"`",
        eyes: Eyes::Claim(public),
        ..Rule::BLANK
    },
    Rule {
        code: "two-periods",
        ids: &["COPPA-10-b", "SEED-k"],
        severity: Error,
        cite: Some("COPPA 16 CFR 312.10; GDPR Art. 13(2)(a)"),
        hint: "one of the two is wrong, or they start at different times: name `after`",
        eyes: Eyes::Register(periods),
        ..Rule::BLANK
    },
    Rule {
        code: "kept-longer-than-erased",
        ids: &["X-DEL-1", "COPPA-10-b"],
        severity: Error,
        cite: Some("COPPA 16 CFR 312.10; GDPR Art. 17(1)"),
        hint: "say in the first which elements are not erased: `except = [\"…\"]`",
        eyes: Eyes::Register(kept_longer),
        ..Rule::BLANK
    },
    Rule {
        code: "no-personal-data-beside-identifiers",
        ids: &["SEED-j", "COPPA-2-a"],
        severity: Error,
        cite: Some("GDPR Art. 4(1), Recital 30; COPPA 16 CFR 312.2 (persistent identifier)"),
        hint: "an IP address, a cookie or a device identifier is personal data: say so, or keep it away",
        eyes: Eyes::Register(identifiers),
        ..Rule::BLANK
    },
    Rule {
        code: "no-personal-data-untested",
        ids: &["SEED-j", "COPPA-2-a"],
        severity: Warning,
        cite: Some("GDPR Art. 4(1), Recital 30; COPPA 16 CFR 312.2 (persistent identifier)"),
        hint: "name these recipients and what reaches them: a page that loads them shows the IP address and the browser",
        eyes: Eyes::Register(untested),
        ..Rule::BLANK
    },
    Rule {
        code: "stored-elsewhere",
        ids: &["NY-3-a", "GDPR-46-a"],
        severity: Error,
        cite: Some("GDPR Art. 13(1)(f); 8 NYCRR 121.3(c)(5)"),
        hint: "one of the two is wrong: mend `places`, or the recipient's `countries`",
        eyes: Eyes::Register(elsewhere),
        ..Rule::BLANK
    },
];

type About<'a> = Option<&'a RecipientId>;

/// Claims of some kinds by whom they are about.
fn by_recipient<'a, 'r>(
    register: &'r Register<'a>,
    keep: impl Fn(&ClaimKind) -> bool,
) -> BTreeMap<About<'a>, Vec<&'r ClaimLook<'a>>> {
    let mut rows: BTreeMap<About<'a>, Vec<&'r ClaimLook<'a>>> = BTreeMap::new();
    for look in register.claims.iter().filter(|look| keep(&look.claim.kind)) {
        rows.entry(look.claim.recipient.as_ref()).or_default().push(look);
    }
    rows
}

/// How many claims of one kind about one recipient are held against each other; a register that has more says less by each.
const PER_RECIPIENT: usize = 200;

/// Every `left` with the first `right` about the same recipient that it cannot stand beside.
fn meeting<'a>(
    register: &Register<'a>,
    left: fn(&ClaimKind) -> bool,
    right: fn(&ClaimKind) -> bool,
    clash: fn(&ClaimLook<'a>, &ClaimLook<'a>) -> Option<String>,
) -> Vec<Found> {
    let others = by_recipient(register, right);
    let mut found = Vec::new();
    for (about, rows) in by_recipient(register, left) {
        let Some(others) = others.get(&about) else { continue };
        for look in rows.into_iter().take(PER_RECIPIENT) {
            let said = others.iter().take(PER_RECIPIENT).find_map(|other| clash(look, other));
            found.extend(said.map(|message| look.found(message)));
        }
    }
    found
}

fn common<'a>(left: &'a Elements, right: &Elements) -> Option<&'a ElementId> {
    left.iter().find(|a| right.iter().any(|b| a.covers(b) || b.covers(a)))
}

/// Whether two sets of people meet; an empty one is everybody.
fn same_people(left: &Subjects, right: &Subjects) -> bool {
    let meet = |a: &SubjectId| right.iter().any(|b| a.covers(b) || b.covers(a));
    left.is_empty() || right.is_empty() || left.iter().any(meet)
}

/// Words that limit a sentence in a way that its type does not hold.
const LIMITS: &[&str] = &[
    "on their own",
    "on its own",
    "by itself",
    "separately",
    "except",
    "exception",
    "unless",
    "other than",
];

fn limited(look: &ClaimLook<'_>) -> bool {
    let lower = look.claim.sentence.to_lowercase();
    LIMITS.iter().any(|word| lower.contains(word))
}

fn stored(register: &Register<'_>) -> Vec<Found> {
    let not = |kind: &ClaimKind| matches!(kind, ClaimKind::NotStored { .. });
    let stored = |kind: &ClaimKind| {
        matches!(
            kind,
            ClaimKind::StoredAs { .. } | ClaimKind::RetainedFor { .. } | ClaimKind::StoredIn { .. }
        )
    };
    meeting(register, not, stored, |look, other| {
        let ClaimKind::NotStored { elements, subjects } = &look.claim.kind else {
            return None;
        };
        let (ClaimKind::StoredAs {
            elements: kept,
            subjects: of,
            ..
        }
        | ClaimKind::RetainedFor {
            elements: kept,
            subjects: of,
            ..
        }
        | ClaimKind::StoredIn {
            elements: kept,
            subjects: of,
            ..
        }) = &other.claim.kind
        else {
            return None;
        };
        let element = common(elements, kept)?;
        let clash = same_people(subjects, of) && !limited(look) && !limited(other);
        clash.then(|| {
            format!(
                "claim `{}` says that `{element}` is not stored, and {} stores it",
                look.claim.id,
                other.named()
            )
        })
    })
}

fn visible(register: &Register<'_>) -> Vec<Found> {
    let hidden = |kind: &ClaimKind| matches!(kind, ClaimKind::HiddenFrom { .. });
    let visible = |kind: &ClaimKind| matches!(kind, ClaimKind::VisibleTo { .. });
    meeting(register, hidden, visible, |look, other| {
        let ClaimKind::HiddenFrom {
            elements,
            subjects,
            viewers,
            ..
        } = &look.claim.kind
        else {
            return None;
        };
        let ClaimKind::VisibleTo {
            elements: shown,
            subjects: of,
            viewers: to,
            ..
        } = &other.claim.kind
        else {
            return None;
        };
        let element = common(elements, shown)?;
        let viewer = viewers.intersection(to).next()?;
        let clash = same_people(subjects, of);
        clash.then(|| {
            format!(
                "claim `{}` hides `{element}` from `{viewer}`, and {} shows it",
                look.claim.id,
                other.named()
            )
        })
    })
}

fn public(look: &ClaimLook<'_>) -> Vec<Found> {
    let ClaimKind::VisibleTo {
        elements,
        subjects,
        viewers,
        when,
        ..
    } = &look.claim.kind
    else {
        return Vec::new();
    };
    let open = viewers
        .iter()
        .find(|word| ["public", "search_engine", "link_holder"].contains(&word.as_str()));
    let students = subjects.is_empty() || subjects.iter().any(SubjectId::is_student);
    let always = *when == crate::charter::Condition::Always;
    let say = |viewer: &averment_catalog::WordId| {
        let names = listed(elements.iter().map(ElementId::as_str), 3);
        look.found(format!(
            "claim `{}` shows {names} of students to `{viewer}` without their choice",
            look.claim.id
        ))
    };
    open.filter(|_| students && always).map(say).into_iter().collect()
}

/// Two periods for the same elements of the same people from the same moment.
fn periods(register: &Register<'_>) -> Vec<Found> {
    let mut first: BTreeMap<_, (&ClaimLook<'_>, Period)> = BTreeMap::new();
    let mut found = Vec::new();
    for look in &register.claims {
        let ClaimKind::RetainedFor {
            elements,
            subjects,
            duration,
            after,
        } = &look.claim.kind
        else {
            continue;
        };
        let key = (look.claim.recipient.as_ref(), elements, subjects, after);
        let (other, period) = *first.entry(key).or_insert((look, *duration));
        if period != *duration {
            let message = format!(
                "claim `{}` says {}, and {} says {}",
                look.claim.id,
                duration.in_words(),
                other.named(),
                period.in_words()
            );
            found.push(look.found(message));
        }
    }
    found
}

fn kept_longer(register: &Register<'_>) -> Vec<Found> {
    let erased = |kind: &ClaimKind| matches!(kind, ClaimKind::ErasedOn { .. });
    let kept = |kind: &ClaimKind| matches!(kind, ClaimKind::RetainedFor { .. });
    meeting(register, erased, kept, |look, other| {
        let ClaimKind::ErasedOn {
            elements,
            subjects,
            except,
            after,
            duration,
        } = &look.claim.kind
        else {
            return None;
        };
        let ClaimKind::RetainedFor {
            elements: kept,
            subjects: of,
            duration: longer,
            after: from,
        } = &other.claim.kind
        else {
            return None;
        };
        let excepted = |id: &ElementId| except.iter().any(|of| of.covers(id) || id.covers(of));
        let meets = |id: &&ElementId| elements.is_empty() || elements.iter().any(|of| of.covers(id) || id.covers(of));
        let element = kept.iter().filter(|id| !excepted(id)).find(meets)?;
        let unsaid = except.is_empty() && limited(look);
        let clash = after == from && longer > duration && same_people(subjects, of) && !unsaid;
        clash.then(|| {
            format!(
                "claim `{}` erases `{element}` {}, and {} keeps it for {}",
                look.claim.id,
                within(*duration),
                other.named(),
                longer.in_words()
            )
        })
    })
}

/// "within 30 days", "at once".
fn within(duration: Period) -> String {
    if duration == Period::ZERO {
        duration.in_words()
    } else {
        format!("within {}", duration.in_words())
    }
}

/// Phrases for everything personal.
const PERSONAL: &[&str] = &[
    "pii",
    "personal data",
    "personal information",
    "personally identifiable",
];

/// Whether a sentence says that nothing personal gets to somebody.
fn denies_personal_data(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let names = PERSONAL.iter().any(|word| super::phrase::holds(&lower, word));
    let not = [
        "not receive",
        "not get",
        "no pii",
        "never receive",
        "no personal",
        "not share",
        "not shared",
        "not send",
        "not disclose",
    ];
    names && not.iter().any(|word| lower.contains(word)) && !limits_it(&lower)
}

/// "does not share personal data without consent" is a rule with exceptions, not a statement about one flow.
fn limits_it(lower: &str) -> bool {
    ["unless", "without", "except", "apart from", "other than"]
        .iter()
        .any(|word| lower.contains(word))
}

fn is_analytics(look: &RecipientLook<'_>) -> bool {
    look.recipient
        .purposes
        .iter()
        .any(|id| id.as_str().starts_with("analytics."))
}

/// The first row of a recipient that lets an identifier leave.
fn identifier_row(look: &RecipientLook<'_>) -> Option<(String, std::ops::Range<usize>)> {
    look.leaving().find_map(|(row, span)| {
        let ids: Vec<&str> = row
            .elements
            .iter()
            .filter(|id| is_identifier(id))
            .map(|id| id.as_str())
            .collect();
        (!ids.is_empty()).then(|| (format!("{} (rule `{}`)", listed(ids, 3), row.rule), span))
    })
}

/// Claims of the list that analytics gets nothing personal.
fn no_pii_to_analytics<'a, 'r>(register: &'r Register<'a>) -> Option<&'r ClaimLook<'a>> {
    let about = |look: &&ClaimLook<'a>| {
        let analytics = look.claim.sentence.to_lowercase().contains("analytic");
        look.claim.recipient.is_none() && analytics && denies_personal_data(&look.claim.sentence)
    };
    register.claims.iter().find(about)
}

fn identifiers(register: &Register<'_>) -> Vec<Found> {
    let of_list = no_pii_to_analytics(register);
    let one = |look: &RecipientLook<'_>| {
        let own = look.claims.iter().find(|claim| denies_personal_data(&claim.sentence));
        let named = match (own, of_list) {
            (Some(claim), _) => format!("claim `{}`", claim.id),
            (None, Some(list)) if is_analytics(look) => list.named(),
            _ => return None,
        };
        let (elements, span) = identifier_row(look)?;
        Some(look.at(
            format!("{named} says that nothing personal gets there, beside {elements}"),
            span,
        ))
    };
    register.recipients.iter().filter_map(one).collect()
}

/// The same said of analytics in general, where no row shows what such a recipient gets.
fn untested(register: &Register<'_>) -> Vec<Found> {
    let Some(look) = no_pii_to_analytics(register) else {
        return Vec::new();
    };
    let shown = register
        .recipients
        .iter()
        .any(|look| is_analytics(look) && identifier_row(look).is_some());
    let collected = register.of_the_list().find(|look| match &look.claim.kind {
        ClaimKind::Collects { elements, .. } => elements.iter().any(|id| id.as_str() == "tech.ip_address"),
        _ => look.claim.sentence.contains("IP address"),
    });
    let beside = collected.map_or_else(String::new, |other| {
        format!(", beside IP addresses in {}", other.named())
    });
    let message = format!(
        "claim `{}` says that analytics gets nothing personal{beside}",
        look.claim.id
    );
    (!shown).then(|| look.found(message)).into_iter().collect()
}

/// Places of storage beside the countries of the recipients that hold what is stored.
fn elsewhere(register: &Register<'_>) -> Vec<Found> {
    let everything = register.of_the_list().find_map(|look| match &look.claim.kind {
        ClaimKind::StoredIn {
            elements,
            subjects,
            places,
        } if elements.is_empty() && subjects.is_empty() => Some((look, places)),
        _ => None,
    });
    let inside = |places: &std::collections::BTreeSet<String>, country: &String| {
        let union = places.contains("EU") || places.contains("EEA");
        places.contains(country) || union && super::look::in_economic_area(country)
    };
    let one = |look: &RecipientLook<'_>| {
        let hosting = look.recipient.planes.contains(&averment_catalog::Plane::Infrastructure);
        let own = look.claims.iter().find_map(|claim| match &claim.kind {
            ClaimKind::StoredIn { places, .. } => Some((format!("claim `{}`", claim.id), places)),
            _ => None,
        });
        let of_list = everything
            .filter(|_| hosting)
            .map(|(list, places)| (list.named(), places));
        let (named, places) = own.or(of_list)?;
        let countries = &look.recipient.countries;
        let apart = !countries.is_empty() && !countries.iter().any(|country| inside(places, country));
        let message = format!(
            "{named} says stored in {}, and `{}` processes in {}",
            listed(places.iter().map(String::as_str), 4),
            look.recipient.id,
            listed(countries.iter().map(String::as_str), 4)
        );
        let span = look
            .file
            .countries
            .first()
            .map_or(look.file.recipient.span(), toml::Spanned::span);
        apart.then(|| look.at(message, span))
    };
    register.recipients.iter().filter_map(one).collect()
}
