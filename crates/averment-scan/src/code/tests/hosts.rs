//! Whose a host is, and whether it is asked: hosts that products share, lists of hosts, ports.

use super::*;

#[test]
fn endpoints_and_files_of_shared_hosts_are_told_apart() {
    let java = "class A {\n  private static final String VERIFY = \"https://www.google.com/recaptcha/api/siteverify\";\n  String go() { return ask(VERIFY); }\n}\n";
    assert_eq!(
        look("src/main/java/A.java", java),
        ["google-recaptcha contacted Host www.google.com @2"]
    );
    assert_eq!(
        look(
            "app/youtube.py",
            "YOUTUBE_API_URL = \"https://www.googleapis.com/youtube/v3\"\n"
        ),
        ["youtube contacted Host www.googleapis.com @1"]
    );
    assert_eq!(
        look(
            "app/views/a.html",
            "<script src=\"https://code.jquery.com/jquery.min.js\"></script>\n"
        ),
        ["jquery-cdn embedded Script code.jquery.com @1"]
    );
    assert_eq!(
        look(
            "src/constants.ts",
            "export const APP_IMAGE = 'ghcr.io/new-desk/app:latest'\n"
        ),
        ["github configured Host ghcr.io @1"]
    );
}

#[test]
fn whose_mail_is_accepted_is_no_policy() {
    let list = "WHITELIST = ['new-desk.org', 'new-logs.org']\n";
    assert!(look("app/models/email_address.rb", list).is_empty());
    assert_eq!(look("app/models/desk.rb", list).len(), 2);
}

#[test]
fn a_port_of_its_own_hides_nobody() {
    assert_eq!(
        look(
            "src/a.ts",
            "fetch('http://collector.new-logs.org:3000/track', { body });\n"
        ),
        ["new-logs.org contacted Host collector.new-logs.org @1"]
    );
    assert_eq!(
        look("config/a.yml", "api_url: http://api.twilio.com:3000/\n"),
        ["twilio configured Host api.twilio.com @1"]
    );
}

#[test]
fn lists_of_whom_to_tell_are_settings() {
    for (path, text, expected) in [
        (
            "config/clients.json",
            "\u{feff}\n  [\n {\"webhook\": \"https://in.new-desk.org/a\"}\n]\n",
            "new-desk.org configured Host in.new-desk.org @3",
        ),
        (
            "config/clients.json",
            "[{\"id\": 1, \"endpoint\" : \"api.twilio.com\"}]\n",
            "twilio configured Host api.twilio.com @1",
        ),
        (
            "config/webhooks.json",
            "[\"https://in.new-desk.org/a\"]\n",
            "new-desk.org configured Host in.new-desk.org @1",
        ),
        (
            "config/seen.json",
            "  [{\"url\": \"https://api.twilio.com/a\"}]\n",
            "twilio linked only Link api.twilio.com @1",
        ),
        (
            "config/one.json",
            "{\n \"host\": \"api.twilio.com\"\n}\n",
            "twilio configured Host api.twilio.com @2",
        ),
    ] {
        assert_eq!(look(path, text), [expected], "{path}: {text}");
    }
}

#[test]
fn wildcards_of_policies() {
    let text = "Content-Security-Policy: script-src *.hotjar.com *.clever.com *.sentry.io *.little-tracker.com\n";
    assert_eq!(
        look("nginx.conf", text),
        [
            "hotjar allowed by policy Policy *.hotjar.com @1",
            "clever allowed by policy Policy *.clever.com @1",
            "sentry allowed by policy Policy *.sentry.io @1",
            "little-tracker.com allowed by policy Policy *.little-tracker.com @1",
        ]
    );
}
