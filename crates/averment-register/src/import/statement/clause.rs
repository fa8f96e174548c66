//! A sentence to clauses: one predicate each, with its verbs, people, elements, negations and exceptions.
//!
//! Start at [`clauses`]. An exception ("unless …") stands at the end of its clause, or at the front up to the first comma; what is
//! in it is no part of what the clause says.
//!
//! Invariant: a clause whose negations are not understood has no polarity, and then no rule reads it.

use std::collections::BTreeSet;
use std::ops::Range;

use averment_catalog::{SubjectId, Vocabulary, WordId, catalog};

use super::parts::{Scene, parts};
use super::tables::{Mark, Verb};
use super::{Context, tables};
use crate::charter::{Condition, Elements, Subjects, Words};
use crate::import::grammar::{self, Found};
use crate::import::identify;
use crate::import::lexicon::{Hit, lexicon};
use crate::import::words::{SENTENCE_WORDS_MAX, Word};

/// What somebody does, and what counts only when the organisation does it.
const DEEDS: [Verb; 9] = [
    Verb::Collect,
    Verb::Store,
    Verb::Keep,
    Verb::Erase,
    Verb::Encrypt,
    Verb::Transform,
    Verb::Certify,
    Verb::Comply,
    Verb::Share,
];

/// Words with a capital at the front of a sentence that are no names; stems.
const COMMON: [&str; 13] = [
    "is",
    "are",
    "also",
    "never",
    "not",
    "only",
    "fully",
    "automatically",
    "always",
    "please",
    "to",
    "and",
    "then",
];

/// Elements that are parties to the contract when they do not stand in a list.
const PARTIES: [&str; 4] = ["school", "company", "employer", "title"];

/// One predicate of a sentence.
pub(super) struct Clause<'a> {
    /// Its text.
    pub(super) text: &'a str,
    /// Its words.
    pub(super) words: Vec<Word>,
    /// Its verbs, in order.
    pub(super) verbs: Vec<Hit<'static, Verb>>,
    nouns: Vec<Found>,
    negators: Vec<usize>,
    /// The words that are no exception.
    pub(super) main: Range<usize>,
    /// The words of the exception.
    pub(super) except: Option<Range<usize>>,
    /// Whether the organisation is named in it or, with no other subject, in the clause before.
    pub(super) speaks_of_own: bool,
    /// What stands around the sentence.
    pub(super) context: &'a Context<'a>,
}

/// The clauses of a text.
pub(super) fn clauses<'a>(text: &'a str, context: &'a Context<'a>) -> Vec<Clause<'a>> {
    let scene = Scene::by(text, context.organisation);
    if scene.words.len() > SENTENCE_WORDS_MAX {
        return Vec::new();
    }
    let parts = parts(&scene);
    let mut clauses: Vec<Clause<'a>> = Vec::new();
    for range in parts.into_iter().filter(|range| !range.is_empty()) {
        let from = scene.words[range.start].at.start;
        let to = scene.words.get(range.end).map_or(text.len(), |next| next.at.start);
        let mut own = scene.words[range].to_vec();
        own.iter_mut()
            .for_each(|word| word.at = word.at.start - from..word.at.end - from);
        let mut clause = Clause::new(&text[from..to], own, context);
        let carried = clauses.last().is_some_and(|before| before.speaks_of_own);
        clause.speaks_of_own |= carried && !clause.other_agent() && !clause.has(Mark::Pronoun);
        clauses.push(clause);
    }
    clauses
}

