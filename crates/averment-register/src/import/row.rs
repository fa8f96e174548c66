//! What a page says about one recipient, before its sentences are read.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::document::Text;
use super::headings::Column;
use super::{dates, names, places};
use crate::charter::Said;

/// A piece of the page's text with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quote {
    /// Where it stands.
    pub(super) said: Said,
    /// The words.
    pub(super) text: String,
    /// It is part of a sentence that is reported elsewhere (a heading, the head of a list's item).
    pub(super) told: bool,
}

/// One recipient as the page lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Where it stands first.
    pub(super) said: Said,
    /// Its name as published, cleaned.
    pub(super) name: String,
    /// Why.
    pub(super) purpose: Vec<Quote>,
    /// What.
    pub(super) information: Vec<Quote>,
    /// What else is said about it.
    pub(super) further: Vec<Quote>,
    /// What stands above it: the purpose of a group, where the row says none.
    pub(super) topic: Option<Quote>,
    /// The legal entity.
    pub(super) operator: Option<String>,
    /// Where it processes.
    pub(super) countries: BTreeSet<String>,
    /// What transfers rest on: word of the catalog and the instrument as published.
    pub(super) transfers: BTreeSet<(&'static str, String)>,
    /// Business address.
    pub(super) address: Option<String>,
    /// Its page.
    pub(super) website: Option<String>,
    /// First day without it, and the sentence that says so.
    pub(super) retired: Option<(Date, Quote)>,
    /// It is named by what it does, not by a name.
    pub(super) class: bool,
}

impl Row {
    /// A row without anything but a name.
    pub(super) fn new(said: Said, name: &str) -> Self {
        Self {
            said,
            name: name.to_owned(),
            purpose: Vec::new(),
            information: Vec::new(),
            further: Vec::new(),
            topic: None,
            operator: None,
            countries: BTreeSet::new(),
            transfers: BTreeSet::new(),
            address: None,
            website: None,
            retired: None,
            class: false,
        }
    }

    fn quote(&self, text: &Text, told: bool) -> Quote {
        let said = Said {
            document: self.said.document.clone(),
            line: text.line,
        };
        Quote {
            said,
            text: text.plain.clone(),
            told,
        }
    }

    /// Takes what stands under a heading or behind a label. `heading`: as published; `told`: the text is reported elsewhere.
    pub(super) fn set(&mut self, column: Column, heading: &str, text: &Text, told: bool) {
        if text.is_empty() || is_dash(&text.plain) {
            return;
        }
        let quote = self.quote(text, told);
        match column {
            Column::Purpose => self.purpose.push(quote),
            Column::Information => self.information.push(quote),
            Column::Number => {}
            Column::Country => {
                let found = places::countries(&text.plain);
                self.countries.extend(found.clone());
                // What the codes do not say is kept: a city, a condition, a place that is not known.
                let said = places::is_only_places(&text.plain) && !found.is_empty();
                self.also(heading, quote, said);
            }
            Column::Operator => {
                let same = names::same(&text.plain, &self.name);
                self.operator = (!same).then(|| text.plain.clone());
                self.also(heading, quote, true);
            }
            Column::Website | Column::Policy => {
                let address = text.link().map(str::to_owned).or_else(|| web_address(&text.plain));
                let only = text.is_marked() || address.as_deref() == Some(&text.plain);
                self.website = self
                    .website
                    .take()
                    .or_else(|| address.filter(|address| is_web_address(address)));
                self.also(heading, quote, only && self.website.is_some());
            }
            Column::Address => {
                self.countries.extend(places::countries(&text.plain));
                self.address = Some(text.plain.clone());
                self.also(heading, quote, true);
            }
            Column::Transfer => {
                let found = places::safeguards(&text.plain);
                let said = !found.is_empty();
                self.transfers
                    .extend(found.into_iter().map(|word| (word, text.plain.clone())));
                self.also(heading, quote, said);
            }
            Column::Retired => {
                let date = dates::date(&text.plain);
                self.retired = self.retired.take().or_else(|| date.map(|date| (date, quote.clone())));
                self.also(heading, quote, date.is_some());
            }
            Column::Recipient | Column::Service | Column::Retention | Column::Subjects | Column::Other => {
                self.also(heading, quote, false);
            }
        }
    }

    /// Keeps a text as said about the recipient; `typed`: a field holds it, and it only has to be accounted for.
    fn also(&mut self, heading: &str, quote: Quote, typed: bool) {
        if quote.told {
            return;
        }
        let text = match heading {
            "" => quote.text.clone(),
            heading => format!("{}: {}", heading.trim_end_matches([':', '?']), quote.text),
        };
        self.further.push(Quote {
            text,
            told: typed,
            ..quote
        });
    }

    /// The same for another party of the same row: its sentences are reported with the first.
    pub(super) fn again(&self) -> Self {
        let told = |quotes: &[Quote]| {
            quotes
                .iter()
                .map(|quote| Quote {
                    told: true,
                    ..quote.clone()
                })
                .collect()
        };
        Self {
            purpose: told(&self.purpose),
            information: told(&self.information),
            further: Vec::new(),
            ..self.clone()
        }
    }

    /// Takes over what another row says about the same party.
    pub(super) fn merge(&mut self, other: Self) {
        self.purpose.extend(other.purpose);
        self.information.extend(other.information);
        self.further.extend(other.further);
        self.topic = self.topic.take().or(other.topic);
        self.operator = self.operator.take().or(other.operator);
        self.countries.extend(other.countries);
        self.transfers.extend(other.transfers);
        self.address = self.address.take().or(other.address);
        self.website = self.website.take().or(other.website);
        self.retired = self.retired.take().or(other.retired);
        self.class &= other.class;
    }
}

/// `-`, `n/a` and their kin: an empty cell.
pub(super) fn is_dash(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["n/a", "na", "none listed", "tbd"].contains(&lower.as_str())
        || !text.chars().any(|c| c.is_alphanumeric() || c == '✓')
}

fn is_web_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// The first web address of a text; a bare domain is made one.
fn web_address(text: &str) -> Option<String> {
    let mut words = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| matches!(c, ',' | ';' | '(' | ')' | '<' | '>')));
    words.find_map(|word| {
        let domain = word.contains('.')
            && !word.contains('@')
            && word.is_ascii()
            && word
                .rsplit('.')
                .next()
                .is_some_and(|last| last.len() >= 2 && last.chars().all(|c| c.is_ascii_alphabetic() || c == '/'));
        match () {
            () if is_web_address(word) => Some(word.to_owned()),
            () if domain && word.starts_with("www.") => Some(format!("https://{word}")),
            () => None,
        }
    })
}
