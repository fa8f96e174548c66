//! Who sees what: the table in `cases/who-sees-what.txt`, asked of the JSON API and of the pages.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::platform::{Home, Platform};
use crate::visitor::Visitor;

const TABLE: &str = include_str!("../../cases/who-sees-what.txt");

/// Numbers by user name.
fn numbers(home: &Home) -> BTreeMap<String, String> {
    let rows = home.sql("select username, id from users");
    rows.iter()
        .map(|row| row.split_once('|').unwrap())
        .map(|(name, id)| (name.to_owned(), id.to_owned()))
        .collect()
}

fn viewer(platform: &Platform, name: &str) -> Visitor {
    if name == "nobody" {
        platform.nobody()
    } else {
        platform.as_user(name)
    }
}

fn fields(body: &Value) -> Vec<String> {
    let mut fields: Vec<String> = body
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| *name != "id")
        .cloned()
        .collect();
    fields.sort();
    fields
}

#[test]
fn everybody_sees_what_the_table_says_on_both_engines() {
    for home in Home::both() {
        let platform = home.serve(&[], &[]);
        let numbers = numbers(&home);
        for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let (who, whom) = (words.next().unwrap(), words.next().unwrap());
            let mut expected: Vec<&str> = words.collect();
            expected.sort_unstable();
            let (name, reason) = who
                .strip_suffix("+reason")
                .map_or((who, ""), |name| (name, "?reason=ticket%204711"));
            let visitor = viewer(&platform, name);
            let got = visitor.get(&format!("/api/people/{}{reason}", numbers[whom]));
            let page = visitor.get(&format!("/people/{}{reason}", numbers[whom]));
            if expected == ["nothing"] {
                assert!(matches!(got.status, 401 | 404), "{line}: {}", got.body);
                assert!(matches!(page.status, 303 | 404), "{line}: {}", page.body);
            } else {
                assert_eq!(fields(&got.json()), expected, "{line}");
            }
            hidden_values_are_not_on_the_page(&home, whom, &expected, &page.body, line);
        }
    }
}

/// Values of fields that the table does not name stand nowhere on the page, under whatever heading.
fn hidden_values_are_not_on_the_page(home: &Home, whom: &str, expected: &[&str], page: &str, line: &str) {
    for column in ["full_name", "email", "birth_date", "grade_level"] {
        let value = home
            .sql(&format!("select {column} from users where username = '{whom}'"))
            .remove(0);
        let shown = !value.is_empty() && page.contains(&value);
        assert!(!shown || expected.contains(&column), "{line}: the page shows {column}");
    }
}

#[test]
fn lists_and_searches_keep_to_the_table_too() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let (ben, hugo) = (platform.as_user("ben"), platform.as_user("hugo"));
    let people = ben.get("/api/people").json();
    for person in people["people"].as_array().unwrap() {
        assert!(person.get("email").is_none() || person["username"] == "ben", "{person}");
    }
    let names = ben.get("/people").body;
    assert!(names.contains("ada") && !names.contains("dora"));
    let found = hugo.get("/api/search?q=walks").json();
    assert_eq!(found["projects"].as_array().unwrap().len(), 1, "only his own: {found}");
    assert_eq!(
        platform.as_user("staffan").get("/api/search?q=walks").json()["projects"],
        serde_json::json!([])
    );
}

#[test]
fn the_school_switches_peers_off_and_it_counts_at_once() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let (ben, sina) = (platform.as_user("ben"), platform.as_user("sina"));
    let ada = &numbers(&home)["ada"];
    assert_eq!(ben.get(&format!("/api/people/{ada}")).status, 200);
    assert_eq!(
        platform.as_user("tom").post("/school", &[("peers_see", "no")]).status,
        403
    );
    assert_eq!(sina.post("/school", &[("peers_see", "no")]).status, 303);
    assert_eq!(ben.get(&format!("/api/people/{ada}")).status, 404);
    assert_eq!(ben.get("/api/projects/1").status, 404);
    // Switched off at Lindenhof only.
    assert_eq!(
        platform
            .as_user("mina")
            .get(&format!("/api/people/{}", numbers(&home)["dora"]))
            .status,
        200
    );
}

#[test]
fn staff_look_only_for_a_reason_and_it_is_put_down() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let staff = platform.as_user("staffan");
    let before = home.count("select count(*) from staff_accesses");
    assert_eq!(staff.get("/api/people/1").status, 404);
    assert_eq!(staff.get("/api/people/1?reason=hm").status, 404);
    assert_eq!(home.count("select count(*) from staff_accesses"), before);
    assert_eq!(staff.get("/api/people/1?reason=ticket%2012").status, 200);
    let put_down = home.sql("select user_id, reason from staff_accesses order by id desc limit 1");
    assert_eq!(put_down, ["1|ticket 12"]);
    let to = staff.post("/staff", &[("username", "ben"), ("reason", "ticket 13 & more")]);
    let page = staff.get(to.header("location"));
    assert!(
        page.body.contains("/projects/2?reason=ticket+13+%26+more"),
        "{}",
        page.body
    );
    assert_eq!(staff.get("/projects/2?reason=ticket+13+%26+more").status, 200);
    assert_eq!(
        platform
            .as_user("tom")
            .post("/staff", &[("username", "ben"), ("reason", "curious")])
            .status,
        403
    );
}

#[test]
fn the_directory_leaves_out_who_opted_out() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let tom = platform.as_user("tom");
    let listed = tom.get("/api/directory").body;
    assert!(listed.contains("Ada Lindqvist") && !listed.contains("Cleo Marchetti"));
    assert!(!listed.contains("Dora Pemberton"), "another school's");
    assert_eq!(
        platform.as_user("ben").get("/api/directory").json()["students"],
        serde_json::json!([])
    );
    assert_eq!(
        platform
            .as_user("ada")
            .post("/settings/directory", &[("on", "yes")])
            .status,
        303
    );
    assert!(!tom.get("/api/directory").body.contains("Ada Lindqvist"));
}

#[test]
fn a_teacher_adds_by_address_only_who_is_listed() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let tom = platform.as_user("tom");
    let class = home.sql("select id from classes where teacher_id = 4").remove(0);
    let add = |email: &str| tom.post(&format!("/classes/{class}"), &[("email", email)]).status;
    let email = |name: &str| {
        home.sql(&format!("select email from users where username = '{name}'"))
            .remove(0)
    };
    assert_eq!(add(&email("cleo")), 400, "opted out");
    assert_eq!(add(&email("dora")), 400, "another school's");
    assert_eq!(add(&email("ben")), 303);
}

#[test]
fn messages_stay_between_two_of_one_school() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let (ada, ben) = (platform.as_user("ada"), platform.as_user("ben"));
    assert_eq!(
        ada.post("/messages", &[("to", "ben"), ("body", "only for Ben")]).status,
        303
    );
    assert_eq!(ada.post("/messages", &[("to", "dora"), ("body", "hello")]).status, 400);
    assert!(ben.get("/api/messages").body.contains("only for Ben"));
    for other in ["cleo", "tom", "sina", "gerda", "staffan"] {
        assert!(
            !platform
                .as_user(other)
                .get("/api/messages")
                .body
                .contains("only for Ben"),
            "{other}"
        );
    }
}
