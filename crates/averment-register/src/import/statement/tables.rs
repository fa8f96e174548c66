//! The phrases that statements are read with: `[[statement.…]]` of `data/lexicon.toml`, by what they mean.

use std::collections::BTreeMap;

use averment_catalog::{Country, SubjectId, Vocabulary, WordId, catalog};
use serde::Deserialize;

use crate::charter::{Period, RecipientRole};
use crate::import::lexicon::Phrases;

/// What a clause is about. The tables say which phrases are which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::import) enum Verb {
    /// The organisation gathers.
    Collect,
    /// Something is stored, without a word on how long.
    Store,
    /// Something is kept for a time.
    Keep,
    /// Something is made to disappear.
    Erase,
    /// Something never leaves a place.
    StayIn,
    /// Something is encrypted.
    Encrypt,
    /// Something is changed into a form ("hashed").
    Transform,
    /// Somebody sees: who stands before the verb.
    Sees,
    /// Something is seen: by whom stands behind the verb.
    SeenBy,
    /// The organisation gives to others.
    Share,
    /// Something is given to others.
    IsShared,
    /// Data is sold.
    Sell,
    /// Models are trained.
    Train,
    /// Advertising.
    Advertise,
    /// Marketing.
    Market,
    /// Profiles are made.
    Profile,
    /// Somebody is left out of something.
    Exempt,
    /// A consent is asked for.
    Consent,
    /// A law is met.
    Comply,
    /// A certificate is held.
    Certify,
    /// A part is played.
    Act,
    /// Something is done from time to time.
    Perform,
    /// A recipient is used no more.
    Retire,
    /// Something can be done by people.
    Offer,
    /// A duty that the organisation lays on others.
    Bind,
}

/// What a sentence says beside its verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::import) enum Mark {
    /// Everything that the organisation holds about people.
    Everything,
    /// A part of it that is not named ("some data").
    Part,
    /// What was named before ("it", "they").
    Pronoun,
    /// The words make of the sentence no promise: an effort, an intention, a duty of others.
    Doubt,
    /// A negating word that denies nothing ("no later than").
    Idiom,
    /// What follows is not meant ("unless", "with the exception of").
    Except,
    /// Begins a condition ("if", "when").
    If,
    /// The recipients that the document declares.
    Declared,
    /// Others than those.
    Others,
    /// An agent other than the organisation.
    OtherAgent,
    /// The organisation's own service.
    OwnService,
    /// A part of the sentence that says for whom a certificate holds, and it is not the organisation.
    NotOwn,
    /// On the way.
    InTransit,
    /// On disk.
    AtRest,
    /// Outside of the place that follows.
    Outside,
    /// No less than; a retention of no less is no limit.
    AtLeast,
    /// It can be switched off.
    SwitchedOff,
    /// A list that is complete.
    Complete,
    /// Only.
    Only,
    /// Aggregates.
    Aggregate,
    /// A consent.
    Consent,
    /// Those who receive, in other words than "the providers listed".
    Recipients,
}

/// The `[statement]` part of the lexicon's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::import) struct Rows {
    verb: Vec<Row<Verb>>,
    mark: Vec<Row<Mark>>,
    word: Vec<WordRow>,
    place: Vec<Row<String>>,
    scope: Vec<Row<Vec<SubjectId>>>,
    every: Vec<EveryRow>,
    role: Vec<Row<RecipientRole>>,
    until: Vec<Row<WordId>>,
    consent: Vec<Row<String>>,
    unit: Vec<Row<Period>>,
    number: Vec<Row<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row<T> {
    means: T,
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordRow {
    vocabulary: Vocabulary,
    means: WordId,
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EveryRow {
    /// None: again and again, but not said how often.
    means: Option<Period>,
    phrases: Vec<String>,
}

/// The tables by meaning.
pub(in crate::import) struct Tables {
    pub(super) verbs: Phrases<Verb>,
    marks: BTreeMap<Mark, Phrases<()>>,
    words: BTreeMap<Vocabulary, Phrases<WordId>>,
    pub(super) places: Phrases<String>,
    pub(super) scopes: Phrases<Vec<SubjectId>>,
    pub(super) every: Phrases<Option<Period>>,
    pub(super) roles: Phrases<RecipientRole>,
    pub(super) until: Phrases<WordId>,
    pub(super) consents: Phrases<String>,
    pub(super) units: Phrases<Period>,
    pub(super) numbers: Phrases<u32>,
}

impl Tables {
    /// The phrases of a mark.
    pub(in crate::import) fn mark(&self, mark: Mark) -> &Phrases<()> {
        static NONE: Phrases<()> = Phrases::none();
        self.marks.get(&mark).unwrap_or(&NONE)
    }

    /// The phrases of a vocabulary.
    pub(super) fn vocabulary(&self, vocabulary: Vocabulary) -> &Phrases<WordId> {
        static NONE: Phrases<WordId> = Phrases::none();
        self.words.get(&vocabulary).unwrap_or(&NONE)
    }

    /// Every word with its vocabulary.
    #[cfg(test)]
    pub(in crate::import) fn all_words(&self) -> impl Iterator<Item = (Vocabulary, &WordId)> {
        self.words
            .iter()
            .flat_map(|(vocabulary, phrases)| phrases.all().map(|(_, word)| (*vocabulary, word)))
    }

    /// Every place.
    #[cfg(test)]
    pub(in crate::import) fn all_places(&self) -> impl Iterator<Item = &String> {
        self.places.all().map(|(_, place)| place)
    }
}

fn phrases<T: Clone>(rows: &[Row<T>]) -> Phrases<T> {
    let mut found = Phrases::none();
    rows.iter().for_each(|row| found.add(&row.phrases, &row.means));
    found
}

impl From<Rows> for Tables {
    fn from(rows: Rows) -> Self {
        let mut marks: BTreeMap<Mark, Phrases<()>> = BTreeMap::new();
        for row in &rows.mark {
            marks
                .entry(row.means)
                .or_insert_with(Phrases::none)
                .add(&row.phrases, &());
        }
        let mut words: BTreeMap<Vocabulary, Phrases<WordId>> = BTreeMap::new();
        for row in &rows.word {
            words
                .entry(row.vocabulary)
                .or_insert_with(Phrases::none)
                .add(&row.phrases, &row.means);
        }
        let mut every = Phrases::none();
        rows.every.iter().for_each(|row| every.add(&row.phrases, &row.means));
        let mut places = phrases(&rows.place);
        countries().for_each(|country| places.add(std::slice::from_ref(&country.name), &country.code));
        Self {
            verbs: phrases(&rows.verb),
            marks,
            words,
            places,
            scopes: phrases(&rows.scope),
            every,
            roles: phrases(&rows.role),
            until: phrases(&rows.until),
            consents: phrases(&rows.consent),
            units: phrases(&rows.unit),
            numbers: phrases(&rows.number),
        }
    }
}

/// Countries whose name is theirs alone; "Congo" and "Virgin Islands" do not say which.
fn countries() -> impl Iterator<Item = &'static Country> {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for country in catalog().countries() {
        *names.entry(country.name.as_str()).or_default() += 1;
    }
    catalog()
        .countries()
        .filter(move |country| names[country.name.as_str()] == 1)
}
