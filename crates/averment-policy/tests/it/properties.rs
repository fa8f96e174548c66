//! What holds for any register: a naive second evaluator agrees, and a narrower register never lets more out.

use std::collections::BTreeSet;

use averment_catalog::Treatment;
use averment_detect::{Finding, Inspection, PersonNumber, Whose};
use averment_policy::{Action, Facts, Observation, PersonFacts, decide};
use averment_register::{Charter, Condition};
use proptest::prelude::*;

use crate::world::{charter, charter_of, finding, inspection};

const ELEMENTS: [&str; 6] = [
    "contact.email",
    "contact.phone",
    "contact",
    "account.username",
    "account",
    "edu.school",
];
const SUBJECTS: [&str; 5] = ["student", "student.under13", "student.minor", "teacher", "guardian"];
const TREATMENTS: [&str; 4] = ["pass", "mask", "drop", "block"];
const CONDITIONS: [&str; 4] = ["always", "subject_enters", "consent:photo", "subject_chooses"];

type Row = (usize, usize, usize, usize);

fn row() -> impl Strategy<Value = Row> {
    (
        0..ELEMENTS.len(),
        0..SUBJECTS.len(),
        0..TREATMENTS.len(),
        0..CONDITIONS.len(),
    )
}

/// Rows that differ in more than their treatment: a register that says a thing twice is refused.
fn rows(number: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), number).prop_map(|mut rows| {
        rows.sort_by_key(|&(e, s, _, c)| (e, s, c));
        rows.dedup_by_key(|&mut (e, s, _, c)| (e, s, c));
        rows
    })
}

fn found() -> impl Strategy<Value = Finding> {
    let elements = prop::sample::select(vec!["contact.email", "contact.phone", "account.username", "edu.school"]);
    let whose = prop::sample::select(vec![
        "student.under13#1",
        "student.minor#2",
        "teacher#3",
        "guardian#4",
        "unknown",
    ]);
    (elements, whose).prop_map(|(element, whose)| finding(&format!("{element} {whose}")))
}

fn rows_toml(rows: &[Row]) -> String {
    let row = |&(e, s, t, c): &Row| {
        format!(
            "[[discloses]]\nelements = [\"{}\"]\nsubjects = [\"{}\"]\ntreatment = \"{}\"\nwhen = \"{}\"\n",
            ELEMENTS[e], SUBJECTS[s], TREATMENTS[t], CONDITIONS[c]
        )
    };
    rows.iter().map(row).collect()
}

fn treatments(charter: &Charter, inspection: &Inspection) -> (Action, Vec<Treatment>) {
    treatments_given(charter, inspection, &Facts::default())
}

fn treatments_given(charter: &Charter, inspection: &Inspection, facts: &Facts) -> (Action, Vec<Treatment>) {
    let decision = decide(
        charter,
        &Observation {
            host: "desk.example",
            inspection,
        },
        facts,
    );
    let verdict = decision.verdict();
    (
        verdict.action,
        verdict.rulings.iter().map(|ruling| ruling.treatment).collect(),
    )
}

/// What people and the sender have said, in the words of this test.
#[derive(Debug, Clone, Default)]
struct Said {
    consented: BTreeSet<u32>,
    /// For whom the school consented.
    school_consented: BTreeSet<u32>,
    opted_out: BTreeSet<u32>,
    objecting: BTreeSet<u32>,
    /// Whose data may only be stored.
    restricted: BTreeSet<u32>,
    conditions_required: bool,
    declares: bool,
    /// Whether every row rests on directory information.
    listed: bool,
    /// Whether the recipient advertises too.
    advertises: bool,
}

fn said() -> impl Strategy<Value = Said> {
    let some = || prop::collection::btree_set(1_u32..5, 0..3);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let people = (some(), some(), some(), some(), some());
    (people, flags).prop_map(
        |((consented, school_consented, opted_out, objecting, restricted), flags)| Said {
            consented,
            school_consented,
            opted_out,
            objecting,
            restricted,
            conditions_required: flags.0,
            declares: flags.1,
            listed: flags.2,
            advertises: flags.3,
        },
    )
}

