//! Products that a vendor's one constructor opens by name: `boto3.client("s3")` is Amazon S3, and so is what is called on it.

use std::collections::BTreeMap;

use averment_catalog::ThirdParty;
use averment_syntax::{Call, Facts};

use super::look::Look;
use crate::identify::Kind;

/// Third parties of a table.
type Parties = &'static [&'static ThirdParty];

/// The products that a file opens.
pub(super) struct Services<'f> {
    /// By the variable that each is given to, in the order of the text.
    by_variable: BTreeMap<&'f str, Vec<(usize, Parties)>>,
    /// The only one, where no call opens another or leaves open which.
    only: Option<Parties>,
}

impl<'f> Services<'f> {
    /// Those of a file; its calls are in the order of the text.
    pub(super) fn of(look: &Look<'f>, facts: &Facts) -> Self {
        let mut by_variable: BTreeMap<&str, Vec<(usize, Parties)>> = BTreeMap::new();
        let mut opened = Vec::new();
        for call in &facts.calls {
            let Some(parties) = opened_by(look, call) else { continue };
            opened.push(parties);
            if let Some(variable) = variable(look.text, call.span.start) {
                by_variable
                    .entry(variable)
                    .or_default()
                    .push((call.span.start, parties));
            }
        }
        let first = opened.first().copied();
        let same = |other: &Parties| first.is_some_and(|first| std::ptr::eq(first, *other));
        Self {
            by_variable,
            only: first.filter(|_| opened.iter().all(same)),
        }
    }

    /// Whose product a call of a vendor's module is about; none where nothing says so.
    pub(super) fn of_call(&self, look: &Look<'_>, call: &Call) -> Option<Parties> {
        if let Some(parties) = opened_by(look, call) {
            return Some(parties);
        }
        if self.by_variable.is_empty() && self.only.is_none() || !is_on_constructed(call) {
            return None;
        }
        let (variable, _) = call.path.rsplit_once('.')?;
        let mut fronts = std::iter::successors(Some(variable), |front| Some(front.rsplit_once('.')?.0));
        let named = fronts.find_map(|front| self.by_variable.get(front));
        let before = |opened: &&(usize, Parties)| opened.0 < call.span.start;
        let nearest = named.and_then(|all| all.iter().rev().find(before).or_else(|| all.first()));
        nearest.map(|(_, parties)| *parties).or(self.only)
    }
}

/// What is called on something that a call gave: `boto3.client().put_object`.
fn is_on_constructed(call: &Call) -> bool {
    call.resolved.contains("().")
}

/// The product that the first text of a call names, by the module that is called.
fn opened_by(look: &Look<'_>, call: &Call) -> Option<Parties> {
    let module = call.resolved.split(['.', '(']).next()?;
    let text = call.arguments.first()?.texts.first()?;
    let found = look.tables.names().look_up(Kind::Service, &format!("{module} {text}"));
    (!found.is_empty()).then_some(found)
}

/// The variable that what begins at `start` is given to: `name` or `self.name` of `self.name = boto3.client("s3")`.
fn variable(text: &str, start: usize) -> Option<&str> {
    let front = text.get(..start)?.trim_end_matches([' ', '(']);
    let front = front.strip_suffix('=')?.trim_end();
    let from = front
        .rfind(|letter: char| !(letter.is_alphanumeric() || "_.".contains(letter)))
        .map_or(0, |at| {
            at + front
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .map_or(1, char::len_utf8)
        });
    front.get(from..).filter(|name| !name.is_empty())
}
