//! Consents: what is in force is what was committed last, nothing is ever rewritten, and nobody is given away.

use std::path::Path;

use averment_detect::PersonNumber;
use averment_store::{
    About, ConsentError, ConsentKind, ConsentState, Consents, GivenBy, NewChange, People, Proof, Said, Standing,
};
use jiff::{Span, Timestamp};

use crate::fixture::*;

const CSV: &str = "\
id,role,school,email,guardian_email
s-1001,student,Harbour School,mira.oakley@school.example,oakley@mail.example
s-1002,student,Harbour School,theo.oakley@school.example,oakley@mail.example
t-2001,teacher,,p.ferrara@school.example,
";

struct Office {
    home: Home,
    people: People,
    consents: Consents,
    at: Timestamp,
}

impl Office {
    fn new() -> Self {
        let home = Home::new();
        let (folder, keys) = home.open();
        let mut people = People::open(&folder, &keys).unwrap();
        people.load_csv(CSV.as_bytes(), "people.csv", noon()).unwrap();
        Self {
            people,
            consents: Consents::open(&folder, &keys).unwrap(),
            home,
            at: noon(),
        }
    }

    /// Another program on the same folder.
    fn beside(&self) -> Consents {
        let (folder, keys) = self.home.open();
        Consents::open(&folder, &keys).unwrap()
    }

    fn enter(&mut self, about: About<'_>, kind: &str, state: ConsentState) -> Result<u64, ConsentError> {
        self.enter_by(who_may(about), about, kind, state)
    }

    fn enter_by(
        &mut self,
        by: GivenBy,
        about: About<'_>,
        kind: &str,
        state: ConsentState,
    ) -> Result<u64, ConsentError> {
        self.at += Span::new().minutes(1);
        let new = NewChange {
            about,
            kind: &kind.parse().unwrap(),
            state,
            by,
            how: &Proof::sentence("paper form in the office").unwrap(),
        };
        let made = self.beside().change(&self.people, &new, self.at)?;
        Ok(made.version)
    }

    /// What is in force for somebody of the school with these names.
    fn in_force(&self, id: &str, schools: &[&str]) -> Said {
        let names = schools.iter().map(|name| (*name).to_owned()).collect();
        let now = self.consents.now().unwrap();
        now.said(Some(self.consents.person_id(id)), &names, true)
    }

    /// `kind state version` of each.
    fn said(&self, standing: &Standing, id: &str) -> Vec<String> {
        let said = standing.of_person(self.consents.person_id(id));
        said.map(|(kind, state, version)| format!("{kind} {} {version}", state.as_str()))
            .collect()
    }
}

/// Who says it: a parent of their child, a school of all its people.
fn who_may(about: About<'_>) -> GivenBy {
    match about {
        About::Person(_) => GivenBy::Parent,
        About::School(_) => GivenBy::School,
    }
}

#[test]
fn what_another_program_enters_holds_for_the_next_question() {
    use ConsentState::{Given, Withdrawn};
    let mut office = Office::new();
    assert!(office.consents.now().unwrap().is_empty());
    assert_eq!(office.enter(About::Person("s-1001"), "photo", Given).unwrap(), 1);
    let first = office.consents.now().unwrap();
    assert_eq!(office.said(&first, "s-1001"), ["photo given 1"]);
    assert_eq!(office.enter(About::Person("s-1001"), "photo", Withdrawn).unwrap(), 2);
    office
        .enter(About::Person(" s-1001 "), "directory_information", Withdrawn)
        .unwrap();
    office
        .enter(About::Person("t-2001"), "recipient:desk", Withdrawn)
        .unwrap();
    let now = office.consents.now().unwrap();
    assert_eq!(
        office.said(&now, "s-1001"),
        ["photo withdrawn 2", "directory_information withdrawn 1"]
    );
    assert_eq!(office.said(&now, "t-2001"), ["recipient:desk withdrawn 1"]);
    assert_eq!(
        office.said(&first, "s-1001"),
        ["photo given 1"],
        "a decision keeps what it began with"
    );
    let history = office.consents.history(About::Person("s-1001")).unwrap();
    let words: Vec<_> = history.iter().map(|change| (change.state, change.version)).collect();
    assert_eq!(words, [(Given, 1), (Withdrawn, 2), (Withdrawn, 1)]);
    assert_eq!(history[0].how, "paper form in the office");
}

