//! What looks like a flow and is none: types, constants that lead somewhere, made-up values, names of modules.

use super::*;

/// Findings without what imports themselves say of another third party.
fn one(path: &str, text: &str) -> String {
    look(path, text).join("; ")
}

/// The tier of the first finding, which is the import.
fn tier_of_import(path: &str, text: &str) -> String {
    let found = look(path, text);
    let first = found.first().unwrap_or_else(|| panic!("nothing in {path}: {text}"));
    first.split(" Import ").next().unwrap_or_default().to_owned()
}

#[test]
fn a_type_of_kotlin_asks_nobody_until_something_is_called_on_what_has_it() {
    let import = "import com.google.firebase.auth.FirebaseUser\n";
    for (text, tier) in [
        ("fun show(user: FirebaseUser) = user.uid\n", "firebase dead code"),
        ("val all: List<FirebaseUser> = emptyList()\n", "firebase dead code"),
        ("fun of(any: Any) = (any as? FirebaseUser)?.uid\n", "firebase dead code"),
        ("fun make(): FirebaseUser? = null\n", "firebase dead code"),
        ("fun show(user: FirebaseUser) = user.reload()\n", "firebase contacted"),
        (
            "fun show(user: FirebaseUser?) { user?.delete().wait() }\n",
            "firebase contacted",
        ),
        (
            "class A(private val users: Lazy<FirebaseUser>) { val x = users.get() }\n",
            "firebase contacted",
        ),
        ("val user by inject<FirebaseUser>()\n", "firebase contacted"),
        ("val user = FirebaseUser.current\n", "firebase contacted"),
        ("class Own : FirebaseUser() {}\n", "firebase contacted"),
        ("val kind = FirebaseUser::class\n", "firebase contacted"),
        (
            "fun end(user: FirebaseUser) = run(user::delete)\n",
            "firebase contacted",
        ),
        (
            "fun end(user: FirebaseUser) = with(user) { delete() }\n",
            "firebase contacted",
        ),
        ("// FirebaseUser\n", "firebase configured"),
    ] {
        assert_eq!(
            tier_of_import("app/src/A.kt", &format!("{import}{text}")),
            tier,
            "{text}"
        );
    }
}

#[test]
fn a_type_of_java_asks_nobody_until_something_is_called_on_what_has_it() {
    let import = "import com.google.firebase.auth.FirebaseUser;\n";
    for (text, tier) in [
        (
            "class A { String of(FirebaseUser user) { return user.getUid(); } }\n",
            "firebase dead code",
        ),
        ("class A { List<FirebaseUser> all; }\n", "firebase dead code"),
        (
            "class A { boolean is(Object o) { return o instanceof FirebaseUser; } }\n",
            "firebase dead code",
        ),
        (
            "class A { Object of(Object o) { return (FirebaseUser) o; } }\n",
            "firebase dead code",
        ),
        (
            "class A { void go(FirebaseUser user) { user.delete(); } }\n",
            "firebase contacted",
        ),
        (
            "class A { Object make() { return new FirebaseUser(); } }\n",
            "firebase contacted",
        ),
        ("class A extends FirebaseUser { }\n", "firebase contacted"),
    ] {
        assert_eq!(
            tier_of_import("src/main/java/A.java", &format!("{import}{text}")),
            tier,
            "{text}"
        );
    }
}

#[test]
fn a_class_of_python_that_is_only_asked_for_asks_nobody() {
    let import = "from django_recaptcha.widgets import ReCaptchaBase\n";
    for (text, tier) in [
        (
            "def has(field):\n    return isinstance(field.widget, ReCaptchaBase)\n",
            "google-recaptcha dead code",
        ),
        (
            "def show(widget: ReCaptchaBase) -> str:\n    return widget.name\n",
            "google-recaptcha dead code",
        ),
        (
            "def show(widget: Optional[ReCaptchaBase]):\n    return widget.render(1)\n",
            "google-recaptcha contacted",
        ),
        ("widget = ReCaptchaBase()\n", "google-recaptcha contacted"),
        ("FIELDS = {'captcha': ReCaptchaBase}\n", "google-recaptcha contacted"),
        ("make = lambda: ReCaptchaBase\n", "google-recaptcha contacted"),
    ] {
        assert_eq!(
            tier_of_import("forms/fields.py", &format!("{import}{text}")),
            tier,
            "{text}"
        );
    }
}

