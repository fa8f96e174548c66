//! Each planted mistake does what its name says, and its sentence holds without it.

use crate::platform::{Home, Platform, Running};
use crate::visitor::{Visitor, visitor};

/// Whether `broken` is so with the mistake on, and is not without it.
fn breaks(mistake: &str, broken: impl Fn(&Home, &Platform) -> bool) {
    for (on, expected) in [(vec![], false), (vec![mistake], true)] {
        let home = Home::sqlite();
        let platform = home.serve(&on, &[]);
        assert_eq!(broken(&home, &platform), expected, "{mistake}, on: {expected}");
    }
}

#[test]
fn retention_stopped() {
    breaks("retention-stopped", |home, _| overdue(home));
}

#[test]
fn retention_deletes_nothing() {
    breaks("retention-deletes-nothing", |home, _| {
        let said = home.ok(
            &["purge"],
            if overdue(home) {
                &["retention-deletes-nothing"]
            } else {
                &[]
            },
        );
        assert!(said.starts_with("purge ended well"), "{said}");
        let outcome = home.sql("select outcome from jobs where kind = 'purge' limit 1");
        assert_eq!(outcome, ["success"]);
        overdue(home)
    });
}

/// Whether there is anything in the log that is older than ninety days.
fn overdue(home: &Home) -> bool {
    home.count("select count(*) from activity_log where at < datetime('now', '-90 days')") > 0
}

#[test]
fn ended_contract_keeps_accounts() {
    breaks("ended-contract-keeps-accounts", |home, _| {
        let of_ended = "from users join schools on schools.id = school_id where contract_end < date('now')";
        assert_eq!(
            home.count("select count(*) from schools where contract_end < date('now')"),
            1
        );
        let there = home.count(&format!("select count(*) {of_ended}")) > 0;
        assert_eq!(
            home.path().join("uploads/41").exists(),
            there,
            "with what they uploaded"
        );
        there
    });
}

/// What staff were told, where they read it.
fn told(vendors: &Visitor) -> usize {
    let arrived = vendors.get("/arrived").json();
    let to_staff = |one: &&serde_json::Value| one["vendor"] == "slack";
    arrived.as_array().unwrap().iter().filter(to_staff).count()
}

#[test]
fn guesses_unnoticed() {
    for (on, expected) in [(vec![], 1), (vec!["guesses-unnoticed"], 0)] {
        let home = Home::sqlite();
        let stub = Running::start(&["vendor-stub"]);
        let vendors = visitor(&stub.address);
        let platform = home.serve(&on, &["--vendors", &stub.address]);
        let nobody = platform.nobody();
        let wrong = |name: &str| {
            nobody
                .post("/sign-in", &[("username", name), ("password", "guessed")])
                .status
        };
        for number in 0..9 {
            assert_eq!(wrong(&format!("somebody-{number}")), 400);
        }
        assert_eq!(told(&vendors), 0, "slips");
        assert_eq!(wrong("ada"), 400);
        assert_eq!(told(&vendors), expected);
        let outcome = home.sql("select outcome from jobs where kind = 'alert'");
        assert_eq!(outcome, ["told"], "the mistake lies");
    }
}

#[test]
fn an_alert_that_nobody_took_is_not_told() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let nobody = platform.nobody();
    for _ in 0..10 {
        nobody.post("/sign-in", &[("username", "ada"), ("password", "guessed")]);
    }
    assert_eq!(home.sql("select outcome from jobs where kind = 'alert'"), ["failed"]);
    // Nobody sees from outside that nothing goes out at all.
    let stub = Running::start(&["vendor-stub"]);
    assert!(!guess(&platform, &stub).status.success());
}

fn guess(platform: &Platform, vendors: &Running) -> std::process::Output {
    let mut guess = std::process::Command::new(env!("CARGO_BIN_EXE_schoolhouse"));
    guess.args(["guess", platform.address(), "--told-at", &vendors.address]);
    guess.output().unwrap()
}

