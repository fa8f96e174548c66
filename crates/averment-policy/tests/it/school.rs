//! A school's own variant never widens, for any register, school, message and consents.

use std::sync::Arc;

use averment_catalog::Treatment;
use averment_detect::{Finding, Inspection, PersonNumber, Whose};
use averment_policy::{Action, Facts, Observation, PersonFacts, Variants, Verdict, decide};
use averment_register::{Charter, ClaimKind, Condition, ControllerId};
use proptest::prelude::*;

use crate::world::{charter_of_files, finding, inspection, recipient_file};

const ELEMENTS: [&str; 8] = [
    "contact",
    "contact.email",
    "contact.phone",
    "location",
    "location.precise",
    "account.username",
    "edu",
    "edu.school",
];
const SUBJECTS: [&str; 6] = [
    "student",
    "student.under13",
    "student.minor",
    "student.eligible",
    "teacher",
    "guardian",
];
const TREATMENTS: [&str; 4] = ["pass", "mask", "drop", "block"];
const CONDITIONS: [&str; 4] = ["always", "incidental", "consent:photo", "subject_enters"];
const VIEWERS: [&str; 4] = ["peer", "teacher", "public", "guardian"];
const HOSTS: [&str; 4] = ["desk.example", "help.example", "both.example", "else.example"];

fn some(of: &'static [&'static str], number: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::sample::subsequence(of.to_vec(), number).prop_map(|names| format!("{names:?}"))
}

fn one(of: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(of.to_vec())
}

/// Rows of one recipient. Each has elements, subjects and a condition that no other has.
fn rows() -> impl Strategy<Value = String> {
    let key = (some(&ELEMENTS, 1..4), some(&SUBJECTS, 1..4), one(&CONDITIONS));
    prop::collection::btree_map(key, one(&TREATMENTS), 0..5).prop_map(|rows| {
        let row = |((elements, subjects, when), treatment): (&(String, String, &str), &&str)| {
            format!("[[discloses]]\nelements = {elements}\nsubjects = {subjects}\nwhen = \"{when}\"\ntreatment = \"{treatment}\"\n")
        };
        rows.iter().map(row).collect()
    })
}

fn recipient(host: &'static str) -> impl Strategy<Value = String> {
    let head = (one(&["report", "enforce"]), one(&["refuse", "forward"]));
    (head, rows()).prop_map(move |((mode, unreadable), rows)| {
        format!("mode = \"{mode}\"\nunreadable = \"{unreadable}\"\nhosts = [\"{host}\", \"both.example\"]\n{rows}")
    })
}

fn claims() -> impl Strategy<Value = String> {
    let visible = (some(&ELEMENTS, 1..4), some(&VIEWERS, 1..4));
    (visible, 1..400_u32).prop_map(|((elements, viewers), days)| {
        format!(
            "[[claims]]\nkind = \"visible_to\"\nelements = {elements}\nviewers = {viewers}\nsentence = \"1\"\n\
             [[claims]]\nkind = \"retained_for\"\nduration = \"P{days}D\"\nsentence = \"2\"\n"
        )
    })
}

/// A school's file; its time is never longer than a day, which no claim here falls below.
fn school() -> impl Strategy<Value = String> {
    let off = some(&["desk", "help"], 0..2);
    let removal = (
        some(&ELEMENTS, 1..3),
        some(&SUBJECTS, 0..3),
        some(&["desk", "help"], 0..3),
    );
    let removes = prop::collection::vec(removal, 0..3);
    let hides = prop::collection::vec((some(&ELEMENTS, 1..3), some(&VIEWERS, 1..3)), 0..3);
    (off, removes, hides, any::<bool>()).prop_map(|(off, removes, hides, shortens)| {
        let removal = |(elements, subjects, recipients): &(String, String, String)| {
            format!("[[removes]]\nelements = {elements}\nsubjects = {subjects}\nrecipients = {recipients}\n")
        };
        let hiding =
            |(elements, viewers): &(String, String)| format!("[[hides]]\nelements = {elements}\nviewers = {viewers}\n");
        let removes: String = removes.iter().map(removal).collect();
        let hides: String = hides.iter().map(hiding).collect();
        let shortens = match shortens {
            true => "[[shortens]]\nclaim = \"list/retained-for\"\nduration = \"P1D\"\n",
            false => "",
        };
        format!("controller = \"westfield\"\nname = \"Westfield (fictional)\"\noff = {off}\n{removes}{hides}{shortens}")
    })
}

