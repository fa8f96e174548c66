//! What has to hold between the files of third parties: whatever names one of them names no other, and every name can be one.

use std::collections::{BTreeMap, BTreeSet};

use crate::{ThirdParty, catalog};

/// Hosts that several products of one house use, with no path that would tell them apart, and consoles of whole houses.
const SHARED_HOSTS: [&str; 21] = [
    "*.fbcdn.net",
    "*.googleusercontent.com",
    "console.cloud.google.com",
    "docs.google.com",
    "fcm.googleapis.com",
    "fcmregistrations.googleapis.com",
    "forms.gle",
    "googleads.g.doubleclick.net",
    "login.salesforce.com",
    "maps.googleapis.com",
    "media.twiliocdn.com",
    "oauth2.googleapis.com",
    "people.googleapis.com",
    "ssl.google-analytics.com",
    "static.doubleclick.net",
    "stats.g.doubleclick.net",
    "storage.cloud.google.com",
    "workspace.google.com",
    "www.googleapis.com",
    "www.googletagmanager.com",
    "www.gstatic.com",
];

/// Names in code that several products of one house share, by kind.
const SHARED_NAMES: [(&str, &str); 16] = [
    ("crate", "force"),
    ("crate", "google-drive3"),
    ("env_keys", "GITHUB_CLIENT_ID"),
    ("env_keys", "GITHUB_CLIENT_SECRET"),
    ("env_keys", "GOOGLE_APPLICATION_CREDENTIALS"),
    ("env_keys", "GOOGLE_CLIENT_ID"),
    ("env_keys", "GOOGLE_CLIENT_SECRET"),
    ("env_keys", "LINKEDIN_CLIENT_ID"),
    ("env_keys", "LINKEDIN_CLIENT_SECRET"),
    ("gem", "google_drive"),
    ("npm", "facebook-nodejs-business-sdk"),
    ("npm", "google-auth-library"),
    ("pypi", "facebook-business"),
    ("pypi", "google-auth-oauthlib"),
    ("terraform", "aws"),
    ("terraform", "google"),
];

/// Every name in code of a third party, with its kind.
fn names(party: &ThirdParty) -> Vec<(&'static str, &str)> {
    let (packages, code) = (&party.packages, &party.code);
    let kinds: [(&'static str, &[String]); 24] = [
        ("npm", &packages.npm),
        ("pypi", &packages.pypi),
        ("gem", &packages.gem),
        ("crate", &packages.crates),
        ("go", &packages.go),
        ("maven", &packages.maven),
        ("composer", &packages.composer),
        ("nuget", &packages.nuget),
        ("pod", &packages.pod),
        ("swift package", &packages.swift),
        ("pub", &packages.dart),
        ("gradle", &packages.gradle),
        ("python", &code.python),
        ("ruby", &code.ruby),
        ("java", &code.java),
        ("php", &code.php),
        ("swift", &code.swift),
        ("apps", &code.apps),
        ("calls", &code.calls),
        ("services", &code.services),
        ("terraform", &code.terraform),
        ("actions", &code.actions),
        ("images", &code.images),
        ("env_keys", &party.env_keys),
    ];
    let each = kinds
        .into_iter()
        .flat_map(|(kind, names)| names.iter().map(move |name| (kind, name.as_str())));
    each.collect()
}

/// Keys that more than one third party has, with those who have them.
fn shared<'a, K: Ord>(of: impl Fn(&'a ThirdParty) -> Vec<K>) -> BTreeMap<K, BTreeSet<&'a str>> {
    let mut owners: BTreeMap<K, BTreeSet<&str>> = BTreeMap::new();
    for party in catalog().third_parties() {
        for key in of(party) {
            owners.entry(key).or_default().insert(party.id.as_str());
        }
    }
    owners.retain(|_, owners| owners.len() > 1);
    owners
}

#[test]
fn a_host_or_an_address_is_one_third_partys() {
    let of = |party: &'static ThirdParty| {
        let hosts = party.hosts.iter().map(|host| host.pattern.to_lowercase());
        hosts.chain(party.code.addresses.iter().cloned()).collect()
    };
    let mut shared = shared(of);
    shared.retain(|host, _| !SHARED_HOSTS.contains(&host.as_str()));
    assert!(shared.is_empty(), "{shared:#?}");
}

#[test]
fn a_name_in_code_is_one_third_partys() {
    let mut shared = shared(names);
    shared.retain(|name, _| !SHARED_NAMES.contains(name));
    assert!(shared.is_empty(), "{shared:#?}");
}

#[test]
fn a_name_in_documents_is_one_third_partys() {
    let squash = |name: &str| {
        let letters = name.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    let of = |party: &'static ThirdParty| {
        let own = [party.id.as_str(), party.product.as_str()];
        let all = own.into_iter().chain(party.aliases.iter().map(String::as_str));
        all.map(squash).collect()
    };
    let shared = shared(of);
    assert!(shared.is_empty(), "{shared:#?}");
}

