//! Loading people: what is kept, what is refused, and that nobody is given away.

use std::path::Path;

use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Form, PersonNumber};
use averment_store::{DataFolder, Keys, LoadError, LoadReport, People, UnsureReason};

use crate::fixture::*;

const CSV: &str = "\
id,role,birth_year,school,email,username,first_name,last_name,phone,guardian_email,student_number
s-1001,student,2015,Harbour School,mira.oakley@school.example,starfox77,Mira,Oakley,,oakley.home@mail.example,7741093
s-1002,student,2009,Harbour School,theo.lund@school.example,lundtheo,Theo,Lund,+1 555 010 4477,lund@mail.example,7741094
t-2001,teacher,,Harbour School,p.ferrara@school.example,pferrara,Paola,Ferrara,,,
";
/// Everything in `CSV` that names somebody, as it is written and as it is normalised.
const CLEAR: &[&str] = &[
    "s-1001",
    "s-1002",
    "t-2001",
    "mira.oakley",
    "starfox77",
    "Mira",
    "mira",
    "Oakley",
    "oakley",
    "oakley.home",
    "7741093",
    "theo.lund",
    "lundtheo",
    "Theo",
    "Lund",
    "5550104477",
    "010 4477",
    "7741094",
    "p.ferrara",
    "pferrara",
    "Paola",
    "paola",
    "Ferrara",
    "ferrara",
    "@mail.example",
    "@school.example",
];

fn people(home: &Home) -> (People, DataFolder, Keys) {
    let (folder, keys) = home.open();
    (People::open(&folder, &keys).unwrap(), folder, keys)
}

fn load(people: &mut People, csv: &str) -> Result<LoadReport, LoadError> {
    people.load_csv(csv.as_bytes(), "people.csv", noon())
}

fn faults(csv: &str) -> String {
    let home = Home::new();
    let (mut people, ..) = people(&home);
    load(&mut people, CSV).unwrap();
    let error = load(&mut people, csv).unwrap_err();
    assert_eq!(people.version().unwrap(), 1, "nothing is loaded");
    assert_eq!(people.snapshot(noon()).unwrap().directory.people(), 3);
    error.to_string()
}

#[test]
fn people_are_recognised_with_their_kind_and_element() {
    let home = Home::new();
    let (mut people, ..) = people(&home);
    let report = load(&mut people, CSV).unwrap();
    let kinds: Vec<_> = report
        .people
        .iter()
        .map(|(kind, count)| (kind.as_str(), *count))
        .collect();
    assert_eq!(kinds, [("student.minor", 1), ("student.under13", 1), ("teacher", 1)]);
    assert_eq!(
        (report.new, report.departed, report.unsure.len()),
        (3, 0, 0),
        "{report:?}"
    );
    assert_eq!(
        (report.identifiers[&Form::Email], report.identifiers[&Form::Name]),
        (5, 3)
    );
    let snapshot = people.snapshot(noon()).unwrap();
    assert_eq!(
        (snapshot.version, snapshot.loaded_at, snapshot.person_keys.len()),
        (1, Some(noon()), 3)
    );
    for (kind, value, subject, id) in [
        (
            IdentifierKind::Email,
            "MIRA.OAKLEY@school.example",
            "student.under13",
            "s-1001",
        ),
        (
            IdentifierKind::GuardianEmail,
            "oakley.home@mail.example",
            "student.under13",
            "s-1001",
        ),
        (IdentifierKind::FullName, "Lund, Theo", "student.minor", "s-1002"),
        (IdentifierKind::StudentId, "7741094", "student.minor", "s-1002"),
        (IdentifierKind::Username, "pferrara", "teacher", "t-2001"),
    ] {
        let (form, normal) = identifiers(kind, value).unwrap().remove(0);
        let found = snapshot.directory.look_up(form, &normal).unwrap();
        assert_eq!(
            (found.element, found.subject.as_str()),
            (&kind.element(), subject),
            "{kind:?}"
        );
        assert_eq!(people.find(id).unwrap(), Some(found.person));
    }
}

