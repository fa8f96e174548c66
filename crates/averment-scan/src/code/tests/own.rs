//! What a repository says is its own.

use super::super::own::{Saying, Sign, signs};
use super::*;

fn said(path: &str, text: &str) -> Vec<String> {
    let class = class_of(path, text.as_bytes());
    let tell = |sign: Sign| match sign.says {
        Saying::Domain(domain, word) => format!("{domain} by {word} @{}", sign.line),
        Saying::Name(name) => format!("named {name} @{}", sign.line),
    };
    signs(path, class, text).into_iter().map(tell).collect()
}

#[test]
fn settings_say_whose_the_hosts_are() {
    let package = "{\n\"name\": \"@new-desk/app\",\n\"homepage\": \"https://www.new-desk.org/app\",\n\"repository\": \"github:x\"\n}";
    for (path, text, expected) in [
        (
            "package.json",
            package,
            &["new-desk.org by homepage @3", "named new-desk @2"][..],
        ),
        ("lib/own/package.json", package, &[]),
        (
            "package.json",
            "{\"homepage\": \"https://github.com/new-desk/app#readme\"}",
            &[],
        ),
        (
            "package.json",
            "{\"homepage\": \"https://new-desk.github.io/app\"}",
            &[],
        ),
        (
            "composer.json",
            "{\"repository\": {\"url\": \"git+https://github.com/NewDesk/app.git\"}}",
            &["named newdesk @1"],
        ),
        ("docs/CNAME", "learn.new-desk.org\n", &["new-desk.org by CNAME @1"]),
        (
            "school/settings.py",
            "ALLOWED_HOSTS = ['.new-desk.org', 'localhost']\n",
            &["new-desk.org by ALLOWED_HOSTS @1"],
        ),
        ("school/settings.py", "# ALLOWED_HOSTS = ['new-desk.org']\n", &[]),
        (
            "school/settings.py",
            "DEFAULT_FROM_EMAIL = 'Desk <help@mail.new-desk.org>'\n",
            &["new-desk.org by DEFAULT_FROM_EMAIL @1"],
        ),
        ("tests/settings.py", "ALLOWED_HOSTS = ['new-desk.org']\n", &[]),
        (
            "config/environments/production.rb",
            "config.action_mailer.default_url_options = { host: \"new-desk.org\" }\n",
            &["new-desk.org by default_url_options @1"],
        ),
        // Somebody of the catalog is nobody's own by a line of settings.
        (
            "config/environments/production.rb",
            "config.action_mailer.default_url_options = { host: \"app.intercom.io\" }\n",
            &[],
        ),
        (
            "nginx/app.conf",
            "server_name learn.new-desk.org;\n",
            &["new-desk.org by server_name @1"],
        ),
        (
            "app/build.gradle",
            "applicationId \"org.newdesk.student\"\n",
            &["newdesk.org by applicationId @1"],
        ),
        (
            "app/build.gradle",
            "namespace = \"com.instructure.student\"\n",
            &["instructure.com by namespace @1"],
        ),
        ("app/models.py", "namespace = 'org.newdesk.student'\n", &[]),
        (
            "README.md",
            "[ci](https://github.com/new-desk/app/actions) [cov](https://github.com/new-desk/app) [x](https://github.com/other/lib)\n",
            &["named new-desk @1"],
        ),
        (
            "README.md",
            "https://github.com/TheDesk/newdesk-ios/ https://github.com/TheDesk/newdesk-ios/issues\n",
            &["named thedesk @1", "named newdesk @1"],
        ),
        (
            "README.md",
            "https://github.com/thedesk/slack-invites/ https://github.com/thedesk/slack-invites/issues\n",
            &["named thedesk @1"],
        ),
        ("README.md", "See https://github.com/other/lib/\n", &[]),
    ] {
        assert_eq!(said(path, text), expected, "{path}: {text}");
    }
}

/// The third parties of a folder with these files, and what it says is its own.
fn parted(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().expect("below")).expect("a folder");
        std::fs::write(file, text).expect("a file");
    }
    let seen = scan(folder.path(), &CodeOptions::default(), Timestamp::UNIX_EPOCH, &|_| {}).expect("a look");
    let live = seen
        .observations
        .iter()
        .filter(|one| one.evidence.iter().any(|one| one.tier > Tier::Linked));
    let others = live.map(|one| one.party.to_string()).collect();
    let own = seen.own.iter().map(|one| {
        let parties: Vec<String> = one.observations.iter().map(|one| one.party.to_string()).collect();
        format!(
            "{} ({}, {}): {}",
            one.domain,
            one.spot.file,
            one.because,
            parties.join(" ")
        )
    });
    (others, own.collect())
}

#[test]
fn what_a_repository_says_is_its_own_is_set_apart() {
    let code = "fetch('https://api.new-desk.org/x'); fetch('https://api.old-desk.org/x'); fetch('https://api.hypothes.is/x')\n";
    let readme = "https://github.com/hypothesis/app/ https://github.com/hypothesis/app/issues\n";
    let homepage = "{\"homepage\": \"https://new-desk.org\"}";
    assert_eq!(
        parted(&[("src/a.js", code), ("package.json", homepage)]),
        (
            vec!["hypothesis".to_owned(), "old-desk.org".to_owned()],
            vec!["new-desk.org (package.json, homepage): new-desk.org".to_owned()]
        )
    );
    let beside = "fetch('https://user-cdn.hypothesis-assets.com/x'); fetch('https://api.hypothesisless.com/x')\n";
    let (others, own) = parted(&[("src/a.js", beside), ("README.md", readme)]);
    assert_eq!(others, ["hypothesisless.com"]);
    assert_eq!(own.len(), 1, "{own:?}");
    let judge = "https://github.com/judge0/judge0/ https://github.com/judge0/judge0/issues\n";
    let lent = "fetch('https://judge0-ce.p.rapidapi.com/x')\n";
    let (others, own) = parted(&[("src/a.js", lent), ("README.md", judge)]);
    assert_eq!(others, ["judge0"], "{own:?}");
    let scratch = "{\"repository\": \"https://github.com/scratchfoundation/scratch-gui.git\"}";
    let pupils = "fetch('https://cdn.assets.scratch.mit.edu/x')\n";
    let (others, own) = parted(&[("src/a.js", pupils), ("package.json", scratch)]);
    assert_eq!((others.len(), own.len()), (0, 1), "{others:?} {own:?}");
    let config = "[remote \"origin\"]\n\turl = git@github.com:old-desk/app.git\n";
    assert_eq!(
        parted(&[("src/a.js", code), (".git/config", config), ("README.md", readme)]),
        (
            vec!["new-desk.org".to_owned()],
            vec![
                "hypothes.is (README.md, called like its owner `hypothesis`): hypothesis".to_owned(),
                "old-desk.org (.git/config, called like its owner `old-desk`): old-desk.org".to_owned(),
            ]
        )
    );
}
