//! One sentence to what it says: elements, people, condition, claims.
//!
//! Start at [`read`]. Deterministic: the lexicon's phrases in the order of the words, and five rules of grammar. A person
//! named right before an element owns it ("student names"); elements in a clause that says "not stored" or "stored as"
//! belong to that claim and do not leave; what the publisher *receives* does not leave; generic words ("personal
//! information") count only where nothing better is named; "not … unless you" is a condition.
//!
//! Invariants: a sentence that negates, and whose "no" or "never" is not part of a claim or a condition, lets nothing
//! leave. Reading takes time that grows with the text: what is longer than a sentence is not read.

mod nouns;
mod unread;

use std::collections::BTreeSet;

use averment_catalog::{ElementId, PurposeId, SubjectId, catalog};

use super::lexicon::{ClaimPhrase, Hit, When, lexicon};
use super::sentence::clauses;
use super::statement::Mark;
use super::words::{SENTENCE_WORDS_MAX, Word, words};
use crate::charter::Condition;
use nouns::groups;
pub(super) use nouns::{Found, nouns};
pub(super) use unread::items as unread;

/// Elements that leave, and whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The elements.
    pub(super) elements: BTreeSet<ElementId>,
    /// Whose, when the sentence says so.
    pub(super) subjects: BTreeSet<SubjectId>,
    /// Whether only generic words named them.
    pub(super) generic: bool,
    /// Every user's, whoever else the sentence names.
    pub(super) everyone: bool,
}

/// A claim that a sentence makes, with the elements that it is about.
#[derive(Debug)]
pub(super) struct SaidClaim {
    /// The phrase of the lexicon.
    pub(super) phrase: &'static ClaimPhrase,
    /// The elements.
    pub(super) elements: BTreeSet<ElementId>,
    /// Whose, where the claim says so; everybody's when empty.
    pub(super) subjects: BTreeSet<SubjectId>,
}

/// What a sentence says.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// What leaves.
    pub(super) groups: Vec<Group>,
    /// People that the sentence names.
    pub(super) subjects: BTreeSet<SubjectId>,
    /// When.
    pub(super) when: Option<Condition>,
    /// It leaves open whether it is so at all ("may contain").
    pub(super) possible: bool,
    /// The publisher sends it on an occasion of its own too ("or when we send a mailing").
    pub(super) besides: bool,
    /// Claims.
    pub(super) claims: Vec<SaidClaim>,
    /// Purposes.
    pub(super) purposes: BTreeSet<PurposeId>,
    /// It says that something is not so, in words that no claim covers: a person has to read it.
    pub(super) denies: bool,
    /// People named in what it says is not so.
    pub(super) denied: BTreeSet<SubjectId>,
    /// Items of its lists that the lexicon does not know, as they are written.
    pub(super) unread: Vec<String>,
}

/// Words that turn a sentence round.
const NEGATORS: [&str; 14] = [
    "no",
    "not",
    "never",
    "none",
    "neither",
    "nor",
    "without",
    "cannot",
    "nothing",
    "nobody",
    "nowhere",
    "except",
    "excluding",
    "excluded",
];

/// Whether a word turns its sentence round; `don't` and its kin do.
pub(super) fn negates(word: &Word) -> bool {
    NEGATORS.contains(&word.stem.as_str()) || word.stem.ends_with("n't")
}

/// Reads one sentence of a document that `organisation` published.
pub(super) fn read(sentence: &str, organisation: &str) -> Reading {
    let mut reading = Reading::default();
    let all = spoken(sentence, organisation);
    if all.len() > SENTENCE_WORDS_MAX {
        reading.denies = true;
        return reading;
    }
    for clause in clauses(sentence) {
        reading.clause(clause, &spoken(clause, organisation));
    }
    // "We never share names, but grades": whether the rest leaves is for a person to tell.
    let prohibits = reading.claims.iter().any(SaidClaim::prohibits);
    reading.denies |= prohibits && !reading.groups.is_empty();
    if reading.denies {
        // Nothing of it leaves: neither the elements of the clause that negates nor those of a list after it. What holds
        // for a sentence that says "not" is for a person to tell.
        reading.denied.append(&mut reading.subjects);
        reading.groups.clear();
        reading.unread.clear();
        return reading;
    }
    let generic = reading.groups.iter().all(|group| group.generic);
    let conditions = lexicon().conditions.find(&all);
    let fitting = conditions
        .iter()
        .map(|hit| hit.means)
        .filter(|when| generic || !when.generic_only);
    reading.when = fitting
        .min_by_key(|when: &&When| when.rank)
        .map(|when| when.when.clone());
    reading.possible = !lexicon().possible.find(&all).is_empty();
    reading.besides = !lexicon().besides.find(&all).is_empty();
    reading.purposes = lexicon()
        .purposes
        .find(&all)
        .iter()
        .flat_map(|hit| hit.means.iter().cloned())
        .collect();
    if reading.groups.iter().any(|group| !group.generic) {
        reading.groups.retain(|group| !group.generic);
    }
    reading
}