#[test]
fn a_school_objects_for_all_its_people() {
    use ConsentState::{Given, Withdrawn};
    let mut office = Office::new();
    office
        .enter(About::School("Harbour  School"), "recipient:desk", Withdrawn)
        .unwrap();
    let now = office.consents.now().unwrap();
    let objections = now.objections_of_school("harbour school").unwrap();
    assert!(objections.iter().map(|id| id.as_str()).eq(["desk"]));
    office
        .enter(About::School("harbour school"), "recipient:desk", Given)
        .unwrap();
    assert!(
        office
            .consents
            .now()
            .unwrap()
            .objections_of_school("harbour school")
            .unwrap()
            .is_empty()
    );
}

#[test]
fn an_objection_of_a_school_is_taken_back_by_nobody_else() {
    use ConsentState::{Given, Withdrawn};
    let (mut office, school) = (Office::new(), About::School("Harbour School"));
    office.enter(school, "recipient:desk", Withdrawn).unwrap();
    for by in [GivenBy::Parent, GivenBy::EligibleStudent, GivenBy::Person] {
        for state in [Given, Withdrawn] {
            let refused = office.enter_by(by, school, "recipient:desk", state);
            let Err(ConsentError::NotBySchool { by: found }) = refused else {
                panic!("{by:?} speaks for a school: {refused:?}");
            };
            assert_eq!(found, by.as_str());
        }
    }
    assert_eq!(office.in_force("s-1001", &["harbour school"]).objections.len(), 1);
    assert_eq!(office.enter(school, "recipient:desk", Given).unwrap(), 2);
}

#[test]
fn what_a_parent_or_student_opted_out_of_the_school_does_not_take_back() {
    use ConsentState::{Given, Withdrawn};
    let mut office = Office::new();
    let person = About::Person("s-1001");
    for kind in ["recipient:desk", "directory_information"] {
        for by in [GivenBy::Parent, GivenBy::EligibleStudent] {
            office.enter_by(by, person, kind, Withdrawn).unwrap();
            let by_school = office.enter_by(GivenBy::School, person, kind, Given);
            let Err(ConsentError::NotTheirs { because }) = by_school else {
                panic!("{kind} of {by:?}: {by_school:?}");
            };
            assert!(because.contains("has said no to this"), "{because}");
            office.enter_by(by, person, kind, Given).unwrap();
        }
        // What the school itself said it takes back.
        office.enter_by(GivenBy::School, person, kind, Withdrawn).unwrap();
        office.enter_by(GivenBy::School, person, kind, Given).unwrap();
    }
    assert_eq!(office.in_force("s-1001", &[]), Said::default());
}

#[test]
fn a_school_consents_for_its_pupils_where_no_parent_said_no() {
    use ConsentState::{Given, Withdrawn};
    let mut office = Office::new();
    let school = About::School("Harbour School");
    assert!(matches!(
        office.enter_by(GivenBy::Parent, school, "photo", Given),
        Err(ConsentError::NotBySchool { by: "parent" })
    ));
    assert!(matches!(
        office.enter_by(GivenBy::School, school, "directory_information", Withdrawn),
        Err(ConsentError::NotForSchools { .. })
    ));
    office.enter_by(GivenBy::School, school, "photo", Given).unwrap();
    let of_school = |office: &Office, id: &str| office.in_force(id, &["harbour school"]).school_consents;
    assert_eq!(of_school(&office, "s-1001"), [("photo".to_owned(), 1)].into());
    assert!(office.in_force("s-1001", &["hill school"]).school_consents.is_empty());
    let several = office.consents.now().unwrap();
    let names = ["harbour school".to_owned()].into();
    assert!(
        several.said(None, &names, false).school_consents.is_empty(),
        "nobody knows which"
    );

    office.enter(About::Person("s-1001"), "photo", Withdrawn).unwrap();
    assert!(of_school(&office, "s-1001").is_empty() && !of_school(&office, "s-1002").is_empty());
    let again = office.enter_by(GivenBy::School, About::Person("s-1001"), "photo", Given);
    assert!(matches!(again, Err(ConsentError::NotTheirs { .. })));
    office.enter(About::Person("s-1001"), "photo", Given).unwrap();
    let said = office.in_force("s-1001", &["harbour school"]);
    assert_eq!(said.consents, [("photo".to_owned(), 2)].into());

    // Under another of its names; what was said last counts.
    office
        .enter_by(GivenBy::School, About::School("harbour"), "photo", Withdrawn)
        .unwrap();
    assert!(
        office
            .in_force("s-1002", &["harbour school", "harbour"])
            .school_consents
            .is_empty()
    );
}

