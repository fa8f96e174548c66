//! Hosts, keys and modules that are named in a roundabout way: in helpers of a policy, in values of settings, with where a module lies.

use super::*;

fn one(path: &str, text: &str) -> String {
    look(path, text).join("; ")
}

#[test]
fn a_policy_is_one_in_whatever_helpers() {
    let text = "def video_csp\n  { frame: 'https://www.youtube.com' }\nend\ndef slides\n  { frame: %w[slideshare.net *.slideshare.net] }\nend\n";
    assert_eq!(
        look("config/initializers/content_security_policy.rb", text),
        [
            "youtube allowed by policy Policy https://www.youtube.com @2",
            "slideshare allowed by policy Policy slideshare.net @5",
            "slideshare allowed by policy Policy *.slideshare.net @5",
        ]
    );
    assert_eq!(
        one(
            "options.py",
            "D = {'CSP_HOST_SOURCES': 'https://fonts.gstatic.com,https://cdn.crowdin.com'}\n"
        ),
        "google-fonts allowed by policy Policy https://fonts.gstatic.com @1; crowdin allowed by policy Policy https://cdn.crowdin.com @1"
    );
}

#[test]
fn keys_in_values_of_settings() {
    for (path, text, expected) in [
        (
            "config/settings.yml",
            "board:\n  api_token: <%= ENV['TRELLO_API_TOKEN'] %>\n",
            "trello configured Environment TRELLO_API_TOKEN @2",
        ),
        (
            "config.toml",
            "pass = \"env(SENDGRID_API_KEY)\"\n",
            "sendgrid configured Environment SENDGRID_API_KEY @1",
        ),
        // A key that says the same as its value is told once.
        (
            "docker-compose.yml",
            "    SENDGRID_API_KEY: ${SENDGRID_API_KEY}\n",
            "sendgrid configured Environment SENDGRID_API_KEY @1",
        ),
        ("settings.yml", "note: SENDGRID_API_KEY is needed\n", ""),
        ("settings.yml", "keys: [SENDGRID_API_KEY, SENDGRID_ENVIRONMENT]\n", ""),
    ] {
        assert_eq!(one(path, text), expected, "{path}: {text}");
    }
}

#[test]
fn keys_that_a_function_of_one_s_own_is_asked_for() {
    for (path, text, expected) in [
        (
            "desk/settings.py",
            "DSN = get_string('SENTRY_DSN', '')\n",
            "sentry configured Environment SENTRY_DSN @1",
        ),
        (
            "src/a.ts",
            "const id = Configuration.get('SENTRY_DSN');\n",
            "sentry configured Environment SENTRY_DSN @1",
        ),
        (
            "desk/settings.py",
            "import os\nD = os.environ['SENTRY_DSN']\n",
            "sentry configured Environment SENTRY_DSN @2",
        ),
        (
            "desk/settings.py",
            "D = os.environ.get('SENTRY_DSN')\n",
            "sentry configured Environment SENTRY_DSN @1",
        ),
        (
            "desk/a.rb",
            "D = ENV.fetch('SENTRY_DSN')\n",
            "sentry configured Environment SENTRY_DSN @1",
        ),
        ("src/a.ts", "console.log('SENTRY_DSN is missing');\n", ""),
    ] {
        assert_eq!(one(path, text), expected, "{path}: {text}");
    }
}

#[test]
fn modules_that_say_where_they_lie() {
    assert_eq!(
        look(
            "supabase/functions/rank/index.ts",
            "import Stripe from 'https://esm.sh/stripe@17?target=deno';\nnew Stripe(key);\n"
        ),
        [
            "esm-sh contacted Import esm.sh @1",
            "stripe contacted Import https://esm.sh/stripe@17?target=deno @1",
            "stripe contacted Call Stripe @2",
        ]
    );
    assert_eq!(
        look("src/a.ts", "import Stripe from 'npm:stripe@17';\nnew Stripe(key);\n"),
        [
            "stripe contacted Import npm:stripe@17 @1",
            "stripe contacted Call Stripe @2"
        ]
    );
}

#[test]
fn what_is_called_like_a_vendor_and_is_not() {
    for (path, text) in [
        ("app/a.rb", "Vimeo::ResolveEmbedCodeJob.set(wait: 1).perform_later(1)\n"),
        ("app/a.rb", "Vimeo::UploadService.new(school).upload\n"),
        (
            "a.js",
            "const verbs = { 'accessed-embed': 'http://h5p.org/x-api/verbs/accessed-embed' };\n",
        ),
    ] {
        assert_eq!(one(path, text), "", "{path}: {text}");
    }
}

#[test]
fn a_template_of_settings_is_read_as_settings() {
    assert_eq!(
        one(
            "roles/init/templates/config.yml.j2",
            "jwksEndpoint: https://id.new-roster.org/certs\n"
        ),
        "new-roster.org configured Host id.new-roster.org @1"
    );
    assert_eq!(
        one(
            "roles/init/templates/job.yml.j2",
            "apiVersion: v1\nkind: Job\nimage: quay.io/new-roster/tools:1\n"
        ),
        "quay configured Infrastructure quay.io/new-roster/tools @3; quay configured Host quay.io @3"
    );
}