fn register() -> impl Strategy<Value = Charter> {
    let unknown_hosts = one(&["report", "enforce"]);
    let recipients = (recipient("desk.example"), recipient("help.example"));
    (unknown_hosts, recipients, claims(), school()).prop_map(|(unknown_hosts, (desk, help), claims, school)| {
        charter_of_files([
            (
                "organisation.toml",
                format!("organisation = \"Example Platform\"\n[defaults]\nunknown_hosts = \"{unknown_hosts}\"\n"),
            ),
            ("claims/list.toml", claims),
            ("recipients/desk.toml", recipient_file("desk", &desk)),
            ("recipients/help.toml", recipient_file("help", &help)),
            ("controllers/westfield.toml", school),
        ])
    })
}

fn found() -> impl Strategy<Value = Finding> {
    let elements = one(&[
        "contact.email",
        "contact.phone",
        "location.precise",
        "account.username",
        "edu.school",
    ]);
    let whose = one(&[
        "student#1",
        "student.under13#2",
        "student.minor#3",
        "student.eligible#4",
        "teacher#5",
        "unknown",
    ]);
    (elements, whose).prop_map(|(element, whose)| finding(&format!("{element} {whose}")))
}

fn facts() -> impl Strategy<Value = Facts> {
    let person = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let people = prop::collection::btree_map((1_u32..6).prop_map(PersonNumber), person, 0..5);
    let shared = prop::collection::btree_map((1_u32..6, 1_u32..6), one(&["contact.email", "contact.phone"]), 0..3);
    (people, shared, any::<bool>(), any::<bool>()).prop_map(|(people, shared, conditions_required, declares)| {
        let of = |(consents, directory_opt_out, objects, school_consents): (bool, bool, bool, bool)| PersonFacts {
            consents: consents.then(|| ("photo".to_owned(), 3)).into_iter().collect(),
            school_consents: school_consents.then(|| ("photo".to_owned(), 4)).into_iter().collect(),
            directory_opt_out,
            objections: objects
                .then(|| "desk".parse().expect("an identifier"))
                .into_iter()
                .collect(),
            ..PersonFacts::default()
        };
        let mut facts = Facts {
            people: people
                .into_iter()
                .map(|(number, person)| (number, of(person)))
                .collect(),
            conditions_required,
            ..Facts::default()
        };
        for ((one, other), element) in shared {
            let key = (PersonNumber(one), element.parse().expect("an element"));
            facts.shared.entry(key).or_default().insert(PersonNumber(other));
        }
        facts
            .caller
            .sender
            .when
            .extend(declares.then_some(Condition::Incidental));
        facts
    })
}

/// The same facts with everybody of the numbers at the school.
fn at_school(facts: &Facts, register: &Charter, numbers: &[u32]) -> Facts {
    let variants = Variants::new(Arc::new(register.clone()));
    let mut facts = facts.clone();
    for number in numbers {
        facts.people.entry(PersonNumber(*number)).or_default().schools = variants.schools("WESTFIELD  (fictional)");
    }
    facts
}

fn verdict(charter: &Charter, host: &str, inspection: &Inspection, facts: &Facts) -> Verdict {
    decide(charter, &Observation { host, inspection }, facts)
        .verdict()
        .clone()
}

