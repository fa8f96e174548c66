use averment_catalog::catalog;

use super::*;

#[test]
fn a_key_says_whose_it_is() {
    let keys = Keys::of(catalog().third_parties());
    let whose = |key| {
        keys.look_up(key)
            .iter()
            .map(|party| party.id.as_str())
            .collect::<Vec<_>>()
    };
    for (key, id) in [
        ("JSTOR_API_SECRET", "jstor"),
        ("LEARN_STRIPE_SECRET_KEY", "stripe"),
        ("LEARN_TINYBIRD_INGEST_TOKEN", "tinybird"),
        ("NEXT_PUBLIC_LEARN_SENTRY_DSN", "sentry"),
        ("MY_NEW_RELIC_LICENSE_KEY", "new-relic"),
        ("DISCORD_LESSON_WEBHOOK_URL", "discord"),
        ("SOCIAL_AUTH_GITHUB_KEY", "github-sign-in"),
        ("LEARN_FACEBOOK_OAUTH_SECRET", "facebook-login"),
        ("LEARN_GITHUB_CLIENT_ID", "github-sign-in"),
        ("SENTRY_DSN_CLIENT", "sentry"),
        ("ZOO_STREAM_KINESIS_STREAM_NAME", "aws-kinesis"),
        ("OIDC_CLIENTID_ORCID", "orcid"),
        ("OIDC_CLIENTSECRET_GOOGLE", "google-sign-in"),
        ("SPLUNK_MOBILE_TOKEN", "splunk"),
        ("FIREBASE_SERVICE_ACCOUNT_KEY", "firebase"),
        ("DISCORD_WEBHOOK", "discord"),
        ("AI_GRADING_OPEN_AI_API_KEY", "openai"),
        ("NEWRELIC_LICENSE_KEY", "new-relic"),
    ] {
        assert_eq!(whose(key), [id], "{key}");
    }
    for key in [
        "STRIPE",
        "YOUTUBE_URL",
        "FACEBOOK_PAGE_ID",
        "SENTRY_SAMPLE_RATE",
        "STRIPE_CACHE_KEY",
        "ZOOM_LEVEL_KEY",
        "SECRET_KEY",
        "STRIPES_API_KEY",
        "MY_LESSON_DISCORD_WEBHOOK_URL",
        "SLACK_USERNAME",
        "GROUP_STREAM_API_KEY",
        "MY_DISCORD_WEBHOOK",
    ] {
        assert_eq!(whose(key), [""; 0], "{key}");
    }
}

#[test]
fn what_only_begins_with_a_name_is_weak() {
    let keys = Keys::of(catalog().third_parties());
    let whose = |key, small| {
        let parties = keys.weak(key, small).iter();
        parties.map(|party| party.id.as_str()).collect::<Vec<_>>()
    };
    for (key, small, id) in [
        ("SKYLIGHT_ENV", false, "skylight"),
        ("NEXT_PUBLIC_SENTRY_SAMPLE_RATE", false, "sentry"),
        ("MAILGUN_SENDER_DOMAIN", true, "mailgun"),
        ("SLACK_USERNAME", false, "slack"),
    ] {
        assert_eq!(whose(key, small), [id], "{key}");
    }
    for (key, small) in [
        ("GITHUB_SHA", false),
        ("YOUTUBE_URL", false),
        ("MAILGUN_SENDER", true),
        ("OUR_SENTRY", false),
        ("SENTRY", false),
    ] {
        assert_eq!(whose(key, small), [""; 0], "{key}");
    }
}
