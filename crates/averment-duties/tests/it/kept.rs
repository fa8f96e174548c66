//! What is collected is kept where the map says, and what is offered is there for those to whom it is.

use std::sync::{Arc, Mutex};

use averment_duties::probe::Probed;

use crate::probes::{Told, charter, of, probe};
use crate::site::{Asked, Reply, Switch, serve};

const MAP: &str = r#"
store = "app"
engine = "sqlite"
[[tables]]
table = "users"
subjects = ["student", "teacher"]
key = "id"
role = "role"
roles = { pupil = "student", staff = "teacher" }
columns.id = { element = "account.id" }
columns.role = { element = "account.role" }
columns.email = { element = "contact.email" }
columns.born = { element = "demographic.date_of_birth" }
columns.picture = { element = "identity.avatar" }
"#;

const ROWS: &str = "
create table users (id integer primary key, role text, email text, born text, picture text);
insert into users values (7, 'pupil', 'maya.lindqvist@birch.example', '2012-03-09', ''), (8, 'staff', null, '1980-01-02', null);
";

const COLLECTED: [(&str, &str); 5] = [
    ("account", "elements = [\"account.id\", \"contact.email\"]"),
    (
        "of-teachers",
        "elements = [\"contact.email\"]\nsubjects = [\"teacher\"]",
    ),
    ("picture", "elements = [\"identity.avatar\"]"),
    ("half", "elements = [\"demographic.date_of_birth\", \"contact.phone\"]"),
    ("elsewhere", "elements = [\"contact.phone\"]"),
];

#[test]
fn what_is_collected_has_a_column_with_a_value_of_those_people() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.sqlite");
    rusqlite::Connection::open(&file).unwrap().execute_batch(ROWS).unwrap();
    let claim = |(id, rest): &(&str, &str)| {
        format!("[[claims]]\nid = \"{id}\"\nkind = \"collects\"\n{rest}\nsentence = \"It.\"\n")
    };
    let claims: String = COLLECTED.iter().map(claim).collect();
    let charter = charter(&[("data/app.toml", MAP), ("claims/list.toml", &claims)]);
    let settings = format!("[stores.app]\npath = \"{}\"\n", file.display());
    let all = probe(&charter, &settings, &Told(Vec::new()), "collects", false);
    let counts = |id| (of(&all, id).observed, of(&all, id).unseen, of(&all, id).contrary);
    assert_eq!(counts("account"), (2, 0, 0));
    assert!(of(&all, "account").holds());
    assert_eq!(counts("of-teachers"), (0, 1, 0), "no teacher has an address");
    assert_eq!(counts("picture"), (0, 1, 0), "an empty text is no value");
    assert_eq!(counts("half"), (1, 1, 0), "one of the two is nowhere");
    let elsewhere = of(&all, "elsewhere");
    assert!(elsewhere.attest && !elsewhere.is_recorded(), "{elsewhere:#?}");
}

#[test]
fn a_store_that_cannot_be_opened_was_not_seen() {
    let claims = "[[claims]]\nid = \"account\"\nkind = \"collects\"\nelements = [\"account.id\"]\nsentence = \"It.\"\n";
    let charter = charter(&[("data/app.toml", MAP), ("claims/list.toml", claims)]);
    let all = probe(&charter, "", &Told(Vec::new()), "collects", false);
    let account = of(&all, "account");
    assert!(account.unseen == 1 && !account.holds(), "{account:#?}");
}

const OFFERED: &str = r#"
[[claims]]
id = "correction"
kind = "offers"
offer = "data_correction"
sentence = "You can change it."

[[claims]]
id = "list"
kind = "offers"
offer = "public_list"
sentence = "The list is public."

[[claims]]
id = "copy"
kind = "offers"
offer = "certificate_copy"
sentence = "The certificate can be seen."
"#;

fn settings(site: &str) -> String {
    format!(
        r#"
[views]
base = "http://{site}"
control = {{ path = "/", text = "Birch gallery" }}

[views.accounts.pupil]
cookie = {{ env = "COOKIE" }}
control = {{ path = "/home", text = "Sign out" }}

[[offers]]
offer = "data_correction"
as = "pupil"
path = "/settings"
texts = ["Your data"]
forms = ["/settings"]
fields = ["email"]

[[offers]]
offer = "public_list"
path = "/list"
links = ["https://desk.example/privacy"]
days = 92
"#
    )
}

fn gallery(asked: &Asked, mistake: &str) -> Reply {
    let known = asked.cookie("session") == Some("one") && mistake != "sessions";
    match (asked.path.as_str(), known) {
        ("/", _) => Reply::page("<h1>Birch gallery</h1>"),
        ("/home", true) => Reply::page("<a href=/out>Sign out</a>"),
        ("/settings", true) if mistake == "gone" => Reply::status(404),
        ("/settings", true) if mistake == "down" => Reply::status(503),
        ("/settings", true) if mistake == "reading" => Reply::page("<p>Your data: maya"),
        ("/settings", true) => {
            Reply::page("<p>Your data<form action='/settings' method=post><input name=email></form>")
        }
        ("/list", _) => Reply::page(match mistake {
            "old" => "<time datetime=\"2026-01-31\">January</time> <a href='https://desk.example/privacy'>desk</a>",
            "dateless" => "<p>nobody <a href='https://desk.example/privacy'>desk</a>",
            "unlinked" => {
                "<time datetime=\"2026-11-01\">November</time> https://desk.example/privacy <a href='/'>home</a>"
            }
            _ => {
                "<time datetime=\"2026-11-01\">November</time> and <time datetime=\"2020-01-01\">then</time>\
                 <a href='https://desk.example/privacy'>desk</a>"
            }
        }),
        _ => Reply::status(403),
    }
}

