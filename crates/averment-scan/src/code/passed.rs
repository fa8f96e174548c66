//! Which element an argument of a call hands over, by the names in it.

use averment_catalog::SubjectId;
use averment_syntax::Argument;

use crate::observation::Confidence;
use crate::words::{Guess, element_of, split, subject_of};

/// The element of an argument and whose it is; none where no name says so, or where the value is a text that stands there.
pub(super) fn of(argument: &Argument) -> Option<(Guess, Option<SubjectId>)> {
    if argument.names.is_empty() && !argument.texts.is_empty() {
        return None;
    }
    let identifiers = std::iter::once(&argument.name)
        .chain(&argument.names)
        .filter(|name| !name.is_empty());
    let subject = identifiers.clone().find_map(|name| subject_of(name));
    let personal = identifiers.clone().any(|name| is_personal(name));
    let guesses = identifiers.filter_map(|name| guess(name));
    let best = guesses
        .filter(|guess| guess.confidence > Confidence::Possible || personal)
        .max_by_key(|guess| guess.confidence)?;
    Some((best, subject))
}

/// By the last part of a path: of `order.user.email` the `email`.
fn guess(name: &str) -> Option<Guess> {
    let name = name.trim_end_matches("()");
    let last = name.rsplit(['.', ':']).next().unwrap_or(name);
    element_of(last).or_else(|| element_of(name))
}

fn is_personal(name: &str) -> bool {
    const PEOPLE: [&str; 16] = [
        "user",
        "student",
        "teacher",
        "parent",
        "guardian",
        "learner",
        "pupil",
        "child",
        "person",
        "member",
        "instructor",
        "profile",
        "account",
        "author",
        "owner",
        "contact",
    ];
    split(name).iter().any(|word| PEOPLE.contains(&word.as_str()))
}
