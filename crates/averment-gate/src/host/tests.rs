use super::{Destination, Host, Scheme};

#[test]
fn one_host_has_one_spelling() {
    let spellings = ["api.example", "API.Example", "api.example.", "Api.EXAMPLE."];
    assert!(
        spellings
            .iter()
            .all(|text| Host::parse(text).unwrap().as_str() == "api.example")
    );
    assert_eq!(
        Host::parse("[2606:4700:0:0::1]").unwrap(),
        Host::parse("[2606:4700::1]").unwrap()
    );
    assert_eq!(Host::parse("[2606:4700::1]").unwrap().in_uri(), "[2606:4700::1]");
}

#[test]
fn what_can_be_read_in_two_ways_is_no_host() {
    let texts = [
        "",
        ".",
        "..",
        "a..b",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "127.0.0.1.",
        "a@b",
        "a b",
        "a%00b",
        "a/b",
        "a\\b",
        "[::1",
        "::1",
        "[::1%25lo]",
        "[fe80::1%lo]",
        "a:b",
        "ⓛocalhost",
        "a\u{3002}example",
        "1.2.3.4.5",
        "127.0.0.0x1",
        "a.0x",
        "[127.0.0.1]",
        "00127.0.0.1",
    ];
    for text in texts {
        assert!(Host::parse(text).is_none(), "`{text}`");
    }
    assert!(Host::parse(&"a.".repeat(140)).is_none());
    assert!(Host::parse(&"a".repeat(64)).is_none());
}

#[test]
fn destinations_have_ports_and_no_credentials() {
    let parse = |text| Destination::parse(Scheme::Https, text);
    assert_eq!(parse("api.example").unwrap().origin(), "https://api.example");
    assert_eq!(parse("api.example:443").unwrap().origin(), "https://api.example");
    assert_eq!(
        parse("[2606:4700::1]:8443").unwrap().origin(),
        "https://[2606:4700::1]:8443"
    );
    for text in [
        "api.example:",
        "api.example:0",
        "api.example:65536",
        "api.example:+1",
        "u:p@api.example",
        "a:1:2",
        "[::1]x:1",
    ] {
        assert!(parse(text).is_none(), "`{text}`");
    }
}

#[test]
fn a_host_header_names_the_destination_or_not() {
    let there = Destination::parse(Scheme::Https, "api.example").unwrap();
    assert!(there.is_named_by("API.example."));
    assert!(there.is_named_by("api.example:443"));
    assert!(!there.is_named_by("api.example:80"));
    assert!(!there.is_named_by("b.example"));
    assert!(!there.is_named_by("x@api.example"));
}
