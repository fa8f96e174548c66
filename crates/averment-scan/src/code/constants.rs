//! Constants that hold an address and say nothing of what it is for: in another module, one step away, a request may be handed them.
//!
//! Only where modules are imported by name (JavaScript, TypeScript, Python), and only names in capital letters, so that what is asked is
//! what stands there.

use averment_syntax::{Call, Facts, Import, Language, Surroundings};

use super::addresses::addresses;
use super::finding::Wrapper;
use super::look::{Look, live, parties_of};
use super::names::{Use, of_call, of_name};
use super::texts::contact;
use super::wrappers::Wrappers;
use crate::observation::{Confidence, How};

/// Languages whose modules import constants by name.
const LANGUAGES: [Language; 4] = [
    Language::JavaScript,
    Language::TypeScript,
    Language::Tsx,
    Language::Python,
];

/// Constants that a file defines: the whole text is one address, and nothing that asks it stands in the name.
pub(super) fn of(look: &Look<'_>, facts: &Facts) -> Vec<Wrapper> {
    if !LANGUAGES.contains(&look.language) {
        return Vec::new();
    }
    let texts = facts.texts.iter().filter(|text| {
        text.surroundings == Surroundings::Live && text.argument_of.is_empty() && is_constant(&text.given_to)
    });
    let found = texts
        .filter(|text| of_name(&text.given_to).is_none())
        .filter_map(|text| {
            let found = addresses(&text.text);
            let [one] = found.as_slice() else { return None };
            let whole = one.at == 0 && !text.text.contains(char::is_whitespace);
            whole.then(|| Wrapper {
                name: text.given_to.clone(),
                parties: parties_of(look.tables, &one.address),
                side: look.side,
                tier: contact(look),
                constant: true,
            })
        });
    found.collect()
}

/// `RANK_URL`.
fn is_constant(name: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() > 3 && name.bytes().all(letters) && name.starts_with(|first: char| first.is_ascii_uppercase())
}

/// Adds requests that are handed a constant of another module.
pub(super) fn asked(look: &mut Look<'_>, facts: &Facts, wrappers: &Wrappers) {
    if !LANGUAGES.contains(&look.language) {
        return;
    }
    for call in facts
        .calls
        .iter()
        .filter(|call| of_call(&call.path) == Some(Use::Request))
    {
        let Some(constant) = constant_in(look.path, call, &facts.imports, wrappers) else {
            continue;
        };
        let verdict = (live(call.surroundings, contact(look)), How::Call, Confidence::Likely);
        look.add(constant.parties.clone(), &call.path, call.span.start, verdict);
    }
}

/// `RANK_URL` by its name, which may be another here, or `config.RANK_URL` of a module that is imported.
fn constant_in<'w>(path: &str, call: &Call, imports: &[Import], wrappers: &'w Wrappers) -> Option<&'w Wrapper> {
    let arguments = call.arguments.iter();
    let names: Vec<&str> = arguments
        .flat_map(|argument| &argument.names)
        .flat_map(|name| name.split('.'))
        .collect();
    names.iter().find_map(|name| {
        imports.iter().find_map(|import| {
            let mut bound = import.names.iter().filter(|(local, _)| names.contains(&local.as_str()));
            bound.find_map(|(local, stands_for)| match local == name {
                true => wrappers.constant(path, &import.module, stands_for),
                false => wrappers
                    .constant(path, &import.module, name)
                    .or_else(|| wrappers.constant(path, stands_for, name)),
            })
        })
    })
}
