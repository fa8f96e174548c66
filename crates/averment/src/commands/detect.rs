//! `averment detect`: whose data are in a file, where, and behind which encodings. Nothing is sent or recorded.
//!
//! Values are printed with `--reveal` alone, to somebody who can read the keys.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::sync::mpsc;
use std::time::Duration;

use averment_detect::{
    Directory, DirectoryKey, Finding, Inspection, KnownBy, Layer, Limits, Message, Place, Whose, content_type_of,
    inspect_and_reveal,
};
use averment_store::{DataFolder, Keys, People};
use serde_json::{Value, json};

use super::explain::read;
use crate::cli::{DetectArgs, DetectFormat};
use crate::clock;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

/// From so many bytes on the wait is told of.
const LARGE: usize = 4 << 20;
/// Findings of one file that are kept.
const FINDINGS_MAX: usize = 1_000_000;

pub(crate) fn run(arguments: &DetectArgs) -> Result<Outcome, Failure> {
    let directory = directory(arguments)?;
    let bytes = read(&arguments.file)?;
    let name = arguments.file.file_name().map(|name| name.to_string_lossy());
    let (kind, coding) = content_type_of(&name.unwrap_or_default());
    let kind = arguments.kind.as_deref().or(kind);
    let headers: Vec<(&str, &[u8])> = [("content-type", kind), ("content-encoding", coding)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?.as_bytes())))
        .collect();
    let seen = Seen::default();
    let inspection = with_progress(bytes.len(), || {
        let message = Message {
            authority: "",
            target: "/",
            headers: &headers,
            body: &bytes,
        };
        let take = |finding: &Finding, value: &str| {
            if arguments.reveal {
                seen.take(finding, value);
            }
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where values are shown, to whoever holds the key and asks"
        )]
        inspect_and_reveal(&message, &directory, &limits(bytes.len()), &take)
    });
    let rows = rows(&inspection, &seen);
    match arguments.format {
        DetectFormat::Table => print_table(&rows, &inspection),
        DetectFormat::Json => print_json(&rows, &inspection, kind),
    }
    Ok(match (inspection.unreadable.is_empty(), rows.is_empty()) {
        (false, _) => Outcome::CouldNotMeasure,
        (true, false) => Outcome::Contrary,
        (true, true) => Outcome::Holds,
    })
}

/// The people of the data folder; nobody when none is named.
fn directory(arguments: &DetectArgs) -> Result<Directory, Failure> {
    let Some(data) = &arguments.people else {
        // Nothing is ever looked up in an empty directory, so that its key does not matter.
        return Ok(Directory::new(DirectoryKey::new([0; 32]), Vec::new(), []));
    };
    let folder = DataFolder::open_read(data)?;
    let keys = Keys::read(&arguments.keys)?;
    Ok(People::open(&folder, &keys)?.snapshot(clock::now())?.directory)
}

/// A file is as large as it is; what it decodes to stays bounded.
fn limits(length: usize) -> Limits {
    let usual = Limits::default();
    Limits {
        body_max_bytes: length.max(usual.body_max_bytes),
        decoded_max_bytes: (length.saturating_mul(4)).max(usual.decoded_max_bytes),
        parts_max: FINDINGS_MAX,
        ..usual
    }
}