impl<'a> Clause<'a> {
    fn new(text: &'a str, words: Vec<Word>, context: &'a Context<'a>) -> Self {
        let idioms = tables().mark(Mark::Idiom).find(&words);
        let excepts = tables().mark(Mark::Except).find(&words);
        let verbs = tables().verbs.find(&words);
        let (mut main, mut except) = (0..words.len(), None);
        match excepts.first() {
            Some(hit) if hit.start <= 1 && verbs.iter().any(|verb| verb.start > hit.end) => {
                let comma =
                    (hit.end..words.len()).find(|at| text[words[at - 1].at.end..words[*at].at.start].contains(','));
                let end = comma.unwrap_or(words.len());
                (main, except) = (end..words.len(), Some(hit.start..end));
                // A second exception at the end.
                if let Some(second) = excepts.iter().find(|second| second.start >= end) {
                    main.end = second.start;
                    except = Some(second.start..words.len());
                }
            }
            Some(hit) => (main, except) = (0..hit.start, Some(hit.start..words.len())),
            None => {}
        }
        let idiomatic = |at: usize| idioms.iter().any(|hit| hit.start <= at && at < hit.end);
        let negators = main
            .clone()
            .filter(|at| grammar::negates(&words[*at]) && !idiomatic(*at))
            .collect();
        Self {
            text,
            nouns: grammar::nouns(text, &words),
            speaks_of_own: words[main.clone()].iter().any(|word| word.stem == "@organisation"),
            words,
            verbs,
            negators,
            main,
            except,
            context,
        }
    }

    /// The first of these verbs outside of an exception, with whether it is affirmed. None when there is none, or when
    /// what is said of it is not sure: an effort, a duty of others, two negations, one behind the verb.
    pub(super) fn verb(&self, wanted: &[Verb]) -> Option<(&Hit<'static, Verb>, bool)> {
        let hit = self
            .verbs
            .iter()
            .find(|hit| wanted.contains(hit.means) && self.main.contains(&hit.start))?;
        if DEEDS.contains(hit.means) && self.done_by_another(hit.start) {
            return None;
        }
        Some((hit, self.affirms(hit.start..hit.end)?))
    }

    /// Whether another than the organisation stands right before the verb as the one who does it ("Zendesk keeps …").
    fn done_by_another(&self, verb: usize) -> bool {
        let Some(before) = verb.checked_sub(1).filter(|at| self.main.contains(at)) else {
            return false;
        };
        let word = &self.words[before];
        let agents = tables().mark(Mark::OtherAgent).find(&self.words[..verb]);
        let known = agents.last().is_some_and(|hit| hit.end == verb)
            || catalog()
                .third_parties()
                .any(|party| identify::spoken_of(party, self.text, word));
        // A name that is no word of the lexicon and not the organisation's is somebody else's.
        let named = self.text[word.at.clone()].starts_with(char::is_uppercase);
        let meant = self.nouns.iter().any(|noun| noun.start <= before && before < noun.end)
            || self.law_or_certificate(before)
            || self.marked(Mark::Everything, before..verb)
            || self.verbs.iter().any(|hit| hit.start <= before && before < hit.end);
        let own = word.stem == "@organisation" || self.context.organisation.is_empty();
        known || named && !meant && !own && !COMMON.contains(&word.stem.as_str())
    }

    /// Whether what stands at `at` is affirmed or denied; none when that is not sure.
    pub(super) fn affirms(&self, at: Range<usize>) -> Option<bool> {
        if self.has(Mark::Doubt) {
            return None;
        }
        let plain = |negator: &&usize| self.words[**negator].stem != "nor";
        let behind = self.negators.iter().filter(plain).any(|negator| *negator >= at.end);
        match self.negators.iter().filter(plain).count() {
            _ if behind => None,
            0 => Some(self.negators.is_empty()),
            1 => Some(false),
            _ => None,
        }
    }

    /// Whether the mark stands in the clause, exceptions left out.
    pub(super) fn has(&self, mark: Mark) -> bool {
        self.marked(mark, self.main.clone())
    }

    /// Whether the mark stands in these words.
    pub(super) fn marked(&self, mark: Mark, range: Range<usize>) -> bool {
        self.first(mark, range).is_some()
    }

