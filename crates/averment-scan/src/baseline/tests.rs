use std::collections::BTreeSet;

use averment_catalog::Plane;
use averment_register::{Digest, Severity};
use jiff::civil::date;

use super::*;
use crate::drift::{Drift, Rule};
use crate::observation::Spot;
use crate::seen::{Coverage, Look, Seen};

const TODAY: Date = date(2026, 11, 22);

fn drift(subject: &str, files: &[&str]) -> Drift {
    let spot = |file: &&str| Spot {
        file: (*file).to_owned(),
        line: Some(3),
        column: None,
    };
    Drift {
        rule: Rule::UndeclaredRecipient,
        severity: Severity::Error,
        party: None,
        message: format!("`{subject}` is contacted\u{1b}[31m, and no recipient declares it"),
        hint: None,
        subject: subject.to_owned(),
        places: files.iter().map(spot).collect(),
        accepted: None,
    }
}

fn report(drift: Vec<Drift>) -> Report {
    Report {
        charter: Digest::of(b""),
        seen: Seen {
            look: Look::Code,
            planes: BTreeSet::from([Plane::Gateway]),
            from: jiff::Timestamp::UNIX_EPOCH,
            until: jiff::Timestamp::UNIX_EPOCH,
            observations: Vec::new(),
            own: Vec::new(),
            coverage: Coverage::default(),
            knows_people: false,
        },
        drift,
        notices: Vec::new(),
    }
}

fn entry(fields: &str) -> String {
    format!("# by hand\n[[accepted]]\nrule = \"undeclared-recipient\"\n{fields}\n")
}

fn wrong(text: &str) -> Vec<String> {
    let errors = Baseline::read(text, TODAY).expect_err("it is wrong");
    errors.iter().map(ToString::to_string).collect()
}

/// Subjects that stay open, and notices.
fn left(text: &str, drift: Vec<Drift>) -> (Vec<String>, Vec<String>) {
    let mut report = report(drift);
    Baseline::read(text, TODAY)
        .expect("a baseline")
        .apply(&mut report, TODAY);
    (report.open().map(|one| one.subject.clone()).collect(), report.notices)
}

#[test]
fn an_entry_accepts_what_it_names_up_to_its_last_day() {
    let both = || {
        vec![
            drift("evil.org gateway", &["a.rb"]),
            drift("other.org gateway", &["a.rb"]),
        ]
    };
    let text = entry("subject = \"evil.org gateway\"\nreason = \"gone by spring\"\nuntil = 2026-11-22");
    assert_eq!(left(&text, both()), (vec!["other.org gateway".to_owned()], vec![]));
    let ended = text.replace("2026-11-22", "2026-11-21");
    let (open, notices) = left(&ended, both());
    assert_eq!(open.len(), 2);
    assert_eq!(
        notices,
        ["line 2, `undeclared-recipient` of `evil.org gateway`: ended on 2026-11-21 and counts again"]
    );
    let (open, notices) = left(&text, Vec::new());
    assert!(open.is_empty());
    assert_eq!(
        notices,
        ["line 2, `undeclared-recipient` of `evil.org gateway`: nothing fits it any more, take it out"]
    );
}

#[test]
fn another_rule_is_another_drift() {
    let text = entry("subject = \"evil.org gateway\"\nreason = \"gone\"\nuntil = 2026-12-01")
        .replace("undeclared-recipient", "plain-http");
    assert_eq!(left(&text, vec![drift("evil.org gateway", &["a.rb"])]).0.len(), 1);
}

#[test]
fn everything_below_a_folder_is_accepted_only_where_nothing_of_it_is_elsewhere() {
    let text = entry(
        "subject = \"*\"\npaths = [\"data/\", \"one.txt\"]\nreason = \"a catalog of names\"\nuntil = 2027-11-22\nmistaken = true",
    );
    let accepted = |files: &[&str]| left(&text, vec![drift("evil.org gateway", files)]).0.is_empty();
    assert!(accepted(&["data/a.toml", "one.txt"]));
    assert!(!accepted(&["data/a.toml", "src/a.rb"]));
    assert!(!accepted(&["database/a.toml"]) && !accepted(&["one.txt.rb"]) && !accepted(&[]));
}

