//! Planted applications: every third party at every line with its tier, as labels that were written from the files say, and
//! nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use averment_scan::Seen;
use averment_scan::code::{CodeOptions, Limits, scan};
use jiff::Timestamp;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn look(app: &str, options: &CodeOptions) -> Seen {
    scan(&fixtures().join(app), options, Timestamp::UNIX_EPOCH, &|_| {}).unwrap()
}

/// `party tier file:line`.
fn found(seen: &Seen) -> BTreeSet<String> {
    let evidence = seen
        .observations
        .iter()
        .flat_map(|one| one.evidence.iter().map(move |evidence| (&one.party, evidence)));
    evidence
        .map(|(party, evidence)| {
            let tier = evidence.tier.words().split(' ').next().unwrap_or_default();
            format!(
                "{party} {tier} {}:{}",
                evidence.spot.file,
                evidence.spot.line.unwrap_or(0)
            )
        })
        .collect()
}

/// What the labels say: what has to be found, and places where nothing may be.
fn labelled(app: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let text = std::fs::read_to_string(fixtures().join(format!("{app}.labels"))).unwrap();
    let (mut expected, mut nothing) = (BTreeSet::new(), BTreeSet::new());
    for label in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = label.splitn(4, '|').map(str::trim).collect();
        let [party, tier, file, snippet] = fields.as_slice() else {
            panic!("`{label}`: expected four fields")
        };
        let source = std::fs::read_to_string(fixtures().join(app).join(file)).unwrap();
        let line = source.lines().position(|line| line.contains(snippet));
        let place = format!(
            "{file}:{}",
            line.unwrap_or_else(|| panic!("`{snippet}` is not in {file}")) + 1
        );
        if *party == "nothing" {
            nothing.insert(place);
        } else {
            expected.insert(format!("{party} {tier} {place}"));
        }
    }
    (expected, nothing)
}

#[track_caller]
fn check(app: &str) {
    let seen = look(app, &CodeOptions::default());
    let (found, (expected, nothing)) = (found(&seen), labelled(app));
    let missed: Vec<_> = expected.difference(&found).collect();
    let wrong: Vec<_> = found.difference(&expected).collect();
    assert!(
        missed.is_empty() && wrong.is_empty(),
        "missed {missed:#?}\nwrong {wrong:#?}"
    );
    let flows = expected
        .iter()
        .filter(|one| one.contains(" contacted ") || one.contains(" embedded "))
        .count();
    let alike = expected.len() - flows + nothing.len();
    assert!(flows >= 20 && alike >= 20, "{flows} flows, {alike} look-alikes");
}

#[test]
fn the_rails_application_is_read_without_a_miss_or_a_false_one() {
    check("rails");
}

#[test]
fn the_django_application_is_read_without_a_miss_or_a_false_one() {
    check("django");
}

#[test]
fn the_node_application_is_read_without_a_miss_or_a_false_one() {
    check("node");
}

#[test]
fn the_filter_loses_nothing() {
    for app in ["rails", "django", "node"] {
        let unfiltered = CodeOptions {
            unfiltered: true,
            ..CodeOptions::default()
        };
        assert_eq!(look(app, &CodeOptions::default()), look(app, &unfiltered), "{app}");
    }
}

#[test]
fn the_cache_and_the_number_of_threads_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cached = CodeOptions {
        cache: Some(folder.path().to_path_buf()),
        ..CodeOptions::default()
    };
    let first = look("rails", &cached);
    assert_eq!(first, look("rails", &cached));
    let limits = Limits {
        threads: 1,
        ..Limits::default()
    };
    assert_eq!(
        first,
        look(
            "rails",
            &CodeOptions {
                limits,
                ..CodeOptions::default()
            }
        )
    );
}

#[test]
fn elements_are_read_where_the_call_shows_them() {
    let seen = look("rails", &CodeOptions::default());
    let passed: BTreeSet<String> = seen
        .observations
        .iter()
        .flat_map(|one| {
            one.passed
                .iter()
                .map(move |passed| format!("{} {} {}", one.party, passed.element, passed.spot.file))
        })
        .collect();
    let expected = [
        "honeybadger account.id app/services/crash.rb",
        "honeybadger contact.email app/services/crash.rb",
        "mailgun contact.email app/services/newsletter.rb",
        "stripe contact.email app/services/billing.rb",
        "twilio guardian.phone app/jobs/remind_guardian_job.rb",
    ];
    for one in expected {
        assert!(passed.contains(one), "{one} is not in {passed:#?}");
    }
}

#[test]
fn a_folder_with_nothing_to_read_is_no_clean_one() {
    let folder = tempfile::tempdir().unwrap();
    let look = || scan(folder.path(), &CodeOptions::default(), Timestamp::UNIX_EPOCH, &|_| {}).unwrap();
    assert!(!look().coverage.saw_something());
    std::fs::write(folder.path().join("a.png"), [0; 100]).unwrap();
    std::os::unix::fs::symlink("/etc", folder.path().join("outside")).unwrap();
    let coverage = look().coverage;
    assert!(!coverage.saw_something());
    assert_eq!(
        (
            coverage.read,
            coverage.left_out.get("links"),
            coverage.left_out.get("binary")
        ),
        (0, Some(&1), Some(&1))
    );
}

