//! What is due goes, a run that cannot is a failure, and somebody gets what is held about them: by the commands, over a database.

use averment_ledger::Deed;

use crate::world::Place;

const MAP: &str = r#"
store = "app"
engine = "sqlite"

[[tables]]
table = "users"
key = "id"
columns.id = { element = "account.id" }
columns.name = { element = "identity.name.full" }
columns.school = { element = "edu.school" }

[[tables]]
table = "log"
belongs_to = { user_id = "users.id" }
times = { collection = "at" }
columns.id = { none = "number of the row" }
columns.user_id = { element = "tech.server_log" }
columns.what = { element = "tech.server_log", holds = "free_text" }
columns.at = { none = "when" }
"#;

const CLAIMS: &str = "[[claims]]\nid = \"logs\"\nkind = \"retained_for\"\nelements = [\"tech.server_log\"]\n\
                      duration = \"P90D\"\nafter = \"collection\"\nsentence = \"Logs are kept for 90 days.\"\n";

const PEOPLE: &str = "id,role,school,email,full_name\ns-1,student,Westfield,maya.lindqvist@birch.example,Maya Lindqvist\n\
                      s-2,student,Westfield,tom.abara@birch.example,Tom Abara\n";

const ROWS: &str = "create table users (id text primary key, name text, school text);
    create table log (id integer primary key, user_id text references users (id), what text, at text);
    insert into users values ('s-1', 'Maya Lindqvist', 'Westfield'), ('s-2', 'Tom Abara', 'Westfield');
    insert into log values (1, 's-1', 'wrote to tom.abara@birch.example', datetime('now', '-1 hour')),
                           (2, 's-1', 'old', datetime('now', '-95 days')), (3, 's-2', 'old', datetime('now', '-300 days'));";

fn place() -> Place {
    let place = Place::new();
    for folder in ["register/data", "register/claims", "register/controllers"] {
        std::fs::create_dir_all(place.path(folder)).expect("a folder");
    }
    for (name, text) in [
        ("people.csv", PEOPLE),
        ("register/organisation.toml", "organisation = \"Birch\"\n"),
        ("register/data/app.toml", MAP),
        ("register/claims/list.toml", CLAIMS),
        (
            "register/controllers/westfield.toml",
            "controller = \"westfield\"\nname = \"Westfield\"\n",
        ),
        ("averment-duties.toml", "[stores.app]\npath = \"app.sqlite3\"\n"),
    ] {
        std::fs::write(place.path(name), text).expect("a file");
    }
    let database = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a database");
    database.execute_batch(ROWS).expect("rows");
    place.run(&["people", "load", "people.csv"]).expect(0);
    place
}

fn rows(place: &Place) -> i64 {
    let database = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a database");
    database
        .query_row("select count(*) from log", [], |row| row.get(0))
        .expect("a number")
}

fn states(place: &Place) -> Vec<String> {
    let deeds = place.deeds().into_iter();
    let runs = deeds.filter_map(|deed| match deed {
        Deed::Retention(run) => Some(run.state),
        _ => None,
    });
    runs.collect()
}

#[test]
fn what_is_due_goes_and_is_on_record() {
    let place = place();
    let plan = place.run(&["retain", "plan", "register"]).expect(1);
    assert!(plan.stdout.contains("2 rows are overdue"), "{}", plan.stdout);
    assert_eq!(rows(&place), 3, "a plan changes nothing");
    let claims = place.run(&["claims", "register"]).expect(1);
    assert!(claims.stdout.contains("broken"), "{}", claims.stdout);
    place.run(&["retain", "run", "register"]).expect(0);
    assert_eq!(rows(&place), 1);
    assert_eq!(states(&place), ["begun", "done"]);
}

#[test]
fn a_run_that_lets_nothing_go_is_a_failure() {
    let place = place();
    let database = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a database");
    // A job that says nothing and deletes nothing.
    database
        .execute_batch("create trigger silent before delete on log begin select raise(ignore); end")
        .expect("a trigger");
    let ran = place.run(&["retain", "run", "register"]).expect(1);
    assert!(ran.stdout.contains("It failed: nothing went"), "{}", ran.stdout);
    assert_eq!(states(&place), ["begun", "failed"]);
    let claims = place.run(&["claims", "register"]).expect(1);
    assert!(claims.stdout.contains("broken"), "{}", claims.stdout);
}

#[test]
fn where_holds_cannot_be_read_nothing_goes() {
    let place = place();
    std::fs::write(place.path("averment-data/requests.db"), "not a database").expect("a file");
    place.run(&["retain", "run", "register"]).expect(2);
    assert_eq!(rows(&place), 3);
    assert_eq!(states(&place), ["refused"]);
}

#[test]
fn a_school_gets_an_archive_of_each_of_its_people() {
    let place = place();
    place
        .run(&[
            "export",
            "school",
            "register",
            "--school",
            "westfield",
            "--out",
            "archives",
        ])
        .expect(0);
    let names = |folder: &str| {
        let read = std::fs::read_dir(place.path(folder)).expect("a folder");
        let mut names: Vec<String> = read
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("archives"), ["s-1.zip", "s-2.zip"]);
    place
        .run(&[
            "export", "person", "register", "--person", "s-1", "--out", "one.zip", "--to", "parent",
        ])
        .expect(0);
    let exports: Vec<(String, Option<String>)> = place
        .deeds()
        .into_iter()
        .filter_map(|deed| match deed {
            Deed::Export(export) if export.person.is_some() => Some((export.to, export.school)),
            _ => None,
        })
        .collect();
    let school = Some("westfield".to_owned());
    assert_eq!(
        exports,
        [
            ("school".to_owned(), school.clone()),
            ("school".to_owned(), school),
            ("parent".to_owned(), None)
        ]
    );
    place
        .run(&["export", "person", "register", "--person", "s-1", "--out", "one.zip"])
        .expect(2);
}

#[test]
fn of_somebody_under_hold_nothing_goes() {
    let place = place();
    let hold = [
        "request",
        "hold",
        "--person",
        "s-2",
        "--because",
        "a letter from a court",
        "--how",
        "by post, with the court's seal",
        "--register",
        "register",
    ];
    place.run(&hold).expect(0);
    place.run(&["retain", "run", "register"]).expect(0);
    assert_eq!(rows(&place), 2, "what is due of the other one went");
}
