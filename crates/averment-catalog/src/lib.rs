//! What exists in the world: third parties, data elements, purposes and kinds of data subjects.
//!
//! Start at [`catalog`]; it gives the one [`Catalog`], parsed once from files embedded in the program. Nothing is read
//! at run time. To add a third party, add a file under `data/third-parties/`; no Rust is needed.
//!
//! Invariant: every identifier that one file uses is declared by another (a test walks all of them).

mod deadline;
pub mod domain;
pub mod erasure;
mod id;
mod instrument;
mod ndpa;
mod place;
mod third_party;
mod vocabulary;
mod word;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub use deadline::{Clock, Deadline, Task, Told};
pub use id::{ElementId, IdError, PurposeId, SubjectId, Text, ThirdPartyId, is_id};
pub use instrument::Instrument;
pub use ndpa::{Confirmation, ScheduleRow};
pub use place::{Country, Region};
pub use third_party::{
    Authentication, Certainty, Code, Cookie, Endpoint, Field, Flow, Host, HostUse, Packages, RightsRequest, ThirdParty,
    Uncertain,
};
pub use vocabulary::{Category, Element, LegalTest, Plane, Purpose, Subject, Treatment};
pub use word::{Vocabulary, Word, WordId};

include!(concat!(env!("OUT_DIR"), "/third_parties.rs"));

/// Everything the catalog knows, by identifier.
#[derive(Debug)]
pub struct Catalog {
    third_parties: BTreeMap<ThirdPartyId, ThirdParty>,
    elements: BTreeMap<ElementId, Element>,
    categories: BTreeMap<ElementId, Category>,
    purposes: BTreeMap<PurposeId, Purpose>,
    subjects: BTreeMap<SubjectId, Subject>,
    words: BTreeMap<Vocabulary, Vec<Word>>,
    countries: BTreeMap<String, Country>,
    schedule_of_data: Vec<ScheduleRow>,
    deadlines: Vec<Deadline>,
    instruments: Vec<Instrument>,
}

/// The catalog of this program.
pub fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::embedded);
    &CATALOG
}

impl Catalog {
    /// A third party by its identifier.
    pub fn third_party(&self, id: &ThirdPartyId) -> Option<&ThirdParty> {
        self.third_parties.get(id)
    }

    /// All third parties, by identifier.
    pub fn third_parties(&self) -> impl ExactSizeIterator<Item = &ThirdParty> {
        self.third_parties.values()
    }

    /// A data element by its identifier (not a category).
    pub fn element(&self, id: &ElementId) -> Option<&Element> {
        self.elements.get(id)
    }

    /// All data elements, by identifier.
    pub fn elements(&self) -> impl ExactSizeIterator<Item = &Element> {
        self.elements.values()
    }

    /// A category by its identifier (not an element).
    pub fn category(&self, id: &ElementId) -> Option<&Category> {
        self.categories.get(id)
    }

    /// Whether `id` names an element or a category with at least one element.
    pub fn knows_element_or_category(&self, id: &ElementId) -> bool {
        self.elements.keys().any(|element| id.covers(element))
    }

    /// A purpose by its identifier.
    pub fn purpose(&self, id: &PurposeId) -> Option<&Purpose> {
        self.purposes.get(id)
    }

    /// All purposes, by identifier.
    pub fn purposes(&self) -> impl ExactSizeIterator<Item = &Purpose> {
        self.purposes.values()
    }

    /// A kind of data subject by its identifier.
    pub fn subject(&self, id: &SubjectId) -> Option<&Subject> {
        self.subjects.get(id)
    }

    /// All kinds of data subjects, by identifier.
    pub fn subjects(&self) -> impl ExactSizeIterator<Item = &Subject> {
        self.subjects.values()
    }

    /// A word of a closed vocabulary.
    pub fn word(&self, vocabulary: Vocabulary, id: &str) -> Option<&Word> {
        self.words(vocabulary).iter().find(|word| word.id.as_str() == id)
    }