    /// The first place of the mark in these words.
    pub(super) fn first(&self, mark: Mark, range: Range<usize>) -> Option<Range<usize>> {
        let hits = tables().mark(mark).find(&self.words[range.clone()]);
        hits.first().map(|hit| hit.start + range.start..hit.end + range.start)
    }

    /// Whether it sets a condition that no rule has looked at.
    pub(super) fn conditional(&self) -> bool {
        let words = &self.words[self.main.clone()];
        // "As long as students use student accounts" says of whom the clause speaks.
        let scopes = tables().scopes.find(words);
        let conditions = tables().mark(Mark::If).find(words);
        conditions.iter().any(|hit| {
            !scopes
                .iter()
                .any(|scope| scope.start <= hit.start && hit.end <= scope.end)
        })
    }

    /// Words of a vocabulary in these words, with their places.
    pub(super) fn hits(&self, vocabulary: Vocabulary, range: Range<usize>) -> Vec<(Range<usize>, WordId)> {
        let hits = tables().vocabulary(vocabulary).find(&self.words[range.clone()]);
        hits.into_iter()
            .map(|hit| (hit.start + range.start..hit.end + range.start, hit.means.clone()))
            .collect()
    }

    /// Words of a vocabulary in these words.
    pub(super) fn vocabulary(&self, vocabulary: Vocabulary, range: Range<usize>) -> Words {
        self.hits(vocabulary, range).into_iter().map(|(_, word)| word).collect()
    }

    /// Elements that are named in these words; generic words do not count.
    pub(super) fn elements(&self, range: Range<usize>) -> Elements {
        self.named(&range)
            .filter(|noun| !noun.generic)
            .flat_map(|noun| noun.elements.iter().cloned())
            .collect()
    }

    /// Elements that are named in these words, by whose they are; those of nobody in particular are everybody's.
    pub(super) fn owned(&self, range: Range<usize>) -> Vec<(Elements, Subjects)> {
        let better = !self.elements(range.clone()).is_empty();
        let mut found: Vec<(Elements, Subjects)> = Vec::new();
        for noun in self
            .named(&range)
            .filter(|noun| !noun.elements.is_empty() && (!better || !noun.generic))
        {
            let whose: Subjects = noun.owner.iter().chain(&noun.of_whom).cloned().collect();
            let elements = noun.elements.iter().cloned();
            match found.iter_mut().find(|(_, subjects)| *subjects == whose) {
                Some((known, _)) => known.extend(elements),
                None => found.push((elements.collect(), whose)),
            }
        }
        found
    }

    /// Whose: the people named in these words.
    pub(super) fn subjects(&self, range: Range<usize>) -> BTreeSet<SubjectId> {
        let scopes = tables().scopes.find(&self.words[range.clone()]);
        let scoped = scopes.iter().flat_map(|hit| hit.means.iter().cloned());
        let owners = self
            .named(&range)
            .flat_map(|noun| noun.owner.iter().chain(&noun.of_whom).chain(&noun.named));
        owners.cloned().chain(scoped).collect()
    }

    fn named(&self, range: &Range<usize>) -> impl Iterator<Item = &Found> {
        self.nouns
            .iter()
            .filter(move |noun| range.start <= noun.start && noun.end <= range.end && !self.is_party(noun))
    }

    /// "The school" and "your company" are parties and not elements; "name, school, grade" names elements.
    fn is_party(&self, noun: &Found) -> bool {
        let bare = noun.end == noun.start + 1 && PARTIES.contains(&self.words[noun.start].stem.as_str());
        bare && !self.text[..self.words[noun.start].at.start]
            .trim_end()
            .ends_with([',', '('])
    }

    /// What is spoken of in these words: the elements, or nothing for everything. None when it is not said or only a part
    /// ("some data", "it").
    pub(super) fn what(&self, range: Range<usize>) -> Option<Elements> {
        let elements = self.elements(range.clone());
        if !elements.is_empty() {
            return Some(elements);
        }
        let whole = self.marked(Mark::Everything, range.clone()) || self.named(&range).any(|noun| noun.generic);
        (whole && !self.marked(Mark::Part, range)).then(Elements::new)
    }