/// Runs git, which is the judge of what is in a repository.
fn git(folder: &Path, arguments: &[&str]) {
    let ran = std::process::Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn a_line_in_an_ignore_file_hides_nothing_that_is_in_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let call = "fetch('https://api.openai.com/v1')\n";
    for name in [
        "app/seen.js",
        "app/hidden.js",
        "venv/hidden.js",
        "node_modules/a/index.js",
        ".yarn/releases/yarn-4.cjs",
    ] {
        write(name, call);
    }
    write(".gitignore", "hidden.js\nlocal.js\n");
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-f", "."]);
    write("app/local.js", call);
    write("app/deleted.js", call);
    git(folder.path(), &["add", "app/deleted.js"]);
    std::fs::remove_file(folder.path().join("app/deleted.js")).unwrap();
    std::os::unix::fs::symlink("/etc", folder.path().join("etc")).unwrap();
    let look = || scan(folder.path(), &CodeOptions::default(), Timestamp::UNIX_EPOCH, &|_| {}).unwrap();
    let seen = look();
    let files: BTreeSet<&str> = seen
        .observations
        .iter()
        .flat_map(|one| one.evidence.iter().map(|evidence| evidence.spot.file.as_str()))
        .collect();
    assert_eq!(files, ["app/hidden.js", "app/seen.js", "venv/hidden.js"].into());
    let packages = "in the repository, and in folders of packages";
    assert_eq!(
        seen.coverage.not_looked_at.get(packages),
        Some(&1),
        "{:?}",
        seen.coverage
    );
    assert_eq!(seen.coverage.read, 4);
    // Without git there is nobody to say what is kept.
    std::fs::write(folder.path().join(".git/index"), "DIRC, and nothing more").unwrap();
    let broken = look();
    assert!(
        broken.coverage.unread[0].spot.file.ends_with(".git/index"),
        "{:?}",
        broken.coverage
    );
}

#[test]
fn hostile_files_end_and_lose_nothing_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("deep.js", "(".repeat(100_000).as_bytes());
    write("deep.json", "[".repeat(100_000).as_bytes());
    write("package.json", "{\"dependencies\":".repeat(10_000).as_bytes());
    write("wide.rb", "https://".repeat(100_000).as_bytes());
    write("bytes.py", &[0xff, 0xfe, 0x41, 0x80].repeat(10_000));
    write("good.html", b"<script src=\"https://js.stripe.com/v3\"></script>");
    write("\u{1b}[31m.rb", b"fetch('https://api.openai.com/v1')\n");
    let seen = scan(folder.path(), &CodeOptions::default(), Timestamp::UNIX_EPOCH, &|_| {}).unwrap();
    assert!(
        found(&seen).contains("stripe embedded good.html:1"),
        "{:#?}",
        found(&seen)
    );
}

/// The findings of a repository that holds these files.
fn found_in(files: &[(&str, &str)]) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    found(&scan(folder.path(), &CodeOptions::default(), Timestamp::UNIX_EPOCH, &|_| {}).unwrap())
}

#[test]
fn a_gem_that_the_program_does_not_have_is_not_called() {
    let call = ("config/production.rb", "Sentry.capture_exception error\n");
    let without = ("Gemfile.lock", "GEM\n  specs:\n    rails (8.0.0)\n");
    let with = ("Gemfile.lock", "GEM\n  specs:\n    sentry-ruby (5.0.0)\n");
    let dead = "sentry dead config/production.rb:1";
    let live = "sentry contacted config/production.rb:1";
    assert!(found_in(&[call, without]).contains(dead));
    assert!(found_in(&[call, with]).contains(live));
    // Nothing says what the program has.
    assert!(found_in(&[call]).contains(live));
    // Another program's lock file says nothing of this one.
    assert!(found_in(&[call, ("docs/Gemfile.lock", without.1)]).contains(live));
    // A gem that the catalog does not list, and that is called like those it does.
    let added = ("Gemfile.lock", "GEM\n  specs:\n    sentry-new_queue (5.0.0)\n");
    assert!(found_in(&[call, added]).contains(live));
}

#[test]
fn a_host_of_a_policy_that_products_share_is_the_one_s_that_something_shows() {
    let policy = (
        "nginx.conf",
        "add_header Content-Security-Policy \"script-src https://www.gstatic.com\";\n",
    );
    let captcha = (
        "captcha.py",
        "import requests\nrequests.post('https://www.google.com/recaptcha/api/siteverify')\n",
    );
    assert_eq!(
        found_in(&[policy]),
        ["gstatic.com allowed nginx.conf:1".to_owned()].into()
    );
    assert!(found_in(&[policy, captcha]).contains("google-recaptcha allowed nginx.conf:1"));
}

#[test]
fn where_products_get_their_tokens_from_is_a_sign_in_unless_something_says_else() {
    let token = (
        "auth.py",
        "import requests\nrequests.post('https://oauth2.googleapis.com/token')\n",
    );
    let storage = (
        "files.py",
        "import requests\nrequests.get('https://firestore.googleapis.com/v1')\n",
    );
    assert_eq!(
        found_in(&[token]),
        ["google-sign-in contacted auth.py:2".to_owned()].into()
    );
    assert!(found_in(&[token, storage]).contains("firebase contacted auth.py:2"));
}
