use super::*;

fn look(path: &str, text: &str) -> Vec<String> {
    let source = Source {
        path: path.to_owned(),
        class: class_of(path),
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
            class: class_of(path),
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
