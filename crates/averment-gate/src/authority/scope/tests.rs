use std::collections::BTreeSet;

use averment_register::{Source, compile};

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
        ("com", None),
        ("*.co.uk", None),
        ("{x}.school.k12.ca.us", Some("school.k12.ca.us")),
        ("*.k12.ca.us", None),
        ("*.sch.uk", None),
        ("*.town.sch.uk", None),
        ("*.school.town.sch.uk", Some("school.town.sch.uk")),
        ("example.co.uk", Some("example.co.uk")),
        ("*.github.io", Some("github.io")),
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

/// The scope of a register with these patterns as hosts of one recipient, and those that no certificate can name.
fn of(third_parties: &str, hosts: &[&str], domains: &[&str]) -> (Scope, Vec<String>) {
    let mut source = Source::default();
    let organisation = "organisation = \"Example\"\n[defaults]\nunknown_hosts = \"enforce\"\n";
    source.insert("organisation.toml", organisation.to_owned());
    let recipient = format!(
        "recipient = \"desk\"\nthird_parties = [{third_parties}]\npurpose = \"To test.\"\ninformation = \"What tests need.\"\n\
         planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = {hosts:?}\n"
    );
    source.insert("recipients/desk.toml", recipient);
    let compiled = compile(&source);
    let charter = compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    let domains: Vec<String> = domains.iter().map(|domain| (*domain).to_owned()).collect();
    (Scope::of(&charter, &domains), Scope::unbound(&charter, &domains))
}

#[test]
fn strangers_below_a_registry_are_not_spoken_for_unless_somebody_says_so() {
    let hosts = ["api.example", "*.co.uk"];
    let held = |scope: &Scope| match scope {
        Scope::Hosts(hosts) => hosts.iter().cloned().collect::<Vec<_>>(),
        Scope::Everything => panic!("any host"),
    };
    let (scope, unbound) = of("", &hosts, &[]);
    assert_eq!(
        (held(&scope), unbound),
        (vec!["api.example".to_owned()], vec!["*.co.uk".to_owned()])
    );
    let (scope, unbound) = of("", &hosts, &["CO.UK."]);
    assert_eq!(held(&scope), ["api.example", "co.uk"]);
    assert_eq!(unbound, [""; 0]);
    assert_eq!(scope.shared(), ["co.uk"]);
    let (scope, unbound) = of("", &["*.github.io", "desk.example"], &[]);
    assert_eq!((scope.shared(), unbound.len()), (vec!["github.io"], 0));
}

#[test]
fn what_only_browsers_go_to_needs_no_certificate() {
    let (_, unbound) = of("\"mailgun\"", &[], &[]);
    assert_eq!(unbound, [""; 0], "`email.{{sending-domain}}`");
    let (_, unbound) = of("", &["email.{sending-domain}"], &[]);
    assert_eq!(
        unbound,
        ["email.{sending-domain}"],
        "of a register that nobody knows more of"
    );
}

#[test]
fn a_domain_stands_for_patterns_that_end_as_it_does() {
    for (pattern, domain, stands) in [
        ("{school}.{region}-suite.example", "us-suite.example", true),
        ("{school}.{region}-suite.example", "other.example", false),
        ("*", "school.example", true),
        ("{school}.{region}-suite.com", "com", true),
        ("*.co.uk", "uk", true),
        ("*.co.uk", "co.uk", true),
        ("*.co.uk", "o.uk", false),
        ("co.uk", "co.uk", true),
        ("co.uk", "uk", true),
        ("co.uk", "school.example", false),
        ("co.uk", "school.co.uk", false),
    ] {
        assert_eq!(
            super::has_domain(pattern, &[domain.to_owned()]),
            stands,
            "{pattern} {domain}"
        );
    }
}