#[test]
fn what_a_parent_gave_is_not_made_less_by_the_school() {
    use ConsentState::{Given, Withdrawn};
    let mut office = Office::new();
    let person = About::Person("s-1001");
    office.enter_by(GivenBy::School, person, "photo", Given).unwrap();
    assert_eq!(office.in_force("s-1001", &[]).school_consents.len(), 1);
    office.enter(person, "photo", Given).unwrap();
    office.enter_by(GivenBy::School, person, "photo", Given).unwrap();
    let said = office.in_force("s-1001", &[]);
    assert_eq!((said.consents.get("photo"), said.school_consents.len()), (Some(&2), 0));
    office.enter_by(GivenBy::School, person, "photo", Withdrawn).unwrap();
    assert_eq!(
        office.in_force("s-1001", &[]),
        Said::default(),
        "to take away is the school's too"
    );
}

#[test]
fn nobody_gives_what_is_not_theirs_and_everybody_takes_back() {
    use ConsentState::{Given, Withdrawn};
    let mut office = Office::new();
    let people = "id,role,email,birth_year\ns-1003,student,kai@school.example,1999\n\
                  s-1001,student,mira.oakley@school.example,2016\nt-2001,teacher,p.ferrara@school.example,\n";
    office.people.load_csv(people.as_bytes(), "people.csv", noon()).unwrap();
    let theirs = |office: &mut Office, by, id: &str| {
        office.enter_by(by, About::Person(id), "gravatar", Withdrawn).unwrap();
        office.enter_by(by, About::Person(id), "gravatar", Given).is_ok()
    };
    assert!(!theirs(&mut office, GivenBy::Person, "s-1001"), "a child");
    assert!(theirs(&mut office, GivenBy::Parent, "s-1001"));
    assert!(!theirs(&mut office, GivenBy::Parent, "s-1003"), "grown up");
    assert!(theirs(&mut office, GivenBy::EligibleStudent, "s-1003"));
    assert!(theirs(&mut office, GivenBy::Person, "t-2001"));
}

#[test]
fn nothing_is_entered_for_nobody() {
    let mut office = Office::new();
    let error = office
        .enter(About::Person("s-9999"), "photo", ConsentState::Given)
        .unwrap_err();
    assert!(matches!(error, ConsentError::UnknownPerson) && !error.to_string().contains("9999"));
    assert!(office.consents.changes().unwrap().is_empty());
}

#[test]
fn the_ledger_is_told_of_each_change_once() {
    let mut office = Office::new();
    for state in [ConsentState::Given, ConsentState::Withdrawn] {
        office.enter(About::Person("s-1001"), "photo", state).unwrap();
    }
    let open = office.consents.unrecorded().unwrap();
    assert_eq!(open.len(), 2);
    let reference = averment_ledger::Base64([9; 16]);
    let entry = open[1].entry(Some(reference));
    assert_eq!(
        (entry.consent.as_str(), entry.state.as_str(), entry.version),
        ("photo", "withdrawn", 2)
    );
    assert_eq!(entry.person, Some(reference));
    let snapshot = office.people.snapshot(noon()).unwrap();
    assert_eq!(
        open[1].person.and_then(|id| snapshot.persons.number(id)),
        office.people.find("s-1001").unwrap()
    );
    office.consents.set_recorded(open[0].number).unwrap();
    assert_eq!(office.beside().unrecorded().unwrap(), open[1..]);
    office.consents.set_recorded(open[1].number).unwrap();
    assert!(office.beside().unrecorded().unwrap().is_empty());
}

