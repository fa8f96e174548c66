//! The platform's own jobs: purge, backup, restore, news.

use crate::platform::Home;

const OVERDUE: &str = "select count(*) from activity_log where at < '2026-03-03T00:00:00Z'";

/// A home with people of a fixed day: the first of June 2026.
fn seeded(home: &Home, mistakes: &[&str]) {
    home.ok(&["seed", "--people", "40", "--now", "2026-06-01T00:00:00Z"], mistakes);
}

#[test]
fn the_purge_keeps_ninety_days_and_thirty_after_a_deletion_on_both_engines() {
    for home in Home::both() {
        seeded(&home, &["retention-stopped"]);
        assert!(home.count(OVERDUE) >= 40);
        assert_eq!(
            home.count("select count(*) from activity_log where user_id = 900002"),
            1
        );
        let said = home.ok(&["purge", "--now", "2026-06-01T00:00:00Z"], &[]);
        assert!(said.starts_with("purge ended well"), "{said}");
        assert_eq!(home.count(OVERDUE), 0);
        assert_eq!(
            home.count("select count(*) from activity_log where user_id = 900002"),
            0,
            "deleted 40 days ago"
        );
        assert_eq!(
            home.count("select count(*) from activity_log where user_id = 900001"),
            1,
            "deleted ten days ago"
        );
        let rows = home.count("select count(*) from activity_log");
        assert!(rows > 100, "nothing else went: {rows}");
        home.ok(&["purge", "--now", "2026-09-15T00:00:00Z"], &[]);
        assert_eq!(home.count("select count(*) from activity_log"), 0);
    }
}

#[test]
fn a_backup_brings_rows_back_and_nobody_who_left_on_both_engines() {
    for home in Home::both() {
        seeded(&home, &[]);
        let backup = home.ok(&["backup"], &[]);
        let platform = home.serve(&[], &[]);
        assert_eq!(platform.as_user("ben").delete("/api/me").status, 200);
        platform
            .as_user("ada")
            .post("/projects", &[("title", "after the backup")]);
        drop(platform);
        let said = home.ok(&["restore", backup.trim()], &[]);
        assert_eq!(said, "restored; 1 deleted again\n");
        assert_eq!(home.count("select count(*) from users where id = 2"), 0);
        assert_eq!(
            home.count("select count(*) from account_deletions where user_id = 2"),
            1
        );
        assert_eq!(
            home.count("select count(*) from projects where title = 'after the backup'"),
            0
        );
        assert_eq!(home.count("select count(*) from users where id = 1"), 1);
        // Numbers go on where they were: none is given twice.
        let platform = home.serve(&[], &[]);
        assert_eq!(
            platform.as_user("ada").post("/projects", &[("title", "again")]).status,
            303
        );
    }
}

#[test]
fn backups_go_after_thirty_five_days() {
    let home = Home::sqlite();
    seeded(&home, &[]);
    home.ok(&["backup", "--now", "2026-06-01T00:00:00Z"], &[]);
    home.ok(&["backup", "--now", "2026-06-08T00:00:00Z"], &[]);
    home.ok(&["purge", "--now", "2026-07-08T00:00:00Z"], &[]);
    let left = std::fs::read_dir(home.path().join("backups")).unwrap();
    let left: Vec<String> = left
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(left, ["schoolhouse-2026-06-08T00-00-00Z.sqlite"]);
}

#[test]
fn a_seed_is_the_same_each_time() {
    let (one, other) = (Home::sqlite(), Home::postgres());
    let people = "select id, role, username, full_name, email, birth_date, password_hash from users order by id";
    for home in [&one, &other] {
        seeded(home, &[]);
    }
    assert_eq!(one.sql(people), other.sql(people));
    assert!(!one.run(&["seed"], &[]).status.success(), "there are people already");
}

#[test]
fn news_go_to_adults_who_asked_for_them() {
    let home = Home::sqlite();
    seeded(&home, &[]);
    home.ok(&["news", "--subject", "New", "--text", "Something is new."], &[]);
    let waiting = std::fs::read_dir(home.path().join("outbox")).unwrap();
    let waiting: Vec<String> = waiting
        .map(|folder| folder.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!waiting.is_empty());
    for user in waiting {
        let row = home
            .sql(&format!("select role, marketing from users where id = {user}"))
            .remove(0);
        assert!(!row.starts_with("student") && row.ends_with('1'), "{user}: {row}");
    }
}

#[test]
fn accounts_end_with_the_contract_of_their_school_on_both_engines() {
    for home in Home::both() {
        seeded(&home, &[]);
        home.sql("update schools set contract_end = '2026-06-30' where id = 2");
        let others = "select count(*) from users where school_id is null or school_id <> 2";
        let before = home.count(others);
        home.ok(&["purge", "--now", "2026-06-30T12:00:00Z"], &[]);
        assert!(
            home.count("select count(*) from users where school_id = 2") > 0,
            "the last day is a day of service"
        );
        home.ok(&["purge", "--now", "2026-07-01T12:00:00Z"], &[]);
        assert_eq!(home.count("select count(*) from users where school_id = 2"), 0);
        assert_eq!(home.count(others), before);
    }
}

#[test]
fn copies_that_people_asked_for_go_after_a_week() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    platform.as_user("ben").get("/api/me/export");
    drop(platform);
    home.ok(&["purge"], &[]);
    assert!(home.path().join("exports/2/copy.json").exists());
    let later = String::from_utf8(
        std::process::Command::new("date")
            .args(["-u", "-d", "+8 days", "+%FT%TZ"])
            .output()
            .unwrap()
            .stdout,
    );
    home.ok(&["purge", "--now", later.unwrap().trim()], &[]);
    assert!(!home.path().join("exports/2/copy.json").exists());
}