#[test]
fn no_clear_identifier_is_on_disk() {
    let home = Home::new();
    let (mut people, folder, keys) = people(&home);
    load(&mut people, CSV).unwrap();
    // Again with a change, and with the database still open: the write-ahead log is there, too.
    load(&mut people, &CSV.replace("starfox77", "starfox78")).unwrap();
    assert_eq!(clear_in(&home.data()), Vec::<String>::new());
    drop((people, folder, keys));
    assert_eq!(clear_in(&home.data()), Vec::<String>::new());
}

fn clear_in(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(clear_in(&entry));
            continue;
        }
        let content = std::fs::read(&entry).unwrap();
        let holds = |clear: &&&str| content.windows(clear.len()).any(|window| window == clear.as_bytes());
        found.extend(
            CLEAR
                .iter()
                .filter(holds)
                .map(|clear| format!("{clear} in {}", entry.display())),
        );
    }
    found
}

#[test]
fn who_stays_keeps_number_and_key() {
    let home = Home::new();
    let (mut people, ..) = people(&home);
    load(&mut people, CSV).unwrap();
    let before = people.snapshot(noon()).unwrap();
    let (mira, theo) = (
        people.find("s-1001").unwrap().unwrap(),
        people.find("s-1002").unwrap().unwrap(),
    );
    let run = averment_ledger::Base64([5; 16]);
    let without_mira: String = CSV
        .lines()
        .filter(|line| !line.starts_with("s-1001"))
        .map(|line| format!("{line}\n"))
        .collect();
    let report = load(&mut people, &without_mira).unwrap();
    assert_eq!((report.new, report.departed), (0, 1));
    let between = people.snapshot(noon()).unwrap();
    assert_eq!(
        between.directory.look_up(Form::Email, "mira.oakley@school.example"),
        None
    );
    assert!(between.person_keys.get(mira).is_none());
    assert_eq!(
        between.person_keys.get(theo).unwrap().reference(&run, 0),
        before.person_keys.get(theo).unwrap().reference(&run, 0)
    );
    // A file that had lost somebody by mistake does not cost the link to what left about them.
    assert_eq!(people.find("s-1001").unwrap(), Some(mira));
    let newcomer = format!("{CSV}s-1003,student,,,,quietowl9,,,,,\n");
    let report = load(&mut people, &newcomer).unwrap();
    assert_eq!((report.new, report.departed), (1, 0));
    let after = people.snapshot(noon()).unwrap();
    assert_eq!(
        after.person_keys.get(mira).unwrap().reference(&run, 0),
        before.person_keys.get(mira).unwrap().reference(&run, 0)
    );
    assert_eq!(
        (after.version, people.find("s-1003").unwrap()),
        (3, Some(PersonNumber(4)))
    );
}

#[test]
fn ages_are_as_of_the_snapshot() {
    let home = Home::new();
    let (mut people, ..) = people(&home);
    load(&mut people, CSV).unwrap();
    let later = "2029-01-01T00:00:00Z".parse().unwrap();
    let snapshot = people.snapshot(later).unwrap();
    let subject = |user: &str| {
        snapshot
            .directory
            .look_up(Form::Word, user)
            .unwrap()
            .subject
            .to_string()
    };
    assert_eq!(
        (subject("starfox77"), subject("lundtheo")),
        ("student.minor".into(), "student.eligible".into())
    );
}

#[test]
fn every_fault_is_told_at_once_and_no_value() {
    let text = faults(
        "id,role,birth_year,email\n\
         s-1,student,2015,a@school.example\n\
         s-1,student,2014,b@school.example\n\
         s-2,wizard,2015,c@school.example\n\
         s-3,student,15th,d@school.example\n\
         ,student,2015,e@school.example\n\
         s-5,student\n",
    );
    let expected = "`people.csv` has 5 faults, nothing was loaded\n  \
        line 3, column `id`: expected an id of its own, found the one of line 2\n  \
        line 4, column `role`: expected one of student, teacher, guardian, school_admin, facilitator, staff, volunteer, donor, child\n  \
        line 5, column `birth_year`: expected a year from 1900 to 2026\n  \
        line 6, column `id`: expected an id, found nothing\n  \
        line 7: expected 4 fields as in the header, found 2";
    assert_eq!(text, expected);
    assert!(!text.contains("wizard") && !text.contains("15th") && !text.contains("s-1,"));
}

