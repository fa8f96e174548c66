//! Constants of gems that are used without a `require`: of the gem `librato-metrics` what is called on `Librato::Metrics` and below it.
//!
//! Start at [`of_gem`]. Whether the program has the gem is known when all its files have been read ([`super::super::lacking`]).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use averment_catalog::{ThirdParty, catalog};
use averment_syntax::{Call, Language};

use super::plain::{bare, is_error, is_of_values};
use crate::code::look::Look;
use crate::identify::{Kind, tables};

/// Beginnings of gems that put what they bring below somebody else's constant.
const GUESTS: [&str; 14] = [
    "omniauth",
    "rack",
    "devise",
    "rails",
    "activerecord",
    "actionmailer",
    "jekyll",
    "fluent",
    "logstash",
    "fastlane",
    "carrierwave",
    "paperclip",
    "faraday",
    "ruby",
];

/// Methods of records and jobs of the program's own that lie below the constant.
const OWN: [&str; 13] = [
    "perform",
    "perform_later",
    "perform_async",
    "perform_now",
    "where",
    "joins",
    "pluck",
    "exists?",
    "find_by",
    "find_each",
    "first",
    "last",
    "count",
];

/// Whose gem brings the constant that `call` is about.
pub(super) fn of_gem(look: &Look<'_>, call: &Call) -> Option<&'static [&'static ThirdParty]> {
    if !matches!(
        look.language,
        Language::Ruby | Language::Erb | Language::Haml | Language::Slim
    ) {
        return None;
    }
    let (constant, methods) = bare(&call.path).split_once('.')?;
    let parts: Vec<&str> = constant.split("::").collect();
    // `::Partners::Plaid::Sync`: a class of the program's own that lies below another one.
    let written = look.text.get(call.span.clone())?.trim_start_matches("::");
    if !written.starts_with(parts.first()?) || !parts.iter().all(is_part) || is_no_request(&call.path, methods) {
        return None;
    }
    let plain: Vec<String> = parts
        .iter()
        .map(|part| part.replace('_', "").to_ascii_lowercase())
        .collect();
    let mut lengths = (1..=plain.len()).rev();
    let listed = lengths.find_map(|length| Some((length, GEMS.get(&plain[..length].join("::"))?)));
    // `Plaid::SyncService` is somebody's own; `Azure::Storage::Blob::BlobService` is below the whole of a gem's constant.
    let listed = listed.filter(|(length, _)| *length > 1 || !super::heads::is_called_like_own(constant));
    listed
        .map(|(_, parties)| parties.as_slice())
        .or_else(|| of_amazon(&plain))
}

/// Whether a part of a path is a constant that is none of errors.
fn is_part(part: &&str) -> bool {
    part.starts_with(|first: char| first.is_ascii_uppercase()) && !is_error(part)
}

/// `Transaction.find` asks; `Queue.new.find` and `client.name.present?` are about what came back, `Item.where` about records of one's own.
fn is_no_request(path: &str, methods: &str) -> bool {
    let first = methods.split(['.', '(']).next().unwrap_or_default();
    OWN.contains(&first) || (is_of_values(path) && !["find", "all"].contains(&methods))
}

/// `Aws::KMS` is brought by `aws-sdk-kms`.
fn of_amazon(parts: &[String]) -> Option<&'static [&'static ThirdParty]> {
    let [first, service, ..] = parts else { return None };
    let gem = (first == "aws" && !service.ends_with("credentials")).then(|| format!("aws-sdk-{service}"))?;
    let parties = tables().names().look_up(Kind::Gem, &gem);
    (!parties.is_empty()).then_some(parties)
}

/// First parts of the constants, in small letters.
pub(in crate::code) fn heads() -> impl Iterator<Item = &'static str> {
    let parts = GEMS
        .keys()
        .map(|constant| constant.split("::").next().unwrap_or(constant));
    parts.chain(["aws"])
}

static GEMS: LazyLock<BTreeMap<String, Vec<&'static ThirdParty>>> = LazyLock::new(|| {
    let mut gems: BTreeMap<String, Vec<&ThirdParty>> = BTreeMap::new();
    for party in catalog().third_parties() {
        for constant in party.packages.gem.iter().filter_map(|gem| constant(gem)) {
            let parties = gems.entry(constant).or_default();
            if !parties.iter().any(|known| known.id == party.id) {
                parties.push(party);
            }
        }
    }
    gems
});

/// The constant of a gem, in small letters: `azure::storage::blob` of `azure-storage-blob`.
fn constant(gem: &str) -> Option<String> {
    let mut parts: Vec<String> = gem
        .split('-')
        .map(|part| part.replace('_', "").to_ascii_lowercase())
        .collect();
    let first = parts.first().cloned()?;
    if gem.contains('*') || GUESTS.contains(&first.as_str()) {
        return None;
    }
    if first == "aws" && parts.get(1).is_some_and(|part| part == "sdk") {
        parts.remove(1);
    }
    if parts.len() > 1
        && parts
            .last()
            .is_some_and(|last| ["ruby", "rails", "rb", "client", "sdk"].contains(&last.as_str()))
    {
        parts.pop();
    }
    let constant = parts.join("::");
    (constant.len() > 3).then_some(constant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gem_gives_its_constant() {
        for (gem, expected) in [
            ("pagarme", Some("pagarme")),
            ("azure-storage-blob", Some("azure::storage::blob")),
            ("librato-metrics", Some("librato::metrics")),
            ("google-apis-drive_v3", Some("google::apis::drivev3")),
            ("aws-sdk-kms", Some("aws::kms")),
            ("twilio-ruby", Some("twilio")),
            ("omniauth-github", None),
            ("aws-sdk-*", None),
        ] {
            assert_eq!(constant(gem).as_deref(), expected, "{gem}");
        }
    }
}
