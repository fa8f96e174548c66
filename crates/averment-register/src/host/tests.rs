use super::*;

#[test]
fn a_pattern_matches_whole_labels() {
    for (pattern, host, expected) in [
        ("api.twilio.com", "api.twilio.com", true),
        ("*.twilio.com", "api.twilio.com", true),
        ("*.twilio.com", "a.b.twilio.com", true),
        ("*.twilio.com", "twilio.com", false),
        ("*.twilio.com", "eviltwilio.com", false),
        ("*.twilio.com", "api.twilio.com.evil.example", false),
        ("s3.{region}.amazonaws.com", "s3.eu-west-1.amazonaws.com", true),
        ("s3.{region}.amazonaws.com", "s3.amazonaws.com", false),
        ("s3.{region}.amazonaws.com", "s3.a.b.amazonaws.com", false),
        ("api-{cluster}.pusher.com", "api-eu.pusher.com", true),
        ("api-{cluster}.pusher.com", "api-.pusher.com", false),
        ("{forum-domain}", "2001:db8::1", false),
        ("{forum-domain}", "intranet", false),
    ] {
        assert_eq!(host_matches(pattern, host), expected, "{pattern} {host}");
    }
}