#[test]
fn a_file_without_its_header_is_refused_without_repeating_it() {
    let text = faults("s-1001,student,mira.oakley@school.example\n");
    assert!(
        text.contains("line 1, column `id`: expected a header with this column"),
        "{text}"
    );
    assert!(!CLEAR.iter().any(|clear| text.contains(clear)), "{text}");
    assert!(faults("id,role,email\n").contains("expected at least one person below the header"));
    assert!(faults("id,role,school\ns-1,student,x\n").contains("expected a column that people are recognised by"));
    assert!(faults("id,role,email,mail\ns-1,student,,\n").contains("column `email`: expected one column for it"));
    assert!(faults("").contains("expected a header"));
}

#[test]
fn many_faults_are_counted_not_all_printed() {
    let rows: String = (0..70)
        .map(|number| format!("s-{number},wizard,x{number}@school.example\n"))
        .collect();
    let text = faults(&format!("id,role,email\n{rows}"));
    assert!(
        text.contains("has 70 faults") && text.ends_with("and 20 more"),
        "{text}"
    );
}

#[test]
fn text_that_is_not_utf_8_is_refused_with_its_place() {
    let home = Home::new();
    let (mut people, ..) = people(&home);
    let csv = b"id,role,full_name\ns-1,student,Ren\xe9e Lund\n";
    let error = people.load_csv(&csv[..], "people.csv", noon()).unwrap_err().to_string();
    assert!(
        error.contains("line 2, column `full_name`: expected UTF-8, byte 4 of the field"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_recognised_surely_is_listed() {
    let home = Home::new();
    let (mut people, ..) = people(&home);
    let csv = "\u{feff}ID,Role,User Name,Full Name,Shoe Size\n\
        s-1,student,ab,Mira Oakley,31\n\
        t-1,teacher,mirao,Mira Oakley,40\n\
        s-2,student,1234,Theo,32\n";
    let report = load(&mut people, csv).unwrap();
    let unsure: Vec<_> = report
        .unsure
        .iter()
        .map(|u| (u.line, u.column, u.reason.to_string()))
        .collect();
    assert_eq!(report.ignored_columns, [5]);
    assert_eq!(unsure.len(), 4, "{unsure:?}");
    assert_eq!(
        unsure[0],
        (2, "username", "not looked for: fewer than 3 characters".into())
    );
    assert_eq!((unsure[1].0, unsure[1].1), (3, "full_name"));
    assert!(matches!(report.unsure[1].reason, UnsureReason::Shared { line: 2 }));
}

#[test]
fn another_key_is_refused() {
    let home = Home::new();
    let (mut people_, folder, keys) = people(&home);
    load(&mut people_, CSV).unwrap();
    drop((people_, folder, keys));
    let other = Home::new();
    drop(other.open());
    let (folder, _keys) = home.open();
    let error = People::open(&folder, &Keys::read(&other.keys()).unwrap())
        .unwrap_err()
        .to_string();
    assert!(error.contains("belongs to another `directory.key`"), "{error}");
}

/// Another directory of the same key, in the file that comes back.
fn other_directory(home: &Home) -> std::path::PathBuf {
    let other = home.dir.path().join("other");
    let (folder, keys) = DataFolder::open_unlocked(&other, &home.keys()).unwrap();
    let mut people = People::open(&folder, &keys).unwrap();
    load(&mut people, "id,role,email\ns-9,student,new@school.example\n").unwrap();
    folder.people()
}

fn side_files(path: &Path) -> [std::path::PathBuf; 2] {
    ["-wal", "-shm"].map(|end| path.with_file_name(format!("people.db{end}")))
}

#[test]
fn a_replaced_directory_is_taken_and_a_removed_one_is_nobody() {
    let home = Home::new();
    let (mut people, folder, keys) = people(&home);
    load(&mut people, CSV).unwrap();
    _ = people.reopen_if_changed().unwrap();
    assert!(!people.reopen_if_changed().unwrap(), "nothing changed");
    // Moved over it: the same number of loads, other people.
    let version = people.version().unwrap();
    std::fs::rename(other_directory(&home), folder.people()).unwrap();
    assert!(people.reopen_if_changed().unwrap());
    assert_eq!(people.version().unwrap(), version);
    assert_eq!(people.snapshot(noon()).unwrap().directory.people(), 1);
    // Removed: nothing is read any more, and no empty one is made in its place.
    std::fs::remove_file(folder.people()).unwrap();
    side_files(&folder.people())
        .iter()
        .for_each(|file| drop(std::fs::remove_file(file)));
    for _ in 0..2 {
        assert!(people.reopen_if_changed().is_err());
        assert!(people.version().is_err() && people.snapshot(noon()).is_err());
        assert!(!folder.people().exists());
    }
    // Loaded anew by another program.
    load(&mut People::open(&folder, &keys).unwrap(), CSV).unwrap();
    assert!(people.reopen_if_changed().unwrap());
    assert_eq!(people.snapshot(noon()).unwrap().directory.people(), 3);
}

#[test]
fn a_directory_that_was_written_over_in_place_is_not_read_from_memory() {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let home = Home::new();
    let (mut people, folder, _) = people(&home);
    load(&mut people, CSV).unwrap();
    let good = std::fs::read(folder.people()).unwrap();
    for (from, bytes) in [(0, 100), (0, good.len()), (4096, 4096), (4096, good.len() - 4096)] {
        _ = people.reopen_if_changed().unwrap();
        assert_eq!(people.snapshot(noon()).unwrap().directory.people(), 3);
        let mut file = std::fs::OpenOptions::new().write(true).open(folder.people()).unwrap();
        file.seek(SeekFrom::Start(from)).unwrap();
        file.write_all(&vec![0xa5; bytes]).unwrap();
        assert!(people.reopen_if_changed().is_err(), "{bytes} bytes from {from}");
        assert!(people.version().is_err() || people.reopen_if_changed().is_err());
        std::fs::write(folder.people(), &good).unwrap();
        assert!(people.reopen_if_changed().unwrap());
    }
    std::fs::write(folder.people(), b"").unwrap();
    assert!(people.reopen_if_changed().is_err() || people.snapshot(noon()).unwrap().directory.people() == 0);
}

#[test]
fn a_directory_with_older_digests_asks_for_the_people_again_and_keeps_their_numbers() {
    let home = Home::new();
    let (mut people, folder, keys) = people(&home);
    load(&mut people, CSV).unwrap();
    let number = people.find("s-1002").unwrap();
    drop(people);
    let database = rusqlite::Connection::open(home.data().join("people.db")).unwrap();
    let older =
        "create table identifier (person integer not null, strong blob not null) strict; pragma user_version = 3;";
    database.execute_batch(older).unwrap();
    drop(database);

    let mut people = People::open(&folder, &keys).unwrap();
    let error = people.snapshot(noon()).unwrap_err().to_string();
    assert!(error.contains("averment people load"), "{error}");
    assert_eq!(people.find("s-1002").unwrap(), number);
    // Whoever were added alone would be recognised alone.
    let more = home.dir.path().join("more.csv");
    std::fs::write(&more, CSV).unwrap();
    let scope = averment_store::Scope::Changes(averment_store::Currency::AsBefore);
    let error = people.load_file(&more, averment_store::PeopleFormat::Csv, scope, noon());
    assert!(matches!(
        error,
        Err(LoadError::Store(averment_store::PeopleError::Outdated))
    ));
    let report = load(&mut people, CSV).unwrap();
    assert_eq!((report.new, report.departed), (0, 0));
    assert_eq!(people.find("s-1002").unwrap(), number);
    assert_eq!(people.snapshot(noon()).unwrap().directory.people(), 3);
}

#[test]
fn numbers_are_known_as_they_are_dialled_in_the_country() {
    let home = Home::new();
    let (mut people, ..) = people(&home);
    let csv = "id,role,phone,country\nt-1,teacher,08-5550 1234,se\nt-2,teacher,5550 4321,\n";
    load(&mut people, csv).unwrap();
    let directory = people.snapshot(noon()).unwrap().directory;
    let whose = |digits: &str| directory.look_up(Form::Phone, digits).map(|found| found.person);
    assert_eq!(whose("46855501234"), Some(PersonNumber(1)));
    assert_eq!(whose("0855501234"), Some(PersonNumber(1)));
    assert_eq!(whose("4655504321"), None);
    assert!(
        faults("id,role,phone,country\nt-1,teacher,08-5550 1234,Sweden\n")
            .contains("column `country`: expected a country")
    );
}
