//! Folding findings into people, and people into counts: by school they are counted at the one that they were of then.

use std::collections::{BTreeMap, HashMap};

use averment_catalog::ElementId;
use averment_detect::PersonNumber;
use rusqlite::{CachedStatement, Connection};

use super::IndexError;
use super::one_person::{Shapes, time};
use super::reach::{ElementReach, Headcount, Question, Reach, Reaching, RecipientReach, SchoolReach};
use crate::person::Fate;

/// What became of one element of a person: how surely it left, and whether as it was.
pub(super) type ElementReaching = (Reaching, bool);

/// Whom a question was about. Shows how many, not who.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Affected {
    /// By person, and of each by school: of those that they were of in the time asked about.
    pub(super) people: HashMap<PersonNumber, Vec<AffectedPerson>>,
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
    /// Some entry does not say the school that they were of.
    is_of_today: bool,
    /// Microseconds since 1970.
    pub(super) first: i64,
    pub(super) last: i64,
}

/// A finding without person, as far as it counts here.
#[derive(Clone)]
struct Shape {
    element: u32,
    is_asked: bool,
    subject: Option<u32>,
    school: Option<u32>,
    bases: Vec<u32>,
    is_taken_out: bool,
    is_as_it_was: bool,
    is_record_required: bool,
}

/// One person at one school while rows are read: words by number.
struct Person {
    extent: Reaching,
    subject: u32,
    is_of_today: bool,
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
    /// Schools as entries have them.
    recorded: Numbered<'a>,
    names: Numbered<'a>,
    /// Schools as the directory has them now.
    schools: HashMap<PersonNumber, u32>,
    only: Option<u32>,
    element: Option<ElementId>,
    people: HashMap<(PersonNumber, Option<u32>), Person>,
    /// To whom, where the question does not say.
    recipients: Option<HashMap<(Option<i64>, PersonNumber), Reaching>>,
    message: Option<OneMessage>,
    reach: Reach,
    times: Option<(i64, i64)>,
}

/// The message whose findings are read.
struct OneMessage {
    entry: u64,
    at: i64,
    fate: Fate,
    recipient: Option<i64>,
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

/// Texts of the index by their numbers, as words.
struct Numbered<'a> {
    find: CachedStatement<'a>,
    known: HashMap<i64, u32>,
}

impl<'a> Numbered<'a> {
    fn of(connection: &'a Connection, sql: &str) -> Result<Self, IndexError> {
        let find = connection.prepare_cached(sql)?;
        let known = HashMap::new();
        Ok(Self { find, known })
    }

    fn word(&mut self, number: i64, words: &mut Words) -> Result<u32, IndexError> {
        if let Some(word) = self.known.get(&number) {
            return Ok(*word);
        }
        let text: String = self.find.query_row([number], |row| row.get(0))?;
        let word = words.number(&text);
        self.known.insert(number, word);
        Ok(word)
    }
}