#[test]
fn what_is_offered_is_looked_for_as_those_to_whom_it_is() {
    let switch: Switch = Arc::new(Mutex::new(""));
    let switched = Arc::clone(&switch);
    let site = serve(move |asked| gallery(asked, *switched.lock().unwrap())).to_string();
    let charter = charter(&[("claims/list.toml", OFFERED)]);
    let look = |mistake: &'static str| -> Vec<Probed> {
        *switch.lock().unwrap() = mistake;
        let secrets = Told(vec![("COOKIE", "session=one".to_owned())]);
        probe(&charter, &settings(&site), &secrets, "offers", false)
    };
    let healthy = look("");
    assert!(
        of(&healthy, "correction").holds() && of(&healthy, "list").holds(),
        "{healthy:#?}"
    );
    let copy = of(&healthy, "copy");
    assert!(copy.attest && !copy.is_recorded(), "{copy:#?}");
    let counts = |mistake, id| {
        let all = look(mistake);
        (of(&all, id).contrary, of(&all, id).unseen)
    };
    assert_eq!(counts("gone", "correction"), (1, 0));
    assert_eq!(
        counts("reading", "correction"),
        (2, 0),
        "neither the form nor its field"
    );
    assert_eq!(
        counts("down", "correction"),
        (0, 1),
        "a fault of the server says nothing"
    );
    assert_eq!(
        counts("sessions", "correction"),
        (0, 1),
        "who is not let in sees nothing"
    );
    assert_eq!(counts("old", "list"), (1, 0));
    assert_eq!(counts("dateless", "list"), (0, 1));
    assert_eq!(
        counts("unlinked", "list"),
        (1, 0),
        "an address that is only written is no link"
    );
}

#[test]
fn what_is_stored_without_a_name_is_looked_at_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    let rows = "create table seen (source text, views integer); insert into seen values ('school', 12), ('link', 3)";
    connection.execute_batch(rows).unwrap();
    let claim = |id: &str, rest: &str| {
        format!(
            "[[claims]]\nid = \"{id}\"\nkind = \"stored_as\"\nsubjects = [\"viewer\"]\nsentence = \"{id}.\"\n{rest}\n"
        )
    };
    let claims = claim("flow", "elements = [\"usage\"]\nform = \"anonymous\"")
        + &claim("address", "elements = [\"tech.ip_address\"]\nform = \"anonymous\"")
        + &claim("hashed", "elements = [\"usage\"]\nform = \"keyed_hash\"");
    let map = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"seen\"\nsubjects = [\"viewer\"]\n\
               columns.source = { none = \"by which way\" }\ncolumns.views = { element = \"usage.aggregate\" }\n";
    let charter = charter(&[("data/app.toml", map), ("claims/list.toml", &claims)]);
    let settings = format!(
        "[stores.app]\npath = {:?}\n[probes]\nfigures = [\"app.seen\"]\n",
        file.display().to_string()
    );
    let look = || probe(&charter, &settings, &Told(Vec::new()), "aggregates", true);
    let found = look();
    assert!(of(&found, "flow").holds(), "{found:#?}");
    assert_eq!(
        found.len(),
        1,
        "of addresses and of hashes figures say nothing: {found:#?}"
    );
    connection
        .execute("update seen set source = '203.0.113.7' where views = 3", [])
        .unwrap();
    assert_eq!(
        of(&look(), "flow").contrary,
        1,
        "also in a column of which the claim does not speak"
    );
}

#[test]
fn rows_of_viewers_in_a_table_of_others_are_looked_at_too() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.sqlite3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    let rows = "create table log (user_id integer, ip text, action text);
                insert into log values (7, '203.0.113.7', 'sign-in'), (null, null, 'view')";
    connection.execute_batch(rows).unwrap();
    let claims = "[[claims]]\nid = \"flow\"\nkind = \"stored_as\"\nsubjects = [\"viewer\"]\nelements = [\"usage\"]\n\
                  form = \"anonymous\"\nsentence = \"Nobody knows who looked.\"\n\
                  [[claims]]\nid = \"address\"\nkind = \"stored_as\"\nsubjects = [\"viewer\"]\nelements = [\"tech.ip_address\"]\n\
                  form = \"anonymous\"\nsentence = \"It leads to nobody.\"\n";
    let map = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"log\"\nsubjects = [\"teacher\"]\n\
               belongs_to = { user_id = \"users.id\" }\ncolumns.ip = { element = \"tech.ip_address\" }\n\
               columns.user_id = { element = \"account.id\" }\ncolumns.action = { element = \"usage.event\" }\n\
               [[tables]]\ntable = \"users\"\nsubjects = [\"teacher\"]\nkey = \"id\"\ncolumns.id = { element = \"account.id\" }\n";
    let charter = charter(&[("data/app.toml", map), ("claims/list.toml", claims)]);
    let settings = format!("[stores.app]\npath = {:?}\n", file.display().to_string());
    let look = || probe(&charter, &settings, &Told(Vec::new()), "aggregates", true);
    assert!(of(&look(), "flow").holds(), "{:#?}", look());
    assert_eq!(look().len(), 1, "of addresses it says nothing: {:#?}", look());
    // Whatever stands in a column for addresses, also what no detector knows for one.
    connection
        .execute("update log set ip = 'somewhere' where user_id is null", [])
        .unwrap();
    assert_eq!(of(&look(), "flow").contrary, 1, "{:#?}", look());
}
