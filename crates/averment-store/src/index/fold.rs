//! Folding findings into people, and people into counts.

use std::collections::{BTreeMap, HashMap};

use averment_detect::PersonNumber;
use rusqlite::Connection;

use super::IndexError;
use super::one_person::{Shapes, time};
use super::reach::{ElementReach, Headcount, Reach, Reaching, SchoolReach};
use crate::person::Fate;

/// What became of one element of a person: how surely it left, and whether as it was.
pub(super) type ElementReaching = (Reaching, bool);

/// Whom a question was about. Shows how many, not who.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Affected {
    pub(super) people: HashMap<PersonNumber, AffectedPerson>,
}

impl std::fmt::Debug for Affected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Affected(<{} people>)", self.people.len())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AffectedPerson {
    pub(super) extent: Reaching,
    pub(super) subject: String,
    pub(super) school: Option<String>,
    pub(super) elements: BTreeMap<String, ElementReaching>,
    bases: BTreeMap<String, Reaching>,
    record_required: Option<Reaching>,
    /// Microseconds since 1970.
    pub(super) first: i64,
    pub(super) last: i64,
}

/// A finding without person, as far as it counts here.
#[derive(Clone)]
struct Shape {
    element: u32,
    subject: Option<u32>,
    school: Option<u32>,
    bases: Vec<u32>,
    is_taken_out: bool,
    is_as_it_was: bool,
    is_record_required: bool,
}

/// One person while rows are read: words by number.
struct Person {
    extent: Reaching,
    subject: u32,
    school: Option<u32>,
    elements: BTreeMap<u32, ElementReaching>,
    bases: BTreeMap<u32, Reaching>,
    record_required: Option<Reaching>,
    first: i64,
    last: i64,
}

/// What is known while rows are read.
pub(super) struct Fold<'a> {
    shapes: Shapes<'a>,
    digested: HashMap<i64, Shape>,
    words: Words,
    schools: HashMap<PersonNumber, String>,
    only: Option<u32>,
    people: HashMap<PersonNumber, Person>,
    message: Option<OneMessage>,
    reach: Reach,
    times: Option<(i64, i64)>,
}

/// The message whose findings are read.
struct OneMessage {
    entry: u64,
    at: i64,
    fate: Fate,
    is_counted: bool,
    unlinked: Option<Reaching>,
    outsiders: Option<Reaching>,
}

#[derive(Default)]
struct Words {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Words {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).expect("there are fewer words than that");
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    fn text(&self, number: u32) -> String {
        self.texts[number as usize].clone()
    }
}

