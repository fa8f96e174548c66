//! Keys in code and settings: how they are read, described and given.

use super::*;

/// What a file shows that counts by itself.
fn keys(path: &str, text: &str) -> Vec<String> {
    let mut shown = look(path, text);
    shown.retain(|one| one.contains(" configured Environment "));
    let short = |one: String| one.replace(" configured Environment ", " ");
    shown.into_iter().map(short).collect()
}

#[test]
fn credentials_are_asked_by_symbols() {
    for (text, expected) in [
        (
            "Rails.application.credentials.dig(:stripe, :secret_key)",
            "stripe stripe.secret_key @1",
        ),
        (
            "Rails.application.credentials.stripe[:secret_key]",
            "stripe stripe.secret_key @1",
        ),
        ("Credentials.fetch(:PLAID, :CLIENT_ID)", "plaid-com PLAID.CLIENT_ID @1"),
        (
            "Credentials.fetch(:STRIPE, :LIVE, :SECRET_KEY)",
            "stripe STRIPE.SECRET_KEY @1",
        ),
        ("DeskSettings[:mixpanel_token]", "mixpanel mixpanel_token @1"),
        ("DeskSettings.get(:mixpanel_token)", "mixpanel mixpanel_token @1"),
        (
            "DeskSettings.get_without_cache(:mixpanel_token)",
            "mixpanel mixpanel_token @1",
        ),
        ("ENV[\"HELPSCOUT__BEACON_ID\"]", "help-scout HELPSCOUT__BEACON_ID @1"),
    ] {
        assert_eq!(keys("app/desk.rb", &format!("x = {text}\n")), [expected], "{text}");
    }
    for text in [
        "Desk.fetch(:stripe, :secret_key)",
        "settings_of(:mixpanel)",
        "DeskSettings.get(:title)",
    ] {
        assert!(keys("app/desk.rb", &format!("x = {text}\n")).is_empty(), "{text}");
    }
    assert_eq!(
        keys(
            "config/storage.yml",
            "key: <%= Credentials.fetch(:MAILGUN, :API_KEY) %>\n"
        ),
        ["mailgun MAILGUN.API_KEY @1"]
    );
}

#[test]
fn schemas_of_settings_are_written_like_code() {
    let text = "export const Config = z.object({\n  stripeSecretKey: z.string().nullable(),\n  openAiApiKey: z.string(),\n  title: z.string(),\n});\n";
    assert_eq!(
        keys("src/lib/config.ts", text),
        ["stripe stripeSecretKey @2", "openai openAiApiKey @3"]
    );
    assert!(keys("src/lib/forms.ts", text).is_empty());
    assert_eq!(
        keys("src/desk.ts", "const x = config.sendgridApiKey;\n"),
        ["sendgrid sendgridApiKey @1"]
    );
}

#[test]
fn modules_of_settings_give_keys_any_value() {
    for path in ["desk/settings.py", "desk/settings/base.py", "desk/local_settings.py"] {
        assert_eq!(
            keys(path, "STRIPE_SECRET_KEY = None\nOPENAI_API_KEY: str = ''\nPAGE = 3\n"),
            ["stripe STRIPE_SECRET_KEY @1", "openai OPENAI_API_KEY @2"],
            "{path}"
        );
    }
    let read = "STRIPE_SECRET_KEY = os.environ.get('STRIPE_SECRET_KEY')\n";
    assert_eq!(keys("desk/settings.py", read).len(), 1);
    assert!(keys("desk/views.py", "STRIPE_SECRET_KEY = None\n").is_empty());
}

#[test]
fn keys_of_settings_in_any_spelling() {
    for (path, text, expected) in [
        (
            "app/config.json",
            "{\n  \"mailgunApiKey\": \"\"\n}\n",
            "mailgun mailgunApiKey @2",
        ),
        (
            "application.properties",
            "stripe.secret-key=\n",
            "stripe stripe.secret-key @1",
        ),
        (
            ".env.example",
            "TURNSTILE__SECRET_KEY=\n",
            "cloudflare-turnstile TURNSTILE__SECRET_KEY @1",
        ),
    ] {
        assert_eq!(keys(path, text), [expected], "{text}");
    }
    for (path, text) in [
        (".github/workflows/ci.yml", "env:\n  CC_TEST_REPORTER_ID: '1' # none\n"),
        ("web/pixel.slim", "  function(facebook_pixel_id, list) {\n"),
        ("schema.graphql", "  canvasAccountId: ID\n"),
    ] {
        assert!(keys(path, text).is_empty(), "{text}");
    }
    assert_eq!(
        keys(
            ".github/workflows/ci.yml",
            "env:\n  FIREBASE_SERVICE_ACCOUNT_KEY: ${{ secrets.MAILGUN_API_KEY }}\n"
        ),
        ["firebase FIREBASE_SERVICE_ACCOUNT_KEY @2", "mailgun MAILGUN_API_KEY @2"]
    );
}

#[test]
fn a_key_that_only_begins_with_a_name_counts_beside_others() {
    let weak = (".env.example", "SKYLIGHT_ENV=production\nSLACK_USERNAME=Desk\n");
    assert!(planes(&[weak]).is_empty(), "{:#?}", planes(&[weak]));
    let gem = ("Gemfile", "gem 'skylight'\n");
    assert_eq!(planes(&[weak, gem]), ["skylight Gateway"]);
}
