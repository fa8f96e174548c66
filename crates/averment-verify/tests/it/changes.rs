//! Every field of every file of a bundle, changed one at a time, with the list of contents put right: refused, or among
//! what `docs/bundle.md` says that nothing proves. The second implementation says the same of each.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use averment_verify::verify;
use serde_json::{Value, json};

use crate::raw::edit_unlisted;
use crate::second;
use crate::story::{Case, Story};

/// What of `manifest.json` nothing proves, as the documentation says: `since` unless an older checkpoint is named, and in which
/// order files are listed.
const UNPROVED: [&str; 5] = ["/made_at", "/made_by", "/left_out", "/since", "/files reversed"];

/// A place in a document: members by name, all rows of a list as one.
type Place = String;

/// Place and what is done there; pointer, and the value in its stead, none where it goes.
type Changes = BTreeMap<(Place, &'static str), (String, Option<Value>)>;

/// What can be in the stead of a value.
fn others(value: &Value) -> Vec<(&'static str, Value)> {
    match value {
        Value::Null => vec![("said", json!("x"))],
        Value::Bool(flag) => vec![("denied", json!(!flag))],
        Value::Number(number) => vec![
            ("one more", json!(number.as_u64().unwrap_or_default() + 1)),
            ("below zero", json!(-1)),
            ("as a text", json!("1")),
        ],
        Value::String(text) => vec![
            ("longer", json!(format!("{text}x"))),
            ("another", json!(swapped(text))),
            ("as a number", json!(7)),
        ],
        Value::Array(items) => {
            let mut more = items.clone();
            more.extend(items.last().cloned());
            let reversed: Vec<_> = items.iter().rev().collect();
            vec![
                ("empty", json!([])),
                ("one twice", Value::Array(more)),
                ("reversed", json!(reversed)),
            ]
        }
        Value::Object(members) => {
            let mut more = members.clone();
            more.insert("verified".to_owned(), json!(true));
            vec![("a member more", Value::Object(more)), ("empty", json!({}))]
        }
    }
}

/// Finds every change to `value` and below it, each to be made alone.
fn changes(value: &Value, place: &str, pointer: &str, found: &mut Changes) {
    let others = others(value).into_iter().filter(|(_, other)| other != value);
    let others = others.map(|(what, other)| (what, Some(other)));
    for (what, other) in others.chain([("gone", None)]) {
        let key = (place.to_owned(), what);
        found.entry(key).or_insert_with(|| (pointer.to_owned(), other));
    }
    match value {
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                changes(item, &format!("{place}/*"), &format!("{pointer}/{number}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                // Members that people name are one place: a change to one is found as one to all.
                let named = name.contains('/') || name.contains('.');
                let place = format!("{place}/{}", if named { "*" } else { name });
                changes(member, &place, &format!("{pointer}/{escaped}"), found);
            }
        }
        _ => {}
    }
}

/// The text with one character exchanged, in the middle.
fn swapped(text: &str) -> String {
    let at = text.chars().count() / 2;
    let swap = |(number, letter)| match (number == at, letter) {
        (true, '1') => '2',
        (true, _) => '1',
        (false, letter) => letter,
    };
    text.chars().enumerate().map(swap).collect()
}

/// `document` with the change made; none where that changes nothing.
fn changed(document: &Value, pointer: &str, other: Option<&Value>) -> Option<Value> {
    let mut document = document.clone();
    match other {
        Some(other) => *document.pointer_mut(pointer)? = other.clone(),
        None => {
            let (above, name) = pointer.rsplit_once('/')?;
            let name = name.replace("~1", "/").replace("~0", "~");
            match document.pointer_mut(above)? {
                Value::Array(items) => _ = items.remove(name.parse().ok()?),
                Value::Object(members) => _ = members.remove(&name)?,
                _ => return None,
            }
        }
    }
    Some(document)
}

/// The documents in a file: the whole of it, or one a line.
fn documents(name: &str, bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    let read = |text: &str| serde_json::from_str(text).ok();
    match name.ends_with(".jsonl") {
        true => text.lines().filter_map(read).collect(),
        false => read(text).into_iter().collect(),
    }
}

fn written(name: &str, documents: &[Value]) -> Vec<u8> {
    let lines = documents.iter().map(|document| match name.ends_with(".jsonl") {
        true => format!("{document}\n"),
        false => document.to_string(),
    });
    lines.collect::<String>().into_bytes()
}

/// The bundle with one file exchanged, and the list of contents to fit unless it is the list.
fn with_file(bundle: &[u8], name: &str, content: Vec<u8>) -> Vec<u8> {
    let content = RefCell::new(Some(content));
    let put = |files: &mut averment_verify::Zipped| _ = files.insert(name.to_owned(), content.take().unwrap());
    match name {
        "manifest.json" => edit_unlisted(bundle, put),
        _ => crate::raw::edit(bundle, |files, _| put(files)),
    }
}

/// Every change of every file of a bundle that holds, with what was changed.
fn all_changes(case: &Case) -> Vec<(String, Vec<u8>)> {
    let files = averment_verify::read_container(&case.bundle).unwrap();
    let mut all = Vec::new();
    for (name, bytes) in &files {
        let documents = documents(name, bytes);
        let mut found = BTreeMap::new();
        for (number, document) in documents.iter().enumerate() {
            changes(document, "", &format!("{number}"), &mut found);
        }
        for ((place, what), (pointer, other)) in found {
            let (number, pointer) = pointer
                .split_once('/')
                .map_or((pointer.as_str(), String::new()), |(number, rest)| {
                    (number, format!("/{rest}"))
                });
            let mut documents = documents.clone();
            let number: usize = number.parse().unwrap();
            let Some(document) = changed(&documents[number], &pointer, other.as_ref()) else {
                continue;
            };
            documents[number] = document;
            all.push((
                format!("{name} {place} {what}"),
                with_file(&case.bundle, name, written(name, &documents)),
            ));
        }
        if documents.is_empty() {
            let flipped = [bytes.as_slice(), b"x"].concat();
            all.push((format!("{name} longer"), with_file(&case.bundle, name, flipped)));
            all.push((format!("{name} empty"), with_file(&case.bundle, name, Vec::new())));
        }
        all.push((
            format!("{name} gone"),
            match name.as_str() {
                "manifest.json" => edit_unlisted(&case.bundle, |files| _ = files.remove(name)),
                _ => crate::raw::edit(&case.bundle, |files, _| _ = files.remove(name)),
            },
        ));
    }
    all
}

#[test]
fn whatever_is_changed_from_outside_is_refused_or_known_to_be_unproved() {
    let whole = Story {
        whole: Some(0),
        attested: false,
        two_logs: true,
        ..Story::default()
    };
    let mut accepted = BTreeSet::new();
    let mut cases = Vec::new();
    for case in [Story::default().case_since("statement", Some(6)), whole.case("whole")] {
        for (what, bundle) in all_changes(&case) {
            let answer = verify(&bundle, &case.question());
            if answer.failure().is_none() {
                accepted.insert(what);
            }
            cases.push(Case {
                name: case.name,
                bundle,
                key: case.key.clone(),
                since: case.since.clone(),
                witness: None,
                school: None,
            });
        }
    }
    let known = |what: &&String| {
        let place = what.strip_prefix("manifest.json ");
        let is_unproved = place.is_some_and(|place| UNPROVED.iter().any(|unproved| place.starts_with(unproved)));
        // That a document is enclosed nobody promises; its absence is counted.
        is_unproved || what.starts_with("documents/") && what.ends_with(" gone")
    };
    let others: Vec<_> = accepted.iter().filter(|what| !known(what)).collect();
    println!("{} changes, {} accepted: {accepted:?}", cases.len(), accepted.len());
    assert!(others.is_empty(), "accepted: {others:?}");
    assert!(cases.len() > 400, "{}", cases.len());
    let different = second::differences(&cases);
    assert!(different.is_empty(), "{}", different.join("\n"));
}

thread_local! {
    /// What the vendor changes in the document with the grades.
    static CHANGE: RefCell<Option<(String, Option<Value>)>> = const { RefCell::new(None) };
}

fn change(document: &mut Value) {
    CHANGE.with_borrow(|change| {
        if let Some((pointer, other)) = change
            && let Some(changed) = changed(document, pointer, other.as_ref())
        {
            *document = changed;
        }
    });
}

/// The vendor changes the document before its digest is recorded: every member that a check speaks of.
#[test]
fn whatever_a_vendor_changes_in_the_grades_is_refused() {
    let story = || Story {
        whole: Some(0),
        attested: false,
        document: change,
        ..Story::default()
    };
    let files = averment_verify::read_container(&story().bundle()).unwrap();
    let document: Value = serde_json::from_slice(&files["claims.json"]).unwrap();
    let mut found = BTreeMap::new();
    changes(&document, "", "", &mut found);
    let mut accepted = BTreeSet::new();
    let count = found.len();
    for ((place, what), (pointer, other)) in found {
        if changed(&document, &pointer, other.as_ref()).is_none_or(|changed| changed == document) {
            continue;
        }
        CHANGE.set(Some((pointer, other)));
        // A document in which nothing can be counted is none that the story can record.
        let told = std::panic::catch_unwind(|| story().case("changed"));
        CHANGE.set(None);
        let Ok(case) = told else { continue };
        if verify(&case.bundle, &case.question()).failure().is_none() {
            accepted.insert(format!("{place} {what}"));
        }
    }
    // A member more is the vendor's word, and so is the order of claims and planes.
    let known = |what: &&String| what.ends_with(" a member more") || what.ends_with(" reversed");
    println!("{count} changes, accepted: {accepted:?}");
    let others: Vec<_> = accepted.iter().filter(|what| !known(what)).collect();
    assert!(others.is_empty(), "{others:?}");
}
