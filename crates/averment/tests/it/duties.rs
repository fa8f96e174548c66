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

/// A school that is called otherwise in the database asked for less, and nobody there would get it.
#[test]
fn a_shorter_time_of_a_school_that_nobody_is_of_is_not_measured() {
    let place = place();
    let school = "controller = \"wf-7\"\nname = \"Westfield Academy\"\n[[shortens]]\nclaim = \"list/logs\"\nduration = \"P60D\"\n";
    std::fs::remove_file(place.path("register/controllers/westfield.toml")).expect("a file");
    std::fs::write(place.path("register/controllers/wf-7.toml"), school).expect("a file");
    place.run(&["retain", "run", "register"]).expect(2);
    assert_eq!(rows(&place), 1, "what is due for everybody went");
    let plan = place
        .run(&["retain", "plan", "register", "--no-record"])
        .expect(2)
        .stdout;
    let plan = plan.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plan.contains("`users.school` has nobody of school `wf-7`"), "{plan}");
    let settings = "[stores.app]\npath = \"app.sqlite3\"\n[retention.schools]\nwf-7 = \"Westfield\"\n";
    std::fs::write(place.path("averment-duties.toml"), settings).expect("a file");
    let database = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a database");
    let older = "insert into log values (4, 's-1', 'old', datetime('now', '-70 days'))";
    database.execute_batch(older).expect("a statement");
    place.run(&["retain", "run", "register"]).expect(0);
    assert_eq!(rows(&place), 1, "the shortest time wins");
}

/// Where rows say themselves of which school they are, a school of which none is left has what it asked for; one that is called otherwise
/// there has not.
#[test]
fn a_shorter_time_of_a_school_that_has_no_row_left_is_kept() {
    let place = place();
    let map = format!("{MAP}columns.school = {{ element = \"edu.school\" }}\n");
    std::fs::write(place.path("register/data/app.toml"), map).expect("a file");
    let school =
        "controller = \"westfield\"\nname = \"Westfield\"\n[[shortens]]\nclaim = \"list/logs\"\nduration = \"P60D\"\n";
    std::fs::write(place.path("register/controllers/westfield.toml"), school).expect("a file");
    let database = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a database");
    let execute = |sql: &str| database.execute_batch(sql).expect("statements");
    execute("alter table log add column school text; update log set school = 'Westfield'");
    place.run(&["retain", "run", "register"]).expect(0);
    execute("delete from log");
    place.run(&["retain", "run", "register"]).expect(0);
    execute("insert into log values (5, 's-1', 'new', datetime('now', '-1 hour'), 'WF')");
    let run = place.run(&["retain", "run", "register"]).expect(2);
    let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("`log.school` has nobody of school `westfield`"), "{said}");
    execute("insert into log values (6, 's-1', 'new', datetime('now', '-1 hour'), 'Westfield')");
    place.run(&["retain", "run", "register"]).expect(0);
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

/// An empty archive of a misspelled number would read as if nothing were held.
#[test]
fn of_a_number_that_nothing_knows_there_is_no_archive() {
    let place = place();
    let export =
        |person: &str, out: &str| place.run(&["export", "person", "register", "--person", person, "--out", out]);
    for person in ["S-1", "s-01", "nobody"] {
        let refused = export(person, "none.zip").expect(2);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            said.contains("neither a store nor the directory knows such a number"),
            "{said}"
        );
        assert!(!place.path("none.zip").exists() && !place.path("none.zip.part").exists());
    }
    // Somebody of the directory of whom no store has anything, and somebody of a store whom the directory does not know.
    let database = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a database");
    let change = "delete from log where user_id = 's-2'; delete from users where id = 's-2'; insert into users values ('s-8', 'Bo', 'Hill')";
    database.execute_batch(change).expect("statements");
    export("s-2", "two.zip").expect(0);
    export("s-8", "eight.zip").expect(0);
    let given = place.deeds().into_iter().filter(|deed| matches!(deed, Deed::Export(_)));
    assert_eq!(given.count(), 2, "of nobody nothing is on record");
}

