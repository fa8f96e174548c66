//! What is ruled on one finding: by the rows of the recipient, the claims that bar it, and what its person has said.

use averment_catalog::{LegalTest, PurposeId, Treatment, WordId, catalog};
use averment_detect::{Finding, Whose};
use averment_register::{Charter, ClaimKind, Condition, Disclosure, Mode, Recipient};

use crate::facts::{Facts, PersonFacts, School};
use crate::verdict::{Reason, Ruling};

/// The catalog's word for 34 CFR 99.31(a)(11).
const DIRECTORY_INFORMATION: &str = "ferpa.directory";
/// The catalog's words for storage, GDPR Art. 18(2).
const STORAGE: [&str; 2] = ["service.hosting", "service.backup"];
/// The catalog's word for a student to whom the rights of the parents have passed.
const ELIGIBLE: &str = "student.eligible";

/// The ruling on one finding, and the mode that it is made in: the strictest of those for each person that it may be
/// about, each by the charter of their school.
pub(crate) fn rule_on(charter: &Charter, recipient: &Recipient, finding: &Finding, facts: &Facts) -> (Ruling, Mode) {
    let people = facts.concerning(finding);
    let of_people = people.into_iter().flat_map(|person| {
        let known = (person, facts);
        let by_school = person.schools.iter().filter_map(move |school| {
            // A variant keeps every recipient of its register.
            let recipient = school.charter.recipient(&recipient.id)?;
            let mut ruling = rule_for(&school.charter, recipient, finding, known);
            ruling.school = Some(school.id.clone());
            ruling.agreement = agreement(school).filter(|_| matches!(ruling.reason, Reason::Declared { .. }));
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
    if person.restricted && !only_stores(recipient) {
        return block(Reason::Restricted);
    }
    let declaring = recipient.discloses.iter().filter(|row| declares(row, finding));
    // Of several rows that declare a finding the mildest treatment holds. Taking the strictest would let more out when
    // a row is removed, and a narrower register must never do that.
    let case = Case {
        recipient,
        finding,
        person,
        facts,
    };
    let rulings = declaring.map(|row| rule_by(row, &case));
    rulings
        .min_by_key(|ruling| ruling.treatment)
        .unwrap_or_else(|| block(Reason::Undeclared))
}

/// Whether all that the recipient does is storage. Of one without purposes nobody knows.
fn only_stores(recipient: &Recipient) -> bool {
    let own_use = recipient.own_use.iter().any(|word| word.as_str() != "none");
    let mut purposes = recipient.purposes.iter();
    !own_use && !recipient.purposes.is_empty() && purposes.all(|purpose| STORAGE.contains(&purpose.as_str()))
}

fn block(reason: Reason) -> Ruling {
    Ruling {
        treatment: Treatment::Block,
        reason,
        school: None,
        agreement: None,
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

/// What a row is held against.
struct Case<'a> {
    recipient: &'a Recipient,
    finding: &'a Finding,
    person: &'a PersonFacts,
    facts: &'a Facts,
}

/// A consent that lets a row's elements out.
struct Consented {
    version: u64,
    of_school: bool,
}

impl Case<'_> {
    /// The consent of this kind that covers the finding; or why none does.
    fn consent(&self, row: &Disclosure, kind: &str) -> Result<Consented, Reason> {
        if let Some(version) = self.person.consents.get(kind) {
            return Ok(Consented {
                version: *version,
                of_school: false,
            });
        }
        let of_school = self.person.school_consents.get(kind);
        match of_school.filter(|_| self.is_of_a_pupil() && self.serves_school()) {
            Some(version) => Ok(Consented {
                version: *version,
                of_school: true,
            }),
            None => Err(Reason::ConsentMissing {
                rule: row.rule.clone(),
                consent: kind.to_owned(),
                of_school: of_school.is_some(),
            }),
        }
    }

    /// Whether it is about a student for whom a parent decides: rights that have passed to the student, 34 CFR 99.5, are
    /// nobody's to give away.
    fn is_of_a_pupil(&self) -> bool {
        match &self.finding.whose {
            Whose::Person { subject, .. } => subject.is_student() && subject.as_str() != ELIGIBLE,
            Whose::Unknown => false,
        }
    }

    /// Whether the recipient has school purposes and no other, and no use of its own. A purpose that depends on more, one
    /// that is not known, and none at all, are no school purpose.
    fn serves_school(&self) -> bool {
        let is_of_school = |purpose: &PurposeId| {
            let known = catalog().purpose(purpose);
            known.is_some_and(|purpose| purpose.school_purpose == LegalTest::Yes)
        };
        let purposes = &self.recipient.purposes;
        let own_use = self.recipient.own_use.iter().any(|word| word.as_str() != "none");
        let declared = self.facts.caller.sender.purpose.iter();
        !purposes.is_empty() && !own_use && purposes.iter().chain(declared).all(is_of_school)
    }
}

fn rule_by(row: &Disclosure, case: &Case<'_>) -> Ruling {
    let (person, facts) = (case.person, case.facts);
    let rule = row.rule.clone();
    let consent = match &row.when {
        Condition::Consent(kind) => match case.consent(row, kind) {
            Ok(consent) => Some(consent),
            Err(missing) => return block(missing),
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
                consent_version: consent.as_ref().map(|consent| consent.version),
                consent_of_school: consent.is_some_and(|consent| consent.of_school),
                basis: row.basis.clone(),
            },
            school: None,
            agreement: None,
        }
    }
}

/// The document of the agreement with a school, where the register names one.
fn agreement(school: &School) -> Option<String> {
    let controller = school.charter.content().controllers.get(&school.id)?;
    controller.agreement.as_ref()?.document.clone()
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
