//! The decision itself.

use averment_catalog::{Treatment, WordId};
use averment_detect::{Finding, Inspection, Whose};
use averment_register::{Charter, ClaimKind, Condition, Disclosure, Mode, Recipient, Unreadable};

use crate::facts::{Facts, PersonFacts};
use crate::verdict::{Action, Decision, Permit, Reason, Ruling, Verdict};

/// The catalog's word for 34 CFR 99.31(a)(11).
const DIRECTORY_INFORMATION: &str = "ferpa.directory";

/// One message as seen at the gate.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// Name of the host that it goes to, without port.
    pub host: &'a str,
    /// What was found in it and what could not be read.
    pub inspection: &'a Inspection,
}

/// Decides what is done with one message.
///
/// A host that several recipients share gets the strictest of their verdicts, and of two that rewrite the stricter ruling
/// on each finding. A finding is judged by the charter of its person's school, and where it may be about several people by
/// the strictest for any of them. In report mode the message goes out as it came, and [`Verdict::judged`] says what
/// enforcement would have done; what [`crate::Stop`] names does not go out in either mode.
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
    let verdict = strictest.unwrap_or_else(|| decide_unknown_host(charter, observation, facts));
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
    let (rulings, modes): (Vec<Ruling>, Vec<Mode>) = inspection
        .findings
        .iter()
        .map(|finding| rule_on(charter, recipient, finding, facts))
        .unzip();
    let unreadable = !inspection.unreadable.is_empty();
    let unreadable_refused = unreadable && recipient.unreadable == Unreadable::Refuse;
    let stopped = facts.stop(Some(&recipient.id), &inspection.findings);
    let judged = if unreadable_refused || stopped.is_some() {
        Action::Refuse
    } else {
        judge(&rulings)
    };
    // One person's school may have switched off what goes to this recipient: the message is then held to that.
    let is_enforced = modes.contains(&Mode::Enforce);
    let mode = if is_enforced { Mode::Enforce } else { recipient.mode };
    let action = match stopped {
        Some(_) => Action::Refuse,
        None => act(mode, judged),
    };
    Verdict {
        recipient: Some(recipient.id.clone()),
        mode,
        judged,
        action,
        rulings,
        unreadable_refused,
        unreadable_forwarded: unreadable && action != Action::Refuse,
        stopped,
        sender: facts.caller.sender.clone(),
        charter: charter.digest(),
    }
}

fn decide_unknown_host(charter: &Charter, observation: &Observation<'_>, facts: &Facts) -> Verdict {
    let mode = charter.content().unknown_hosts;
    let inspection = observation.inspection;
    let ruling = Ruling {
        treatment: Treatment::Block,
        reason: Reason::UnknownHost,
        school: None,
    };
    let stopped = facts.stop(None, &inspection.findings);
    let action = match stopped {
        Some(_) => Action::Refuse,
        None => act(mode, Action::Refuse),
    };
    Verdict {
        recipient: None,
        mode,
        judged: Action::Refuse,
        action,
        rulings: vec![ruling; inspection.findings.len()],
        unreadable_refused: false,
        unreadable_forwarded: !inspection.unreadable.is_empty() && action != Action::Refuse,
        stopped,
        sender: facts.caller.sender.clone(),
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

/// The ruling on one finding, and the mode that it is made in: the strictest of those for each person that it may be
/// about, each by the charter of their school.
fn rule_on(charter: &Charter, recipient: &Recipient, finding: &Finding, facts: &Facts) -> (Ruling, Mode) {
    let people = facts.concerning(finding);
    let of_people = people.into_iter().flat_map(|person| {
        let known = (person, facts);
        let by_school = person.schools.iter().filter_map(move |school| {
            // A variant keeps every recipient of its register.
            let recipient = school.charter.recipient(&recipient.id)?;
            let mut ruling = rule_for(&school.charter, recipient, finding, known);
            ruling.school = Some(school.id.clone());
            Some((ruling, recipient.mode))
        });
        let without_school = || (rule_for(charter, recipient, finding, known), recipient.mode);
        by_school.chain(person.schools.is_empty().then(without_school))
    });
    let strictest = of_people.reduce(|(best, best_mode), (next, mode)| {
        let mode = if mode == Mode::Enforce { mode } else { best_mode };
        if next.treatment > best.treatment {
            (next, mode)
        } else {
            (best, mode)
        }
    });
    strictest.unwrap_or_else(|| {
        let nobody = PersonFacts::default();
        (rule_for(charter, recipient, finding, (&nobody, facts)), recipient.mode)
    })
}

/// The ruling on a finding if it is about `person`.
fn rule_for(
    charter: &Charter,
    recipient: &Recipient,
    finding: &Finding,
    (person, facts): (&PersonFacts, &Facts),
) -> Ruling {
    if let Some(reason) = barred(charter, recipient, finding) {
        return block(reason);
    }
    if person.objections.contains(&recipient.id) {
        return block(Reason::Objected);
    }
    let declaring = recipient.discloses.iter().filter(|row| declares(row, finding));
    // Of several rows that declare a finding the mildest treatment holds. Taking the strictest would let more out when
    // a row is removed, and a narrower register must never do that.
    let rulings = declaring.map(|row| rule_by(row, person, facts));
    rulings
        .min_by_key(|ruling| ruling.treatment)
        .unwrap_or_else(|| block(Reason::Undeclared))
}

fn block(reason: Reason) -> Ruling {
    Ruling {
        treatment: Treatment::Block,
        reason,
        school: None,
    }
}

/// Whether `row` declares the finding. Somebody outside the directory is covered by any row that names the element: of a
/// stranger's address only the shape is known, not the kind of subject.
fn declares(row: &Disclosure, finding: &Finding) -> bool {
    match &finding.whose {
        Whose::Person { subject, .. } => row.covers(&finding.element, subject),
        Whose::Unknown => row.covers_element(&finding.element),
    }
}

fn rule_by(row: &Disclosure, person: &PersonFacts, facts: &Facts) -> Ruling {
    let rule = row.rule.clone();
    let consent_version = match &row.when {
        Condition::Consent(consent) => match person.consents.get(consent) {
            Some(version) => Some(*version),
            None => {
                let consent = consent.clone();
                return block(Reason::ConsentMissing { rule, consent });
            }
        },
        _ => None,
    };
    if row.when == Condition::SubjectEnters {
        block(Reason::EnteredElsewhere { rule })
    } else if !row.territories.is_empty() {
        block(Reason::TerritoryUnknown { rule })
    } else if person.directory_opt_out && rests_on_directory_information(row) {
        block(Reason::OptedOut { rule })
    } else if facts.conditions_required && !is_met(&row.when, facts) {
        let when = row.when.clone();
        block(Reason::ConditionNotDeclared { rule, when })
    } else {
        Ruling {
            treatment: row.treatment,
            reason: Reason::Declared {
                rule,
                when: row.when.clone(),
                consent_version,
            },
            school: None,
        }
    }
}

/// Whether nothing but its being directory information lets the row's elements out. A row with another basis beside it
/// stands on that one: opting out does not reach it, 34 CFR 99.37(c).
fn rests_on_directory_information(row: &Disclosure) -> bool {
    !row.basis.is_empty()
        && row
            .basis
            .iter()
            .map(WordId::as_str)
            .all(|basis| basis == DIRECTORY_INFORMATION)
}

/// A consent was looked for already.
fn is_met(when: &Condition, facts: &Facts) -> bool {
    matches!(when, Condition::Always | Condition::Consent(_)) || facts.caller.sender.when.contains(when)
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