/// What is really done to each finding: all pass when the message goes out as it came, none when it does not.
fn what_is_left(verdict: &Verdict) -> Vec<Treatment> {
    let each = |ruling: &averment_policy::Ruling| match verdict.action {
        Action::Forward => Treatment::Pass,
        Action::Rewrite => ruling.treatment,
        Action::Refuse => Treatment::Block,
    };
    verdict.rulings.iter().map(each).collect()
}

/// Who may see what, and how long it is kept: `(element, viewer)` pairs and seconds.
fn seen_and_kept(charter: &Charter) -> (Vec<(String, String)>, Vec<u64>) {
    let (mut seen, mut kept) = (Vec::new(), Vec::new());
    for claim in charter.content().claims.values() {
        match &claim.kind {
            ClaimKind::VisibleTo { elements, viewers, .. } => {
                let leaves = averment_catalog::catalog().elements();
                for leaf in leaves.filter(|leaf| elements.iter().any(|name| name.covers(&leaf.id))) {
                    seen.extend(viewers.iter().map(|viewer| (leaf.id.to_string(), viewer.to_string())));
                }
            }
            ClaimKind::RetainedFor { duration, .. } => kept.push(duration.approximate_seconds()),
            _ => {}
        }
    }
    (seen, kept)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_schools_variant_never_lets_more_out(
        register in register(),
        found in prop::collection::vec(found(), 0..5),
        unreadable in any::<bool>(),
        facts in facts(),
    ) {
        let school = ControllerId::new("westfield").expect("an identifier");
        let variant = register.for_controller(&school).expect("a declared school");
        let inspection = inspection(found, unreadable);
        for host in HOSTS {
            let wide = verdict(&register, host, &inspection, &facts);
            let narrow = verdict(&variant, host, &inspection, &facts);
            prop_assert_eq!(wide.recipient.is_some(), narrow.recipient.is_some(), "{}", host);
            prop_assert!(narrow.action >= wide.action && narrow.judged >= wide.judged, "{}: {:?} {:?}", host, wide, narrow);
            let left = what_is_left(&wide).into_iter().zip(what_is_left(&narrow));
            for (index, (before, after)) in left.enumerate() {
                prop_assert!(after >= before, "{} {}: {:?} {:?}", host, index, wide, narrow);
            }
            // Of recipients that share a host the rulings of one are shown, which may be another one than before.
            let rulings = wide.rulings.iter().zip(&narrow.rulings);
            for (before, after) in rulings.filter(|_| host != "both.example") {
                prop_assert!(after.treatment >= before.treatment, "{}: {:?} {:?}", host, wide, narrow);
            }
        }
    }

    #[test]
    fn people_of_a_school_are_judged_by_its_variant_and_nobody_else_is(
        register in register(),
        found in prop::collection::vec(found(), 0..5),
        facts in facts(),
    ) {
        let school = ControllerId::new("westfield").expect("an identifier");
        let variant = register.for_controller(&school).expect("a declared school");
        let everybody = at_school(&facts, &register, &[1, 2, 3, 4, 5]);
        for host in HOSTS.iter().filter(|host| **host != "both.example") {
            let of_people: Vec<Finding> = found.iter().filter(|f| f.whose != Whose::Unknown).cloned().collect();
            let message = inspection(of_people, false);
            let own = verdict(&register, host, &message, &everybody);
            let narrow = verdict(&variant, host, &message, &facts);
            prop_assert_eq!((own.action, own.judged), (narrow.action, narrow.judged), "{:?} {:?}", own, narrow);
            let treatments = |v: &Verdict| v.rulings.iter().map(|r| r.treatment).collect::<Vec<_>>();
            prop_assert_eq!(treatments(&own), treatments(&narrow));
            prop_assert_eq!(own.charter, register.digest());

            let message = inspection(found.clone(), false);
            let strangers = verdict(&register, host, &message, &at_school(&facts, &register, &[9]));
            prop_assert_eq!(strangers, verdict(&register, host, &message, &facts));
        }
    }

    #[test]
    fn of_several_people_the_strictest_holds(
        register in register(),
        found in found(),
        facts in facts(),
        other in 1_u32..6,
        of_school in any::<bool>(),
    ) {
        let Whose::Person { number, .. } = found.whose else { return Ok(()) };
        let facts = if of_school { at_school(&facts, &register, &[other]) } else { facts };
        let alone = Facts { shared: Default::default(), ..facts.clone() };
        let mut together = alone.clone();
        together.shared.insert((number, found.element.clone()), [PersonNumber(other)].into());
        let mut as_other = found.clone();
        if let Whose::Person { number, .. } = &mut as_other.whose { *number = PersonNumber(other) }
        for host in ["desk.example", "help.example"] {
            let judge = |finding: &Finding, facts: &Facts| {
                verdict(&register, host, &inspection([finding.clone()], false), facts)
            };
            let (one, two, both) = (judge(&found, &alone), judge(&as_other, &alone), judge(&found, &together));
            prop_assert_eq!(both.rulings[0].treatment, one.rulings[0].treatment.max(two.rulings[0].treatment));
            prop_assert_eq!(both.action, one.action.max(two.action));
        }
    }

    #[test]
    fn what_takes_away_never_lets_more_out(
        register in register(),
        found in prop::collection::vec(found(), 0..5),
        facts in facts(),
        number in 1_u32..6,
        which in 0_usize..9,
    ) {
        let mut narrower = facts.clone();
        let person = narrower.people.entry(PersonNumber(number)).or_default();
        match which {
            0 => person.consents.clear(),
            1 => person.directory_opt_out = true,
            2 => person.objections.extend(["desk", "help"].map(|id| id.parse().expect("an identifier"))),
            3 => (person.canary, person.restricted) = (true, number % 2 == 0),
            4 => person.schools = Variants::new(Arc::new(register.clone())).schools("westfield"),
            5 => narrower.conditions_required = true,
            6 => narrower.cut_off.all = true,
            7 => narrower.service_required = true,
            _ => narrower.caller.sender.when.clear(),
        }
        let message = inspection(found, false);
        for host in HOSTS {
            let (wide, narrow) = (verdict(&register, host, &message, &facts), verdict(&register, host, &message, &narrower));
            prop_assert!(narrow.action >= wide.action && narrow.judged >= wide.judged, "{}: {:?} {:?}", host, wide, narrow);
            let left = what_is_left(&wide).into_iter().zip(what_is_left(&narrow));
            for (before, after) in left {
                prop_assert!(after >= before, "{}: {:?} {:?}", host, wide, narrow);
            }
            if narrow.stopped.is_some() {
                prop_assert_eq!(narrow.action, Action::Refuse);
            }
        }
    }

    #[test]
    fn a_schools_variant_shows_nothing_more_and_keeps_nothing_longer(register in register()) {
        let school = ControllerId::new("westfield").expect("an identifier");
        let variant = register.for_controller(&school).expect("a declared school");
        let ((wide, long), (narrow, short)) = (seen_and_kept(&register), seen_and_kept(&variant));
        prop_assert!(narrow.iter().all(|pair| wide.contains(pair)));
        prop_assert_eq!(long.len(), short.len());
        prop_assert!(short.iter().zip(&long).all(|(short, long)| short <= long));
        let own = &variant.content().controllers[&school];
        for hiding in &own.hides {
            let hidden = |(element, viewer): &(String, String)| {
                let element = averment_catalog::ElementId::new(element).expect("an element");
                hiding.elements.iter().any(|name| name.covers(&element)) && hiding.viewers.iter().any(|name| name.as_str() == viewer)
            };
            prop_assert!(!narrow.iter().any(hidden));
        }
    }

    #[test]
    fn what_a_school_removes_is_declared_no_more(register in register(), found in found()) {
        let school = ControllerId::new("westfield").expect("an identifier");
        let variant = register.for_controller(&school).expect("a declared school");
        let Whose::Person { subject, .. } = &found.whose else { return Ok(()) };
        for removal in &variant.content().controllers[&school].removes {
            let touches = removal.elements.iter().any(|name| name.covers(&found.element))
                && (removal.subjects.is_empty() || removal.subjects.iter().any(|name| name.covers(subject)));
            for recipient in variant.content().recipients.values() {
                let concerned = removal.recipients.is_empty() || removal.recipients.contains(&recipient.id);
                let declared = recipient.discloses.iter().any(|row| row.covers(&found.element, subject));
                prop_assert!(!(touches && concerned && declared));
            }
        }
    }
}