impl<'a> Fold<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        schools: HashMap<PersonNumber, String>,
        question: &Question,
    ) -> Result<Self, IndexError> {
        let mut words = Words::default();
        let schools = schools.into_iter();
        let schools = schools
            .map(|(person, school)| (person, words.number(&school)))
            .collect();
        Ok(Self {
            shapes: Shapes::new(connection)?,
            digested: HashMap::new(),
            only: question.school.as_deref().map(|school| words.number(school)),
            element: question.element.clone(),
            words,
            recorded: Numbered::of(connection, "select text from school where id = ?1")?,
            names: Numbered::of(connection, "select text from word where id = ?1")?,
            schools,
            people: HashMap::new(),
            recipients: question.recipient.is_none().then(HashMap::new),
            message: None,
            reach: Reach::default(),
            times: None,
        })
    }

    /// A row of this message follows. `recipient`: number of its word.
    pub(super) fn message(
        &mut self,
        entry: u64,
        at: i64,
        fate: Fate,
        recipient: Option<i64>,
    ) -> Result<(), IndexError> {
        if self.message.as_ref().is_some_and(|message| message.entry == entry) {
            return Ok(());
        }
        self.close()?;
        self.message = Some(OneMessage {
            entry,
            at,
            fate,
            recipient,
            // Of one school or element only the messages count that hold something of it.
            is_counted: self.only.is_none() && self.element.is_none(),
            unlinked: None,
            outsiders: None,
        });
        Ok(())
    }

    /// One of its findings; `school`: number of the word that the entry has for the person's.
    pub(super) fn finding(&mut self, person: Option<u32>, school: Option<i64>, shape: i64) -> Result<(), IndexError> {
        let shape = self.shape(shape)?;
        let person = person.map(PersonNumber);
        let then = school
            .map(|school| self.recorded.word(school, &mut self.words))
            .transpose()?;
        let today = || person.and_then(|person| self.schools.get(&person).copied());
        let school = then.or_else(today).or(shape.school);
        if !shape.is_asked || (self.only.is_some() && self.only != school) {
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
                if let Some(recipients) = &mut self.recipients {
                    let known = recipients.entry((message.recipient, number)).or_insert(extent);
                    *known = extent.min(*known);
                }
                let at = message.at;
                let person = self.people.entry((number, school));
                let person = person.or_insert_with(|| Person::new(at, extent, subject));
                person.is_of_today |= then.is_none() && school.is_some();
                person.take(at, extent, &shape, &mut self.words);
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
        let found = entry.element.parse::<ElementId>().ok();
        let covers = |element: &ElementId| found.as_ref().is_some_and(|found| element.covers(found));
        let shape = Shape {
            element: self.words.number(&entry.element),
            is_asked: self.element.as_ref().is_none_or(covers),
            subject: entry.subject.as_deref().map(|subject| self.words.number(subject)),
            school: entry.school.as_deref().map(|school| self.words.number(school)),
            bases: entry.basis.iter().map(|basis| self.words.number(basis)).collect(),
            is_taken_out: matches!(entry.treated.as_str(), "drop" | "block"),
            is_as_it_was: entry.treated == "pass",
            is_record_required: entry.must_be_recorded() == Some(true),
        };
        self.digested.insert(number, shape.clone());
        Ok(shape)
    }

    fn close(&mut self) -> Result<(), IndexError> {
        let Some(message) = self.message.take().filter(|message| message.is_counted) else {
            return Ok(());
        };
        *self.reach.messages.entry(message.fate).or_default() += 1;
        if self.recipients.is_some() {
            let recipient = self.recipient(message.recipient)?;
            *recipient.messages.entry(message.fate).or_default() += 1;
        }
        if let Some(extent) = message.unlinked {
            self.reach.unlinked.count(extent);
        }
        if let Some(extent) = message.outsiders {
            self.reach.outsiders.count(extent);
        }
        let (first, last) = self.times.unwrap_or((message.at, message.at));
        self.times = Some((first.min(message.at), last.max(message.at)));
        Ok(())
    }

    fn recipient(&mut self, recipient: Option<i64>) -> Result<&mut RecipientReach, IndexError> {
        let name = recipient
            .map(|recipient| self.names.word(recipient, &mut self.words))
            .transpose()?;
        let name = name.map(|name| self.words.text(name));
        Ok(self.reach.recipients.entry(name).or_default())
    }

    /// The counts.
    pub(super) fn finish(mut self) -> Result<Reach, IndexError> {
        self.close()?;
        for ((recipient, _), extent) in self.recipients.take().unwrap_or_default() {
            self.recipient(recipient)?.people.count(extent);
        }
        let mut reach = self.reach;
        if let Some((first, last)) = self.times {
            (reach.first_at, reach.last_at) = (Some(time(first)?), Some(time(last)?));
        }
        for ((number, school), person) in self.people {
            let school = school.map(|school| self.words.text(school));
            let parts = reach.affected.people.entry(number).or_default();
            parts.push(person.spelled(school, &self.words));
        }
        for parts in reach.affected.people.values_mut() {
            settle(parts);
            let mut whole = parts[0].clone();
            parts[1..].iter().for_each(|part| whole.join(part));
            reach.all.count(&whole);
            reach.schools_of_today += u64::from(whole.is_of_today);
            for part in parts {
                reach.schools.entry(part.school.clone()).or_default().count(part);
            }
        }
        Ok(reach)
    }
}

/// In the order of time; what is of no known school goes to the last that is known.
fn settle(parts: &mut Vec<AffectedPerson>) {
    parts.sort_by(|a, b| (a.last, &a.school).cmp(&(b.last, &b.school)));
    let unknown = parts.iter().position(|part| part.school.is_none());
    if let Some(unknown) = unknown.filter(|_| parts.len() > 1) {
        let unknown = parts.remove(unknown);
        if let Some(last) = parts.last_mut() {
            last.join(&unknown);
        }
    }
}

impl AffectedPerson {
    /// Takes in what another part says of the same person.
    fn join(&mut self, other: &Self) {
        self.extent = self.extent.min(other.extent);
        if other.last > self.last {
            self.subject.clone_from(&other.subject);
        }
        for (element, (extent, is_as_it_was)) in &other.elements {
            let known = self.elements.entry(element.clone()).or_insert((Reaching::Kept, false));
            *known = (known.0.min(*extent), known.1 | is_as_it_was);
        }
        for (basis, extent) in &other.bases {
            let known = self.bases.entry(basis.clone()).or_insert(*extent);
            *known = *extent.min(known);
        }
        self.record_required = match other.record_required {
            Some(extent) => surest(self.record_required, extent),
            None => self.record_required,
        };
        self.is_of_today |= other.is_of_today;
        (self.first, self.last) = (self.first.min(other.first), self.last.max(other.last));
    }
}

impl Person {
    fn new(at: i64, extent: Reaching, subject: u32) -> Self {
        Self {
            extent,
            subject,
            is_of_today: false,
            elements: BTreeMap::new(),
            bases: BTreeMap::new(),
            record_required: None,
            first: at,
            last: at,
        }
    }

    fn take(&mut self, at: i64, extent: Reaching, shape: &Shape, words: &mut Words) {
        self.extent = self.extent.min(extent);
        (self.first, self.last) = (self.first.min(at), self.last.max(at));
        if let Some(subject) = shape.subject
            && self.last == at
        {
            // Somebody grows: the newest entry says what they are.
            self.subject = subject;
        }
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

    fn spelled(self, school: Option<String>, words: &Words) -> AffectedPerson {
        let elements = self.elements.into_iter();
        let bases = self.bases.into_iter();
        AffectedPerson {
            extent: self.extent,
            subject: words.text(self.subject),
            school,
            elements: elements
                .map(|(element, extent)| (words.text(element), extent))
                .collect(),
            bases: bases.map(|(basis, extent)| (words.text(basis), extent)).collect(),
            record_required: self.record_required,
            is_of_today: self.is_of_today,
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
