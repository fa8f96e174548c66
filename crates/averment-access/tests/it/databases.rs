//! The script for a database, tried on a real PostgreSQL with people of two schools: what each sees is what the table says.

use averment_access::{Access, Context, Person, sql};
use averment_catalog::{ElementId, WordId};
use averment_register::{Charter, Source, Store, StoreId, compile};
use postgres::{Client, NoTls};

use crate::servers::Server;
use crate::world::person;

const CLAIMS: &str = r#"
[[claims]]
kind = "visible_to"
elements = ["identity", "contact", "account", "content", "edu"]
subjects = ["student"]
viewers = ["teacher", "owner"]
id = "teachers"
sentence = "Teachers and the students themselves see it."

[[claims]]
kind = "visible_to"
elements = ["identity.name.full", "account.id", "content"]
subjects = ["student"]
viewers = ["peer"]
off_by = "school"
id = "peers"
sentence = "Peers see names and projects."

[[claims]]
kind = "hidden_from"
elements = ["identity", "contact", "demographic"]
viewers = ["peer"]
unless = ["directory_information"]
id = "directory"
sentence = "Peers do not see who it is, unless it is directory information."

[[claims]]
kind = "visible_to"
elements = ["contact.email"]
viewers = ["staff"]
when = "on_support_request"
id = "support"
sentence = "Staff sees the address when asked for help."
"#;

const DATA: &str = r#"
store = "app"
engine = "postgresql"

[[tables]]
table = "people"
subjects = ["student", "teacher"]
key = "id"

[tables.columns]
id = { element = "account.id" }
role = { none = "which part somebody has" }
"full Name" = { element = "identity.name.full" }
email = { element = "contact.email" }
birth = { element = "demographic.date_of_birth" }
digest = { holds = "secret" }
school = { element = "edu.school" }

[[tables]]
table = "projects"
belongs_to = { person_id = "people.id" }

[tables.columns]
number = { none = "number of the row" }
person_id = { element = "account.id" }
title = { element = "content.project" }
"#;

/// The tables, and the two views that a platform writes.
const PLATFORM: &str = r#"
create table people (id text primary key, role text, "full Name" text, email text, birth date, digest text, school text, class text, opted_out boolean);
create table projects (number int, person_id text references people (id), title text);
create table schools (id text primary key, peers_off boolean);
insert into schools values ('hill', false), ('lake', false), ('bay', true);
insert into people values
  ('s1', 'student.minor', 'Ada', 'ada@school.example', '2014-01-01', 'x', 'hill', '7b', false),
  ('s2', 'student.minor', 'Bo', 'bo@school.example', '2014-01-02', 'x', 'hill', '7b', true),
  ('s3', 'student.minor', 'Cy', 'cy@school.example', '2014-01-03', 'x', 'hill', '8a', true),
  ('s4', 'student.minor', 'Di', 'di@school.example', '2014-01-04', 'x', 'lake', '7b', false),
  ('s5', 'student.minor', 'Ed', 'ed@school.example', '2014-01-05', 'x', 'bay', '7b', false),
  ('s6', 'student.minor', 'Flo', 'flo@school.example', '2014-01-06', 'x', 'bay', '7b', false),
  ('t1', 'teacher', 'Tom', 'tom@school.example', '1980-01-01', 'x', 'hill', '7b', null),
  ('t2', 'teacher', 'Uma', 'uma@school.example', '1980-01-02', 'x', 'lake', '7b', null),
  ('f1', 'staff', 'Fay', 'fay@platform.example', '1980-01-03', 'x', null, null, null);
insert into projects select row_number() over (), id, 'by ' || id from people;
create schema averment_access;
create view averment_access.person as
  select id, role as kind, case when school is null then '{}'::text[] else array[school] end as schools from people;
create view averment_access.relation as
  select v.id as viewer, s.id as subject, r.relation,
    array_remove(array[
      case when s.opted_out is false then 'directory_information' end,
      case when v.school = s.school and v.class = s.class then 'same_class' end,
      case when (select peers_off from schools where schools.id = s.school) is false or r.relation <> 'peer' then 'left_on:school' end
    ], null) as facts
  from people v cross join people s cross join lateral (values
    ('owner', v.id = s.id),
    ('teacher', v.role = 'teacher' and v.id <> s.id and v.school = s.school and v.class = s.class),
    ('peer', v.role like 'student%' and v.id <> s.id and v.school = s.school),
    ('staff', v.role = 'staff' and v.id <> s.id),
    ('public', true)
  ) r (relation, has) where r.has;
"#;

const CLASSES: [(&str, &str, &str, Option<bool>); 9] = [
    ("s1", "student.minor", "hill:7b", Some(false)),
    ("s2", "student.minor", "hill:7b", Some(true)),
    ("s3", "student.minor", "hill:8a", Some(true)),
    ("s4", "student.minor", "lake:7b", Some(false)),
    ("s5", "student.minor", "bay:7b", Some(false)),
    ("s6", "student.minor", "bay:7b", Some(false)),
    ("t1", "teacher", "hill:7b", None),
    ("t2", "teacher", "lake:7b", None),
    ("f1", "staff", "", None),
];

fn people() -> Vec<Person> {
    let word = |text| WordId::new(text).unwrap();
    let entry = |(id, role, schools, opt_out): &(&str, &str, &str, Option<bool>)| {
        let mut person = person(id, role, schools);
        person.directory_opt_out = *opt_out;
        let off = if schools.starts_with("bay") {
            vec![word("peer")]
        } else {
            Vec::new()
        };
        person.switched_off.insert(word("school"), off.into_iter().collect());
        person
    };
    CLASSES.iter().map(entry).collect()
}