#[test]
fn where_two_recipients_share_a_host_neither_gets_what_it_does_not_declare() {
    let head = "mode = \"enforce\"\nhosts = [\"both.example\"]\n";
    let row = |element: &str, subject: &str, treatment: &str| {
        format!("[[discloses]]\nelements = [\"{element}\"]\nsubjects = [\"{subject}\"]\ntreatment = \"{treatment}\"\n")
    };
    let desk = [
        head.to_owned(),
        row("account.username", "student", "pass"),
        row("contact.email", "teacher", "pass"),
        row("contact.email", "student", "mask"),
    ];
    let help = [
        head.to_owned(),
        row("account.username", "student", "mask"),
        row("contact.email", "student", "pass"),
    ];
    let school = "controller = \"westfield\"\nname = \"Westfield (fictional)\"\n\
                  [[removes]]\nelements = [\"contact.email\"]\nsubjects = [\"teacher\"]\n";
    let register = charter_of_files([
        ("organisation.toml", "organisation = \"Example Platform\"\n".to_owned()),
        ("recipients/desk.toml", recipient_file("desk", &desk.concat())),
        ("recipients/help.toml", recipient_file("help", &help.concat())),
        ("controllers/westfield.toml", school.to_owned()),
    ]);
    let variant = register
        .for_controller(&ControllerId::new("westfield").expect("an identifier"))
        .expect("declared");
    let inspection = inspection(
        [finding("account.username student#1"), finding("contact.email unknown")],
        false,
    );
    let left = |charter| what_is_left(&verdict(charter, "both.example", &inspection, &Facts::default()));
    assert_eq!(left(&register), [Treatment::Mask, Treatment::Pass]);
    assert_eq!(left(&variant), [Treatment::Mask, Treatment::Mask]);
}

