use super::mask::Mask;
use super::{cap, mask};
use std::io::Read as _;

fn capped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    cap::Capped::new(text).read_to_end(&mut out).unwrap();
    out
}

#[test]
fn what_is_short_goes_through_as_it_is() {
    let text = br#"{"a":"\"\\","b":["\u00e9",1.5,"\\"],"c":{}}"#;
    assert_eq!(capped(text), text);
}

#[test]
fn a_string_is_cut_between_its_characters() {
    let escapes = "\\\"".repeat(5 << 20);
    let letters = "\u{e9}".repeat(5 << 20);
    for long in [escapes, letters] {
        let text = format!("[\"{long}\",\"after\"]");
        let out = capped(text.as_bytes());
        let read: Vec<String> = serde_json::from_slice(&out).unwrap();
        assert!(read[0].ends_with(cap::CUT) && out.len() < 9 << 20);
        assert_eq!(read[1], "after");
    }
}

#[test]
fn segments_that_may_stand_for_somebody_are_masked() {
    let mask = Mask::new(None, &[]);
    for (path, shown) in [
        ("/", "/"),
        ("/courses/7/lessons", "/courses/*/lessons"),
        ("/users/maya.lindqvist/edit", "/users/*/edit"),
        ("/s/csd3-2/levels", "/s/csd3-2/levels"),
        ("/a/550e8400-e29b-41d4-a716-446655440000", "/a/*"),
        ("/mail/maya@birch.example", "/mail/*"),
        ("/p/ma%79a/x", "/p/*/x"),
        ("/v2/gtag.js", "/v2/gtag.js"),
        ("/6.1.0/player.js", "/6.1.0/player.js"),
        ("/deadbeefdeadbeef1234", "/*"),
        ("/Helen-Castellanos.html", "/*"),
        ("/maya_builds.png", "/*"),
        ("/JohnSmith", "/*"),
        ("/s-10421.json", "/*"),
        ("/reset/abcdefghijklmnop", "/reset/*"),
        ("/js/app-main.js", "/js/app-main.js"),
        ("/player-2024.js", "/player-2024.js"),
        ("/privacy-policy.html", "/privacy-policy.html"),
        ("/index.html", "/index.html"),
        ("/a//b/", "/a//b/"),
    ] {
        assert_eq!(mask.path(path), shown, "{path}");
    }
}

#[test]
fn parameters_go_by_name_unless_the_name_may_be_a_value() {
    let mask = Mask::new(None, &[]);
    assert_eq!(
        mask.names("/x?a=1&b[c]=2&a=3&maya@birch.example&4411223=1"),
        ["a", "b[c]", "*"]
    );
    assert_eq!(mask.cookie("_ga_ABC1234"), "_ga_*");
    assert_eq!(mask.cookie("maya@birch"), "*");
    assert_eq!(
        mask.names("/x?Maya-Lindqvist=1&Key-Pair-Id=2&user_id=3"),
        ["*", "Key-Pair-Id", "user_id"]
    );
    assert_eq!(
        (mask.cookie("Maya-Lindqvist"), mask.cookie("uid")),
        ("*".to_owned(), "uid".to_owned())
    );
}

#[test]
fn user_information_and_ports_are_no_part_of_a_host() {
    let target = mask::target("https://maya:secret@px.Little-Tracker.com:8443/x?y#z").unwrap();
    assert_eq!(target.address.host, "px.little-tracker.com");
    assert_eq!(target.target, "/x?y");
    assert!(mask::target("https://exa mple.com/").is_none());
    assert!(mask::target("javascript://x").is_none());
    assert!(mask::is_local("10.0.0.4") && mask::is_local("app.localhost") && !mask::is_local("203.0.113.9"));
}
