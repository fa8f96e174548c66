//! The register's data map against the databases: every table and column, and none that is not there.

use std::collections::BTreeSet;
use std::path::Path;

use crate::platform::Home;

const MAP: &str = include_str!("../../register/data/app.toml");

/// Every `table.column` that the map speaks of; `table.*` for tables without anything personal.
fn mapped() -> BTreeSet<String> {
    let map: toml::Table = MAP.parse().unwrap();
    let mut mapped = BTreeSet::new();
    for table in map["tables"].as_array().unwrap() {
        let name = table["table"].as_str().unwrap();
        match table.get("columns") {
            Some(columns) => mapped.extend(
                columns
                    .as_table()
                    .unwrap()
                    .keys()
                    .map(|column| format!("{name}.{column}")),
            ),
            None => drop(mapped.insert(format!("{name}.*"))),
        }
    }
    mapped
}

fn stored(rows: Vec<String>) -> BTreeSet<String> {
    let whole: BTreeSet<String> = mapped().into_iter().filter(|name| name.ends_with(".*")).collect();
    let column = |row: String| {
        let (table, column) = row.split_once('|').unwrap();
        let all = format!("{table}.*");
        if whole.contains(&all) {
            all
        } else {
            format!("{table}.{column}")
        }
    };
    rows.into_iter().map(column).collect()
}

#[test]
fn the_map_speaks_of_every_column_of_sqlite() {
    let home = Home::sqlite();
    home.ok(&["purge"], &[]);
    let sql = "select tables.name, columns.name from sqlite_master tables, pragma_table_info(tables.name) columns \
               where tables.type = 'table' and tables.name not like 'sqlite_%'";
    assert_eq!(stored(home.sql(sql)), mapped());
}

#[test]
fn the_map_speaks_of_every_column_of_postgresql() {
    let home = Home::postgres();
    home.ok(&["purge"], &[]);
    let sql = "select table_name, column_name from information_schema.columns where table_schema = 'public'";
    assert_eq!(stored(home.sql(sql)), mapped());
}

#[test]
fn every_foreign_key_to_people_is_in_the_map() {
    let home = Home::sqlite();
    home.ok(&["purge"], &[]);
    let sql = "select tables.name, keys.\"from\" from sqlite_master tables, pragma_foreign_key_list(tables.name) keys \
               where tables.type = 'table' and keys.\"table\" = 'users'";
    let map: toml::Table = MAP.parse().unwrap();
    for row in home.sql(sql) {
        let (table, column) = row.split_once('|').unwrap();
        let tables = map["tables"].as_array().unwrap();
        let entry = tables
            .iter()
            .find(|entry| entry["table"].as_str() == Some(table))
            .unwrap();
        let names = |field: &str| entry.get(field).is_some_and(|fields| fields.get(column).is_some());
        assert!(names("belongs_to") || names("others"), "{row}");
    }
}

#[test]
fn the_register_is_written_for_the_engine_with_how_stores_are_reached() {
    for (home, engine, reached) in [
        (Home::sqlite(), "sqlite", "schoolhouse.sqlite\""),
        (Home::postgres(), "postgresql", "url_env = \"SCHOOLHOUSE_DATABASE\""),
    ] {
        let into = home.path().join("written");
        home.ok(&["register", into.to_str().unwrap()], &[]);
        let map: toml::Table = std::fs::read_to_string(into.join("register/data/app.toml"))
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(map["engine"].as_str(), Some(engine));
        let text = std::fs::read_to_string(into.join("averment-duties.toml")).unwrap();
        assert!(text.contains(reached), "{text}");
        let duties: toml::Table = text.parse().unwrap();
        assert_eq!(duties["stores"].as_table().unwrap().len(), 4);
        assert!(Path::new(duties["stores"]["uploads"]["path"].as_str().unwrap()).is_dir());
        assert_eq!(files(&into.join("register")), files(Path::new("register")));
        let drills = duties["drills"].as_array().unwrap().iter();
        let drills = drills.map(|drill| (drill["kind"].as_str().unwrap(), drill["engine"].as_str().unwrap()));
        assert_eq!(drills.collect::<Vec<_>>(), [("backup", engine), ("restore", engine)]);
        assert!(Path::new(duties["drills"][0]["file"].as_str().unwrap()).is_dir());
    }
}

#[test]
fn with_an_address_of_vendors_it_says_how_those_are_reached() {
    let home = Home::sqlite();
    let into = home.path().join("written");
    home.ok(
        &["register", "--vendors", "http://127.0.0.1:8092", into.to_str().unwrap()],
        &[],
    );
    let text = std::fs::read_to_string(into.join("averment-duties.toml")).unwrap();
    let duties: toml::Table = text.parse().unwrap();
    assert_eq!(
        duties["vendors"]["stripe"]["base_url"].as_str(),
        Some("http://127.0.0.1:8092/stripe")
    );
    assert_eq!(
        duties["vendors"]["twilio"]["settings"]["account"].as_str(),
        Some("ACexample")
    );
}

/// The names of all files below a folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match path.is_dir() {
            true => names.extend(files(&path).into_iter().map(|inner| format!("{name}/{inner}"))),
            false => drop(names.insert(name)),
        }
    }
    names
}