#[test]
fn entries_accept_together_what_each_holds_a_part_of_until_the_first_of_them_ends() {
    let of = |path: &str, reason: &str, until: &str| {
        entry(&format!(
            "subject = \"*\"\npaths = [\"{path}\"]\nreason = \"{reason}\"\nuntil = {until}\nmistaken = true"
        ))
    };
    let both = format!(
        "{}{}",
        of("data/", "rows", "2027-01-31"),
        of("src/", "words", "2026-12-01")
    );
    let there = || vec![drift("evil.org gateway", &["data/a.toml", "src/a.rs"])];
    assert!(left(&both, there()).0.is_empty());
    assert!(!left(&of("data/", "rows", "2027-01-31"), there()).0.is_empty());
    let ended = both.replace("2026-12-01", "2026-11-01");
    let (open, notices) = left(&ended, there());
    assert_eq!(open.len(), 1);
    assert!(
        notices.iter().any(|notice| notice.contains("ended on 2026-11-01")),
        "{notices:?}"
    );

    let mut report = report(there());
    Baseline::read(&both, TODAY).unwrap().apply(&mut report, TODAY);
    let accepted = report.drift[0].accepted.clone().unwrap();
    assert_eq!(accepted.reason, "rows; words");
    assert_eq!(accepted.until.to_string(), "2026-12-01");
    assert!(accepted.mistaken);
}

#[test]
fn every_slip_is_refused_with_its_line() {
    let good = "subject = \"x gateway\"\nreason = \"why\"\nuntil = 2026-12-01";
    assert!(Baseline::read(&entry(good), TODAY).is_ok() && Baseline::read("", TODAY).is_ok());
    for (from, to, expected) in [
        (
            "reason = \"why\"",
            "reason = \" \"",
            "line 2: `undeclared-recipient` of `x gateway` is accepted without a reason: write why",
        ),
        (
            "reason = \"why\"",
            "reason = \"To be said\"",
            "line 2: `undeclared-recipient` of `x gateway` is accepted without a reason: write why",
        ),
        (
            "2026-12-01",
            "2027-11-23",
            "line 2: `until = 2027-11-23` is more than a year ahead: expected 2027-11-22 at the latest",
        ),
        (
            "2026-12-01",
            "07:32:00",
            "line 2: `until = 07:32:00`: expected a day such as `2027-01-31`",
        ),
        (
            "x gateway",
            "*",
            "line 2: `subject` must name the drift; `*` is for everything below `paths`",
        ),
        (
            "until =",
            "mistaken = true\nuntil =",
            "line 2: `undeclared-recipient` of `x gateway` is `mistaken` wherever it is: name the files and folders in which the look \
             is wrong as `paths`",
        ),
        (
            "until =",
            "paths = [\"../x\"]\nuntil =",
            "line 2: `paths` are files, or folders with `/` at the end, from the root of what is read",
        ),
    ] {
        assert_eq!(wrong(&entry(&good.replace(from, to))), [expected]);
    }
    assert!(wrong(&entry(&good.replace("reason", "because")))[0].contains("because"));
    assert!(
        wrong(&entry(good).replace("undeclared-recipient", "undeclared"))[0]
            .starts_with("line 2: `undeclared` is no rule: expected one of")
    );
    assert_eq!(
        wrong(&format!("{}{}", entry(good), entry(good))),
        ["line 8: the same rule and subject are accepted twice"]
    );
    assert!(wrong("[[accepted]\n")[0].starts_with("line 1: "));
    let orders = good.replace("x gateway", "x\\u001b]0;y\\u0007\\u202e\\u009b2J");
    for wrong in [
        wrong(&entry(&orders.replace("why", ""))),
        wrong(&entry(&orders.replace("reason", "mistaken = true\nreason"))),
        wrong(&entry(&orders).replace("undeclared-recipient", "x\\u001b[2J")),
    ] {
        assert_eq!(wrong, [visible(&wrong[0])]);
    }
}

#[test]
fn whoever_says_that_the_look_is_wrong_says_where_and_is_named() {
    let text = entry(
        "subject = \"evil.org gateway\"\npaths = [\"data/\"]\nreason = \"rows\"\nuntil = 2026-12-01\nmistaken = true",
    );
    let (open, notices) = left(&text, vec![drift("evil.org gateway", &["data/a.toml"])]);
    assert!(open.is_empty());
    let named = "line 2, `undeclared-recipient` of `evil.org gateway`: taken for a mistake of the look until 2026-12-01 in data/: rows";
    assert_eq!(notices, [named]);
    assert_eq!(left(&text, vec![drift("evil.org gateway", &["src/a.rb"])]).0.len(), 1);
}

#[test]
fn a_draft_is_refused_until_a_reason_is_written_and_added_once() {
    let report = report(vec![drift("ev\"il.org gateway", &["a.rb"])]);
    let (count, text) = additions(&Baseline::default(), &report, TODAY);
    assert_eq!(count, 1);
    assert!(!text.contains('\u{1b}'), "{text}");
    assert_eq!(wrong(&text).len(), 1);
    let finished = format!(
        "# mine\n{}",
        text.replace("reason = \"\"", "reason = \"gone by spring\"")
    );
    let baseline = Baseline::read(&finished, TODAY).expect("it has a reason");
    assert_eq!(additions(&baseline, &report, TODAY), (0, String::new()));
    let mut report = report;
    baseline.apply(&mut report, TODAY);
    assert_eq!(report.open().count(), 0);
}