#[test]
fn no_change_can_be_changed() {
    let mut office = Office::new();
    office
        .enter(About::Person("s-1001"), "photo", ConsentState::Given)
        .unwrap();
    let path = office.home.open().0.consents();
    let raw = rusqlite::Connection::open(path).unwrap();
    assert!(raw.execute("update change set state = 'withdrawn'", []).is_err());
    assert!(raw.execute("delete from change", []).is_err());
}

#[test]
fn a_file_that_is_gone_or_put_back_is_an_error() {
    let mut office = Office::new();
    office
        .enter(About::Person("s-1001"), "photo", ConsentState::Given)
        .unwrap();
    office.consents.now().unwrap();
    let path = office.home.open().0.consents();
    let kept = path.with_extension("kept");
    std::fs::rename(&path, &kept).unwrap();
    assert!(matches!(office.consents.now(), Err(ConsentError::File { .. })));
    std::fs::rename(&kept, &path).unwrap();
    let now = office.consents.now().unwrap();
    assert_eq!(office.said(&now, "s-1001"), ["photo given 1"]);

    remove_database(&path);
    let empty = office.beside();
    assert!(empty.now().unwrap().is_empty());
    assert!(matches!(office.consents.now(), Err(ConsentError::PutBack)));
    office
        .enter(About::Person("s-1002"), "photo", ConsentState::Given)
        .unwrap();
    let now = office.consents.now().unwrap();
    assert_eq!(office.said(&now, "s-1002"), ["photo given 1"]);
}

#[test]
fn nobody_is_named_in_the_files() {
    let mut office = Office::new();
    office
        .enter(About::Person("s-1001"), "photo", ConsentState::Given)
        .unwrap();
    drop(office.consents);
    for entry in std::fs::read_dir(office.home.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert!(
                !text.contains("s-1001") && !text.contains("oakley"),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn consents_stay_with_people_who_are_loaded_into_a_new_directory() {
    let mut office = Office::new();
    office
        .enter(About::Person("t-2001"), "photo", ConsentState::Given)
        .unwrap();
    let (folder, keys) = office.home.open();
    remove_database(&folder.people());
    let mut people = People::open(&folder, &keys).unwrap();
    let other_order = "id,role,email\nt-2001,teacher,p.ferrara@school.example\ns-1001,student,mira@school.example\n";
    people.load_csv(other_order.as_bytes(), "people.csv", noon()).unwrap();
    let persons = people.snapshot(noon()).unwrap().persons;
    let number = people.find("t-2001").unwrap().unwrap();
    assert_eq!(number, PersonNumber(1));
    let now = office.consents.now().unwrap();
    assert_eq!(now.of_person(persons.id(number).unwrap()).count(), 1);
}

fn remove_database(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        _ = std::fs::remove_file(name);
    }
}

#[test]
fn the_directory_knows_schools_and_who_shares_what() {
    let mut office = Office::new();
    let persons = office.people.snapshot(noon()).unwrap().persons;
    let number = |id| office.people.find(id).unwrap().unwrap();
    assert_eq!(persons.school(number("s-1001")), Some("Harbour School"));
    assert_eq!(persons.school(number("t-2001")), None);
    let guardian = "guardian.email".parse().unwrap();
    assert_eq!(persons.sharing(number("s-1001"), &guardian), [number("s-1002")].into());
    assert!(
        persons
            .sharing(number("s-1001"), &"contact.email".parse().unwrap())
            .is_empty()
    );
    assert!(persons.holds(office.consents.person_id("s-1001")));
    assert!(!persons.holds(office.consents.person_id("s-1003")));
}

#[test]
fn kinds_and_proofs_are_read_as_written() {
    for text in ["photo", "directory_information", "recipient:desk"] {
        assert_eq!(text.parse::<ConsentKind>().unwrap().to_string(), text);
    }
    assert!("Photo!".parse::<ConsentKind>().is_err() && "recipient:".parse::<ConsentKind>().is_err());
    assert!(Proof::sentence("").is_err() && Proof::sentence("two\nlines").is_err());
    assert!(Proof::document(b"x").as_str().starts_with("sha256:2d711642"));
}