/// Says on a terminal every second that the work goes on.
fn with_progress<T>(length: usize, work: impl FnOnce() -> T) -> T {
    if length < LARGE || !std::io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        let (done, wait) = mpsc::channel::<()>();
        scope.spawn(move || {
            let mut seconds = 0;
            while wait.recv_timeout(Duration::from_secs(1)) == Err(mpsc::RecvTimeoutError::Timeout) {
                seconds += 1;
                anstream::eprint!("\rlooking at {} MB, {seconds} s ", length / 1_000_000);
            }
            if seconds > 0 {
                anstream::eprint!("\r{:40}\r", "");
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// What findings have in common that are printed as one.
type Key = (String, Whose, KnownBy, Place, Vec<Layer>);

fn key(finding: &Finding) -> Key {
    let element = finding.element.to_string();
    let (place, layers) = (finding.place.clone(), finding.layers.clone());
    (element, finding.whose.clone(), finding.known_by, place, layers)
}

/// Values by what they are printed with. Holds values, so it has no `Debug`.
#[derive(Default)]
struct Seen(RefCell<BTreeMap<Key, BTreeSet<String>>>);

impl Seen {
    fn take(&self, finding: &Finding, value: &str) {
        self.0
            .borrow_mut()
            .entry(key(finding))
            .or_default()
            .insert(value.to_owned());
    }
}

/// One line of the result. Holds values when they were asked for, so it has no `Debug`.
struct Row {
    key: Key,
    count: u64,
    values: BTreeSet<String>,
}

/// Equal findings together, in the order of the message.
fn rows(inspection: &Inspection, seen: &Seen) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut at: BTreeMap<Key, usize> = BTreeMap::new();
    let seen = seen.0.borrow();
    for finding in &inspection.findings {
        let key = key(finding);
        let index = *at.entry(key.clone()).or_insert(rows.len());
        if index == rows.len() {
            let values = seen.get(&key).cloned().unwrap_or_default();
            rows.push(Row { key, count: 0, values });
        }
        rows[index].count += 1;
    }
    rows
}

fn print_table(rows: &[Row], inspection: &Inspection) {
    for row in rows {
        let (element, whose, known_by, place, layers) = &row.key;
        let whose = match whose {
            Whose::Person { number, subject } => format!("{subject}, person {}", number.0),
            Whose::Unknown => "somebody outside the directory".to_owned(),
        };
        anstream::println!("{element} \u{d7}{} of {whose}", row.count);
        let how = match known_by {
            KnownBy::Exact => "the same as in the directory",
            KnownBy::Pattern => "by its look",
        };
        anstream::println!("    in {}; {how}", wrap(&place.to_string(), 60, "       "));
        if !layers.is_empty() {
            let layers: Vec<&str> = layers.iter().map(|layer| layer.as_str()).collect();
            anstream::println!("    through {}", wrap(&layers.join(", "), 79, "            "));
        }
        for value in &row.values {
            anstream::println!("    value {}", printable(value));
        }
    }
    for hole in &inspection.unreadable {
        anstream::println!("not readable: {}, {}", hole.place, hole.because.as_str());
    }
    let found: u64 = rows.iter().map(|row| row.count).sum();
    anstream::println!("{found} found, {} places not readable", inspection.unreadable.len());
}

/// What a terminal would act on is shown, not done.
fn printable(value: &str) -> String {
    let show = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    value.chars().map(show).collect()
}

fn print_json(rows: &[Row], inspection: &Inspection, kind: Option<&str>) {
    let findings: Vec<Value> = rows.iter().map(row_json).collect();
    let hole = |hole: &averment_detect::Unreadable| json!({ "part": hole.place.part, "pointer": hole.place.pointer, "because": hole.because });
    let unreadable: Vec<Value> = inspection.unreadable.iter().map(hole).collect();
    let document = json!({
        "schema": "averment.detect/1", "type": kind, "bytes_read": inspection.bytes_read,
        "findings": findings, "unreadable": unreadable,
    });
    anstream::println!("{document:#}");
}

fn row_json(row: &Row) -> Value {
    let (element, whose, known_by, place, layers) = &row.key;
    let (subject, person) = match whose {
        Whose::Person { number, subject } => (Some(subject.as_str()), Some(number.0)),
        Whose::Unknown => (None, None),
    };
    let mut value = json!({
        "element": element, "count": row.count, "subject": subject, "person": person, "known_by": known_by,
        "part": place.part, "pointer": place.pointer, "layers": layers,
    });
    if !row.values.is_empty() {
        value["values"] = json!(row.values);
    }
    value
}