#[test]
fn a_constant_that_leads_somewhere_or_that_nobody_uses_is_a_link() {
    let lookup = "object A {\n    private const val LOOKUP_URL = \"https://api.openai.com/v1\"\n";
    for (path, text, expected) in [
        ("app/A.kt", format!("{lookup}}}\n"), "openai linked only"),
        ("app/A.kt", format!("{lookup}fun go() = ask(LOOKUP_URL) }}\n"), "openai contacted"),
        ("app/A.kt", lookup.replace("private ", ""), "openai contacted"),
        (
            "src/components/a.tsx",
            "import x from 'y';\nconst SCHOOL_BASE_URL = 'https://desk.new-desk.org/faq';\nexport const A = () => <a href={`${SCHOOL_BASE_URL}/1`}>x</a>;\n".to_owned(),
            "new-desk.org linked only",
        ),
        (
            "src/components/a.tsx",
            "import x from 'y';\nconst DESK_BASE_URL = 'https://desk.new-desk.org/faq';\nexport const ask = () => go(`${DESK_BASE_URL}/1`);\n".to_owned(),
            "new-desk.org embedded",
        ),
        (
            "src/ask.js",
            "import x from 'y';\nconst DESK_API_URL = 'https://desk.new-desk.org/v1';\n".to_owned(),
            "new-desk.org linked only",
        ),
        (
            "src/ask.js",
            "import x from 'y';\nconst desk = { deskApiUrl: 'https://desk.new-desk.org/v1' };\ngo(desk);\n".to_owned(),
            "new-desk.org contacted",
        ),
        (
            "src/ask.js",
            "import x from 'y';\nconst DESK_API_URL = 'https://desk.new-desk.org/v1';\nx.tell(DESK_API_URL, { redirect_uri: here });\n".to_owned(),
            "new-desk.org contacted",
        ),
        (
            "src/ask.js",
            "import x from 'y';\nconst DESK_API_URL = 'https://desk.new-desk.org/v1';\nclass A {\n  #tell() { x.tell(DESK_API_URL); }\n}\n".to_owned(),
            "new-desk.org contacted",
        ),
        (
            "src/ask.js",
            "export const DESK_API_URL = 'https://desk.new-desk.org/v1';\n".to_owned(),
            "new-desk.org contacted",
        ),
    ] {
        let found = one(path, &text);
        assert!(found.starts_with(expected), "{text}: {found}");
    }
}

#[test]
fn what_laravel_takes_where_a_key_is_missing_is_a_setting() {
    let text = "<?php\nreturn ['sqs' => ['prefix' => env('SQS_PREFIX', 'https://sqs.us-east-1.amazonaws.com/your-account-id')]];\n";
    assert_eq!(
        one("config/queue.php", text),
        "aws-sqs configured Host sqs.us-east-1.amazonaws.com @2"
    );
    let text = "<?php\n$mail['Host'] = 'smtp.gmail.com';\n";
    let found = one("shared/config.default/mail.php", text);
    assert_eq!(found, "google-workspace configured Host smtp.gmail.com @2");
    let text = "<?php\n$api_url = 'https://api.openai.com/v1';\nask($api_url);\n";
    assert_eq!(
        one("app/Services/Ask.php", text),
        "openai contacted Host api.openai.com @2"
    );
}

#[test]
fn made_up_values_in_what_builds_and_tries_a_program() {
    for (path, text, expected) in [
        (
            ".github/workflows/ci.yml",
            "        env:\n          MAILGUN_KEY: fake_mailgun_key\n          MAILGUN_URL: https://api.mailgun.net/v3/fake.mailgun.org\n",
            "mailgun dead code Environment MAILGUN_KEY @2; mailgun dead code Host api.mailgun.net @3",
        ),
        (
            ".github/workflows/ci.yml",
            "        env:\n          MAILGUN_KEY: ${{ secrets.MAILGUN_KEY }}\n",
            "mailgun configured Environment MAILGUN_KEY @2",
        ),
        (
            ".env.example",
            "MAILGUN_KEY=fake_key\n",
            "mailgun configured Environment MAILGUN_KEY @1",
        ),
    ] {
        assert_eq!(one(path, text), expected, "{path}: {text}");
    }
    for path in ["website/nightwatch.conf.js", "docker-compose.selenium.yml"] {
        assert_eq!(class_of(path, b"a: b"), Class::Test, "{path}");
    }
}

#[test]
fn names_in_scripts_and_settings_that_are_no_hosts_and_no_keys() {
    for (path, text, expected) in [
        (
            "hack/ask.sh",
            "ISSUE_REGEX=https://github.com/$OWNER/$REPO/issues\n",
            "",
        ),
        (
            "app/src/main/res/values/constants.xml",
            "<string name=\"link_chat\">https://discord.gg/x</string>\n",
            "discord linked only Link discord.gg @1",
        ),
        (".golangci.yml", "  - pkg: github.com/golang/protobuf\n", ""),
        ("hack/ask.sh", "_check_github_token() {\n", ""),
        (
            "hack/ask.sh",
            "fail \"it was told to wait, then set the variable GITHUB_TOKEN to any valid token\"\n",
            "",
        ),
        (
            "hack/ask.sh",
            "curl -H \"Authorization: Bearer $GITHUB_TOKEN\" x\n",
            "github configured Environment GITHUB_TOKEN @1",
        ),
        (
            "hack/ask.sh",
            "VERSION=\"tool (https://github.com/tool/tool) 4\"\n",
            "github linked only Host github.com @1",
        ),
        (
            "etc/config.json",
            "{\n  \"server\": \"https://matomo.server.com/\"\n}\n",
            "",
        ),
        (
            "texts.yml",
            "text: come to <a href=\"https://discord.gg/x\">us</a>\n",
            "discord linked only Link discord.gg @1",
        ),
        (
            ".github/workflows/tell.yml",
            "            [badge]: https://img.shields.io/badge/x\n",
            "shields-io linked only Link img.shields.io @1",
        ),
        (
            "templates/external-links-config.json",
            "{\n  \"InviteURL\": \"https://discord.com/invite/x\",\n  \"TimeBaseURL\": \"https://new-time.org/clock\"\n}\n",
            "discord linked only Link discord.com @2; new-time.org linked only Link new-time.org @3",
        ),
    ] {
        assert_eq!(one(path, text), expected, "{path}: {text}");
    }
}

