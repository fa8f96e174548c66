//! What is counted: items, and of each that holds something the elements and kinds of people.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, SubjectId};
use averment_detect::{Directory, Finding, Limits, Message, PersonNumber, Whose, content_type_of, inspect};

use super::ITEM_MAX;
use crate::observation::Spot;
use crate::seen::{Coverage, Unread};

/// Unread places that are kept one by one; more are counted.
const UNREAD_MAX: usize = 1000;

/// An element, and whose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct What {
    /// Which.
    pub element: ElementId,
    /// Kind of people of the directory; none for somebody who is not in it.
    pub subject: Option<SubjectId>,
}

/// An item that holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The file, and behind `#` the item.
    pub spot: Spot,
    /// How often what is in it.
    pub found: BTreeMap<What, u64>,
    /// How many people of the directory.
    pub people: usize,
}

/// What a sweep counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// How much could be read. An item is one thing read.
    pub coverage: Coverage,
    /// Items that hold something, in the order of the files.
    pub holding: Vec<Holding>,
    /// Files that were looked at as one item though they may hold many: shares of all items are not known then.
    pub unsplit: usize,
    /// Files begun.
    files: usize,
    /// How many people of the directory each element and kind of people is about. Not to be shown one by one.
    people: BTreeMap<What, BTreeSet<PersonNumber>>,
    /// Of all students.
    students: BTreeSet<PersonNumber>,
}

impl Tally {
    /// Items that hold data of a student of the directory.
    pub fn with_students(&self) -> impl Iterator<Item = &Holding> {
        self.holding.iter().filter(|one| one.found.keys().any(is_student))
    }

    /// How many students of the directory were found.
    pub fn students(&self) -> usize {
        self.students.len()
    }

    /// For each element and kind of people: in how many items, and of how many people of the directory.
    pub fn totals(&self) -> BTreeMap<&What, (u64, usize)> {
        let mut totals: BTreeMap<&What, (u64, usize)> = BTreeMap::new();
        for what in self.holding.iter().flat_map(|one| one.found.keys()) {
            totals.entry(what).or_default().0 += 1;
        }
        for (what, people) in &self.people {
            totals.entry(what).or_default().1 = people.len();
        }
        totals
    }

    pub(super) fn begin<'a>(&'a mut self, name: &str, directory: &'a Directory) -> Looking<'a> {
        self.files += 1;
        let number = format!("file {}", self.files);
        let mut looking = Looking {
            name: name.to_owned(),
            tally: self,
            directory,
        };
        if !looking.is_nobodys(name) {
            looking.name = number;
        }
        looking
    }
}

fn is_student(what: &What) -> bool {
    let of_students = |subject: &SubjectId| subject.as_str() == "student" || subject.as_str().starts_with("student.");
    what.subject.as_ref().is_some_and(of_students)
}

/// What bytes are of the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Item,
    Rest,
    Aside,
}

/// Looks at the items of one file.
pub(super) struct Looking<'a> {
    name: String,
    tally: &'a mut Tally,
    directory: &'a Directory,
}