impl<'a> Fold<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        schools: HashMap<PersonNumber, String>,
        only: Option<&str>,
    ) -> Result<Self, IndexError> {
        let mut words = Words::default();
        Ok(Self {
            shapes: Shapes::new(connection)?,
            digested: HashMap::new(),
            only: only.map(|school| words.number(school)),
            words,
            schools,
            people: HashMap::new(),
            message: None,
            reach: Reach::default(),
            times: None,
        })
    }

    /// A row of this message follows.
    pub(super) fn message(&mut self, entry: u64, at: i64, fate: Fate) {
        if self.message.as_ref().is_some_and(|message| message.entry == entry) {
            return;
        }
        self.close();
        self.message = Some(OneMessage {
            entry,
            at,
            fate,
            // Of one school only the messages count that name somebody of it.
            is_counted: self.only.is_none(),
            unlinked: None,
            outsiders: None,
        });
    }

    /// One of its findings.
    pub(super) fn finding(&mut self, person: Option<u32>, shape: i64) -> Result<(), IndexError> {
        let shape = self.shape(shape)?;
        let person = person.map(PersonNumber);
        let school = person.and_then(|person| self.schools.get(&person));
        let school = school.map(|school| self.words.number(school)).or(shape.school);
        if self.only.is_some() && self.only != school {
            return Ok(());
        }
        let Some(message) = &mut self.message else {
            return Ok(());
        };
        message.is_counted = true;
        let extent = Reaching::of(message.fate, shape.is_taken_out);
        match (person, shape.subject) {
            (Some(number), subject) => {
                let subject = subject.unwrap_or_else(|| self.words.number(""));
                let at = message.at;
                let person = self.people.entry(number).or_insert_with(|| Person {
                    extent,
                    subject,
                    school,
                    elements: BTreeMap::new(),
                    bases: BTreeMap::new(),
                    record_required: None,
                    first: at,
                    last: at,
                });
                person.take(at, extent, school, &shape, &mut self.words);
            }
            (None, Some(_)) => message.unlinked = surest(message.unlinked, extent),
            (None, None) => message.outsiders = surest(message.outsiders, extent),
        }
        Ok(())
    }

    fn shape(&mut self, number: i64) -> Result<Shape, IndexError> {
        if let Some(shape) = self.digested.get(&number) {
            return Ok(shape.clone());
        }
        let entry = self.shapes.get(number)?;
        let shape = Shape {
            element: self.words.number(&entry.element),
            subject: entry.subject.as_deref().map(|subject| self.words.number(subject)),
            school: entry.school.as_deref().map(|school| self.words.number(school)),
            bases: entry.basis.iter().map(|basis| self.words.number(basis)).collect(),
            is_taken_out: matches!(entry.treated.as_str(), "drop" | "block"),
            is_as_it_was: entry.treated == "pass",
            is_record_required: entry.record_required == Some(true),
        };
        self.digested.insert(number, shape.clone());
        Ok(shape)
    }

    fn close(&mut self) {
        let Some(message) = self.message.take().filter(|message| message.is_counted) else {
            return;
        };
        *self.reach.messages.entry(message.fate).or_default() += 1;
        if let Some(extent) = message.unlinked {
            self.reach.unlinked.count(extent);
        }
        if let Some(extent) = message.outsiders {
            self.reach.outsiders.count(extent);
        }
        let (first, last) = self.times.unwrap_or((message.at, message.at));
        self.times = Some((first.min(message.at), last.max(message.at)));
    }

    /// The counts.
    pub(super) fn finish(mut self) -> Result<Reach, IndexError> {
        self.close();
        let mut reach = self.reach;
        if let Some((first, last)) = self.times {
            (reach.first_at, reach.last_at) = (Some(time(first)?), Some(time(last)?));
        }
        let words = self.words;
        let people = self.people.into_iter();
        reach.affected.people = people
            .map(|(number, person)| (number, person.spelled(&words)))
            .collect();
        for person in reach.affected.people.values() {
            reach.all.count(person);
            reach.schools.entry(person.school.clone()).or_default().count(person);
        }
        Ok(reach)
    }
}

impl Person {
    fn take(&mut self, at: i64, extent: Reaching, school: Option<u32>, shape: &Shape, words: &mut Words) {
        self.extent = self.extent.min(extent);
        (self.first, self.last) = (self.first.min(at), self.last.max(at));
        if let Some(subject) = shape.subject
            && self.last == at
        {
            // Somebody grows: the newest entry says what they are.
            self.subject = subject;
        }
        self.school = school.or(self.school);
        let element = self.elements.entry(shape.element).or_insert((Reaching::Kept, false));
        element.0 = element.0.min(extent);
        element.1 |= shape.is_as_it_was && extent != Reaching::Kept;
        if shape.bases.is_empty() {
            self.rests_on(words.number(""), extent);
        }
        for basis in &shape.bases {
            self.rests_on(*basis, extent);
        }
        if shape.is_record_required {
            self.record_required = surest(self.record_required, extent);
        }
    }

    fn rests_on(&mut self, basis: u32, extent: Reaching) {
        let known = self.bases.entry(basis).or_insert(extent);
        *known = extent.min(*known);
    }

    fn spelled(self, words: &Words) -> AffectedPerson {
        let elements = self.elements.into_iter();
        let bases = self.bases.into_iter();
        AffectedPerson {
            extent: self.extent,
            subject: words.text(self.subject),
            school: self.school.map(|school| words.text(school)),
            elements: elements
                .map(|(element, extent)| (words.text(element), extent))
                .collect(),
            bases: bases.map(|(basis, extent)| (words.text(basis), extent)).collect(),
            record_required: self.record_required,
            first: self.first,
            last: self.last,
        }
    }
}

impl SchoolReach {
    fn count(&mut self, person: &AffectedPerson) {
        self.people.count(person.extent);
        let subject = self.subjects.entry(person.subject.clone()).or_default();
        subject.count(person.extent);
        for (element, (extent, is_as_it_was)) in &person.elements {
            let element: &mut ElementReach = self.elements.entry(element.clone()).or_default();
            element.people.count(*extent);
            element.as_it_was += u64::from(*is_as_it_was);
        }
        for (basis, extent) in &person.bases {
            let basis: &mut Headcount = self.authority.entry(basis.clone()).or_default();
            basis.count(*extent);
        }
        if let Some(extent) = person.record_required {
            self.record_required.count(extent);
        }
    }
}

fn surest(known: Option<Reaching>, extent: Reaching) -> Option<Reaching> {
    Some(known.map_or(extent, |known| known.min(extent)))
}