/// Forms of company that a name may go without.
const COMPANY_FORMS: [&str; 9] = ["inc", "ltd", "llc", "gmbh", "oy", "ab", "corp", "limited", "co"];

/// The words of a text with the publisher's name, and "we", as `@organisation`.
pub(super) fn spoken(text: &str, organisation: &str) -> Vec<Word> {
    let mut name = words(organisation);
    while name.len() > 1
        && name
            .last()
            .is_some_and(|word| COMPANY_FORMS.contains(&word.stem.as_str()))
    {
        name.pop();
    }
    let text = words(text);
    let (mut found, mut at): (Vec<Word>, usize) = (Vec::new(), 0);
    while at < text.len() {
        let named = |length: usize| {
            let here = text.get(at..at + length).unwrap_or_default();
            length > 0 && here.len() == length && here.iter().zip(&name).all(|(here, name)| here.stem == name.stem)
        };
        let length = match () {
            () if named(name.len()) => name.len(),
            () if text[at].stem == "we" => 1,
            () => {
                found.push(text[at].clone());
                at += 1;
                continue;
            }
        };
        found.push(Word {
            stem: "@organisation".to_owned(),
            at: text[at].at.start..text[at + length - 1].at.end,
        });
        at += length;
    }
    found
}

impl SaidClaim {
    /// Whether it says that no student records are there: "No Student Records", "no personal data is shared".
    pub(super) fn no_student_records(&self) -> bool {
        self.phrase.kind == "never_shares" && self.phrase.elements.as_deref().is_none_or(|place| place == "own")
    }

    /// Whether it says what is never shared.
    fn prohibits(&self) -> bool {
        self.phrase.kind == "never_shares"
    }
}

/// What the phrases of a clause claim, and which of its words they take.
struct Claimed<'a> {
    text: &'a [Word],
    /// All phrases of claims.
    all: Vec<Hit<'static, ClaimPhrase>>,
    /// A negation that is part of no phrase.
    denies: bool,
}

fn within<T>(hits: &[Hit<'_, T>], at: usize) -> bool {
    hits.iter().any(|hit| hit.start <= at && at < hit.end)
}

impl<'a> Claimed<'a> {
    fn read(text: &'a [Word], nouns: &[Found]) -> Self {
        let negative = |start: usize, end: usize| text[start..end].iter().any(negates);
        let mut unless = lexicon().conditions.find(text);
        unless.retain(|hit| negative(hit.start, hit.end));
        let marks = &lexicon().statement;
        // "Never shared except …" and "does not knowingly share" forbid less than they seem to.
        let unsure = [Mark::Except, Mark::Doubt]
            .iter()
            .any(|mark| !marks.mark(*mark).find(text).is_empty());
        let mut all = lexicon().claims.find(text);
        all.retain(|hit| {
            let prohibits = hit.means.kind == "never_shares" && hit.means.elements.is_some();
            !(prohibits && (unsure || (hit.start..hit.end).any(|at| within(&unless, at))))
        });
        // "Opted in or not" is an element: its "not" turns nothing round.
        let choice = |at: usize| {
            let after_or = at > 0 && text[at - 1].stem == "or";
            after_or && nouns.iter().any(|noun| noun.start <= at && at < noun.end)
        };
        let covered = |at: usize| choice(at) || within(&all, at) || within(&unless, at);
        let denies = (0..text.len()).any(|at| negates(&text[at]) && !covered(at));
        Self { text, all, denies }
    }

    fn negative(&self, hit: &Hit<'_, ClaimPhrase>) -> bool {
        self.text[hit.start..hit.end].iter().any(negates)
    }

    /// "Not encrypted at rest" is no claim of encryption; "no student records" negates by itself and stays one.
    fn claims(&self) -> impl Iterator<Item = &Hit<'static, ClaimPhrase>> {
        self.all.iter().filter(|hit| !self.denies || self.negative(hit))
    }

    /// Whether what the noun names may leave: not what stands behind "does not store" or beside "no student records".
    fn leaves(&self, noun: &Found) -> bool {
        self.claims()
            .filter(|hit| self.negative(hit))
            .all(|hit| noun.end <= hit.start && hit.means.kind != "never_shares")
    }
}