#[test]
fn files_that_hold_made_up_data_texts_and_thanks() {
    for (path, class) in [
        ("src/commons/mocks/GradingMocks.ts", Class::Fixture),
        ("src/mocks/mockData.ts", Class::Fixture),
        ("src/exams/MockExam.ts", Class::Live),
        ("web/static/js/codemirror/mode/slim/index.html", Class::Vendored),
        ("public/js/tinymce-5.1/themes/x.js", Class::Vendored),
        ("src/codemirror/setup.js", Class::Live),
        ("public/js/mathjax/setup.js", Class::Live),
        ("public/js/d3/charts/grades.js", Class::Live),
        ("static/blockly/blocks/turtle.js", Class::Live),
        ("regtest/auth/login.js", Class::Test),
        ("load_testing/find/load.js", Class::Test),
        ("templates/next/README-template.md", Class::Documentation),
        ("TODO", Class::Documentation),
        ("src/todo.ts", Class::Live),
        ("CITATION", Class::Documentation),
        (".github/FUNDING.yml", Class::Documentation),
        ("content/pages/sr.yaml", Class::Data),
        ("src/vi.yaml", Class::Data),
        ("src/be.yaml", Class::Live),
        ("src/uk.yaml", Class::Live),
    ] {
        assert_eq!(class_of(path, b"a: b"), class, "{path}");
    }
}

#[test]
fn errors_and_definitions_are_made_without_asking_anybody() {
    let text = "import { NonRetriableError, Inngest } from 'inngest';\nconst inngest = new Inngest({ id: 'a' });\nthrow new NonRetriableError('none');\n";
    let found = look("src/jobs/a.ts", text);
    assert!(
        found.iter().any(|one| one.starts_with("inngest contacted Call")),
        "{found:?}"
    );
    assert!(found.iter().all(|one| !one.ends_with("@3")), "{found:?}");
    let text = "import { defineField } from 'sanity';\nexport default defineField({ name: 'a' });\n";
    let found = look("schemas/a.ts", text);
    assert!(
        found.iter().all(|one| one.starts_with("sanity-io configured")),
        "{found:?}"
    );
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn functions_of_go_that_are_written_like_classes_of_errors_tell_somebody() {
    let text =
        "package a\n\nimport \"github.com/rollbar/rollbar-go\"\n\nfunc tell(err error) {\n\trollbar.Error(err)\n}\n";
    let found = look("a.go", text);
    assert!(
        found.contains(&"rollbar contacted Call rollbar.Error @6".to_owned()),
        "{found:?}"
    );
}

#[test]
fn hosts_whose_pictures_a_framework_may_fetch_are_allowed() {
    let text = "module.exports = { images: { domains: ['res.cloudinary.com'], remotePatterns: [{ protocol: 'https', hostname: '**.mux.com' }] } };\n";
    let found = look("next.config.js", text);
    assert_eq!(
        found,
        [
            "cloudinary allowed by policy Policy res.cloudinary.com @1",
            "mux-video allowed by policy Policy *.mux.com @1",
        ]
    );
}

#[test]
fn what_a_console_or_a_robot_reads_names_no_further_third_party() {
    let text = "{\n  \"client_id\": \"1-a.apps.googleusercontent.com\"\n}\n";
    assert_eq!(
        one("app/google-services.json", text),
        "firebase configured Infrastructure google-services.json @1"
    );
    assert_eq!(one("public/robots.txt", "Host: https://www.new-school.org\n"), "");
}

#[test]
fn names_of_whom_to_trust_and_styles_in_comments_ask_nobody() {
    let text = "Provider.find_by(entity_id: 'https://sts.windows.net/1/')\n";
    assert_eq!(one("app/auth.rb", text), "");
    let style = "<style>\n/* @import \"https://fonts.googleapis.com/css?family=A\"; */\n@import \"https://fonts.googleapis.com/css?family=B\";\n</style>\n";
    let flows: Vec<String> = look("public/a.html", style)
        .into_iter()
        .filter(|one| one.contains(" embedded "))
        .collect();
    assert_eq!(flows, ["google-fonts embedded Resource fonts.googleapis.com @3"]);
}