#[test]
fn the_index_of_a_submodule_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let git = |at: &Path, arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(at).env("GIT_CONFIG_NOSYSTEM", "1");
        command.args([
            "-c",
            "user.name=Desk",
            "-c",
            "user.email=desk@desk.example",
            "-c",
            "protocol.file.allow=always",
        ]);
        assert!(command.args(arguments).output().unwrap().status.success());
    };
    let (inner, outer) = (folder.path().join("inner"), folder.path().join("outer"));
    for one in [&inner, &outer] {
        std::fs::create_dir_all(one).unwrap();
        git(one, &["init", "-q"]);
    }
    std::fs::write(inner.join("kept.env"), "TWILIO_AUTH_TOKEN=\n").unwrap();
    git(&inner, &["add", "-A"]);
    git(&inner, &["commit", "-qm", "all"]);
    git(&outer, &["submodule", "--quiet", "add", inner.to_str().unwrap(), "sub"]);
    std::fs::write(outer.join(".gitignore"), "*.env\n").unwrap();
    let seen = scan(&outer, &CodeOptions::default(), Timestamp::UNIX_EPOCH, &|_| ()).unwrap();
    let told: Vec<String> = seen.observations.iter().map(|one| one.party.to_string()).collect();
    assert_eq!(told, ["twilio"]);
    assert!(seen.coverage.unread.is_empty(), "{:?}", seen.coverage.unread);
}

fn of_files(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let seen = scan(folder.path(), &CodeOptions::default(), Timestamp::UNIX_EPOCH, &|_| ()).unwrap();
    let told = |one: &crate::Observation| {
        let live = one.evidence.iter().filter(|evidence| evidence.tier.is_flow());
        live.map(|evidence| format!("{} {} {}", one.party, evidence.tier.words(), evidence.spot.file))
            .collect::<Vec<_>>()
    };
    seen.observations.iter().flat_map(told).collect()
}

#[test]
fn an_address_in_a_constant_is_asked_by_whoever_hands_it_to_a_request() {
    let rank = "RANK_PLACE = 'https://rank.new-roster.org/v1'\n";
    let python = "import requests\nfrom .config import RANK_PLACE\n\ndef ask(x):\n    return requests.post(RANK_PLACE + '/a', json=x)\n";
    let whole = "import requests\nfrom desk import config\n\ndef ask(x):\n    return requests.post(config.RANK_PLACE, json=x)\n";
    for (path, text) in [("desk/ask.py", python), ("desk/ask.py", whole)] {
        assert_eq!(
            of_files(&[("desk/config.py", rank), (path, text)]),
            ["new-roster.org contacted desk/ask.py"],
            "{text}"
        );
    }
    let script = "export const RANK_PLACE = 'https://rank.new-roster.org/v1';\n";
    let asks = "import { RANK_PLACE } from './config';\nexport const ask = () => fetch(`${RANK_PLACE}/a`);\n";
    let found = of_files(&[("server/config.ts", script), ("server/ask.ts", asks)]);
    assert_eq!(found, ["new-roster.org contacted server/ask.ts"]);
    // Of another module, or shown and not asked.
    for asks in [
        "import { RANK_PLACE } from './other';\nexport const ask = () => fetch(`${RANK_PLACE}/a`);\n",
        "import { RANK_PLACE } from './config';\nexport const ask = () => console.log(RANK_PLACE);\n",
    ] {
        assert_eq!(
            of_files(&[("server/config.ts", script), ("server/ask.ts", asks)]),
            [""; 0],
            "{asks}"
        );
    }
}

#[test]
fn an_address_is_put_together_within_a_file() {
    for text in [
        "const PLACE = 'https://rank.new-roster.org';\nexport const ask = (x) => fetch(`${PLACE}/v1/${x}`);\n",
        "const PLACE = 'https://rank.new-roster.org';\nexport function ask(x) {\n  const url = PLACE + '/v1';\n  return fetch(url);\n}\n",
    ] {
        assert_eq!(
            one("server/a.ts", text),
            "new-roster.org contacted Host rank.new-roster.org @1",
            "{text}"
        );
    }
}

#[test]
fn a_file_that_a_service_reads_by_its_name_says_that_it_is_set_up() {
    for (path, expected) in [
        (".travis.yml", "travis-ci configured Infrastructure .travis.yml @1"),
        ("web/vercel.json", "vercel configured Infrastructure vercel.json @1"),
        (
            ".circleci/config.yml",
            "circleci configured Infrastructure .circleci/config.yml @1",
        ),
        ("docs/vercel.json", ""),
        ("catalog/data/third-parties/vercel.json", ""),
        ("config.yml", ""),
    ] {
        assert_eq!(one(path, "{}\n"), expected, "{path}");
    }
}
