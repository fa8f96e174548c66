//! The detection room over the labelled texts, and its speed.

use std::cell::RefCell;
use std::collections::BTreeMap;

use averment_detect::{Directory, Finding, Limits, Message, Whose, inspect, inspect_and_reveal};
use serde_json::{Value, json};

use crate::clock::median_ns;
use crate::people::People;
use crate::texts::{Kind, Planted, Text, bodies};

const SPEED_BYTES: usize = 64 << 20;
const ROUNDS: usize = 3;

/// Of one kind: planted, found of those, and reported where nothing of the kind is planted.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) planted: usize,
    pub(crate) found: usize,
    pub(crate) wrong: usize,
}

/// Tallies by kind and whether of a person of the directory. What is wrong is told from the one or the other by whose it
/// is taken for.
pub(crate) type Tallies = BTreeMap<(Kind, bool), Tally>;

/// Found is what has the kind and, for people of the directory, whose it is; of strangers the value must be the one planted.
/// The second value: findings of a kind that nobody plants.
pub(crate) fn tallied(texts: &[Text], kind: &str, directory: &Directory) -> (Tallies, usize) {
    let (mut tallies, mut others) = (Tallies::new(), 0);
    for text in texts {
        let found = found(&text.text, kind, directory);
        others += found.iter().filter(|found| found.kind.is_none()).count();
        let mut open: Vec<&Planted> = text.planted.iter().collect();
        for planted in &open {
            tallies
                .entry((planted.kind, planted.person.is_some()))
                .or_default()
                .planted += 1;
        }
        for found in found {
            let Some(kind) = found.kind else { continue };
            let tally = tallies.entry((kind, found.person.is_some())).or_default();
            match open.iter().position(|planted| found.is(planted)) {
                Some(at) => {
                    open.remove(at);
                    tally.found += 1;
                }
                None => tally.wrong += 1,
            }
        }
    }
    (tallies, others)
}

struct Found {
    kind: Option<Kind>,
    person: Option<u32>,
    value: String,
}

impl Found {
    fn is(&self, planted: &Planted) -> bool {
        let same_value = || plain(&self.value) == plain(&planted.text);
        self.kind == Some(planted.kind) && self.person == planted.person && (self.person.is_some() || same_value())
    }
}

/// Letters and digits.
fn plain(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase()
}

fn found(text: &str, kind: &str, directory: &Directory) -> Vec<Found> {
    let values = RefCell::new(Vec::<(Finding, String)>::new());
    let reveal = |finding: &Finding, value: &str| values.borrow_mut().push((finding.clone(), value.to_owned()));
    let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
    let findings = inspect_and_reveal(&message(&headers, text), directory, &Limits::default(), &reveal).findings;
    let values = values.into_inner();
    let value = |finding: &Finding| {
        values
            .iter()
            .find(|(of, _)| of == finding)
            .map_or("", |(_, value)| value)
    };
    findings
        .iter()
        .map(|finding| Found {
            kind: kind_of(finding.element.as_str()),
            person: match &finding.whose {
                Whose::Person { number, .. } => Some(number.0),
                Whose::Unknown => None,
            },
            value: value(finding).to_owned(),
        })
        .collect()
}

fn message<'a>(headers: &'a [(&'a str, &'a [u8])], text: &'a str) -> Message<'a> {
    Message {
        authority: "sink.example",
        target: "/",
        headers,
        body: text.as_bytes(),
    }
}

fn kind_of(element: &str) -> Option<Kind> {
    Some(match element {
        "contact.email" => Kind::Email,
        "contact.phone" => Kind::Phone,
        "identity.name.full" => Kind::Name,
        "account.username" => Kind::Username,
        "account.id" => Kind::Account,
        "edu.student_id.local" => Kind::StudentNumber,
        "contact.address.postal" => Kind::Street,
        _ => return None,
    })
}

/// Megabytes per second of CPU time over `bodies` of this type.
pub(crate) fn speed(bodies: &[String], kind: &str, directory: &Directory) -> f64 {
    let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
    let ns = median_ns(ROUNDS, || {
        let looked = |body: &String| {
            inspect(&message(&headers, body), directory, &Limits::default())
                .findings
                .len()
        };
        bodies.iter().map(looked).sum()
    });
    bodies.iter().map(String::len).sum::<usize>() as f64 * 1e3 / ns
}

/// Everything as one document, for the script that prints it beside another.
pub(crate) fn report(labelled: &[(&str, Vec<Text>)], people: &People, counts: &[usize]) -> Value {
    let mut speeds = Vec::new();
    for count in counts {
        let directory = people.directory(*count);
        for (name, kind) in TYPES {
            let bodies = bodies(people, name == "prose", SPEED_BYTES);
            let mb = bodies.iter().map(String::len).sum::<usize>() as f64 / 1e6;
            speeds.push(json!({ "texts": name, "identifiers": directory.identifiers(), "mb": mb,
                "mb_per_cpu_second": speed(&bodies, kind, &directory) }));
        }
    }
    let directory = people.directory(0);
    let quality: Vec<Value> = labelled
        .iter()
        .zip(TYPES)
        .map(|((name, texts), (_, kind))| quality(name, texts, kind, &directory))
        .collect();
    json!({ "speed": speeds, "quality": quality })
}

/// Name of the texts and their type.
pub(crate) const TYPES: [(&str, &str); 2] = [("events", "application/json"), ("prose", "text/plain")];

fn quality(name: &str, texts: &[Text], kind: &str, directory: &Directory) -> Value {
    let (tallies, others) = tallied(texts, kind, directory);
    let kinds: Vec<Value> = tallies
        .iter()
        .map(|((kind, known), tally)| {
            json!({ "kind": kind.as_str(), "known": known, "planted": tally.planted, "found": tally.found,
                "wrong": tally.wrong })
        })
        .collect();
    json!({ "texts": name, "kinds": kinds, "others": others })
}