#[test]
fn nothing_is_named_twice_in_one_file() {
    for party in catalog().third_parties() {
        let hosts: Vec<&str> = party.hosts.iter().map(|host| host.pattern.as_str()).collect();
        let distinct: BTreeSet<&&str> = hosts.iter().collect();
        assert_eq!(distinct.len(), hosts.len(), "{}: {hosts:?}", party.id);
        let names = names(party);
        let distinct: BTreeSet<&(&str, &str)> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{}: {names:?}", party.id);
    }
}

#[test]
fn an_address_is_a_host_in_lower_case_with_a_path() {
    for party in catalog().third_parties() {
        for address in &party.code.addresses {
            let (host, path) = address.split_once('/').unwrap_or_default();
            let label = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.' | '*' | '{' | '}');
            assert!(host.contains('.') && host.chars().all(label), "{}: {address}", party.id);
            let plain = !path.is_empty() && !path.contains(['?', '#', ' ']);
            assert!(plain, "{}: {address}", party.id);
        }
        for host in &party.hosts {
            assert!(host.pattern.contains(['.', '{']), "{}: {}", party.id, host.pattern);
            assert!(!host.uses.is_empty(), "{}: {}", party.id, host.pattern);
        }
    }
}

#[test]
fn every_name_in_code_can_be_one_of_its_kind() {
    for party in catalog().third_parties() {
        for (kind, name) in names(party) {
            assert!(is_possible(kind, name), "{}: {kind} `{name}`", party.id);
        }
    }
}

/// Whether a name of this kind can be written so.
fn is_possible(kind: &str, name: &str) -> bool {
    let of = |allowed: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || allowed.contains(c));
    let dotted = |separator: char| name.split(separator).all(is_identifier);
    match kind {
        "npm" => of("@/-._*") && name.matches('/').count() == usize::from(name.starts_with('@')),
        "pypi" | "gem" | "crate" => of("-._*"),
        "go" => of("/-._~") && name.split('/').next().is_some_and(|host| host.contains('.')),
        "maven" => of(":-._") && name.matches(':').count() <= 1 && name.contains('.'),
        "composer" => of("/-._") && name.matches('/').count() == 1,
        "nuget" | "gradle" | "apps" => of("-._"),
        "pod" => of("-._/+*"),
        "swift package" => of("/-._") && name.matches('/').count() == 1,
        "pub" | "swift" => of("_*"),
        "python" => dotted('.'),
        "ruby" => of("/-_."),
        "java" => dotted('.') && name.contains('.'),
        "php" => dotted('\\'),
        "calls" => name
            .replace("::", ".")
            .split('.')
            .all(|part| is_identifier(part.trim_start_matches('$'))),
        "services" => name
            .split_once(' ')
            .is_some_and(|(module, service)| is_identifier(module) && !service.is_empty() && of(" -_.")),
        "terraform" => of("_-") && (name.ends_with('_') || !name.contains('_')),
        "actions" => of("/-._*") && name.contains('/'),
        "images" => of("/-._:") && !name.contains("latest"),
        "env_keys" => of("_"),
        _ => false,
    }
}

fn is_identifier(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[test]
fn what_cannot_be_a_name_is_found() {
    for (kind, name) in [
        ("python", "deepl-sdk"),
        ("go", "deepl/go"),
        ("maven", "deepl-java"),
        ("maven", "a.b:c:d"),
        ("terraform", "aws_ses"),
        ("npm", "scope/name"),
        ("npm", "@scope"),
        ("composer", "deepl-php"),
        ("calls", "track event"),
        ("services", "s3"),
        ("env_keys", "A-B"),
        ("php", "DeepL/Client"),
    ] {
        assert!(!is_possible(kind, name), "{kind} {name}");
    }
}

/// Words that code uses for anything: whoever finds one of them has found nobody.
const ANYBODYS: [&str; 26] = [
    "API_KEY",
    "API_TOKEN",
    "API_URL",
    "AUTH_TOKEN",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "SECRET_KEY",
    "ACCESS_TOKEN",
    "TOKEN",
    "PASSWORD",
    "api",
    "client",
    "track",
    "identify",
    "init",
    "render",
    "send",
    "page",
    "sdk",
    "login",
    "django-allauth",
    "next-auth",
    "oauth2",
    "omniauth",
    "openidconnect",
    "passport",
];

#[test]
fn no_name_is_one_that_any_code_uses() {
    for party in catalog().third_parties() {
        for (kind, name) in names(party) {
            assert!(!ANYBODYS.contains(&name), "{}: {kind} `{name}`", party.id);
        }
    }
}

#[test]
fn a_part_is_of_a_whole_that_is_no_part_itself() {
    for party in catalog().third_parties() {
        let Some(whole) = &party.part_of else { continue };
        let whole = catalog()
            .third_party(whole)
            .unwrap_or_else(|| panic!("{}: {whole}", party.id));
        assert!(whole.part_of.is_none(), "{}", party.id);
    }
}