impl Reading {
    fn clause(&mut self, written: &str, text: &[Word]) {
        let nouns = nouns(written, text);
        let claimed = Claimed::read(text, &nouns);
        let hits = &claimed.all;
        // Words of a claim ("No Student Records", "no-cookie") name neither people nor what leaves.
        let (said, free): (Vec<&Found>, Vec<&Found>) = nouns
            .iter()
            .partition(|noun| hits.iter().any(|hit| noun.start < hit.end && hit.start < noun.end));
        let mut kept = false;
        for hit in claimed.claims() {
            let place = hit.means.elements.as_deref();
            let own: Vec<&Found> = free
                .iter()
                .filter(|noun| place != Some("own") && (place != Some("before") || noun.end <= hit.start))
                .chain(&said)
                .copied()
                .collect();
            kept |= place.is_some_and(|place| place != "own");
            self.claims.extend(said_claims(hit.means, &own));
        }
        let (leaving, under): (Vec<&Found>, Vec<&Found>) = free.iter().partition(|noun| claimed.leaves(noun));
        let named =
            |nouns: &[&Found]| -> Vec<SubjectId> { nouns.iter().flat_map(|noun| noun.named.iter().cloned()).collect() };
        self.subjects.extend(named(&leaving));
        self.denied.extend(named(&under));
        self.denies |= claimed.denies || !kept && under.iter().any(|noun| !noun.elements.is_empty());
        if !kept && lexicon().inbound.find(text).is_empty() {
            // "Personal data written to disk is encrypted" speaks of what is there, not of more that leaves.
            let named = groups(&leaving)
                .into_iter()
                .filter(|group| hits.is_empty() || !group.generic);
            self.groups.extend(named);
            self.unread.extend(unread(written, text, &nouns));
        }
    }
}

/// The claim of a phrase; one for each owner where it says whose the elements are ("passwords and student addresses").
fn said_claims(phrase: &'static ClaimPhrase, nouns: &[&Found]) -> Vec<SaidClaim> {
    if phrase.kind == "never_shares" && phrase.elements.is_some() {
        return vec![prohibition(phrase, nouns)];
    }
    let mut claims: Vec<SaidClaim> = Vec::new();
    for noun in nouns.iter().filter(|noun| !noun.elements.is_empty()) {
        let owner = noun
            .owner
            .iter()
            .chain(&noun.of_whom)
            .filter(|_| phrase.kind == "stored_as");
        let subjects: BTreeSet<SubjectId> = owner.cloned().collect();
        let elements = noun.elements.iter().cloned();
        match claims.iter_mut().find(|claim| claim.subjects == subjects) {
            Some(claim) => claim.elements.extend(elements),
            None => claims.push(SaidClaim {
                phrase,
                elements: elements.collect(),
                subjects,
            }),
        }
    }
    if claims.is_empty() {
        claims.push(SaidClaim {
            phrase,
            elements: BTreeSet::new(),
            subjects: BTreeSet::new(),
        });
    }
    claims
}

/// What is never shared, and whose: of those named in the clause, or everybody's.
fn prohibition(phrase: &'static ClaimPhrase, nouns: &[&Found]) -> SaidClaim {
    let better = nouns.iter().any(|noun| !noun.generic && !noun.elements.is_empty());
    let named = nouns.iter().filter(|noun| !better || !noun.generic);
    let people = nouns
        .iter()
        .flat_map(|noun| noun.named.iter().chain(&noun.owner).chain(&noun.of_whom));
    let people: BTreeSet<SubjectId> = people.cloned().collect();
    SaidClaim {
        phrase,
        elements: named.flat_map(|noun| noun.elements.iter().cloned()).collect(),
        subjects: if people.is_empty() { everybody() } else { people },
    }
}

/// Everybody: the kinds of data subjects that are no part of another.
pub(super) fn everybody() -> BTreeSet<SubjectId> {
    let all = || catalog().subjects().map(|row| &row.id);
    let part = |id: &SubjectId| all().any(|other| other != id && other.covers(id));
    all().filter(|id| !part(id)).cloned().collect()
}

#[cfg(test)]
mod tests;
