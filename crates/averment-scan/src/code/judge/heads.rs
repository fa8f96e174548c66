//! Constants that only one third party's calls begin with, so that a call is known without an import.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use averment_catalog::ThirdParty;
use averment_syntax::Language;

use crate::code::look::Look;
use crate::identify::{Kind, tables};

/// Constants of Ruby and PHP that only one third party's calls begin with: `Honeybadger` of `Honeybadger.notify`.
pub(super) fn of_constant(look: &Look<'_>, path: &str) -> Option<&'static [&'static ThirdParty]> {
    let constants = matches!(
        look.language,
        Language::Ruby | Language::Erb | Language::Haml | Language::Slim | Language::Php
    );
    let head = path.split(['.', ':', '\\', '(']).next().unwrap_or(path);
    let constant = head.len() > 3 && head.starts_with(|first: char| first.is_ascii_uppercase());
    let method = path.rsplit(['.', ':']).next().unwrap_or_default();
    // Jobs and records of the program's own that are named after the third party.
    let own = [
        "perform", "find", "where", "joins", "pluck", "exists", "first", "all", "count",
    ]
    .iter()
    .any(|start| method.starts_with(start))
        || is_called_like_own(path);
    let named = |party: &&&ThirdParty| {
        let gems = party
            .packages
            .gem
            .iter()
            .chain(&party.packages.composer)
            .map(String::as_str);
        gems.chain([party.id.as_str()])
            .any(|name| name.split(['-', '_', '/']).any(|word| word.eq_ignore_ascii_case(head)))
    };
    let parties = HEADS.get(head).filter(|_| constants && constant && !own)?;
    // A class of Ruby is no namespace of PHP.
    let language = |party: &&&ThirdParty| {
        let spaces = party
            .code
            .php
            .iter()
            .map(|space| space.split('\\').next().unwrap_or(space));
        look.language != Language::Php || spaces.into_iter().any(|space| space == head)
    };
    parties
        .first()
        .filter(named)
        .filter(language)
        .map(|_| parties.as_slice())
}

/// `Vimeo::ResolveEmbedCodeJob.set`, `Github::SyncService.new`: classes below a vendor's name that end like those of a program's own.
pub(super) fn is_called_like_own(path: &str) -> bool {
    const ENDS: [&str; 14] = [
        "Job",
        "Worker",
        "Service",
        "Controller",
        "Mailer",
        "Policy",
        "Presenter",
        "Serializer",
        "Query",
        "Form",
        "Component",
        "Helper",
        "Decorator",
        "Concern",
    ];
    let class = path.split(['.', '(']).next().unwrap_or(path);
    class
        .split_once("::")
        .is_some_and(|(_, below)| ENDS.iter().any(|end| below.ends_with(end)))
}

/// Every such constant.
pub(in crate::code) fn constants() -> impl Iterator<Item = &'static str> {
    HEADS
        .keys()
        .copied()
        .filter(|head| head.starts_with(|first: char| first.is_ascii_uppercase()))
}

static HEADS: LazyLock<BTreeMap<&'static str, Vec<&'static ThirdParty>>> = LazyLock::new(|| {
    let names = tables().names();
    let mut heads: BTreeMap<&str, Vec<&ThirdParty>> = BTreeMap::new();
    for call in names.all(Kind::Call) {
        let head = call.split(['.', ':', '\\']).next().unwrap_or(call);
        let owners = heads.entry(head).or_default();
        for party in names.look_up(Kind::Call, call) {
            if !owners.iter().any(|owner| owner.id == party.id) {
                owners.push(party);
            }
        }
    }
    heads.retain(|_, owners| matches!(owners.as_slice(), [owner] if !owner.common_word));
    heads
});
