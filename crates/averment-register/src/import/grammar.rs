//! One sentence to what it says: elements, people, condition, claims.
//!
//! Start at [`read`]. Deterministic: the lexicon's phrases in the order of the words, and five rules of grammar. A person
//! named right before an element owns it ("student names"); elements in a clause that says "not stored" or "stored as"
//! belong to that claim and do not leave; what the publisher *receives* does not leave; generic words ("personal
//! information") count only where nothing better is named.
//!
//! Invariant: a sentence that negates, and whose "no" or "never" is not part of a claim, lets nothing leave.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, PurposeId, SubjectId};

use super::lexicon::{ClaimPhrase, Noun, When, lexicon};
use super::sentence::clauses;
use super::words::{Word, words};
use crate::charter::Condition;

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
    for clause in clauses(sentence) {
        reading.clause(&spoken(clause, organisation));
    }
    if reading.denies {
        // Nothing of it leaves: neither the elements of the clause that negates nor those of a list after it. What holds
        // for a sentence that says "not" is for a person to tell.
        reading.denied.append(&mut reading.subjects);
        reading.groups.clear();
        return reading;
    }
    let all = spoken(sentence, organisation);
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

impl Reading {
    fn clause(&mut self, text: &[Word]) {
        let nouns = nouns(text);
        let hits = lexicon().claims.find(text);
        let within = |at: usize, start: usize, end: usize| start <= at && at < end;
        // "Opted in or not" is an element: its "not" turns nothing round.
        let choice = |at: usize| {
            let after_or = at > 0 && text[at - 1].stem == "or";
            after_or && nouns.iter().any(|noun| within(at, noun.start, noun.end))
        };
        let covered = |at: usize| choice(at) || hits.iter().any(|hit| within(at, hit.start, hit.end));
        let negative = |range: std::ops::Range<usize>| text[range].iter().any(negates);
        let denies = (0..text.len()).any(|at| negates(&text[at]) && !covered(at));
        // "Not encrypted at rest" is no claim of encryption; "no student records" negates by itself and stays one.
        let claims = || hits.iter().filter(|hit| !denies || negative(hit.start..hit.end));
        // Words of a claim ("No Student Records", "no-cookie") name neither people nor what leaves.
        let (said, free): (Vec<&Found>, Vec<&Found>) = nouns
            .iter()
            .partition(|noun| hits.iter().any(|hit| noun.start < hit.end && hit.start < noun.end));
        let mut kept = false;
        for hit in claims() {
            let before = hit.means.elements.as_deref() == Some("before");
            let own: Vec<&Found> = free
                .iter()
                .chain(&said)
                .copied()
                .filter(|noun| !before || noun.end <= hit.start)
                .collect();
            kept |= hit.means.elements.is_some();
            self.claims.extend(said_claims(hit.means, &own));
        }
        // What stands behind "does not store" or beside "no student records" is under their "no".
        let bare = |noun: &&&Found| {
            claims()
                .filter(|hit| negative(hit.start..hit.end))
                .all(|hit| noun.end <= hit.start && hit.means.kind != "never_shares")
        };
        let (leaving, under): (Vec<&Found>, Vec<&Found>) = free.iter().partition(|noun| bare(noun));
        let named =
            |nouns: &[&Found]| -> Vec<SubjectId> { nouns.iter().flat_map(|noun| noun.named.iter().cloned()).collect() };
        self.subjects.extend(named(&leaving));
        self.denied.extend(named(&under));
        self.denies |= denies || !kept && under.iter().any(|noun| !noun.elements.is_empty());
        if !kept && lexicon().inbound.find(text).is_empty() {
            // "Personal data written to disk is encrypted" speaks of what is there, not of more that leaves.
            let named = groups(&leaving)
                .into_iter()
                .filter(|group| hits.is_empty() || !group.generic);
            self.groups.extend(named);
        }
    }
}

/// The claim of a phrase; one for each owner where it says whose the elements are ("passwords and student addresses").
fn said_claims(phrase: &'static ClaimPhrase, nouns: &[&Found]) -> Vec<SaidClaim> {
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

/// A noun phrase that names elements, with its owner, or people.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// First word.
    pub(super) start: usize,
    /// Behind the last word.
    pub(super) end: usize,
    /// The elements; none for people.
    pub(super) elements: Vec<ElementId>,
    /// They name nothing in particular.
    pub(super) generic: bool,
    everyone: bool,
    /// Whose: named right before the elements.
    pub(super) owner: Vec<SubjectId>,
    /// Whose: named right behind them ("addresses of students").
    pub(super) of_whom: Vec<SubjectId>,
    /// People named here.
    pub(super) named: Vec<SubjectId>,
    /// People of no particular kind.
    pub(super) anyone: bool,
}

/// The nouns of a text, in order.
pub(super) fn nouns(text: &[Word]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut before: (usize, Vec<SubjectId>) = (usize::MAX, Vec::new());
    for hit in lexicon().nouns.find(text) {
        let mut noun = Found {
            start: hit.start,
            end: hit.end,
            ..Found::default()
        };
        match hit.means {
            Noun::Elements(named) => {
                noun.elements.clone_from(&named.elements);
                (noun.generic, noun.everyone) = (named.generic, named.everyone);
                if named.subjects.is_empty() {
                    noun.named = people(&text[hit.start..hit.end]);
                }
                noun.owner.clone_from(if before.0 == hit.start {
                    &before.1
                } else {
                    &named.subjects
                });
            }
            Noun::Subjects(subjects) => {
                noun.named.clone_from(subjects);
                let of = hit.start > 0 && ["of", "for"].contains(&text[hit.start - 1].stem.as_str());
                let last = found
                    .last_mut()
                    .filter(|last: &&mut Found| of && last.end + 1 == hit.start);
                if let Some(last) = last.filter(|last| last.owner.is_empty()) {
                    last.of_whom.clone_from(subjects);
                }
                before = (hit.end, subjects.clone());
            }
            Noun::Anyone => noun.anyone = true,
            Noun::Ignore => {}
        }
        found.push(noun);
    }
    found
}

/// People named inside a phrase ("images from students' projects").
fn people(words: &[Word]) -> Vec<SubjectId> {
    let hits = words
        .iter()
        .flat_map(|word| lexicon().nouns.find(std::slice::from_ref(word)));
    let subjects = hits.filter_map(|hit| match hit.means {
        Noun::Subjects(subjects) => Some(subjects.clone()),
        _ => None,
    });
    subjects.flatten().collect()
}

/// Elements by owner; those without one belong to everybody whom the clause names.
fn groups(nouns: &[&Found]) -> Vec<Group> {
    let everybody: BTreeSet<SubjectId> = nouns.iter().flat_map(|noun| noun.named.iter().cloned()).collect();
    let mut groups: Vec<Group> = Vec::new();
    for noun in nouns.iter().filter(|noun| !noun.elements.is_empty()) {
        let owner: BTreeSet<SubjectId> = noun.owner.iter().cloned().collect();
        let subjects = match (noun.everyone, owner.is_empty()) {
            (true, _) => BTreeSet::new(),
            (false, true) => everybody.clone(),
            (false, false) => owner,
        };
        let elements: BTreeSet<ElementId> = noun.elements.iter().cloned().collect();
        let group = Group {
            elements,
            subjects,
            generic: noun.generic,
            everyone: noun.everyone,
        };
        let same = |other: &&mut Group| {
            (&other.subjects, other.generic, other.everyone) == (&group.subjects, group.generic, group.everyone)
        };
        match groups.iter_mut().find(same) {
            Some(other) => other.elements.extend(group.elements),
            None => groups.push(group),
        }
    }
    groups
}