/// An archive that lacks a store is no whole one the second time, either.
#[test]
fn an_archive_that_lacks_something_is_told_again() {
    let place = place();
    let uploads = "store = \"uploads\"\nengine = \"files\"\n[[tables]]\nprefix = \"up/{user}/\"\nkey = \"user\"\n\
                   elements = [\"content.project\"]\n";
    std::fs::write(place.path("register/data/uploads.toml"), uploads).expect("a file");
    let school = [
        "export",
        "school",
        "register",
        "--school",
        "westfield",
        "--out",
        "archives",
    ];
    for _ in 0..2 {
        let lacking = place.run(&school).expect(2).stdout;
        assert_eq!(lacking.matches("not in it: uploads").count(), 2, "{lacking}");
    }
    let settings = "[stores.app]\npath = \"app.sqlite3\"\n[stores.uploads]\npath = \"files\"\n";
    std::fs::write(place.path("averment-duties.toml"), settings).expect("a file");
    std::fs::create_dir_all(place.path("files/up")).expect("a folder");
    let lacking = place.run(&school).expect(2).stdout;
    assert!(lacking.contains("is there already; remove it"), "{lacking}");
    for name in ["s-1.zip", "s-2.zip"] {
        std::fs::remove_file(place.path("archives").join(name)).expect("a file");
    }
    place.run(&school).expect(0);
    place.run(&school).expect(0);
    std::fs::write(place.path("archives/s-2.zip"), "something else").expect("a file");
    let other = place.run(&school).expect(2).stdout;
    assert!(other.contains("is no archive of a person"), "{other}");
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

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A store that cannot be reached may have everything overdue.
#[test]
fn a_plan_and_a_run_say_at_their_end_what_was_not_looked_at() {
    let place = place();
    let settings = "[stores.app]\npath = \"gone.sqlite3\"\n[stores.ap]\npath = \"app.sqlite3\"\n";
    std::fs::write(place.path("averment-duties.toml"), settings).expect("a file");
    for deed in ["plan", "run"] {
        let ran = place.run(&["retain", deed, "register"]).expect(2);
        let said = words(&ran.stdout);
        assert!(
            said.ends_with("Not looked at, so more may be overdue: app.log."),
            "{said}"
        );
        assert!(
            words(&ran.stderr).contains("`[stores.ap]` of the duties file is of no store"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn an_address_of_a_store_that_is_empty_is_named() {
    let place = place();
    std::fs::write(place.path("url.txt"), "\n").expect("a file");
    let map = MAP.replace("sqlite", "postgresql");
    std::fs::write(place.path("register/data/app.toml"), map).expect("a file");
    for (settings, named) in [
        (
            "url_env = \"APP_URL\"",
            "the environment variable `APP_URL`, found nothing",
        ),
        ("url_file = \"url.txt\"", "url.txt`, found nothing"),
    ] {
        std::fs::write(
            place.path("averment-duties.toml"),
            format!("[stores.app]\n{settings}\n"),
        )
        .expect("a file");
        let plan = ["erase", "plan", "register", "--person", "s-1"];
        let said = words(&place.run_with(&plan, &[("APP_URL", "")]).expect(2).stderr);
        assert!(
            said.contains("expected the address of store `app` in") && said.contains(named),
            "{said}"
        );
    }
}

#[test]
fn a_school_of_which_nobody_is_found_is_an_error_that_says_where_to_look() {
    let place = place();
    let school = "controller = \"hill\"\nname = \"Hill School\"\n";
    std::fs::write(place.path("register/controllers/hill.toml"), school).expect("a file");
    let nobody = place
        .run(&["export", "school", "register", "--school", "hill", "--out", "archives"])
        .expect(2);
    let said = words(&nobody.stderr);
    assert!(
        said.contains("error: no table of people has anybody of school `hill`, looked for as `hill` and `Hill School`"),
        "{said}"
    );
    assert!(
        said.contains("`[retention.schools]`") && !place.path("archives").exists(),
        "{said}"
    );
}
