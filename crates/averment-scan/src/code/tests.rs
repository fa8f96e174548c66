use super::*;

mod addresses;
mod deployed;
mod hosts;
mod keys;
mod no_flow;
mod own;
mod products;
mod put_together;
mod set_up;

pub(super) fn look(path: &str, text: &str) -> Vec<String> {
    let source = Source {
        path: path.to_owned(),
        class: class_of(path, text.as_bytes()),
        bytes: text.as_bytes().to_vec(),
    };
    let given = look_at(&source, tables(), false);
    given
        .findings
        .iter()
        .map(|one| {
            let parties: Vec<String> = one.parties.iter().map(ToString::to_string).collect();
            format!(
                "{} {} {:?} {} @{}",
                parties.join("+"),
                one.tier.words(),
                one.how,
                one.what,
                one.line
            )
        })
        .collect()
}

#[test]
fn manifests() {
    assert_eq!(
        look("Gemfile", "gem 'twilio-ruby'\ngem 'pusher', group: :test\n"),
        [
            "twilio configured Manifest twilio-ruby @1",
            "pusher dead code Manifest pusher @2"
        ]
    );
}

#[test]
fn settings() {
    assert_eq!(
        look(
            ".env.example",
            "TWILIO_AUTH_TOKEN=\n# see https://www.twilio.com/docs\n"
        ),
        [
            "twilio configured Environment TWILIO_AUTH_TOKEN @1",
            "twilio dead code Host www.twilio.com @2",
        ]
    );
}

#[test]
fn policies() {
    let text = "add_header Content-Security-Policy \"default-src 'self'; connect-src https://api.amplitude.com; frame-ancestors https://www.new-desk.org\";\n";
    assert_eq!(
        look("nginx.conf", text),
        ["amplitude allowed by policy Policy https://api.amplitude.com @1"]
    );
}