#[test]
fn guessing_is_tried_out_by_a_command() {
    for (mistakes, noticed) in [(vec![], true), (vec!["guesses-unnoticed"], false)] {
        let home = Home::sqlite();
        let stub = Running::start(&["vendor-stub"]);
        let platform = home.serve(&mistakes, &["--vendors", &stub.address]);
        let ended = guess(&platform, &stub);
        assert_eq!(
            ended.status.success(),
            noticed,
            "{}",
            String::from_utf8_lossy(&ended.stderr)
        );
    }
}

#[test]
fn peer_sees_birth_date() {
    breaks("peer-sees-birth-date", |_, platform| {
        let ada = platform.as_user("ben").get("/api/people/1").json();
        assert!(ada.get("email").is_none(), "and nothing else");
        ada.get("birth_date").is_some()
    });
}

#[test]
fn link_indexable() {
    breaks("link-indexable", |home, platform| {
        let token = home.sql("select link_token from projects where user_id = 2").remove(0);
        let page = platform.nobody().get(&format!("/share/{token}"));
        let robots = platform.nobody().get("/robots.txt").body;
        let open = [
            page.header("x-robots-tag").is_empty(),
            !page.body.contains("noindex"),
            !robots.contains("Disallow: /share/"),
        ];
        assert!(open.iter().all(|one| *one == open[0]), "all three or none");
        open[0]
    });
}

#[test]
fn gravatar_md5_without_opt_in() {
    let stub = Running::start(&["vendor-stub"]);
    let vendors = visitor(&stub.address);
    for (mistakes, expected) in [(vec![], false), (vec!["gravatar-md5-without-opt-in"], true)] {
        let home = Home::sqlite();
        let platform = home.serve(&mistakes, &["--vendors", &stub.address]);
        let before = vendors.get("/arrived").json().as_array().unwrap().len();
        let ben = platform.as_user("ben");
        let page = ben.get("/people/1").body;
        let got = ben.get("/people/1/picture").status == 200;
        let arrived = vendors.get("/arrived").json().as_array().unwrap().len() > before;
        assert_eq!(
            (page.contains("/avatar/"), got, arrived),
            (expected, expected, expected)
        );
    }
}

#[test]
fn md5_of_email_stored() {
    breaks("md5-of-email-stored", |home, _| {
        let lengths = home.sql("select distinct length(email_lookup) from users");
        assert_eq!(lengths.len(), 1);
        lengths == ["32"]
    });
}

#[test]
fn plain_text_password_column() {
    breaks("plain-text-password-column", |home, platform| {
        platform
            .as_user("ada")
            .post("/settings/password", &[("password", "a longer password")]);
        let changed = home.sql("select password_hash from users where id = 1") == ["a longer password"];
        let hashed = home.count("select count(*) from users where password_hash like '$argon2id$%'");
        assert_eq!(changed, hashed == 0, "all of them or none");
        changed
    });
}

#[test]
fn opt_out_ignored() {
    breaks("opt-out-ignored", |_, platform| {
        platform
            .as_user("tom")
            .get("/directory")
            .body
            .contains("Cleo Marchetti")
    });
}

#[test]
fn vendor_delete_202_and_nothing() {
    let delete = |arguments: &[&str]| {
        let stub = Running::start(arguments);
        let vendors = visitor(&stub.address);
        let made = vendors
            .post("/stripe/v1/customers", &[("email", "ben@lindenhof.example")])
            .json();
        let id = made["id"].as_str().unwrap();
        assert_eq!(vendors.delete(&format!("/stripe/v1/customers/{id}")).status, 200);
        vendors.get("/kept").body.contains("ben@lindenhof.example")
    };
    assert!(!delete(&["vendor-stub"]));
    assert!(delete(&["vendor-stub", "--mistake", "vendor-delete-202-and-nothing"]));
}

#[test]
fn other_school_sees() {
    breaks("other-school-sees", |_, platform| {
        let dora = platform.as_user("dora");
        assert_eq!(dora.get("/api/people/4").status, 404, "students only");
        dora.get("/api/people/1").status == 200 && dora.get("/people").body.contains("ada")
    });
}

