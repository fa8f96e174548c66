use std::collections::BTreeSet;

use super::{Scope, fixed_part, without_those_below};
use crate::authority::Authority;
use crate::clock::Clock;

fn authority(hosts: &[&str]) -> Authority {
    let hosts: BTreeSet<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::new(|| "2026-11-20T08:00:00Z".parse().unwrap());
    Authority::open(folder.path(), folder.path(), &Scope::Hosts(hosts), clock).unwrap()
}

#[test]
fn of_a_pattern_what_does_not_change_is_constrained() {
    for (pattern, fixed) in [
        ("api.example", Some("api.example")),
        ("API.Example.", Some("api.example")),
        ("*.api.example", Some("api.example")),
        ("{bucket}.s3.{region}.cloud.example", Some("cloud.example")),
        ("s3-{region}.cloud.example", Some("cloud.example")),
        ("*", None),
        ("api.{tld}", None),
        ("{school}.{region}-suite.example", None),
        ("printer", Some("printer")),
        ("com", Some("com")),
    ] {
        assert_eq!(fixed_part(pattern).as_deref(), fixed, "{pattern}");
    }
}

#[test]
fn what_another_covers_is_left_out() {
    let hosts = ["a.example", "b.a.example", "ba.example", "10.0.0.1", "1"].map(str::to_owned);
    let left = without_those_below(hosts.into());
    assert_eq!(
        left.iter().map(String::as_str).collect::<Vec<_>>(),
        ["1", "10.0.0.1", "a.example", "ba.example"]
    );
}

#[test]
fn an_authority_speaks_for_its_names_and_those_below_them() {
    let authority = authority(&["api.example", "cloud.example"]);
    assert!(authority.is_constrained());
    for host in ["api.example", "API.example", "x.cloud.example", "y.x.cloud.example"] {
        assert!(authority.speaks_for(host), "{host}");
    }
    for host in [
        "example",
        "other.example",
        "notapi.example",
        "api.example.org",
        "192.0.2.1",
        "[::1]",
    ] {
        assert!(!authority.speaks_for(host), "{host}");
    }
}

#[test]
fn addresses_are_spoken_for_only_where_they_are_named() {
    let one = authority(&["192.0.2.1"]);
    assert!(one.speaks_for("192.0.2.1"));
    for host in ["192.0.2.2", "[2001:db8::1]", "api.example"] {
        assert!(!one.speaks_for(host), "{host}");
    }
    let none = authority(&[]);
    assert!(!none.speaks_for("api.example") && !none.speaks_for("192.0.2.1"));
}

#[test]
fn hosts_in_a_certificate_that_nobody_asks_for_are_told() {
    let scope = |hosts: &[&str]| Scope::Hosts(hosts.iter().map(|host| (*host).to_owned()).collect());
    let many: Vec<String> = (0..40).map(|at| format!("host-{at}.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (permitted, asked, beyond) in [
        (&["api.example", "192.0.2.1", "::1"][..], &["api.example"][..], 2),
        (&["x.api.example"], &["api.example"], 0),
        (&["api.example"], &["x.api.example"], 1),
        (&["192.0.2.1"], &["192.0.2.1"], 0),
        (&many, &many, 0),
        (&many, &["host-0.example"], 39),
    ] {
        let outside = authority(permitted).outside(&scope(asked));
        assert_eq!(outside.beyond.len(), beyond, "{permitted:?} {asked:?}");
    }
}

#[test]
fn a_domain_stands_for_patterns_that_end_as_it_does() {
    for (pattern, domain, stands) in [
        ("{school}.{region}-suite.example", "us-suite.example", true),
        ("{school}.{region}-suite.example", "other.example", false),
        ("*", "school.example", true),
    ] {
        assert_eq!(super::has_domain(pattern, &[domain.to_owned()]), stands, "{pattern}");
    }
}
