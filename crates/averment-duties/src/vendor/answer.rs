//! What an answer means, by the catalog's row. What the row does not name is never done.

use averment_catalog::erasure::{Answer as Row, Does, Finds, LooksAt, Means, Step};
use serde_json::Value;

use super::request::Values;
use super::template::{Place, render};
use super::wire::Answer;
use super::{Hidden, Trouble};

/// What came of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Taken, at once or as an order; keys of jobs.
    Taken(Vec<Hidden>),
    /// No such record.
    Absent,
    /// Records, by their keys.
    Present(Vec<Hidden>),
    /// The job runs.
    Pending,
    /// Again, later.
    Retry(Trouble),
    /// It will not be done so.
    Refused(Trouble),
}

/// Reads an answer.
pub(super) fn read(step: &Step, values: &Values<'_>, answer: &Answer) -> Outcome {
    let says = || step.says.clone();
    let status = answer.status;
    let trouble = || match status {
        401 | 403 => Trouble::Login { step: says(), status },
        _ => Trouble::Status { step: says(), status },
    };
    if matches!(status, 300..=399) {
        return Outcome::Refused(Trouble::Redirect { step: says() });
    }
    let is_busy = matches!(status, 408 | 425 | 429 | 500..=599);
    if is_page(answer) {
        return match is_busy {
            true => Outcome::Retry(trouble()),
            false => Outcome::Refused(Trouble::WebPage { step: says() }),
        };
    }
    let body = value(&answer.body);
    let row = step.answers.iter().find(|row| fits(row, status, body.as_ref()));
    // A look is only believed when it is answered in the third party's own form: any server can say 404.
    let is_look = matches!(step.does, Does::Find | Does::Confirm);
    match row.map(|row| row.means) {
        Some(Means::Retry) => Outcome::Retry(trouble()),
        Some(Means::Refused) => Outcome::Refused(Trouble::Refused { step: says() }),
        Some(Means::Pending) => Outcome::Pending,
        Some(_) if is_look && body.is_none() => Outcome::Refused(Trouble::Shape {
            step: says(),
            at: "JSON".to_owned(),
        }),
        Some(means) => by_row(step, values, means, body.as_ref()),
        None if is_busy => Outcome::Retry(trouble()),
        None => Outcome::Refused(trouble()),
    }
}

fn by_row(step: &Step, values: &Values<'_>, means: Means, body: Option<&Value>) -> Outcome {
    let found = step.finds.as_ref().map(|finds| keys(finds, values, body));
    let shape = |at| {
        Outcome::Refused(Trouble::Shape {
            step: step.says.clone(),
            at,
        })
    };
    match (means, found) {
        (Means::Absent, _) => Outcome::Absent,
        (Means::Present, None) => Outcome::Present(Vec::new()),
        (Means::Done | Means::Accepted, None) => Outcome::Taken(Vec::new()),
        (_, Some(Err(at))) => shape(at),
        (Means::Present, Some(Ok(keys))) => Outcome::Present(keys),
        (Means::Listed, Some(Ok(keys))) if keys.is_empty() => Outcome::Absent,
        (Means::Listed, Some(Ok(keys))) => Outcome::Present(keys),
        (_, Some(Ok(keys))) if keys.is_empty() && step.looks_at == LooksAt::Job => Outcome::Pending,
        // An order without a number of its job cannot be followed: it is as if nothing had been said.
        (_, Some(Ok(keys))) if keys.is_empty() => {
            shape(step.finds.as_ref().map_or_else(String::new, |finds| finds.key.clone()))
        }
        (_, Some(Ok(keys))) => Outcome::Taken(keys),
        (_, None) => shape("finds".to_owned()),
    }
}

/// JSON, or a single word.
fn value(body: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Some(value);
    }
    let word = std::str::from_utf8(body).ok()?.trim();
    let is_word = !word.is_empty() && word.len() <= 40 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_word.then(|| Value::String(word.to_owned()))
}

fn is_page(answer: &Answer) -> bool {
    let is_html = answer.media_type.to_ascii_lowercase().contains("html");
    let start = answer.body.iter().find(|byte| !byte.is_ascii_whitespace());
    is_html || start == Some(&b'<')
}

fn fits(row: &Row, status: u16, body: Option<&Value>) -> bool {
    if !row.status.contains(&status) {
        return false;
    }
    if row.at.is_empty() {
        return true;
    }
    let members = body.map(|body| all_at(body, &row.at)).unwrap_or_default();
    let is_one = |value: &&Value| row.is.is_empty() || text(value).is_some_and(|text| row.is.contains(&text));
    members.iter().any(is_one)
}

/// The keys of the items that a search brought, or the member that is missing.
fn keys(finds: &Finds, values: &Values<'_>, body: Option<&Value>) -> Result<Vec<Hidden>, String> {
    let missing = |at: &str| {
        if at.is_empty() {
            "JSON".to_owned()
        } else {
            at.to_owned()
        }
    };
    let list = body
        .and_then(|body| at(body, &finds.list))
        .ok_or_else(|| missing(&finds.list))?;
    let items = match list {
        Value::Array(items) => items.iter().collect(),
        Value::Object(_) => vec![list],
        // A list that is spelt null is an empty one only where the key is of an item.
        _ if finds.key.is_empty() && text(list).is_some() => vec![list],
        _ => return Err(missing(&finds.list)),
    };
    let mut keys = Vec::new();
    for item in items {
        if is_wanted(finds, values, item) {
            let key = at(item, &finds.key).and_then(text).filter(|key| !key.is_empty());
            keys.push(Hidden::new(key.ok_or_else(|| missing(&finds.key))?));
        }
    }
    Ok(keys)
}

/// A search may bring somebody else: only an item that says itself whose it is counts.
fn is_wanted(finds: &Finds, values: &Values<'_>, item: &Value) -> bool {
    let filled = |template| render(template, &|name| values.of(name), Place::Plain);
    finds.only.iter().all(|(member, template)| {
        let (Ok(member), Ok(wanted)) = (filled(member), filled(template)) else {
            return false;
        };
        let members = all_at(item, &member).into_iter().filter_map(text);
        members
            .into_iter()
            .any(|found| found.to_lowercase() == wanted.to_lowercase())
    })
}

/// The first member at a path.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    all_at(value, path).into_iter().next()
}

/// Members at a path: `a.0.b`, with `*` for every item of a list; nulls are not there.
fn all_at<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut here = vec![value];
    for segment in path.split('.').filter(|segment| !segment.is_empty()) {
        let next = here.into_iter().flat_map(|value| match (value, segment) {
            (Value::Array(items), "*") => items.iter().collect(),
            (Value::Array(items), index) => index
                .parse()
                .ok()
                .and_then(|index: usize| items.get(index))
                .into_iter()
                .collect(),
            (Value::Object(members), name) => members.get(name).into_iter().collect(),
            _ => Vec::new(),
        });
        here = next.collect();
    }
    here.retain(|value| !value.is_null());
    here
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