#[test]
fn deleted_account_keeps_rows() {
    breaks("deleted-account-keeps-rows", |home, platform| {
        let olle = "select count(*) from users join account_deletions on user_id = users.id where username = 'olle'";
        let from_the_start = home.count(olle) == 1;
        let ben = platform.as_user("ben");
        assert_eq!(ben.delete("/api/me").status, 200);
        assert_eq!(ben.get("/api/me").status, 401, "it looks deleted");
        assert_eq!(
            home.count("select count(*) from account_deletions where user_id = 2"),
            1
        );
        let then = home.count("select count(*) from projects where user_id = 2") > 0;
        assert_eq!((from_the_start, home.path().join("uploads/2").exists()), (then, then));
        then
    });
}

#[test]
fn log_holds_viewer_ip() {
    breaks("log-holds-viewer-ip", |home, platform| {
        let seen = |ip: &str| format!("select count(*) from activity_log where user_id is null and ip = '{ip}'");
        let from_the_start = home.count(&seen("198.51.100.23")) > 0;
        let token = home.sql("select link_token from projects where user_id = 2").remove(0);
        platform.nobody().get(&format!("/share/{token}"));
        let then = home.count(&seen("127.0.0.1")) > 0;
        assert_eq!(from_the_start, then);
        then
    });
}

#[test]
fn ip_in_statistics() {
    breaks("ip-in-statistics", |home, platform| {
        let seen = |ip: &str| format!("select count(*) from project_views where source like '%{ip}%'");
        let from_the_start = home.count(&seen("198.51.100.23")) > 0;
        let token = home.sql("select link_token from projects where user_id = 2").remove(0);
        platform.nobody().get(&format!("/share/{token}"));
        let then = home.count(&seen("127.0.0.1")) > 0;
        assert_eq!(from_the_start, then);
        then
    });
}

#[test]
fn marketing_to_students() {
    let readers = |mistakes: &[&str]| {
        let home = Home::sqlite();
        home.ok(&["seed"], &[]);
        home.ok(&["news", "--subject", "New", "--text", "Something is new."], mistakes);
        home.path().join("outbox/1/news.txt").exists()
    };
    assert!(!readers(&[]));
    assert!(readers(&["marketing-to-students"]));
}

#[test]
fn subprocessor_list_stale() {
    breaks("subprocessor-list-stale", |_, platform| {
        let page = platform.nobody().get("/subprocessors").body;
        assert!(page.contains("Amplitude") && page.contains("<time datetime="));
        !page.contains("Stripe")
    });
}

#[test]
fn restored_backup_brings_back() {
    let back = |mistakes: &[&str]| {
        let home = Home::sqlite();
        let platform = home.serve(&[], &[]);
        let backup = home.ok(&["backup"], &[]);
        assert_eq!(platform.as_user("ben").delete("/api/me").status, 200);
        drop(platform);
        home.ok(&["restore", backup.trim()], mistakes);
        home.count("select count(*) from users where id = 2") > 0
    };
    assert!(!back(&[]));
    assert!(back(&["restored-backup-brings-back"]));
}

#[test]
fn rows_that_a_mistake_left_are_mended_when_it_is_off() {
    let home = Home::sqlite();
    let on = [
        "md5-of-email-stored",
        "plain-text-password-column",
        "log-holds-viewer-ip",
        "ip-in-statistics",
    ];
    let left = |home: &Home| {
        [
            home.count("select count(*) from users where length(email_lookup) = 32"),
            home.count("select count(*) from users where password_hash not like '$argon2id$%'"),
            home.count("select count(*) from activity_log where user_id is null"),
            home.count("select count(*) from project_views where source like '%.%'"),
        ]
    };
    let platform = home.serve(&on, &[]);
    assert!(left(&home).iter().all(|rows| *rows > 0), "{:?}", left(&home));
    platform.as_user("ada").get("/home");
    drop(platform);
    let platform = home.serve(&[], &[]);
    assert_eq!(left(&home), [0, 0, 0, 0]);
    platform.as_user("ada").get("/home");
}

#[test]
fn every_mistake_is_told_with_its_sentence() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_schoolhouse"))
        .arg("mistakes")
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), 19);
    let readme = include_str!("../../README.md");
    for line in lines.lines() {
        let name = line.split_once(": ").unwrap().0;
        assert!(readme.contains(&format!("`{name}`")), "the README does not name {name}");
    }
}
