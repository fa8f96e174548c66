//! The sources of people: each gives the same directory, and its faults with their place and without values.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_store::{Currency, LoadError, LoadReport, People, PeopleFormat, Scope, Shrink};

use crate::fixture::*;

pub(crate) const WHOLE: Scope = Scope::Whole(Shrink::UpToPercent(20));
pub(crate) const CHANGES: Scope = Scope::Changes(Currency::AsBefore);

pub(crate) struct Place {
    pub(crate) home: Home,
    pub(crate) people: People,
}

impl Place {
    pub(crate) fn new() -> Self {
        let home = Home::new();
        let (folder, keys) = home.open();
        let people = People::open(&folder, &keys).unwrap();
        Self { home, people }
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.home.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn load(&mut self, path: &Path, scope: Scope) -> Result<LoadReport, LoadError> {
        self.people.load_file(path, PeopleFormat::of(path), scope, noon())
    }

    /// Element and kind of subject of who has the value.
    pub(crate) fn whose(&mut self, kind: IdentifierKind, value: &str) -> Option<(String, String, String)> {
        let snapshot = self.people.snapshot(noon()).unwrap();
        let (form, normal) = identifiers(kind, value).unwrap().remove(0);
        let found = snapshot.directory.look_up(form, &normal)?;
        let (element, subject) = (found.element.to_string(), found.subject.to_string());
        Some((element, subject, format!("{:?}", found.person)))
    }

    fn subject(&mut self, kind: IdentifierKind, value: &str) -> Option<String> {
        self.whose(kind, value).map(|(_, subject, _)| subject)
    }
}

const JSON_LINES: &str = r#"
{"id":"s-1","role":"student","birth_date":"2015-04-01","email":"mira@school.example","first_name":"Mira","last_name":"Oakley","shoe":31}
{"id":2,"role":"teacher","identifiers":{"email":["p@school.example","paola@school.example"],"full_name":"Paola Ferrara"}}
"#;

#[test]
fn json_lines_give_people_with_several_identifiers() {
    let mut place = Place::new();
    let file = place.file("people.jsonl", JSON_LINES);
    let report = place.load(&file, WHOLE).unwrap();
    assert_eq!((report.present, report.ignored_members), (2, true));
    for address in ["p@school.example", "paola@school.example"] {
        assert_eq!(
            place.subject(IdentifierKind::Email, address).as_deref(),
            Some("teacher")
        );
    }
    let mira = place.subject(IdentifierKind::FullName, "Mira Oakley");
    assert_eq!(mira.as_deref(), Some("student.under13"));
}

#[test]
fn faults_of_json_lines_have_line_and_member_and_no_value() {
    let mut place = Place::new();
    let lines = "{\"id\":\"s-1\",\"role\":\"wizard\",\"email\":\"a@school.example\"}\n\
        {\"id\":\"s-2\",\"role\":\"student\",\"email\":{\"a\":1}}\n\
        {\"id\":\"s-3\" \"role\"}\n\
        [1]\n\
        {\"id\":\"s-4\",\"role\":\"student\",\"role\":\"staff\",\"user_role\":\"teacher\",\"email\":\"b@school.example\"}\n";
    let file = place.file("people.jsonl", lines);
    let text = place.load(&file, WHOLE).unwrap_err().to_string();
    let text = text.replace(&file.display().to_string(), "people.jsonl");
    let expected = "`people.jsonl` has 5 faults, nothing was loaded\n  \
        line 1, column `role`: expected one of student, teacher, guardian, school_admin, facilitator, staff, volunteer, donor, child\n  \
        line 2, column `email`: expected a text or an array of texts\n  \
        line 3: expected one JSON object, character 13 does not fit\n  \
        line 4: expected an object in braces\n  \
        line 5, column `role`: expected one member for it, found several";
    assert_eq!(text, expected);
}

/// A school of two students, a guardian of both, a teacher, and somebody of whom nothing says the role.
pub(crate) fn bundle() -> Vec<(&'static str, String)> {
    let manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.users,bulk\nfile.roles,bulk\n\
        file.orgs,bulk\nfile.demographics,bulk\nfile.enrollments,bulk\nfile.classes,absent\n";
    let users = "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds\n\
        u-1,,,true,starfox77,{SIS:acc-90017},Mira,Oakley,June,7741093,mira@school.example,,,\"u-9,u-3\"\n\
        u-2,active,,true,lundtheo,,Theo,Lund,,7741094,theo@school.example,,,u-9\n\
        u-3,,,true,pferrara,,Paola,Ferrara,,,p.ferrara@school.example,,,u-1\n\
        u-4,,,true,nobodyknows,,Ash,Berger,,,ash@school.example,,,\n\
        u-5,tobedeleted,,true,gone12,,Gone,Person,,,gone@school.example,,,\n\
        u-9,,,true,,,Robin,Oakley,,,oakley.home@mail.example,+1 555 010 4477,,\"u-1,u-2\"\n";
    let roles = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n\
        r-1,,,u-1,primary,student,,,o-1\nr-2,,,u-3,primary,teacher,,,o-1\nr-3,,,u-9,primary,parent,,,o-1\n";
    let enrollments = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role\n\
        e-1,,,c-1,o-1,u-2,student\n";
    let demographics = "sourcedId,status,dateLastModified,birthDate,sex\nu-1,,,2015-04-01,\nu-2,,,2009-05-02,\n";
    let orgs = "sourcedId,status,dateLastModified,name,type\no-1,,,Harbour School,school\n";
    vec![
        ("manifest.csv", manifest.to_owned()),
        ("users.csv", users.to_owned()),
        ("roles.csv", roles.to_owned()),
        ("enrollments.csv", enrollments.to_owned()),
        ("demographics.csv", demographics.to_owned()),
        ("orgs.csv", orgs.to_owned()),
    ]
}

fn zip(place: &Place, files: &[(&'static str, String)]) -> PathBuf {
    let path = place.home.dir.path().join("export.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, content) in files {
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        archive.start_file(*name, options).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    path
}

fn folder(place: &Place, files: &[(&'static str, String)]) -> PathBuf {
    for (name, content) in files {
        place.file(&format!("export/{name}"), content);
    }
    place.home.dir.path().join("export")
}

fn check_school(place: &mut Place, report: &LoadReport) {
    use IdentifierKind::{AccountId, Email, FullName, GuardianPhone, StudentId};
    assert_eq!((report.present, report.departed), (5, 0), "{report:?}");
    for (kind, value, element, subject) in [
        (Email, "mira@school.example", "contact.email", "student.under13"),
        (AccountId, "acc-90017", "account.id", "student.under13"),
        (StudentId, "7741094", "edu.student_id.local", "student.minor"),
        (FullName, "Mira June Oakley", "identity.name.full", "student.under13"),
        (Email, "p.ferrara@school.example", "contact.email", "teacher"),
        (Email, "ash@school.example", "contact.email", "student.under13"),
    ] {
        let (found_element, found_subject, _) = place.whose(kind, value).unwrap();
        assert_eq!(
            (found_element.as_str(), found_subject.as_str()),
            (element, subject),
            "{value}"
        );
    }
    // The guardian's number counts as the student's record, who is the stricter of the two.
    let phone = place.whose(GuardianPhone, "+1 555 010 4477").unwrap();
    assert_eq!(
        (phone.0.as_str(), phone.1.as_str()),
        ("guardian.phone", "student.under13")
    );
    assert_eq!(place.whose(Email, "gone@school.example"), None);
    let no_role = report
        .unsure
        .iter()
        .find(|unsure| unsure.reason.to_string().contains("no role"));
    let no_role = no_role.unwrap();
    assert_eq!(
        (no_role.file, no_role.line, no_role.column),
        (Some("users.csv"), 5, "sourcedId")
    );
}

#[test]
fn a_bundle_is_read_from_zip_and_folder_alike() {
    for make in [zip, folder] {
        let mut place = Place::new();
        let path = make(&place, &bundle());
        let report = place.load(&path, WHOLE).unwrap();
        check_school(&mut place, &report);
    }
}

#[test]
fn a_bundle_of_changes_changes_only_what_it_says() {
    use IdentifierKind::{Email, GuardianEmail};
    let mut place = Place::new();
    let whole = zip(&place, &bundle());
    place.load(&whole, WHOLE).unwrap();
    let mut changes = bundle();
    changes[0].1 = changes[0].1.replace("bulk", "delta");
    changes[1].1 = "sourcedId,status,dateLastModified,givenName,familyName,email,agentSourcedIds\n\
        u-1,active,2026-03-01T00:00:00Z,Mira,Oakley,mira.new@school.example,u-9\n\
        u-4,tobedeleted,2026-03-01T00:00:00Z,Ash,Berger,ash@school.example,\n"
        .into();
    changes[2].1 = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,orgSourcedId\n\
        r-9,active,,u-3,primary,administrator,o-1\nr-8,active,,u-77,primary,student,o-1\n"
        .into();
    changes[3].1 = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role\n".into();
    changes[4].1 = "sourcedId,status,dateLastModified,birthDate\nu-2,active,,2016-01-01\n".into();
    let delta = zip(&place, &changes);
    let report = place.load(&delta, WHOLE).unwrap();
    assert_eq!((report.present, report.departed, report.new), (4, 1, 0));
    let under13 = Some("student.under13".to_owned());
    assert_eq!(
        place.subject(Email, "mira.new@school.example"),
        under13,
        "role and age stay"
    );
    assert_eq!(place.whose(Email, "mira@school.example"), None, "the old address goes");
    assert_eq!(
        place.whose(GuardianEmail, "oakley.home@mail.example").unwrap().0,
        "guardian.email",
        "the guardian stays"
    );
    assert_eq!(
        place.subject(Email, "theo@school.example"),
        under13,
        "a birth date alone"
    );
    assert_eq!(
        place.subject(Email, "p.ferrara@school.example").as_deref(),
        Some("school_admin")
    );
    assert_eq!(place.whose(Email, "ash@school.example"), None);
}

#[test]
fn faults_of_a_bundle_name_file_line_and_column() {
    let mut place = Place::new();
    let mut files = bundle();
    files[1].1 = files[1].1.replace("u-2,active", "u-1,asleep");
    files[2].1 = files[2].1.replace("teacher", "sorcerer");
    files[4].1 = files[4].1.replace("2015-04-01", "1st of April");
    let path = folder(&place, &files);
    let text = place.load(&path, WHOLE).unwrap_err().to_string();
    for expected in [
        "5 faults",
        "roles.csv, line 3, column `role`: expected a role of OneRoster",
        "users.csv, line 3, column `status`: expected `active` or `tobedeleted`",
        "users.csv, line 3, column `sourcedId`: expected an id of its own, found the one of line 2",
        "demographics.csv, line 2, column `birthDate`: expected a date as YYYY-MM-DD",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(
        !["asleep", "sorcerer", "April", "Mira"]
            .iter()
            .any(|value| text.contains(value)),
        "{text}"
    );
}

#[test]
fn a_bundle_that_is_not_whole_is_refused() {
    for (change, expected) in [
        ((0, "file.roles,bulk", "file.roles,delta"), "all `bulk` or all `delta`"),
        ((0, "file.users,bulk\n", ""), "expected `file.users`"),
        (
            (0, "file.classes,absent", "file.orgs,some"),
            "expected `bulk`, `delta` or `absent`",
        ),
        ((0, "1.2", "3.0"), "as `oneroster.version`"),
        ((1, "sourcedId,", "id,"), "column `sourcedId`: expected a heading"),
    ] {
        let mut place = Place::new();
        let mut files = bundle();
        let (file, from, to): (usize, &str, &str) = change;
        files[file].1 = files[file].1.replacen(from, to, 1);
        let path = zip(&place, &files);
        let text = place.load(&path, WHOLE).unwrap_err().to_string();
        assert!(text.contains(expected), "{expected} in {text}");
    }
    let mut place = Place::new();
    let path = zip(&place, &bundle()[1..]);
    assert!(
        place
            .load(&path, WHOLE)
            .unwrap_err()
            .to_string()
            .contains("manifest.csv, line 1: expected this file")
    );
    let path = zip(&place, &bundle()[..1]);
    assert!(
        place
            .load(&path, WHOLE)
            .unwrap_err()
            .to_string()
            .contains("expected `users.csv` in the bundle")
    );
    let path = place.file("broken.zip", "PK\u{3}\u{4} and nothing");
    assert!(matches!(place.load(&path, WHOLE), Err(LoadError::Read { .. })));
}

#[test]
fn adding_and_removing_touches_nobody_else() {
    use IdentifierKind::{Email, GuardianEmail};
    let mut place = Place::new();
    let whole = place.file(
        "all.csv",
        "id,role,birth_year,email,guardian_email\ns-1,student,2015,a@school.example,g@mail.example\ns-2,student,2015,b@school.example,\n",
    );
    place.load(&whole, WHOLE).unwrap();
    let before = place.whose(Email, "a@school.example").unwrap();
    let more = place.file(
        "more.csv",
        "id,role,email,removed\ns-1,teacher,a@school.example,\ns-3,student,c@school.example,no\ns-2,student,,true\n",
    );
    let report = place.load(&more, CHANGES).unwrap();
    assert_eq!((report.new, report.departed, report.present), (1, 1, 2));
    let after = place.whose(Email, "a@school.example").unwrap();
    assert_eq!(
        (after.1.as_str(), &after.2),
        ("teacher", &before.2),
        "another role, the same number"
    );
    assert_eq!(
        place.whose(GuardianEmail, "g@mail.example"),
        None,
        "a row says everything about its person"
    );
    assert_eq!(place.whose(Email, "b@school.example"), None);
    assert!(place.whose(Email, "c@school.example").is_some());
    let gone = place.file("gone.csv", "id\ns-3\ns-99\n");
    let report = place.people.remove(&gone, PeopleFormat::Csv, noon()).unwrap();
    assert_eq!((report.departed, report.present), (1, 1));
    assert_eq!(place.whose(Email, "c@school.example"), None);
    assert_eq!(place.people.version().unwrap(), 3);
}

#[test]
fn a_load_that_loses_many_is_refused() {
    let mut place = Place::new();
    let rows = |count: u32| {
        let row = |number| format!("s-{number},student,x{number}@school.example\n");
        format!("id,role,email\n{}", (0..count).map(row).collect::<String>())
    };
    let all = place.file("all.csv", &rows(100));
    place.load(&all, WHOLE).unwrap();
    let part = place.file("part.csv", &rows(79));
    let error = place.load(&part, WHOLE).unwrap_err();
    assert!(
        error.to_string().contains("79 people and would take 21 of 100"),
        "{error}"
    );
    assert_eq!(place.people.snapshot(noon()).unwrap().directory.people(), 100);
    let most = place.file("most.csv", &rows(80));
    assert_eq!(place.load(&most, WHOLE).unwrap().departed, 20);
    assert_eq!(place.load(&part, Scope::Whole(Shrink::Any)).unwrap().present, 79);
}

#[test]
fn a_directory_grows_old_and_adding_somebody_does_not_make_it_young() {
    let mut place = Place::new();
    let month = Some(jiff::SignedDuration::from_hours(30 * 24));
    assert!(!place.people.is_stale(month, noon()).unwrap(), "empty is not old");
    let all = place.file("all.csv", "id,role,email\ns-1,student,a@school.example\n");
    place.load(&all, WHOLE).unwrap();
    let later = "2026-04-15T12:00:00Z".parse().unwrap();
    assert!(!place.people.is_stale(month, noon()).unwrap());
    assert!(place.people.is_stale(month, later).unwrap());
    assert!(!place.people.is_stale(None, later).unwrap());
    let before = "2026-02-01T12:00:00Z".parse().unwrap();
    assert!(place.people.is_stale(month, before).unwrap(), "the clock was set back");
    let format = PeopleFormat::Csv;
    let more = place.file("more.csv", "id,role,email\ns-2,teacher,b@school.example\n");
    place.people.load_file(&more, format, CHANGES, later).unwrap();
    assert!(place.people.is_stale(month, later).unwrap());
    place.people.load_file(&all, format, WHOLE, later).unwrap();
    assert!(!place.people.is_stale(month, later).unwrap());
}

#[test]
fn the_status_counts_and_says_how_complete() {
    let mut place = Place::new();
    let file = place.file(
        "all.csv",
        "id,role,birth_year,email\ns-10001,student,2015,a@school.example\ns-10002,student,,\nt-1,teacher,,c@school.example\n1,staff,,\n",
    );
    place.load(&file, WHOLE).unwrap();
    let status = place.people.status(noon()).unwrap();
    assert_eq!((status.people, status.departed, status.loaded_at), (4, 0, Some(noon())));
    assert_eq!(status.subjects["student.under13"], 2);
    let students = &status.roles["student"];
    assert_eq!(
        (students.people, students.age_known, students.not_recognised),
        (2, 1, 0)
    );
    assert_eq!(
        (students.known_by["contact.email"], students.known_by["account.id"]),
        (1, 2)
    );
    assert_eq!(status.roles["staff"].not_recognised, 1);
    assert!(status.bytes_per_identifier().unwrap() > 0);
}