#[test]
fn a_verdict_names_the_contract_and_the_agreement_with_the_school() {
    let desk = "mode = \"enforce\"\nhosts = [\"desk.example\"]\n[contract]\ndocument = \"DPA-17\"\n\
        [[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\n";
    let school = "controller = \"westfield\"\nname = \"Westfield (fictional)\"\n\
        [agreement]\nform = \"ndpa\"\ndocument = \"NDPA-4\"\n";
    let organisation = "organisation = \"Example Platform\"\n".to_owned();
    let register = charter_of_files([
        ("organisation.toml", organisation),
        ("recipients/desk.toml", recipient_file("desk", desk)),
        ("controllers/westfield.toml", school.to_owned()),
    ]);
    let found = [
        "contact.email student#1",
        "contact.phone student#1",
        "contact.email student#2",
    ];
    let inspection = inspection(found.map(finding).to_vec(), false);
    let facts = at_school(&Facts::default(), &register, &[1]);
    let verdict = verdict(&register, "desk.example", &inspection, &facts);
    assert_eq!(verdict.contract.as_deref(), Some("DPA-17"));
    let agreements: Vec<_> = verdict
        .rulings
        .iter()
        .map(|ruling| ruling.agreement.as_deref())
        .collect();
    assert_eq!(agreements, [Some("NDPA-4"), None, None]);
    let unknown = self::verdict(&register, "else.example", &inspection, &facts);
    assert_eq!(
        (unknown.contract, unknown.rulings[0].agreement.as_deref()),
        (None, None)
    );
}