fn register() -> Charter {
    let mut source = Source::default();
    let organisation = "organisation = \"Test\"\n[defaults]\nmode = \"report\"\nunknown_hosts = \"report\"\n";
    source.insert("organisation.toml", organisation);
    source.insert("claims/list.toml", CLAIMS);
    source.insert("data/app.toml", DATA);
    for (id, rest) in [
        ("hill", "directory_information = [\"identity.name\"]\n"),
        ("lake", "[[hides]]\nelements = [\"contact\"]\nviewers = [\"teacher\"]\n"),
    ] {
        source.insert(
            format!("controllers/{id}.toml"),
            format!("controller = \"{id}\"\nname = \"{id}\"\n{rest}"),
        );
    }
    let compiled = compile(&source);
    let errors: String = compiled
        .diagnostics
        .iter()
        .map(|finding| finding.render("test"))
        .collect();
    compiled.charter.unwrap_or_else(|| panic!("{errors}"))
}

fn store(charter: &Charter) -> &Store {
    &charter.content().data[&StoreId::new("app").unwrap()]
}

const COLUMNS: [(&str, &str); 5] = [
    ("id", "account.id"),
    ("full Name", "identity.name.full"),
    ("email", "contact.email"),
    ("birth", "demographic.date_of_birth"),
    ("school", "edu.school"),
];

#[test]
fn each_sees_in_the_database_what_the_table_says() {
    let charter = register();
    let access = Access::new(&charter).unwrap();
    let server = Server::postgres();
    let script = sql::script(&access, store(&charter)).unwrap();
    server.execute(PLATFORM);
    server.execute(&script);
    // A second run replaces the first.
    server.execute(&script);
    server.execute("grant select on people, projects to averment_viewer");
    let mut client = Client::connect(&server.address(), NoTls).unwrap();
    let people = people();
    let mut seen_by_anybody = 0;
    for viewer in &people {
        let mut of_viewer = client.transaction().unwrap();
        of_viewer.batch_execute("set local role averment_viewer").unwrap();
        of_viewer
            .execute("select set_config('averment.viewer', $1, true)", &[&viewer.id])
            .unwrap();
        let columns: Vec<String> = COLUMNS
            .iter()
            .map(|(column, _)| format!("\"{column}\"::text"))
            .collect();
        let rows = of_viewer
            .query(
                &format!("select {}, digest from averment_access.people", columns.join(", ")),
                &[],
            )
            .unwrap();
        assert!(rows.iter().all(|row| row.get::<_, Option<String>>("digest").is_none()));
        let mut expected: Vec<Vec<bool>> = Vec::new();
        for subject in &people {
            let may = |element: &str| {
                let element = ElementId::new(element).unwrap();
                access.decide(viewer, subject, &Context::default(), &element).is_allowed
            };
            let cells: Vec<bool> = COLUMNS.iter().map(|(_, element)| may(element)).collect();
            expected.extend(cells.contains(&true).then_some(cells));
        }
        let mut found: Vec<Vec<bool>> = rows
            .iter()
            .map(|row| {
                (0..COLUMNS.len())
                    .map(|place| row.get::<_, Option<String>>(place).is_some())
                    .collect()
            })
            .collect();
        seen_by_anybody += found.len();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "as {}", viewer.id);
        // Rows of the tables themselves are kept back as well.
        let direct: i64 = of_viewer.query_one("select count(*) from people", &[]).unwrap().get(0);
        assert_eq!(usize::try_from(direct).unwrap(), expected.len());
        let titles: i64 = of_viewer
            .query_one("select count(title) from averment_access.projects", &[])
            .unwrap()
            .get(0);
        let content = ElementId::new("content.project").unwrap();
        let may = |subject: &&Person| access.decide(viewer, subject, &Context::default(), &content).is_allowed;
        assert_eq!(usize::try_from(titles).unwrap(), people.iter().filter(may).count());
    }
    assert!(seen_by_anybody > 10, "the people are such that something is seen");
    let all: i64 = client.query_one("select count(*) from people", &[]).unwrap().get(0);
    assert_eq!(all, 9, "whoever is no viewer keeps what they had");
}

#[test]
fn nobody_said_who_asks_and_nothing_is_seen() {
    let charter = register();
    let access = Access::new(&charter).unwrap();
    let server = Server::postgres();
    server.execute(PLATFORM);
    server.execute(&sql::script(&access, store(&charter)).unwrap());
    let mut client = Client::connect(&server.address(), NoTls).unwrap();
    client.batch_execute("set role averment_viewer").unwrap();
    for table in ["people", "projects"] {
        let count: i64 = client
            .query_one(&format!("select count(*) from averment_access.{table}"), &[])
            .unwrap()
            .get(0);
        assert_eq!(count, 0);
    }
    assert!(client.batch_execute("select * from people").is_err());
    assert!(
        client
            .batch_execute("insert into averment_access.shows values ('peer', 'student', 'contact.email', '{}')")
            .is_err()
    );
}

#[test]
fn names_cannot_break_out_of_the_script() {
    let text = DATA.replace("\"full Name\"", "'a\"; drop table people; --'");
    let mut source = Source::default();
    source.insert(
        "organisation.toml",
        "organisation = \"T\"\n[defaults]\nmode = \"report\"\nunknown_hosts = \"report\"\n",
    );
    source.insert("claims/list.toml", CLAIMS);
    source.insert("data/app.toml", text);
    let charter = compile(&source).charter.unwrap();
    let access = Access::new(&charter).unwrap();
    let script = sql::script(&access, store(&charter)).unwrap();
    assert!(script.contains("t.\"a\"\"; drop table people; --\""));
}
