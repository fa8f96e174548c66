use averment_register::{Source, Store, compile};

use super::*;
use crate::connect::{Column, ForeignKey, OnDelete};

const MAP: &str = r#"
store = "app"
engine = "postgresql"

[[tables]]
table = "users"
key = "id"
columns.id = { element = "account.id" }
columns.email = { element = "contact.email" }

[[tables]]
table = "projects"
belongs_to = { user_id = "users.id" }
columns.id = { none = "number of the row" }
columns.user_id = { element = "account.id" }

[[tables]]
table = "comments"
belongs_to = { project_id = "projects.id" }
others = { author_id = "users.id" }
columns.project_id = { none = "number of the project" }
columns.author_id = { element = "account.id" }

[[tables]]
table = "newsletter"
belongs_to = { address = "users.email" }
columns.address = { element = "contact.email" }
"#;

fn store() -> Store {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("data/app.toml", MAP);
    let charter = compile(&source).charter.expect("the map is right");
    charter.content().data.values().next().unwrap().clone()
}

fn table(name: &str, columns: &[&str], references: &[(&str, &str, &str)]) -> Table {
    Table {
        name: name.to_owned(),
        columns: columns
            .iter()
            .map(|name| Column {
                name: (*name).to_owned(),
                kind: "bigint".to_owned(),
                nullable: true,
            })
            .collect(),
        references: references
            .iter()
            .map(|(here, table, there)| ForeignKey {
                columns: vec![(*here).to_owned()],
                table: (*table).to_owned(),
                targets: vec![(*there).to_owned()],
                on_delete: OnDelete::Refuse,
            })
            .collect(),
        ..Table::default()
    }
}

fn schema() -> Schema {
    Schema {
        tables: vec![
            table(
                "comments",
                &["project_id", "author_id"],
                &[("project_id", "projects", "id"), ("author_id", "users", "id")],
            ),
            table("newsletter", &["address"], &[]),
            table("projects", &["id", "user_id"], &[("user_id", "users", "id")]),
            table("users", &["id", "email"], &[]),
        ],
    }
}

#[test]
fn rows_lead_to_people_by_other_tables() {
    let graph = Graph::of(&store(), schema()).unwrap();
    let names: Vec<&str> = graph.tables.iter().map(|reached| reached.table.name.as_str()).collect();
    let place = |name: &str| names.iter().position(|one| *one == name).unwrap();
    assert!(
        place("comments") < place("projects") && place("projects") < place("users"),
        "{names:?}"
    );
    let subject = Subject::of(["7".to_owned(), "8".to_owned()]);
    let is_of = |table: &str| {
        let reached = graph.table(table).unwrap();
        reached
            .is_of(&subject, Dialect::Postgres, &graph.schema, 1)
            .unwrap()
            .sql
    };
    assert_eq!(is_of("users"), r#""id" in ($1::text::bigint, $2::text::bigint)"#);
    assert_eq!(
        is_of("projects"),
        r#""user_id" in ($1::text::bigint, $2::text::bigint)"#
    );
    assert_eq!(
        is_of("comments"),
        r#""project_id" in (select "id" from "projects" where "user_id" in ($1::text::bigint, $2::text::bigint))"#
    );
    assert_eq!(
        is_of("newsletter"),
        r#""address" in (select "email" from "users" where "id" in ($1::text::bigint, $2::text::bigint))"#
    );
    let comments = graph.table("comments").unwrap();
    let named = comments.names(&subject, Dialect::Mysql, &graph.schema, 1).unwrap();
    assert_eq!(named.sql, "`author_id` in (?, ?)");
    assert_eq!(named.parameters, ["7", "8"]);
    assert!(
        comments
            .is_of(&Subject::default(), Dialect::Sqlite, &graph.schema, 1)
            .is_none()
    );
}

#[test]
fn a_map_that_the_database_does_not_bear_out_is_an_error() {
    let mut changed = schema();
    changed.tables[3].columns[1].name = "mail".to_owned();
    changed.tables.push(table("health_notes", &["id"], &[]));
    let error = Graph::of(&store(), changed).unwrap_err().to_string();
    for problem in [
        "no column `email`",
        "`users.mail` is not in the data map",
        "table `health_notes`",
    ] {
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn circles_have_an_order_and_are_told() {
    let schema = Schema {
        tables: vec![
            table("a", &["b"], &[("b", "b", "a")]),
            table("b", &["a"], &[("a", "a", "b")]),
            table("c", &["c"], &[("c", "c", "c"), ("c", "a", "b")]),
        ],
    };
    let order = Order::of(&schema);
    assert_eq!(order.tables, ["c", "a", "b"]);
    assert_eq!(
        order.circular.iter().map(String::as_str).collect::<Vec<_>>(),
        ["a", "c"]
    );
}