    /// All words of a vocabulary, in the order of the file.
    pub fn words(&self, vocabulary: Vocabulary) -> &[Word] {
        self.words.get(&vocabulary).map_or(&[], Vec::as_slice)
    }

    /// Whether a disclosure of a student's data that rests on `basis` belongs in the school's record of disclosures, 34 CFR
    /// 99.32(a) and (d): yes, unless one of the words exempts it and none asks for it. Of several grounds nobody knows which
    /// one held, and a line too many in the record does no harm.
    pub fn is_record_required<'a>(&self, basis: impl IntoIterator<Item = &'a str>) -> bool {
        let says = |word| self.word(Vocabulary::Basis, word).and_then(|word| word.record);
        let said: Vec<bool> = basis.into_iter().filter_map(says).collect();
        said.is_empty() || said.contains(&true)
    }

    /// A country by its ISO 3166-1 code of two capital letters.
    pub fn country(&self, code: &str) -> Option<&Country> {
        self.countries.get(code)
    }

    /// Rows of the schedule of data of the National Data Privacy Agreement, in the order of the form.
    pub fn schedule_of_data(&self) -> &[ScheduleRow] {
        &self.schedule_of_data
    }

    /// All countries, by code.
    pub fn countries(&self) -> impl ExactSizeIterator<Item = &Country> {
        self.countries.values()
    }

    /// All deadlines, in the order of the file.
    pub fn deadlines(&self) -> &[Deadline] {
        &self.deadlines
    }

    /// All instruments, in the order of the file.
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    fn embedded() -> Self {
        let elements: Vec<Element> = embedded_rows("elements.toml", include_str!("../data/elements.toml"), "element");
        let categories: Vec<Category> =
            embedded_rows("categories.toml", include_str!("../data/categories.toml"), "category");
        let purposes: Vec<Purpose> = embedded_rows("purposes.toml", include_str!("../data/purposes.toml"), "purpose");
        let subjects: Vec<Subject> = embedded_rows("subjects.toml", include_str!("../data/subjects.toml"), "subject");
        let countries: Vec<Country> =
            embedded_rows("countries.toml", include_str!("../data/countries.toml"), "country");
        let rows: Vec<word::Row> = embedded_rows("words.toml", include_str!("../data/words.toml"), "word");
        let third_parties = THIRD_PARTY_FILES
            .iter()
            .map(|(name, text)| embedded_file::<ThirdParty>(name, text));
        Self {
            third_parties: third_parties.map(|row| (row.id.clone(), row)).collect(),
            elements: elements.into_iter().map(|row| (row.id.clone(), row)).collect(),
            categories: categories.into_iter().map(|row| (row.id.clone(), row)).collect(),
            purposes: purposes.into_iter().map(|row| (row.id.clone(), row)).collect(),
            subjects: subjects.into_iter().map(|row| (row.id.clone(), row)).collect(),
            schedule_of_data: embedded_rows("ndpa.toml", include_str!("../data/ndpa.toml"), "row"),
            words: word::by_vocabulary(rows),
            countries: countries.into_iter().map(|row| (row.code.clone(), row)).collect(),
            deadlines: embedded_rows("deadlines.toml", include_str!("../data/deadlines.toml"), "deadline"),
            instruments: embedded_rows(
                "instruments.toml",
                include_str!("../data/instruments.toml"),
                "instrument",
            ),
        }
    }
}

#[expect(
    clippy::panic,
    reason = "the file is part of the program; the test `every_embedded_file_parses` reads each"
)]
fn embedded_file<T: for<'de> Deserialize<'de>>(name: &str, text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("embedded catalog file {name}: {error}"))
}

fn embedded_rows<T: for<'de> Deserialize<'de>>(name: &str, text: &str, key: &str) -> Vec<T> {
    let mut tables: BTreeMap<String, Vec<T>> = embedded_file(name, text);
    tables.remove(key).unwrap_or_default()
}

#[cfg(test)]
mod tests;
