//! First and last name in two fields that stand side by side: together they are somebody's full name.
//!
//! The fields belong together when they are in the same object, form or query and what stands before `first_name` and
//! `last_name` in their names is the same.

use std::ops::Range;

use super::Walk;
use crate::Form;
use crate::matcher::{Hint, find};
use crate::normalise::fold::fold_into;
use crate::pointer::Step;
use crate::signs::Signs;
use crate::span::Edit;

/// Pairs of one object that are tried.
const PAIRS_MAX: usize = 16;
/// Longest part of a name, bytes.
const PART_MAX: usize = 120;
/// Longest field name that is looked at.
const FIELD_MAX: usize = 60;

const GIVEN: [&str; 6] = [
    "firstname",
    "firstnames",
    "givenname",
    "givennames",
    "forename",
    "vorname",
];
const FAMILY: [&str; 5] = ["lastname", "lastnames", "familyname", "surname", "nachname"];
/// These are only whole names, or the end of one behind `name`.
const GIVEN_ALONE: [&str; 5] = ["first", "given", "fname", "prenom", "nombre"];
const FAMILY_ALONE: [&str; 7] = ["last", "family", "lname", "sn", "apellido", "apellidos", "nom"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Given,
    Family,
}

/// What a field name says: which half, and of what.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct NameField {
    half: Half,
    of: String,
}

impl NameField {
    /// `None`: the field holds no part of a name.
    pub(super) fn of(field: &[u8]) -> Option<Self> {
        // Most fields end here, without a copy.
        if field.len() > FIELD_MAX || !is_candidate(field) {
            return None;
        }
        let name: String = field
            .iter()
            .filter(|b| b.is_ascii_alphanumeric())
            .map(|b| char::from(b.to_ascii_lowercase()))
            .collect();
        let ends = |list: &[&str]| list.iter().find_map(|end| name.strip_suffix(end));
        let alone = |list: &[&str]| ends(list).filter(|of| of.is_empty() || of.ends_with("name"));
        let given = ends(&GIVEN).or_else(|| alone(&GIVEN_ALONE)).map(|of| (Half::Given, of));
        let found = given.or_else(|| Some((Half::Family, ends(&FAMILY).or_else(|| alone(&FAMILY_ALONE))?)));
        found.map(|(half, of)| Self {
            half,
            of: of.to_owned(),
        })
    }
}

/// Whether `field` ends like a word of the lists and, behind which many other words may stand, has the start of one.
fn is_candidate(field: &[u8]) -> bool {
    let field = field.strip_suffix(b"]").unwrap_or(field);
    let Some(end) = field.last_chunk::<3>() else {
        return field.eq_ignore_ascii_case(b"sn");
    };
    let has = |word: &&[u8]| field.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    match &end.map(|byte| byte.to_ascii_lowercase()) {
        b"ame" | b"mes" => {
            let starts: [&[u8]; 10] = [
                b"first", b"last", b"given", b"family", b"sur", b"fore", b"vor", b"nach", b"fname", b"lname",
            ];
            starts.iter().any(has)
        }
        b"rst" | b"ven" | b"ast" | b"ily" | b"nom" | b"ido" | b"dos" | b"bre" => true,
        _ => false,
    }
}

/// One half of a name in the message. Holds a value, so it has no `Debug`.
pub(super) struct HalfName {
    field: NameField,
    step: Step,
    text: String,
    range: Range<usize>,
    /// How deep the object is that it stands in.
    pub(super) level: usize,
}

impl HalfName {
    /// `None`: the value is no part of a name.
    pub(super) fn new(field: NameField, step: Step, value: &[u8], range: Range<usize>, level: usize) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?.trim();
        (!text.is_empty() && text.len() <= PART_MAX).then(|| Self {
            field,
            step,
            text: text.to_owned(),
            range,
            level,
        })
    }
}

impl Walk<'_> {
    /// The full names that `halves` make. An edit replaces the value of each half.
    pub(super) fn full_names(&mut self, halves: &[HalfName]) -> Vec<Edit> {
        let mut edits = Vec::new();
        let given = halves.iter().filter(|half| half.field.half == Half::Given);
        for given in given.take(PAIRS_MAX) {
            let family = halves
                .iter()
                .filter(|half| half.field.half == Half::Family && half.field.of == given.field.of);
            for family in family.take(PAIRS_MAX) {
                edits.extend(self.full_name(given, family));
            }
        }
        edits
    }

    fn full_name(&mut self, given: &HalfName, family: &HalfName) -> Vec<Edit> {
        let text = format!("{} {}", given.text, family.text);
        let mut folded = std::mem::take(&mut self.folded);
        let _ = fold_into(&given.text, &mut folded);
        let joint = folded.len();
        let _ = fold_into(&text, &mut folded);
        let hits = find(&folded, Signs::of(folded.as_bytes()), Hint::None, self.directory);
        self.folded = folded;
        let across = |range: &Range<usize>| range.start < joint && range.end > joint + 1;
        let hit = hits
            .into_iter()
            .find(|hit| hit.form == Form::Name && across(&hit.range));
        let Some(hit) = hit else { return Vec::new() };
        self.trail.steps.push(given.step.clone());
        let edit = self.found(hit, given.range.clone());
        edit.iter().for_each(|edit| self.tell_pseudonym(&given.text, edit));
        self.trail.steps.pop();
        let other = edit.as_ref().map(|edit| Edit {
            range: family.range.clone(),
            with: edit.with.clone(),
        });
        self.trail.steps.push(family.step.clone());
        edit.iter().for_each(|edit| self.tell_pseudonym(&family.text, edit));
        self.trail.steps.pop();
        edit.into_iter().chain(other).collect()
    }
}

#[cfg(test)]
mod tests;