impl Looking<'_> {
    /// The items of a file in this one. Its name is shown if it is nobody's.
    pub(super) fn within(&mut self, name: &str, otherwise: &str) -> Looking<'_> {
        let name = if self.is_nobodys(name) { name } else { otherwise };
        Looking {
            name: format!("{}!{name}", self.name),
            tally: self.tally,
            directory: self.directory,
        }
    }

    /// Whether a text names nobody. Without a directory nobody can say so.
    pub(super) fn is_nobodys(&self, text: &str) -> bool {
        self.directory.people() > 0 && self.inspect(Some("text/plain"), text.as_bytes()).findings.is_empty()
    }

    /// Looks at one item. `place`: its number or identifier; empty when the file is one item.
    pub(super) fn item(&mut self, place: &str, kind: Option<&str>, bytes: &[u8]) {
        self.look(place, kind, bytes, Part::Item);
    }

    /// A file that may hold many items and is looked at as one.
    pub(super) fn unsplit(&mut self, kind: Option<&str>, name: &str, bytes: &[u8]) {
        self.tally.unsplit += 1;
        self.item("", kind.or(content_type_of(name).0), bytes);
    }

    /// What stands beside the items: an item only if it holds something.
    pub(super) fn aside(&mut self, place: &str, kind: Option<&str>, bytes: &[u8]) {
        self.look(place, kind, bytes, Part::Aside);
    }

    /// The rest of the item that came last.
    pub(super) fn rest(&mut self, place: &str, kind: Option<&str>, bytes: &[u8]) {
        self.look(place, kind, bytes, Part::Rest);
    }

    fn look(&mut self, place: &str, kind: Option<&str>, bytes: &[u8], part: Part) {
        let mut inspection = self.inspect(kind, bytes);
        if kind == Some("application/json") {
            let apart = super::json::runs_of_text(bytes);
            for text in apart {
                let joined = self.inspect(Some("text/plain"), text.as_bytes()).findings;
                // What one of the pieces holds by itself was found already.
                let known = |one: &Finding| {
                    inspection
                        .findings
                        .iter()
                        .any(|known| known.element == one.element && known.whose == one.whose)
                };
                let new: Vec<Finding> = joined.into_iter().filter(|one| !known(one)).collect();
                inspection.findings.extend(new);
            }
        }
        let unreadable = inspection.unreadable.first();
        self.count(place, part, unreadable.is_none(), !inspection.findings.is_empty());
        self.tally.coverage.bytes += bytes.len() as u64;
        if let Some(first) = unreadable {
            let because = format!("{}: {}", first.place.part.as_str(), first.because.as_str());
            self.unread(place, &because);
        }
        if inspection.findings.is_empty() {
            return;
        }
        let spot = self.spot(place);
        if !(part == Part::Rest && self.tally.holding.last().is_some_and(|last| last.spot == spot)) {
            self.tally.holding.push(Holding {
                spot,
                found: BTreeMap::new(),
                people: 0,
            });
        }
        self.hold(&inspection.findings);
    }

    /// Of what could not be read whole nobody can say that it holds nothing: it is no item, unless something is found in it.
    fn count(&mut self, place: &str, part: Part, whole: bool, holds: bool) {
        let held = self
            .tally
            .holding
            .last()
            .is_some_and(|last| last.spot == self.spot(place));
        let coverage = &mut self.tally.coverage;
        match part {
            Part::Item => coverage.read += u64::from(whole || holds),
            Part::Aside => coverage.read += u64::from(holds),
            Part::Rest if whole || holds || held => {}
            Part::Rest => coverage.read = coverage.read.saturating_sub(1),
        }
        coverage.live = coverage.read;
    }

    fn hold(&mut self, findings: &[Finding]) {
        let mut people = BTreeSet::new();
        let tally = &mut *self.tally;
        let Some(holding) = tally.holding.last_mut() else {
            return;
        };
        for finding in findings {
            let (subject, person) = match &finding.whose {
                Whose::Person { number, subject } => (Some(subject.clone()), Some(*number)),
                Whose::Unknown => (None, None),
            };
            let what = What {
                element: finding.element.clone(),
                subject,
            };
            *holding.found.entry(what.clone()).or_default() += 1;
            if let Some(person) = person {
                people.insert(person);
                if is_student(&what) {
                    tally.students.insert(person);
                }
                tally.people.entry(what).or_default().insert(person);
            }
        }
        holding.people = holding.people.max(people.len());
    }

    /// Something that should have been read and could not.
    pub(super) fn unread(&mut self, place: &str, because: &str) {
        let unread = &mut self.tally.coverage.unread;
        match unread.len().cmp(&UNREAD_MAX) {
            std::cmp::Ordering::Less => {
                let spot = Spot {
                    file: named(&self.name, place),
                    ..Spot::default()
                };
                unread.push(Unread {
                    spot,
                    because: because.to_owned(),
                });
            }
            std::cmp::Ordering::Equal => {
                let spot = Spot {
                    file: self.name.clone(),
                    ..Spot::default()
                };
                unread.push(Unread {
                    spot,
                    because: "more places, which are not listed".to_owned(),
                });
            }
            std::cmp::Ordering::Greater => {}
        }
    }

    fn spot(&self, place: &str) -> Spot {
        Spot {
            file: named(&self.name, place),
            ..Spot::default()
        }
    }

    fn inspect(&self, kind: Option<&str>, bytes: &[u8]) -> averment_detect::Inspection {
        let kind = kind.map(|kind| ("content-type", kind.as_bytes()));
        let headers: Vec<(&str, &[u8])> = kind.into_iter().collect();
        let message = Message {
            authority: "",
            target: "/",
            headers: &headers,
            body: bytes,
        };
        let limits = Limits {
            body_max_bytes: ITEM_MAX,
            decoded_max_bytes: 4 * ITEM_MAX,
            ..Limits::default()
        };
        inspect(&message, self.directory, &limits)
    }
}

fn named(file: &str, place: &str) -> String {
    if place.is_empty() {
        file.to_owned()
    } else {
        format!("{file}#{place}")
    }
}
