//! The decision itself.

use std::collections::BTreeSet;

use averment_catalog::Treatment;
use averment_detect::{Finding, Inspection, PersonNumber, Whose};
use averment_register::{Charter, ClaimKind, Condition, Disclosure, Mode, Recipient, Unreadable};

use crate::verdict::{Action, Decision, Permit, Reason, Ruling, Verdict};

/// One message as seen at the gate.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// Name of the host that it goes to, without port.
    pub host: &'a str,
    /// What was found in it and what could not be read.
    pub inspection: &'a Inspection,
}

/// What is known besides the message, at the moment of sending.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Consents in force: whose, of which kind.
    pub consents: BTreeSet<(PersonNumber, String)>,
}

/// Decides what is done with one message.
///
/// A host that several recipients share gets the strictest of their verdicts, and of two that rewrite the stricter ruling
/// on each finding. In report mode the message goes out as it
/// came, and [`Verdict::judged`] says what enforcement would have done.
pub fn decide(charter: &Charter, observation: &Observation<'_>, facts: &Facts) -> Decision {
    let recipients = charter.recipients_of_host(observation.host);
    let verdicts = recipients
        .into_iter()
        .map(|recipient| decide_for(charter, recipient, observation, facts));
    // The strictest wins; among equals the first, so that the order of the charter settles the name in the entry.
    let strictest = verdicts.reduce(|best, next| {
        let (mut strictest, other) = if strictness(&next) > strictness(&best) {
            (next, best)
        } else {
            (best, next)
        };
        if strictest.action == Action::Rewrite && other.action == Action::Rewrite {
            take_stricter_rulings(&mut strictest, other);
        }
        strictest
    });
    let verdict = strictest.unwrap_or_else(|| decide_unknown_host(charter, observation));
    match verdict.action {
        Action::Refuse => Decision::Refuse(verdict),
        Action::Forward | Action::Rewrite => Decision::Proceed(Permit::new(verdict)),
    }
}

/// Two recipients of one host may want different findings treated: each is treated as the stricter of them says, or what
/// one of them masks would leave because the other is asked first.
fn take_stricter_rulings(verdict: &mut Verdict, other: Verdict) {
    for (ruling, other) in verdict.rulings.iter_mut().zip(other.rulings) {
        if other.treatment > ruling.treatment {
            *ruling = other;
        }
    }
}

fn strictness(verdict: &Verdict) -> (Action, Action) {
    (verdict.action, verdict.judged)
}

fn decide_for(charter: &Charter, recipient: &Recipient, observation: &Observation<'_>, facts: &Facts) -> Verdict {
    let inspection = observation.inspection;
    let rulings: Vec<Ruling> = inspection
        .findings
        .iter()
        .map(|f| rule_on(charter, recipient, f, facts))
        .collect();
    let unreadable = !inspection.unreadable.is_empty();
    let unreadable_refused = unreadable && recipient.unreadable == Unreadable::Refuse;
    let judged = if unreadable_refused {
        Action::Refuse
    } else {
        judge(&rulings)
    };
    let action = act(recipient.mode, judged);
    Verdict {
        recipient: Some(recipient.id.clone()),
        mode: recipient.mode,
        judged,
        action,
        rulings,
        unreadable_refused,
        unreadable_forwarded: unreadable && action != Action::Refuse,
        charter: charter.digest(),
    }
}

fn decide_unknown_host(charter: &Charter, observation: &Observation<'_>) -> Verdict {
    let mode = charter.content().unknown_hosts;
    let ruling = Ruling {
        treatment: Treatment::Block,
        reason: Reason::UnknownHost,
    };
    let action = act(mode, Action::Refuse);
    Verdict {
        recipient: None,
        mode,
        judged: Action::Refuse,
        action,
        rulings: vec![ruling; observation.inspection.findings.len()],
        unreadable_refused: false,
        unreadable_forwarded: !observation.inspection.unreadable.is_empty() && action != Action::Refuse,
        charter: charter.digest(),
    }
}

fn judge(rulings: &[Ruling]) -> Action {
    match rulings.iter().map(|ruling| ruling.treatment).max() {
        None | Some(Treatment::Pass) => Action::Forward,
        Some(Treatment::Block) => Action::Refuse,
        Some(_) => Action::Rewrite,
    }
}

fn act(mode: Mode, judged: Action) -> Action {
    match mode {
        Mode::Enforce => judged,
        Mode::Report => Action::Forward,
    }
}

fn rule_on(charter: &Charter, recipient: &Recipient, finding: &Finding, facts: &Facts) -> Ruling {
    if let Some(reason) = barred(charter, recipient, finding) {
        return Ruling {
            treatment: Treatment::Block,
            reason,
        };
    }
    let declaring = recipient.discloses.iter().filter(|row| declares(row, finding));
    // Of several rows that declare a finding the mildest treatment holds. Taking the strictest would let more out when
    // a row is removed, and a narrower register must never do that.
    let rulings = declaring.map(|row| rule_by(row, finding, facts));
    rulings.min_by_key(|ruling| ruling.treatment).unwrap_or(Ruling {
        treatment: Treatment::Block,
        reason: Reason::Undeclared,
    })
}

/// Whether `row` declares the finding. Somebody outside the directory is covered by any row that names the element: of a
/// stranger's address only the shape is known, not the kind of subject.
fn declares(row: &Disclosure, finding: &Finding) -> bool {
    match &finding.whose {
        Whose::Person { subject, .. } => row.covers(&finding.element, subject),
        Whose::Unknown => row.covers_element(&finding.element),
    }
}

fn rule_by(row: &Disclosure, finding: &Finding, facts: &Facts) -> Ruling {
    let rule = row.rule.clone();
    let block = |reason| Ruling {
        treatment: Treatment::Block,
        reason,
    };
    match &row.when {
        Condition::Consent(consent) if !has_consent(finding, consent, facts) => block(Reason::ConsentMissing {
            rule,
            consent: consent.clone(),
        }),
        Condition::SubjectEnters => block(Reason::EnteredElsewhere { rule }),
        _ if !row.territories.is_empty() => block(Reason::TerritoryUnknown { rule }),
        when => Ruling {
            treatment: row.treatment,
            reason: Reason::Declared {
                rule,
                when: when.clone(),
            },
        },
    }
}

fn has_consent(finding: &Finding, consent: &str, facts: &Facts) -> bool {
    match finding.whose {
        Whose::Person { number, .. } => facts.consents.contains(&(number, consent.to_owned())),
        Whose::Unknown => false,
    }
}

/// The published claim that this never happens, if one speaks of the finding. It holds whatever the rows declare.
fn barred(charter: &Charter, recipient: &Recipient, finding: &Finding) -> Option<Reason> {
    let Whose::Person { subject, .. } = &finding.whose else {
        return None;
    };
    let claims = charter.claims_concerning(&recipient.id);
    claims.into_iter().find_map(|claim| match &claim.kind {
        ClaimKind::NeverShares { elements, subjects }
            if elements.iter().any(|e| e.covers(&finding.element)) && subjects.iter().any(|s| s.covers(subject)) =>
        {
            Some(Reason::Barred {
                claim: claim.id.clone(),
            })
        }
        _ => None,
    })
}