fn facts(said: &Said) -> Facts {
    let mut facts = Facts {
        conditions_required: said.conditions_required,
        ..Facts::default()
    };
    facts
        .caller
        .sender
        .when
        .extend(said.declares.then_some(Condition::SubjectChooses));
    let mut person = |number: &u32, change: fn(&mut PersonFacts)| {
        change(facts.people.entry(PersonNumber(*number)).or_default());
    };
    for number in &said.consented {
        person(number, |person| _ = person.consents.insert("photo".to_owned(), 1));
    }
    for number in &said.school_consented {
        person(number, |person| {
            _ = person.school_consents.insert("photo".to_owned(), 1)
        });
    }
    for number in &said.opted_out {
        person(number, |person| person.directory_opt_out = true);
    }
    for number in &said.restricted {
        person(number, |person| person.restricted = true);
    }
    for number in &said.objecting {
        person(number, |person| {
            _ = person.objections.insert("desk".parse().expect("an identifier"))
        });
    }
    facts
}

/// The rule book read aloud, without any of the decision room's code.
fn naive(rows: &[Row], finding: &Finding, said: &Said) -> &'static str {
    let person = match finding.whose {
        Whose::Person { number, .. } => Some(number.0),
        Whose::Unknown => None,
    };
    // The recipient supports users, which is no storage.
    if person.is_some_and(|person| said.objecting.contains(&person) || said.restricted.contains(&person)) {
        return "block";
    }
    let under = |outer: &str, inner: &str| inner == outer || inner.starts_with(&format!("{outer}."));
    let order = ["pass", "mask", "drop", "block"];
    let mut best = 3;
    for &(e, s, t, c) in rows {
        let whose = match &finding.whose {
            Whose::Person { subject, .. } => under(SUBJECTS[s], subject.as_str()),
            Whose::Unknown => true,
        };
        let condition = match CONDITIONS[c] {
            "always" => true,
            "subject_chooses" => !said.conditions_required || said.declares,
            "consent:photo" => person.is_some_and(|person| {
                // Of the four people the first two are pupils.
                let by_school = said.school_consented.contains(&person) && person <= 2 && !said.advertises;
                said.consented.contains(&person) || by_school
            }),
            _ => false,
        };
        let hidden = said.listed && person.is_some_and(|person| said.opted_out.contains(&person));
        if under(ELEMENTS[e], finding.element.as_str()) && whose && condition && !hidden {
            best = best.min(t);
        }
    }
    order[best]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_second_evaluator_agrees(
        rows in rows(0..5),
        found in prop::collection::vec(found(), 1..5),
        said in said(),
    ) {
        let basis = if said.listed { "basis = [\"ferpa.directory\"]\n" } else { "" };
        let purposes = if said.advertises { "purposes = [\"service.support\", \"marketing.targeted\"]\n" } else { "" };
        let toml = purposes.to_owned() + &rows_toml(&rows).replace("[[discloses]]\n", &format!("[[discloses]]\n{basis}"));
        let charter = charter("enforce", "enforce", &toml);
        let expected: Vec<_> = found.iter().map(|finding| naive(&rows, finding, &said)).collect();
        let (action, given) = treatments_given(&charter, &inspection(found, false), &facts(&said));
        let given: Vec<_> = given.into_iter().map(Treatment::as_str).collect();
        prop_assert_eq!(&given, &expected);
        let refused = expected.contains(&"block");
        prop_assert_eq!(action == Action::Refuse, refused);
    }

    #[test]
    fn a_narrower_register_never_lets_more_out(
        rows in rows(1..6),
        gone in any::<prop::sample::Index>(),
        found in prop::collection::vec(found(), 1..6),
    ) {
        let mut narrower = rows.clone();
        narrower.remove(gone.index(rows.len()));
        let inspection = inspection(found, false);
        let (_, wide) = treatments(&charter("enforce", "enforce", &rows_toml(&rows)), &inspection);
        let (_, narrow) = treatments(&charter("enforce", "enforce", &rows_toml(&narrower)), &inspection);
        for (wide, narrow) in wide.iter().zip(&narrow) {
            prop_assert!(narrow >= wide, "{narrow:?} is milder than {wide:?}");
        }
    }

    #[test]
    fn a_shared_host_gets_the_strictest_verdict(one in row(), two in row(), found in found()) {
        let part = |row: &Row| format!("mode = \"enforce\"\nhosts = [\"desk.example\"]\n{}", rows_toml(std::slice::from_ref(row)));
        let inspection = inspection([found], false);
        let alone = |row: &Row| treatments(&charter_of("enforce", &[("desk", &part(row))], ""), &inspection).0;
        let both = treatments(&charter_of("enforce", &[("desk", &part(&one)), ("help", &part(&two))], ""), &inspection).0;
        prop_assert_eq!(both, alone(&one).max(alone(&two)));
    }
}
