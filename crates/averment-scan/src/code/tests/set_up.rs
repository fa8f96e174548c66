//! Third parties that show by what is set up: files that they read by name, registries, hosts whose first label comes at run time.

use super::*;

#[test]
fn files_that_a_service_reads_by_their_name() {
    for (path, text, party) in [
        ("renovate.json", "{}", "renovate"),
        (".github/renovate.json5", "{}", "renovate"),
        (".mergify.yml", "pull_request_rules: []", "mergify"),
        (".hound.yml", "ruby:\n  enabled: true", "hound-ci"),
        (".readthedocs.yaml", "version: 2", "read-the-docs"),
        (".semaphore/semaphore.yml", "version: v1.0", "semaphore-ci"),
        ("sonar-project.properties", "sonar.organization=desk", "sonarcloud"),
        ("app.json", "{\"buildpacks\": []}", "heroku"),
    ] {
        let name = path.rsplit('/').next().unwrap();
        let what = if path.contains("semaphore") { path } else { name };
        let expected = format!("{party} configured Infrastructure {what} @1");
        assert!(look(path, text).contains(&expected), "{path}: {:#?}", look(path, text));
    }
    for (path, text) in [
        ("a/b/c/d/renovate.json", "{}"),
        ("sonar-project.properties", "sonar.sources=src"),
        ("app.json", "{\"expo\": {}}"),
        ("railway.json", "{\"stations\": []}"),
    ] {
        assert!(look(path, text).is_empty(), "{path}: {:#?}", look(path, text));
    }
}

#[test]
fn a_first_label_that_is_put_in_at_run_time() {
    for (path, text, expected) in [
        (
            "web/comments.ts",
            "insertScript(`https://${name}.disqus.com/embed.js`);\n",
            "disqus embedded Script *.disqus.com @1",
        ),
        (
            "app/wiki.py",
            "requests.get(f\"https://{language}.wikisource.org/w/api.php\")\n",
            "wikimedia contacted Host *.wikisource.org @1",
        ),
        (
            "app/desk.rb",
            "Net::HTTP.get(URI(\"https://#{tenant}.new-desk.org/api\"))\n",
            "new-desk.org contacted Host *.new-desk.org @1",
        ),
    ] {
        assert_eq!(look(path, text), [expected], "{text}");
    }
    for text in [
        "requests.get(f\"https://{tenant}.{domain}/api\")\n",
        "requests.get(f\"https://{domain}.com/api\")\n",
    ] {
        assert!(
            look("app/desk.py", text).is_empty(),
            "{text}: {:#?}",
            look("app/desk.py", text)
        );
    }
}

#[test]
fn an_address_that_is_made_of_a_text_goes_where_the_text_does() {
    for (path, text) in [
        ("app/desk.rb", "Net::HTTP.get(URI(\"https://www.new-desk.org/list\"))\n"),
        (
            "app/desk.rb",
            "Net::HTTP.get(URI.parse('https://www.new-desk.org/list'))\n",
        ),
        ("web/desk.ts", "fetch(new URL('https://www.new-desk.org/list'));\n"),
    ] {
        assert_eq!(
            look(path, text),
            ["new-desk.org contacted Host www.new-desk.org @1"],
            "{text}"
        );
    }
    let shown = look("app/desk.rb", "redirect_to(URI('https://www.new-desk.org/list'))\n");
    assert!(!shown.iter().any(|one| one.contains("contacted")), "{shown:#?}");
}

#[test]
fn pictures_of_a_map() {
    for (path, text) in [
        (
            "web/Map.tsx",
            "const map = <TileLayer url=\"https://{s}.tile.openstreetmap.org/{z}/{x}/{y}.png\" />;\n",
        ),
        (
            "web/map.ts",
            "const options = { urlTemplate: 'https://{s}.tile.openstreetmap.org/{z}/{x}/{y}.png' };\n",
        ),
    ] {
        let expected = ["openstreetmap embedded Image *.tile.openstreetmap.org @1"];
        assert_eq!(look(path, text), expected, "{path}");
    }
}

#[test]
fn registries_that_a_build_names() {
    assert_eq!(
        look(
            "app/build.gradle",
            "repositories {\n  mavenCentral()\n  maven { url 'https://jitpack.io' }\n}\n"
        ),
        ["jitpack configured Infrastructure jitpack.io @3"]
    );
    assert_eq!(
        look(
            "Gemfile",
            "source 'https://rubygems.org'\nsource 'https://gems.new-desk.org' do\nend\n"
        ),
        ["new-desk.org configured Infrastructure gems.new-desk.org @2"]
    );
    let page = "repositories {\n  mavenCentral()\n}\npom {\n  scm { url = 'https://git.new-desk.org/desk' }\n}\n";
    assert!(
        !look("app/build.gradle", page)
            .iter()
            .any(|one| one.contains(" configured "))
    );
    assert_eq!(
        look(".npmrc", "@desk:registry=https://npm.pkg.github.com\n"),
        ["github configured Infrastructure npm.pkg.github.com @1"]
    );
}

