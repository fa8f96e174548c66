//! One's own copy, and the end of an account.

use crate::platform::Home;

/// Tables that name people, with the columns that do.
const NAMING: [(&str, &str); 18] = [
    ("users", "id"),
    ("guardianships", "guardian_id"),
    ("guardianships", "student_id"),
    ("consents", "user_id"),
    ("consents", "given_by"),
    ("classes", "teacher_id"),
    ("enrolments", "student_id"),
    ("projects", "user_id"),
    ("comments", "author_id"),
    ("messages", "sender_id"),
    ("messages", "recipient_id"),
    ("search_documents", "user_id"),
    ("sessions", "user_id"),
    ("orders", "user_id"),
    ("support_requests", "user_id"),
    ("staff_accesses", "user_id"),
    ("vendor_records", "user_id"),
    ("jobs", "user_id"),
];

/// How often each table names this person.
fn rows_of(home: &Home, user: i64) -> Vec<(String, i64)> {
    let count = |(table, column): &(&str, &str)| {
        let sql = format!("select count(*) from {table} where {column} = {user}");
        (format!("{table}.{column}"), home.count(&sql))
    };
    NAMING.iter().map(count).filter(|(_, rows)| *rows > 0).collect()
}

#[test]
fn whoever_deletes_their_account_is_gone_at_once_but_for_the_log_on_both_engines() {
    for home in Home::both() {
        let platform = home.serve(&[], &[]);
        for (name, id) in [
            ("ada", 1),
            ("ben", 2),
            ("tom", 4),
            ("gerda", 6),
            ("sina", 8),
            ("staffan", 9),
        ] {
            let person = platform.as_user(name);
            assert!(!rows_of(&home, id).is_empty());
            let email = home.sql(&format!("select email from users where id = {id}")).remove(0);
            assert_eq!(person.post("/settings/delete", &[("sure", "no")]).status, 400);
            assert_eq!(person.post("/settings/delete", &[("sure", "yes")]).status, 303);
            assert_eq!(rows_of(&home, id), [], "{name}");
            assert_eq!(person.get("/home").status, 303);
            assert_eq!(
                home.count(&format!("select count(*) from account_deletions where user_id = {id}")),
                1
            );
            assert!(home.count(&format!("select count(*) from activity_log where user_id = {id}")) > 0);
            assert_eq!(
                home.count(&format!("select count(*) from orders where payer_email = '{email}'")),
                0
            );
            assert!(!home.path().join(format!("uploads/{id}")).exists());
        }
        assert!(
            home.count("select count(*) from orders where user_id is null") >= 2,
            "orders stay without a name"
        );
    }
}

#[test]
fn the_database_file_holds_nothing_of_whom_it_deleted() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let ben = platform.as_user("ben");
    ben.post(
        "/projects",
        &[("title", "canary-in-a-title"), ("body", "canary-in-a-body")],
    );
    ben.delete("/api/me");
    for file in ["schoolhouse.sqlite", "schoolhouse.sqlite-wal"] {
        let bytes = std::fs::read(home.path().join(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for canary in ["canary-in-a-title", "canary-in-a-body", "Ben Okafor", "ben.okafor"] {
            assert!(!text.contains(canary), "{canary} in {file}");
        }
    }
}

#[test]
fn ones_own_copy_holds_everything_of_oneself_and_no_secret_on_both_engines() {
    for home in Home::both() {
        let platform = home.serve(&[], &[]);
        let copy = platform.as_user("ben").get("/api/me/export");
        for word in [
            "Ben Okafor",
            "What I found out",
            "science fair",
            "203.0.113.2",
            "sheet.txt",
        ] {
            assert!(copy.body.contains(word), "{word}");
        }
        let copy = copy.json();
        assert_eq!(copy["account"][0]["username"], "ben");
        assert_eq!(
            copy["looked_at_by_staff"][0]["reason"],
            "ticket 4711: cannot open a file"
        );
        let text = copy.to_string();
        assert!(!text.contains("argon2") && !text.contains("Ada Lindqvist") && !text.contains("Cleo"));
        let kept = std::fs::read_to_string(home.path().join("exports/2/copy.json")).unwrap();
        assert!(
            kept.contains("Ben Okafor") && !kept.contains("203.0.113.2"),
            "the log is not kept longer there"
        );
    }
}

#[test]
fn what_one_changes_in_the_settings_is_changed() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let ada = platform.as_user("ada");
    let fields = [
        ("full_name", "Ada L."),
        ("email", "ada@lindenhof.example"),
        ("birth_date", "2015-02-03"),
    ];
    assert_eq!(ada.post("/settings", &fields).status, 303);
    let me = ada.get("/api/me").json();
    assert_eq!(
        (me["full_name"].as_str(), me["birth_date"].as_str()),
        (Some("Ada L."), Some("2015-02-03"))
    );
    let taken = [
        ("full_name", "Ada L."),
        ("email", "ben.okafor.2@lindenhof.example"),
        ("birth_date", ""),
    ];
    assert_eq!(ada.post("/settings", &taken).status, 400);
    let wrong = [
        ("full_name", "Ada L."),
        ("email", "ada@lindenhof.example"),
        ("birth_date", "yesterday"),
    ];
    assert_eq!(ada.post("/settings", &wrong).status, 400);
}

#[test]
fn a_schools_administrator_mends_and_deletes_data_of_the_school_only() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let (sina, tom) = (platform.as_user("sina"), platform.as_user("tom"));
    let fields = [("full_name", "Ada Lindquist"), ("grade_level", "grade 7")];
    assert_eq!(tom.post("/school/people/1", &fields).status, 403);
    assert_eq!(sina.post("/school/people/10", &fields).status, 404, "Dora is elsewhere");
    assert_eq!(sina.post("/school/people/1", &fields).status, 303);
    assert_eq!(
        home.sql("select full_name, grade_level from users where id = 1"),
        ["Ada Lindquist|grade 7"]
    );
    assert_eq!(sina.post("/school/people/10/delete", &[]).status, 404);
    assert_eq!(sina.post("/school/people/1/delete", &[]).status, 303);
    assert_eq!(rows_of(&home, 1), []);
}
