use super::{Source, source};

fn said(pattern: &str) -> Option<(String, bool)> {
    source(pattern).map(|Source { text, broader }| (text, broader))
}

#[test]
fn a_pattern_becomes_the_narrowest_source_that_covers_it() {
    let exact = |text: &str| Some((text.to_owned(), false));
    let broader = |text: &str| Some((text.to_owned(), true));
    assert_eq!(said("cdn.amplitude.com"), exact("https://cdn.amplitude.com"));
    assert_eq!(said("*.youtube-nocookie.com"), exact("https://*.youtube-nocookie.com"));
    assert_eq!(said("{region}.pusher.com"), broader("https://*.pusher.com"));
    assert_eq!(said("sockjs-{cluster}.pusher.com"), broader("https://*.pusher.com"));
    assert_eq!(said("api.{region}.example.com"), broader("https://*.example.com"));
}

#[test]
fn what_would_allow_a_whole_top_level_domain_or_is_no_host_is_left_out() {
    for pattern in [
        "{x}.com",
        "*.com",
        "*",
        "localhost",
        "a b.example.com",
        "x.example;script-src *",
        "",
        "a..b",
    ] {
        assert_eq!(said(pattern), None, "{pattern}");
    }
}