#[test]
fn a_manifest_that_is_broken_is_told() {
    for (path, text, said) in [
        (
            "package.json",
            "{\"dependencies\": {\"twilio\":",
            "is no JSON that can be read",
        ),
        ("app/pom.xml", "<project><dependency><gr", "is no XML that can be read"),
        (
            "pyproject.toml",
            "[project\ndependencies = [",
            "is no TOML that can be read",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        let options = CodeOptions {
            cache: Some(folder.path().join(".cache")),
            ..CodeOptions::default()
        };
        // Once as it is read, once as the cache has it.
        for _ in 0..2 {
            let seen = scan(folder.path(), &options, Timestamp::UNIX_EPOCH, &|_| ()).unwrap();
            let told: Vec<_> = seen.coverage.unread.iter().map(|one| one.because.as_str()).collect();
            assert_eq!(told, [said], "{path}");
        }
    }
    for (path, text) in [
        ("package.json", "{}"),
        ("pom.xml", "<project></project>"),
        ("Cargo.toml", ""),
    ] {
        assert_eq!(manifest::broken(path, text), None, "{path}");
    }
}

/// Third party and plane of each observation.
fn planes(files: &[(&str, &str)]) -> Vec<String> {
    let looked = |(path, text): &(&str, &str)| {
        let source = Source {
            path: (*path).to_owned(),
            class: class_of(path, text.as_bytes()),
            bytes: text.as_bytes().to_vec(),
        };
        let given = look_at(&source, tables(), false);
        Looked {
            path: source.path,
            class: source.class,
            digest: [0; 32],
            given,
        }
    };
    let looked: Vec<Looked> = files.iter().map(looked).collect();
    let observations = join::observations(&looked);
    let told = observations.iter().map(|one| format!("{} {:?}", one.party, one.plane));
    told.collect()
}

#[test]
fn planes_of_packages_and_policies() {
    let page = ("pay.html", "<script src=\"https://js.stripe.com/v3/\"></script>\n");
    assert_eq!(
        planes(&[("Gemfile", "gem 'stripe'\n"), page]),
        ["stripe Gateway", "stripe Browser"]
    );
    assert_eq!(
        planes(&[page, ("requirements.txt", "stripe\n")]),
        ["stripe Gateway", "stripe Browser"]
    );
    let policy = "add_header Content-Security-Policy \"connect-src https://api.twilio.com\";\n";
    assert_eq!(planes(&[("nginx.conf", policy)]), ["twilio Browser"]);
    let ruby = "config.csp.connect_src = 'https://api.twilio.com'\n";
    assert_eq!(planes(&[("config/csp.rb", ruby)]), ["twilio Browser"]);
    let ruby = "PROXY_WHITELIST = ['https://api.twilio.com']\n";
    assert_eq!(planes(&[("config/csp.rb", ruby)]), ["twilio Gateway"]);
}

#[test]
fn a_class_of_ruby_is_no_namespace_of_php() {
    let php = "<?php\nuse Gibbon\\Forms\\Form;\nuse Stripe\\Charge;\n$form = Form::create('a');\nGibbon\\Setup::run();\n\\Stripe\\Charge::create($order);\n";
    assert_eq!(
        look("pay.php", php),
        [
            "stripe contacted Import Stripe\\Charge @3",
            "stripe contacted Call Stripe\\Charge::create @6"
        ]
    );
    assert_eq!(
        look("lists.rb", "Gibbon::Request.lists(id).members.create(body: user)\n"),
        ["mailchimp contacted Call Gibbon::Request.lists.members.create @1"]
    );
}

#[test]
fn data_for_a_start_and_made_up_data_are_not_live() {
    for path in [
        "src/landing/fixtures.ts",
        "src/atoms/question-fixtures.ts",
        "app/mock_data.py",
        "src/utils/seed/people.ts",
        "db/seeds.rb",
        "packages/storybook/src/mail.ts",
        "prototypes/picker/index.html",
        "lib/vis/dist/vis.js",
        "GNU-AGPL-3.0",
        ".env.test",
    ] {
        assert_ne!(class_of(path, b""), Class::Live, "{path}");
    }
    for path in [
        "src/fixture_list.ts",
        "app/seeding.rb",
        "src/prototype.ts",
        "src/mocksmith.py",
        "lib/license_check.rb",
    ] {
        assert_eq!(class_of(path, b""), Class::Live, "{path}");
    }
}

#[test]
fn addresses_that_are_shown_asked_or_only_meant() {
    let one = |path: &str, text: &str| look(path, text).join("; ");
    for (path, text, expected) in [
        (
            "a.tsx",
            "export const A = () => <Link to=\"https://www.twilio.com/log\">a</Link>;\n",
            "twilio linked only Link www.twilio.com @1",
        ),
        (
            "a.ts",
            "export const field = { placeholder: '<iframe src=\"https://player.vimeo.com/video/1\">' };\n",
            "",
        ),
        (
            "a.ts",
            "const options = { method: 'POST', url: 'https://sync.new-roster.org/v1', data };\n",
            "new-roster.org contacted Host sync.new-roster.org @1",
        ),
        (
            "a.ts",
            "const options = { url: 'https://sync.new-roster.org/v1' };\n",
            "new-roster.org linked only Link sync.new-roster.org @1",
        ),
        (
            "a.svelte",
            "<style>\n@import url('https://fonts.googleapis.com/css2?family=Inter');\n</style>\n",
            "google-fonts embedded Resource fonts.googleapis.com @2",
        ),
        (
            "a.html",
            "<link rel=\"preconnect\" href=\"https://fonts.gstatic.com\">\n",
            "google-fonts embedded Resource fonts.gstatic.com @1",
        ),
        (
            "a.py",
            "SCOPES = ['https://www.googleapis.com/auth/calendar']\n",
            "google-workspace configured Host https://www.googleapis.com/auth/calendar @1",
        ),
        (
            "a.py",
            "RSS = 'https://curve.mit.edu/rss.xml'\n",
            "mit.edu linked only Link curve.mit.edu @1",
        ),
        (
            "a.py",
            "shown = 'https://www.gravatar.com/avatar/' + digest\n",
            "gravatar embedded Resource www.gravatar.com @1",
        ),
        (
            "plan.yml",
            "- Editor von [Trello](https://api.trello.com/1)\n",
            "trello linked only Link api.trello.com @1",
        ),
        (
            "jsrepo.json",
            "{\n  \"$schema\": \"https://unpkg.com/jsrepo/schema.json\"\n}\n",
            "",
        ),
    ] {
        assert_eq!(one(path, text), expected, "{path}: {text}");
    }
}

#[test]
fn types_are_no_use_of_a_package() {
    let text = "import { ErrorEvent, EventHint } from '@sentry/core';\nexport const before = (event: ErrorEvent, hint: EventHint) => event;\n";
    assert_eq!(look("src/a.ts", text), ["sentry dead code Import @sentry/core @1"]);
    let text = "import { Stripe } from 'stripe';\nlet one: Stripe;\none = new Stripe(key);\n";
    assert!(look("src/a.ts", text)[0].starts_with("stripe contacted Import"));
    let manifest = "{\"dependencies\": {\"@types/gtag.js\": \"1\"}}\n";
    assert_eq!(
        look("package.json", manifest)
            .iter()
            .filter(|one| !one.contains(" dead "))
            .count(),
        0
    );
}

#[test]
fn images_and_where_they_are_kept() {
    let docker = "FROM --platform=linux/amd64 datadog/agent:7 AS agent\nFROM ${HUB}/newrelic/infrastructure\nFROM docker.io/cloudflare/cloudflared:1\nFROM ruby:3\n";
    assert_eq!(
        look("docker/Dockerfile", docker),
        [
            "datadog configured Infrastructure datadog/agent @1",
            "new-relic configured Infrastructure ${HUB}/newrelic/infrastructure @2",
            "cloudflare configured Infrastructure docker.io/cloudflare/cloudflared @3",
        ]
    );
    let workflow = "jobs:\n  push:\n    steps:\n      - uses: docker/login-action@v3\n        with:\n          registry: ghcr.io\n      - uses: docker/login-action@v3\n";
    assert_eq!(
        look(".github/workflows/push.yml", workflow),
        [
            "github configured Host ghcr.io @6",
            "docker-hub configured Workflow docker/login-action @7"
        ]
    );
}

#[test]
fn products_that_one_constructor_opens() {
    let text = "import boto3\nclass Post:\n    def __init__(self):\n        self.mail = boto3.client('ses')\n        self.files = boto3.resource('s3')\n\n    def send(self, text):\n        self.mail.send_email(Message=text)\n        found = self.files.get(Key=text)\n        return found.get('Body')\n";
    let found = look("post.py", text);
    assert!(
        found.contains(&"aws-ses contacted Call boto3.client @4".to_owned()),
        "{found:#?}"
    );
    assert!(
        found.contains(&"aws-s3 contacted Call boto3.resource @5".to_owned()),
        "{found:#?}"
    );
}

#[test]
fn an_address_stands_where_it_is_written() {
    let text = "PROMPT = \"\"\"Use\\n these:\\n\\\n- <script src=\"https://cdn.new-desk.org/a.js\"></script>\n- <script src=\"https://cdn.new-logs.org/b.js\"></script>\n\"\"\"\n";
    assert_eq!(
        look("app/prompt.py", text),
        [
            "new-desk.org embedded Script cdn.new-desk.org @2",
            "new-logs.org embedded Script cdn.new-logs.org @3",
        ]
    );
}

#[test]
fn what_only_prepares_or_catches_is_no_contact() {
    assert_eq!(
        look(
            "app/files.py",
            "import botocore.config\nfrom botocore.exceptions import ClientError\nc = botocore.config.Config(retries=1)\ntry:\n    pass\nexcept ClientError:\n    pass\n"
        )
        .iter()
        .filter(|one| one.contains("contacted Call") || one.contains("ClientError"))
        .count(),
        0
    );
    let go = "package a\n\nimport \"github.com/google/go-github/v62/github\"\n\nfunc f(c *github.Client) {\n\tu := &github.User{Login: github.String(\"x\")}\n\tc.Do(u)\n}\n";
    assert!(
        look("scm/a.go", go).iter().all(|one| !one.contains("Call")),
        "{:?}",
        look("scm/a.go", go)
    );
}

#[test]
fn what_is_written_down_for_others_is_no_flow() {
    let migration = "def upgrade():\n    replace(\"token_url\", \"https://api.new-desk.org/login/oauth2/token\")\n";
    assert_eq!(
        look("lms/migrations/versions/1_urls.py", migration),
        ["new-desk.org linked only Host api.new-desk.org @2"]
    );
    assert_eq!(
        look(
            "src/main/resources/seen.json",
            "[\n {\"Host\": \"api.twilio.com\"}\n]\n"
        ),
        ["twilio linked only Link api.twilio.com @2"]
    );
    assert!(
        look(
            "db/change.xml",
            "<a xmlns=\"http://www.new-desk.org/xml/ns/a\" b=\"http://www.new-desk.org/a.xsd\"/>\n"
        )
        .is_empty()
    );
    for path in ["config/a.py", "config/a.properties"] {
        assert_eq!(
            look(path, "CATALOG_URL = 'http://catalog.new-desk.org:18160/'\n"),
            ["new-desk.org linked only Link catalog.new-desk.org @1"],
            "{path}"
        );
    }
    assert_eq!(
        look(
            ".github/workflows/deploy.yml",
            "jobs:\n  a:\n    with:\n      github_environment_url: https://new-desk.instructure.com/courses/1\n"
        ),
        ["canvas linked only Link new-desk.instructure.com @4"]
    );
}

#[test]
fn what_tells_of_errors_is_no_class_of_errors() {
    let text = "import { captureException } from '@sentry/browser';\nwork().catch(captureException);\n";
    assert_eq!(look("src/a.ts", text), ["sentry contacted Import @sentry/browser @1"]);
}

#[test]
fn a_signature_makes_no_wrapper_doubtful() {
    let wrappers = |path: &str, text: &str| {
        let source = Source {
            path: path.to_owned(),
            class: class_of(path, text.as_bytes()),
            bytes: text.as_bytes().to_vec(),
        };
        let given = look_at(&source, tables(), true);
        let names = given.wrappers.into_iter().map(|one| one.name);
        names.collect::<Vec<_>>()
    };
    let ask = "export function track(event: any) {\n  fetch('https://in.new-desk.org/a', { body: event });\n}\n";
    let signatures =
        "export function track(event: string): void;\nexport function track(event: number): { id: string };\n";
    assert_eq!(wrappers("lib/a.ts", &format!("{signatures}{ask}")), ["track"]);
    let silent = "export function track(event: any) {\n  kept = event;\n}\n";
    assert!(wrappers("lib/a.ts", &format!("{silent}{ask}")).is_empty());
    let python = "import requests\nfrom typing import overload\n@overload\ndef track(event: str) -> None: ...\ndef track(event):\n    requests.post('https://in.new-desk.org/a', event)\n";
    assert_eq!(wrappers("lib/a.py", python), ["track"]);
    let python = python.replace("...", "print(event)");
    assert!(wrappers("lib/a.py", &python).is_empty());
}
