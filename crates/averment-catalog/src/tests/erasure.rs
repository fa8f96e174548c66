//! What has to hold in every `[erasure]` row: it asks only its own hosts, names only what is known, and confirms what it asks.

use std::collections::BTreeSet;

use crate::erasure::{Does, Erasure, Identifier, Login, LooksAt, Means, Step, Way};
use crate::{ThirdParty, catalog};

fn rows() -> impl Iterator<Item = (&'static ThirdParty, &'static Erasure)> {
    let parties = catalog().third_parties();
    parties.filter_map(|party| Some((party, party.erasure.as_ref()?)))
}

/// Names between single braces.
fn names(template: &str) -> Vec<String> {
    let plain = template.replace("{{", "").replace("}}", "");
    let inner = plain.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let name = |inside: &str| inside.split(':').next().unwrap_or_default().to_owned();
    inner.map(|(inside, _)| name(inside)).collect()
}

fn texts(value: &toml::Value) -> Vec<String> {
    match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Array(items) => items.iter().flat_map(texts).collect(),
        toml::Value::Table(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn templates(step: &Step) -> Vec<String> {
    let pairs = step.query.iter().chain(&step.form).map(|(_, value)| value.clone());
    let only = step
        .finds
        .iter()
        .flat_map(|finds| finds.only.iter().flat_map(|(at, is)| [at.clone(), is.clone()]));
    let headers = step.headers.values().cloned();
    let json = step.json.iter().flat_map(texts);
    [step.base.clone(), step.path.clone()]
        .into_iter()
        .chain(pairs)
        .chain(only)
        .chain(headers)
        .chain(json)
        .collect()
}

/// Whether a host is one of the third party's: `{name}` and `*` of either stand for labels or parts of one.
fn is_of(party: &ThirdParty, base: &str) -> bool {
    let host = base.strip_prefix("https://").unwrap_or_default();
    let host = host.split('/').next().unwrap_or_default().replace(['{', '}'], "");
    party.hosts.iter().any(|known| {
        let pattern = known.pattern.as_str();
        if let Some(suffix) = pattern.strip_prefix('*') {
            return host.ends_with(suffix);
        }
        let (first, rest) = (
            pattern.split('{').next().unwrap_or_default(),
            pattern.rsplit('}').next().unwrap_or_default(),
        );
        if pattern.contains('{') {
            host.starts_with(first) && host.ends_with(rest)
        } else {
            host == pattern
        }
    })
}

#[test]
fn only_the_third_partys_hosts_are_asked() {
    for (party, row) in rows().filter(|(_, row)| row.way == Way::Api) {
        let own = row
            .steps
            .iter()
            .flat_map(|step| step.regions.values().chain([&step.base]));
        let own = own.filter(|base| !base.is_empty());
        for base in own.chain(row.regions.values()).chain([&row.base]) {
            assert!(is_of(party, base), "{}: {base}", party.id);
            assert!(
                !base.ends_with('/') && !base[8..].contains(['@', '?', '#']),
                "{}: {base}",
                party.id
            );
        }
    }
}

#[test]
fn templates_name_what_is_known_by_then() {
    for (party, row) in rows() {
        let fixed = row.settings.keys().map(String::as_str).chain(["reference"]);
        let mut known: BTreeSet<&str> = fixed.chain(Identifier::ALL.map(Identifier::name)).collect();
        for step in &row.steps {
            for template in templates(step) {
                for name in names(&template) {
                    assert!(known.contains(name.as_str()), "{} {}: {name}", party.id, step.id);
                }
            }
            known.extend(step.finds.iter().map(|finds| finds.name.as_str()));
        }
        for name in names(&row.base) {
            assert!(row.settings.contains_key(&name), "{}: {name}", party.id);
        }
    }
}

#[test]
fn who_asks_is_shown_by_secrets_that_are_declared_and_all_are_used() {
    for (party, row) in rows() {
        let logins = row
            .authentication
            .iter()
            .chain(row.steps.iter().flat_map(|step| &step.authentication));
        let used: BTreeSet<String> = logins
            .flat_map(|login| match login {
                Login::Bearer { token } => names(token),
                Login::Basic { user, password } => [names(user), names(password)].concat(),
                Login::SignedBasic { user, secret } => [names(user), names(secret)].concat(),
                Login::Header { value, .. } | Login::Query { value, .. } => names(value),
            })
            .collect();
        let known = |name: &String| row.secrets.contains_key(name) || row.settings.contains_key(name);
        assert!(used.iter().all(known), "{}: {used:?}", party.id);
        assert!(
            row.secrets.keys().all(|name| used.contains(name)),
            "{}: {used:?}",
            party.id
        );
        assert_eq!(row.way == Way::Api, !row.secrets.is_empty(), "{}", party.id);
    }
}

#[test]
fn requests_delete_and_confirm_and_the_rest_says_how_it_is_done() {
    for (party, row) in rows() {
        let ids: BTreeSet<&str> = row.steps.iter().map(|step| step.id.as_str()).collect();
        assert_eq!(ids.len(), row.steps.len(), "{}", party.id);
        assert!(
            !row.sources.is_empty() && row.sources.iter().all(|source| source.len() > 5),
            "{}",
            party.id
        );
        let has = |does| row.steps.iter().any(|step| step.does == does);
        match row.way {
            Way::Api => assert!(has(Does::Delete) && !row.takes.is_empty(), "{}", party.id),
            Way::ByHand => assert!(row.steps.is_empty() && row.by_hand.len() > 20, "{}", party.id),
            Way::KeepsNothing => assert!(row.steps.is_empty() && row.by_hand.is_empty(), "{}", party.id),
        }
        for step in &row.steps {
            let told = format!("{} {}", party.id, step.id);
            assert!(
                step.says.starts_with(char::is_lowercase) && !step.says.ends_with('.'),
                "{told}"
            );
            let is_whole = step.method.is_some() && step.path.starts_with('/') && !step.answers.is_empty();
            assert_eq!(is_whole, step.like.is_empty(), "{told}");
            let other = row.steps.iter().find(|other| other.id == step.like);
            assert!(
                step.like.is_empty() || other.is_some_and(|other| other.like.is_empty()),
                "{told}"
            );
        }
    }
}

/// "No such record" is only believed in the third party's own form, and where other looks are answered.
#[test]
fn a_look_that_finds_nothing_is_told_from_one_that_does_not_work() {
    for (party, row) in rows() {
        let looks = row
            .steps
            .iter()
            .filter(|step| matches!(step.does, Does::Find | Does::Confirm));
        for step in looks.clone() {
            for answer in step
                .answers
                .iter()
                .filter(|answer| matches!(answer.means, Means::Absent | Means::Done))
            {
                assert!(!answer.at.is_empty(), "{} {}: {answer:?}", party.id, step.id);
            }
        }
        let has_record = looks.clone().any(|step| step.looks_at == LooksAt::Record);
        let has_control = row.steps.iter().any(|step| step.does == Does::Control);
        assert_eq!(has_record, has_control, "{}", party.id);
        for step in row.steps.iter().filter(|step| step.does == Does::Control) {
            assert!(
                step.answers.iter().all(|answer| answer.means == Means::Present),
                "{}",
                party.id
            );
        }
    }
}

/// Whoever searches by words may be given somebody else.
#[test]
fn what_a_search_brings_is_compared() {
    for (party, row) in rows() {
        for step in row
            .steps
            .iter()
            .filter(|step| step.does == Does::Find && step.like.is_empty())
        {
            let finds = step
                .finds
                .as_ref()
                .unwrap_or_else(|| panic!("{} {}", party.id, step.id));
            assert!(
                !finds.name.is_empty() && !finds.only.is_empty(),
                "{} {}",
                party.id,
                step.id
            );
        }
    }
}