#[test]
fn a_registry_of_images_is_asked_whoever_made_the_image() {
    assert_eq!(
        look(
            "Dockerfile",
            "FROM eu.gcr.io/desk/base:1\nFROM registry.new-desk.org/base\n"
        ),
        [
            "google-cloud configured Infrastructure eu.gcr.io/desk/base @1",
            "new-desk.org configured Infrastructure registry.new-desk.org/base @2",
        ]
    );
    assert_eq!(
        look(
            "Dockerfile",
            "RUN curl -fsSL https://download.docker.com/linux/debian/gpg\n"
        ),
        ["docker-com configured Host download.docker.com @1"]
    );
}

#[test]
fn an_address_of_data_is_asked() {
    assert_eq!(
        look(
            "scripts/books.py",
            "FEED_URL = \"https://open.new-desk.org/textbooks.json?\"\n"
        ),
        ["new-desk.org contacted Host open.new-desk.org @1"]
    );
    assert_eq!(
        look(
            "scripts/books.py",
            "WHERE = \"https://open.new-desk.org/textbooks.json\"\n"
        ),
        ["new-desk.org contacted Host open.new-desk.org @1"]
    );
}

#[test]
fn shared_keys_are_of_the_product_that_shows_where_no_sign_in_does() {
    let keys = (".env.example", "GOOGLE_CLIENT_ID=\nGOOGLE_CLIENT_SECRET=\n");
    let classroom = ("Gemfile", "gem 'google-apis-classroom_v1'\n");
    let sign_in = (
        "web/package.json",
        "{\"dependencies\": {\"passport-google-oauth20\": \"1\"}}",
    );
    let told = |files: &[(&str, &str)]| {
        let told = planes(files).into_iter();
        let mut parties: Vec<String> = told
            .filter_map(|one| one.split(' ').next().map(str::to_owned))
            .collect();
        parties.sort();
        parties.dedup();
        parties
    };
    assert_eq!(told(&[keys]), ["google-sign-in"]);
    assert_eq!(told(&[keys, classroom]), ["google-classroom"]);
    assert_eq!(told(&[keys, sign_in]), ["google-sign-in"]);
}

#[test]
fn modules_that_settings_name_as_text() {
    assert_eq!(
        look(
            "site/settings.py",
            "EMAIL_BACKEND = 'anymail.backends.mailgun.EmailBackend'\nSITE = 'github.com'\n"
        ),
        [
            "mailgun configured Import anymail.backends.mailgun.EmailBackend @1",
            "github linked only Host github.com @2",
        ]
    );
    assert_eq!(
        look(
            "site/settings.py",
            "APPS = [\n  'allauth.socialaccount.providers.google',\n  'stripe.charge',\n]\n"
        ),
        ["google-sign-in configured Import allauth.socialaccount.providers.google @2"]
    );
}

#[test]
fn what_whoever_signs_in_is_asked_to_allow() {
    assert_eq!(
        look(
            "app/oauth.js",
            "const scope = ['openid', 'https://www.googleapis.com/auth/userinfo.email'];\n"
        ),
        ["google-sign-in configured Host https://www.googleapis.com/auth/userinfo. @1"]
    );
    assert_eq!(
        look(
            "app/auth.ts",
            "const options = { issuer: 'https://accounts.google.com' };\n"
        ),
        ["google-sign-in configured Host accounts.google.com @1"]
    );
    assert!(look("app/auth.ts", "const options = { issuer: 'https://new-desk.org' };\n").is_empty());
}

#[test]
fn commands_of_services_in_scripts() {
    for (path, text, expected) in [
        (
            "deploy.sh",
            "set -e\ngcloud run deploy desk\n",
            "google-cloud configured Infrastructure gcloud @2",
        ),
        (
            "deploy.sh",
            "cd a && sudo aws s3 sync . \"$TO\"\n",
            "aws-s3 configured Infrastructure aws s3 @1",
        ),
        (
            "Makefile",
            "release:\n\t@ npx sentry-cli releases new x\n",
            "sentry configured Infrastructure sentry-cli @2",
        ),
        (
            "deploy.sh",
            "bash -c \"cd a && gcloud run deploy\"\n",
            "google-cloud configured Infrastructure gcloud @1",
        ),
        (
            "deploy.sh",
            "echo \"in $(gcloud config get-value project)\"\n",
            "google-cloud configured Infrastructure gcloud @1",
        ),
        (
            "Makefile",
            "copy:\n\tcp a b gs://desk/b\n",
            "google-cloud-storage configured Infrastructure gs:// @2",
        ),
    ] {
        assert_eq!(look(path, text), [expected], "{text}");
    }
    for (path, text) in [
        ("deploy.sh", "echo you need heroku and gcloud to go on\n"),
        ("deploy.sh", "# gcloud run deploy desk\nfly=1\naz=2\n"),
        ("deploy.sh", "echo \"first; heroku login\" 'heroku create desk'\n"),
        ("deploy.sh", "read -p \"heroku app: \" APP\n"),
        (".github/workflows/a.yml", "steps:\n  - name: \"heroku login\"\n"),
        ("notes.txt", "gcloud run deploy desk\n"),
    ] {
        let flows = look(path, text).into_iter().filter(|one| !one.contains(" dead code "));
        assert_eq!(flows.collect::<Vec<_>>(), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn data_that_a_server_reads() {
    let text = "const LISTS = ['2026' => 'https://pubs.new-desk.org/mesh/desc2026.xml'];\n";
    assert_eq!(
        look("src/Command/Import.php", &format!("<?php\nclass A {{ {text} }}\n")),
        ["new-desk.org contacted Host pubs.new-desk.org @2"]
    );
}
