//! What is known at the moment of deciding: of the people in a message, of its sender, of the operator's orders.
//!
//! Start at [`gather`]. The gate and `averment explain` use the same.
//!
//! Invariant: a person's school comes from the directory, never from the message.

use std::collections::{BTreeMap, BTreeSet};

use averment_detect::{Inspection, PersonNumber, Whose};
use averment_policy::{Caller, CutOff, Facts, PersonFacts, Reach, School, Sender, Variants, normal_name};
use averment_store::{PersonId, Snapshot, Standing};

use crate::settings::Settings;

/// What facts are gathered from, all at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The charter with its schools.
    pub variants: &'a Variants,
    /// The directory that the message was inspected with.
    pub snapshot: &'a Snapshot,
    /// Consents, opt-outs and objections in force.
    pub consents: &'a Standing,
    /// The operator's settings.
    pub settings: &'a Settings,
    /// Who of the settings' canaries this is in the directory.
    pub canaries: &'a BTreeSet<PersonId>,
}

/// The facts about one message from `sender`, in which `inspection` was found. How it would reach its recipient is not among
/// them.
pub fn gather(sources: &Sources<'_>, sender: &Sender, inspection: &Inspection) -> Facts {
    let settings = sources.settings;
    let mut facts = Facts {
        people: BTreeMap::new(),
        shared: BTreeMap::new(),
        caller: caller(settings, sender),
        service_required: settings.services_required,
        conditions_required: settings.conditions_required,
        cut_off: CutOff {
            all: settings.cut_off.all,
            recipients: settings.cut_off.recipients.clone(),
        },
        reach: Reach::Declared,
    };
    for finding in &inspection.findings {
        let Whose::Person { number, .. } = finding.whose else {
            continue;
        };
        let others = sources.snapshot.persons.sharing(number, &finding.element);
        for person in others.iter().chain([&number]) {
            facts
                .people
                .entry(*person)
                .or_insert_with(|| person_facts(sources, *person));
        }
        if !others.is_empty() {
            facts.shared.entry((number, finding.element.clone())).or_insert(others);
        }
    }
    facts
}

/// A service that the settings do not declare any more is nobody.
fn caller(settings: &Settings, sender: &Sender) -> Caller {
    let name = sender.service.as_deref();
    let service = settings.services.iter().find(|service| name == Some(&service.name));
    let sender = Sender {
        service: service.map(|service| service.name.clone()),
        ..sender.clone()
    };
    Caller {
        sender,
        recipients: service.and_then(|service| service.recipients.clone()),
        conditions: service.and_then(|service| service.conditions.clone()),
    }
}

fn person_facts(sources: &Sources<'_>, number: PersonNumber) -> PersonFacts {
    let persons = &sources.snapshot.persons;
    let mut facts = PersonFacts::default();
    let mut names = BTreeSet::new();
    if let Some(name) = persons.school(number) {
        facts.schools = sources.variants.schools(name);
        names = names_of(name, &facts.schools);
    }
    let id = persons.id(number);
    facts.canary = id.is_some_and(|id| sources.canaries.contains(&id));
    let said = sources.consents.said(id, &names, facts.schools.len() <= 1);
    facts.consents = said.consents;
    facts.school_consents = said.school_consents;
    facts.directory_opt_out = said.directory_opt_out;
    facts.objections = said.objections;
    facts.restricted = said.restricted;
    facts
}

/// A school may have spoken under the name that the directory has, or under those that the register has.
fn names_of(name: &str, schools: &[School]) -> BTreeSet<String> {
    let mut names = BTreeSet::from([normal_name(name)]);
    for school in schools {
        let declared = school.charter.content().controllers.get(&school.id);
        names.insert(normal_name(school.id.as_str()));
        names.extend(declared.map(|declared| normal_name(&declared.name)));
    }
    names
}