    /// The condition that the lexicon finds; always when it finds none. None when a condition is set that it does not know.
    pub(super) fn when(&self) -> Option<Condition> {
        let hits = lexicon().conditions.find(&self.words[self.main.clone()]);
        let when = hits.iter().map(|hit| hit.means).min_by_key(|when| when.rank);
        match when {
            Some(when) if !when.generic_only => Some(when.when.clone()),
            _ => (!self.conditional()).then_some(Condition::Always),
        }
    }

    /// Exceptions of the clause; none when there are some that no word says.
    pub(super) fn exceptions(&self) -> Option<Words> {
        let Some(range) = self.except.clone() else {
            return Some(Words::new());
        };
        let words = self.vocabulary(Vocabulary::Exception, range.clone());
        let understood = !words.is_empty() || self.marked(Mark::Declared, range);
        understood.then_some(words)
    }

    /// Whether it lists items that the lexicon does not know.
    pub(super) fn unread(&self) -> bool {
        !grammar::unread(self.text, &self.words, &self.nouns).is_empty()
    }

    /// Whether another than the organisation is named; not in the name of a law or a certificate.
    pub(super) fn other_agent(&self) -> bool {
        let agents = tables().mark(Mark::OtherAgent).find(&self.words[self.main.clone()]);
        let mut places = agents.iter().map(|hit| hit.start + self.main.start);
        places.any(|at| !self.law_or_certificate(at))
    }

    /// Whether the word is part of the name of a law or a certificate.
    fn law_or_certificate(&self, at: usize) -> bool {
        let named = |vocabulary| self.hits(vocabulary, self.main.clone());
        let mut names = [Vocabulary::Certificate, Vocabulary::Regime]
            .into_iter()
            .flat_map(named);
        names.any(|(name, _)| name.contains(&at))
    }

    /// Where the words begin of which a verb at `verb` speaks: at the last "no" before it, or at the front.
    pub(super) fn determined(&self, verb: usize) -> usize {
        let mut before = (self.main.start..verb).rev();
        let no = before.find(|at| ["no", "none"].contains(&self.words[*at].stem.as_str()));
        no.unwrap_or(self.main.start)
    }

    /// Whether the organisation itself is the one who does what stands at `verb`: it is named before, with no other agent
    /// between, or nobody is.
    pub(super) fn own_act(&self, verb: &Hit<'_, Verb>) -> bool {
        // The phrase of the verb may begin with the organisation ("we process").
        let before = self.main.start..verb.end;
        let own = before.clone().rev().find(|at| self.words[*at].stem == "@organisation");
        let between = own.map_or(before.start, |at| at + 1)..verb.start.max(own.map_or(0, |at| at + 1));
        let others = self.marked(Mark::OtherAgent, between.clone())
            || self.named(&between).any(|noun| !noun.named.is_empty() || noun.anyone);
        let duty = self
            .verbs
            .iter()
            .any(|hit| *hit.means == Verb::Bind && hit.start < verb.start);
        own.is_some() && !others && !duty
    }
}

/// Words that make of the people before them those who do, or do not, what follows.
const ACTING: [&str; 12] = [
    "do", "doe", "don't", "may", "must", "can", "cannot", "will", "won't", "should", "shall", "agree",
];

impl Clause<'_> {
    /// Whether people do what stands in it, and not the organisation ("users must not sell …").
    pub(super) fn people_act(&self) -> bool {
        let people = self.nouns.iter().filter(|noun| !noun.named.is_empty() || noun.anyone);
        let you = (0..self.words.len())
            .filter(|at| self.words[*at].stem == "you")
            .map(|at| at + 1);
        let mut behind = people.map(|noun| noun.end).chain(you);
        behind.any(|at| {
            self.words
                .get(at)
                .is_some_and(|word| ACTING.contains(&word.stem.as_str()))
        })
    }
}
