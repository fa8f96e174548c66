//! A page gone through once: its recipients as rows, and every sentence that is none of theirs.
//!
//! Start at [`read`]. Tables, lists, headings with a paragraph below and prose each give rows; what gives none is kept with
//! the heading and the sentence above it, which say what it is about.

use std::collections::BTreeSet;

use super::context::{Context, is_telling, speaks_of_recipients};
use super::document::{Document, Item, Part, Table, Text};
use super::headings::{self, Column};
use super::row::{Quote, Row};
use super::sentence::sentences;
use super::table::{self, Line};
use super::{dates, identify, names, prose};
use crate::charter::Said;

/// A sentence outside the cells of recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loose {
    /// Where it stands.
    pub(super) said: Said,
    /// The sentence.
    pub(super) text: String,
    /// The heading or question above it.
    pub(super) topic: Option<String>,
    /// The sentence that opens its list.
    pub(super) opening: Option<String>,
    /// Rows that came of it, and the rule by which.
    pub(super) rows: Vec<usize>,
    /// The rule.
    pub(super) rule: &'static str,
}

/// What a page holds.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Its recipients, in order.
    pub(super) rows: Vec<Row>,
    /// Its other sentences, in order.
    pub(super) loose: Vec<Loose>,
    /// What is layout: headings, heads of tables, menus, names in tables.
    pub(super) layout: Vec<Text>,
    /// What a person should look at.
    pub(super) problems: Vec<(u32, String)>,
}

/// Goes through a page. `name`: its file name. `publisher`: who wrote it, where that is known.
pub(super) fn read(document: Document, name: &str, publisher: &str) -> Page {
    let title = document.title.as_ref().map_or("", |title| title.plain.as_str());
    let file = name
        .rsplit_once('.')
        .map_or(name, |(stem, _)| stem)
        .replace(['-', '_'], " ");
    let mut walk = Walk {
        document: name,
        publisher,
        context: Context::of_page(speaks_of_recipients(title) || speaks_of_recipients(&file)),
        page: Page {
            layout: document.layout,
            problems: document.problems,
            ..Page::default()
        },
        low: BTreeSet::new(),
        listed: BTreeSet::new(),
        labels: false,
    };
    walk.low = low_words(&document.parts);
    let parts = document.parts;
    let mut at = 0;
    while at < parts.len() {
        at += walk.part(&parts[at..]);
    }
    walk.page
}

struct Walk<'a> {
    document: &'a str,
    publisher: &'a str,
    context: Context,
    page: Page,
    /// Words that the page writes in lower case: alone and with a capital they are no names.
    low: BTreeSet<String>,
    /// Keys of the names that are recipients so far.
    listed: BTreeSet<String>,
    /// The items of the list have a label before a name: "Payments: Wren".
    labels: bool,
}

impl Walk<'_> {
    /// Reads the part at the front and gives how many it took.
    fn part(&mut self, parts: &[Part]) -> usize {
        match &parts[0] {
            Part::Heading { level, guessed, text } => return self.heading(*level, *guessed, text, parts),
            Part::Paragraph(text) => self.paragraph(text),
            Part::List(items) => {
                self.list(items);
                self.context.opening = None;
            }
            Part::Table(table) => {
                self.table(table);
                self.context.opening = None;
            }
        }
        1
    }

    fn said(&self, line: u32) -> Said {
        Said {
            document: self.document.to_owned(),
            line,
        }
    }

    fn heading(&mut self, level: u8, guessed: bool, text: &Text, parts: &[Part]) -> usize {
        if let Some(taken) = self.provider_section(level, text, parts) {
            return taken;
        }
        self.context.enter(level, text);
        // A heading that is a sentence says something; one that only its shape made a heading may.
        let sentence = text.plain.ends_with(['.', '!']) || guessed && level == 6;
        if sentence {
            self.loose(text, None, Vec::new(), "")
        } else {
            self.page.layout.push(text.clone())
        }
        1
    }

    fn paragraph(&mut self, text: &Text) {
        let mut at = 0;
        let mut last = None;
        for sentence in sentences(&text.plain) {
            let start = at + text.plain[at..].find(sentence).unwrap_or(0);
            at = start + sentence.len();
            let part = text.part(start..at);
            self.sentence(&part, last.as_ref());
            last = Some(part);
        }
        self.context.opening =
            last.filter(|last| last.plain.trim_end_matches('.').ends_with(':') || last.plain.ends_with("unless,"));
    }

    /// `before`: the sentence before it in its paragraph.
    fn sentence(&mut self, text: &Text, before: Option<&Text>) {
        let about = self.context.speaks_of_recipients();
        let mut rows = Vec::new();
        for mention in prose::recipients(text, self.publisher, about) {
            let mut row = Row::new(self.said(text.line), &mention.name);
            // "We use X for this": what this is stands in the sentence before.
            let points_back = |purpose: &String| {
                ["for this", "for that", "for it", "to do so", "to do this"]
                    .iter()
                    .any(|back| purpose.starts_with(back))
            };
            let purpose = match mention.purpose {
                Some(purpose) if points_back(&purpose) => before.map_or(purpose, |before| before.plain.clone()),
                None if text.plain.contains(" for this") => {
                    before.map_or_else(|| text.plain.clone(), |before| before.plain.clone())
                }
                purpose => purpose.unwrap_or_else(|| text.plain.clone()),
            };
            row.purpose.push(self.quote(text.line, &purpose, true));
            row.topic = self.topic();
            row.website = mention.link.filter(|link| link.starts_with("http"));
            row.retired = dates::retirement(&text.plain).map(|date| (date, self.quote(text.line, &text.plain, true)));
            rows.push(self.push(row));
        }
        self.loose(text, None, rows, "a name behind a word such as \"use\"");
    }

    fn quote(&self, line: u32, text: &str, told: bool) -> Quote {
        Quote {
            said: self.said(line),
            text: text.to_owned(),
            told,
        }
    }

    fn topic(&self) -> Option<Quote> {
        let own = |text: &&Text| self.publisher.is_empty() || !text.plain.contains(self.publisher);
        self.context
            .purpose_above()
            .filter(own)
            .map(|topic| self.quote(topic.line, &topic.plain, true))
    }

    /// Adds a row, or one for each party where the name lists several; gives the first of them.
    fn push(&mut self, row: Row) -> usize {
        let first = self.page.rows.len();
        self.listed.insert(names::key(&row.name));
        let names = if row.class {
            None
        } else {
            names::several(&row.name, &self.listed)
        };
        match names {
            None => self.page.rows.push(row),
            Some(names) => {
                for (at, name) in names.into_iter().enumerate() {
                    let own = if at == 0 { row.clone() } else { row.again() };
                    self.page.rows.push(Row {
                        name,
                        website: None,
                        ..own
                    });
                }
            }
        }
        first
    }

    fn loose(&mut self, text: &Text, opening: Option<&str>, rows: Vec<usize>, rule: &'static str) {
        let opening = opening
            .map(str::to_owned)
            .or_else(|| self.context.opening.as_ref().map(|text| text.plain.clone()));
        self.page.loose.push(Loose {
            said: self.said(text.line),
            text: text.plain.clone(),
            topic: self.context.topic().map(|text| text.plain.clone()),
            opening,
            rows,
            rule,
        });
    }

    fn loose_all(&mut self, text: &Text, opening: Option<&str>) {
        for sentence in sentences(&text.plain) {
            self.loose(&Text::new(text.line, sentence), opening, Vec::new(), "");
        }
    }

    // --- tables

    fn table(&mut self, table: &Table) {
        self.page
            .layout
            .extend(table.headings.iter().filter(|text| !text.is_empty()).cloned());
        let Some(columns) = table::columns(table, &self.context) else {
            for row in &table.rows {
                row.cells.iter().for_each(|cell| self.loose_all(cell, None));
            }
            return;
        };
        let mut topic = self.topic();
        let mut last = None;
        let before = self.page.rows.len();
        for line in &table.rows {
            match columns.read(line, table, self.document, last.as_ref()) {
                Line::Recipient(mut row) => {
                    row.topic.clone_from(&topic);
                    self.page.layout.extend(columns.names(line).cloned());
                    last = columns.name(line).cloned().or(last);
                    self.push(*row);
                }
                Line::Group(text) => {
                    topic = is_telling(&text.plain).then(|| self.quote(text.line, &text.plain, true));
                    self.page.layout.push(text);
                    last = None;
                }
                Line::Nothing => self
                    .page
                    .layout
                    .extend(line.cells.iter().filter(|cell| !cell.is_empty()).cloned()),
                Line::Other => line.cells.iter().for_each(|cell| self.loose_all(cell, None)),
            }
        }
        if self.page.rows.len() == before {
            let message = "this table has no row that names a recipient".to_owned();
            self.page.problems.push((table.line, message));
        }
    }

    // --- lists

    fn list(&mut self, items: &[Item]) {
        let opening = self.context.opening.as_ref().map(|text| text.plain.clone());
        let topic = self.topic();
        self.items(items, opening.as_deref(), topic.as_ref(), self.context.announces());
    }

    /// `announced`: what opens these items says that they are recipients.
    fn items(&mut self, items: &[Item], opening: Option<&str>, topic: Option<&Quote>, announced: bool) {
        // Labels before names that are known tell that the other labels stand before names too.
        self.labels = false;
        let mut texts = items.iter().map(|item| &item.text);
        self.labels = announced
            && items.len() > 2
            && texts.clone().all(|text| text.plain.contains(": "))
            && texts.any(|text| self.labelled_name(text, true).is_some());
        // One known name in a list whose items all have the same form tells what the others are.
        let known = || items.iter().any(|item| self.recipient(item, false, false).is_some());
        let alike = || {
            items
                .iter()
                .all(|item| names::head(&item.text).is_some_and(|head| head.parted && !head.rest.is_empty()))
        };
        let about = announced || self.context.speaks_of_recipients() || items.len() > 1 && known() && alike();
        let labels = self.labels;
        for item in items {
            self.labels = labels;
            let group = !item.items.is_empty() && about && self.is_group(item, announced);
            if group {
                let label = item.text.plain.trim_end_matches(':');
                let topic = is_telling(label).then(|| self.quote(item.text.line, label, true));
                self.page.layout.push(item.text.clone());
                self.items(&item.items, opening, topic.as_ref(), true);
                continue;
            }
            match self.recipient(item, announced, about) {
                Some((row, heads)) => self.list_recipient(item, row, &heads, opening, topic),
                None => {
                    self.loose_all(&item.text, opening);
                    let inner = item
                        .text
                        .plain
                        .trim_end()
                        .ends_with(':')
                        .then_some(item.text.plain.as_str());
                    self.items(
                        &item.items,
                        inner.or(opening),
                        topic,
                        inner.is_some_and(super::context::announces),
                    );
                }
            }
        }
    }

    /// An item that heads a group of recipients: "Infrastructure:" with names below.
    fn is_group(&self, item: &Item, announced: bool) -> bool {
        let text = item.text.plain.trim_end_matches(':').trim();
        let labelled = item.items.iter().any(|inner| label(&inner.text).is_some());
        let named = item
            .items
            .iter()
            .filter(|inner| self.recipient(inner, announced, true).is_some())
            .count();
        let known = identify::exact(text).is_some();
        !known
            && !labelled
            && named == item.items.len()
            && text.split_whitespace().count() <= 8
            && (item.text.plain.ends_with(':') || !names::is_name(text) || names::is_generic(text))
    }

    /// The row of an item that names a recipient, with the brackets behind the name.
    fn recipient(&self, item: &Item, announced: bool, about: bool) -> Option<(Row, Vec<String>)> {
        let text = &item.text;
        if let Some(row) = self.labelled_name(text, announced) {
            return Some((row, Vec::new()));
        }
        if label(text).is_some() {
            return None;
        }
        let head = names::head(text).filter(|head| {
            let known = identify::exact(&head.name).is_some();
            let own = !self.publisher.is_empty() && names::key(&head.name).starts_with(&names::key(self.publisher));
            let low = head
                .rest
                .plain
                .chars()
                .next()
                .is_none_or(|c| c.is_lowercase() || c.is_numeric());
            let says = !head.rest.is_empty() || head.link.is_some() || !item.items.is_empty();
            let marked = text.marks.first().is_some_and(|mark| mark.at.start == 0);
            // "Details of your visits": a word that happens to begin the item.
            let common = !known && !marked && !head.name.contains(' ') && self.low.contains(&head.name.to_lowercase());
            let goes_on = starts_with_word(&head.rest.plain, &["of", "about", "on", "in", "that", "you", "your"]);
            let runs = low && !is_clause(&head.rest.plain) && (known || !goes_on);
            let fits = match (announced, about) {
                _ if common => false,
                (true, _) => head.parted || known || head.rest.is_empty() || runs,
                (false, true) => {
                    known || head.parted && says && (marked || !head.rest.is_empty() && !text.plain.contains('?'))
                }
                (false, false) => known && head.parted && !head.rest.is_empty(),
            };
            let told = about && !announced && !known && tells_of_others(&head.rest.plain, &head.name);
            fits && !own && !told && !names::is_generic(&head.name)
        });
        match head {
            Some(head) => {
                let (name, purpose) = shorter(&head.name, &head.rest.plain);
                let mut row = Row::new(self.said(text.line), &name);
                row.operator.clone_from(&head.operator);
                row.website = head.link.clone().filter(|link| link.starts_with("http"));
                let mut rest = sentences(&head.rest.plain).into_iter();
                let first = rest
                    .next()
                    .map(|first| format!("{purpose}{first}"))
                    .or_else(|| (!purpose.is_empty()).then(|| purpose.trim().to_owned()));
                let first = first.map(|text| names::without_remark(&text).to_owned());
                let first = first.filter(|text| !text.ends_with(" of") && !text.is_empty());
                row.purpose.extend(
                    first.map(|text| self.quote(item.text.line, text.trim_start_matches([',', ';', ' ']), true)),
                );
                row.information
                    .extend(rest.map(|text| self.quote(item.text.line, text, true)));
                Some((row, head.brackets))
            }
            None => {
                let name = names::class(&text.plain).filter(|_| announced)?;
                let mut row = Row::new(self.said(text.line), &name);
                row.class = true;
                row.purpose.push(self.quote(text.line, &text.plain, true));
                let inner = text.plain.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
                Some((row, inner.map(|(inner, _)| inner.to_owned()).into_iter().collect()))
            }
        }
    }

    /// "Payments: Wren": in an announced list a label before a name that the catalog knows says what it is for.
    fn labelled_name(&self, text: &Text, announced: bool) -> Option<Row> {
        let at = text.plain.find(": ").filter(|_| announced)?;
        let purpose = text.plain[..at].trim_matches(|c: char| !c.is_alphanumeric() && c != ')');
        let value = text.from(at + 2);
        let head = names::head(&value)?;
        let words: Vec<&str> = head.name.split(' ').collect();
        // "Wren Dedicated": a known name in front is the party.
        let known = |count: &usize| match *count == words.len() {
            true => identify::exact(&head.name).is_some(),
            false => identify::in_text(&words[..*count].join(" ")).is_some(),
        };
        let count = (1..=words.len()).rev().find(known);
        let name = match count {
            Some(count) if count < words.len() && words.len() > 2 => words[..count].join(" "),
            Some(_) => head.name.clone(),
            None if self.labels => head.name.clone(),
            None => return None,
        };
        if purpose.is_empty()
            || purpose.split(' ').count() > 5
            || identify::exact(purpose).is_some()
            || !self.labels && label_of(purpose).is_some()
        {
            return None;
        }
        let mut row = Row::new(self.said(text.line), &name);
        row.website = head.link.filter(|link| link.starts_with("http"));
        row.purpose.push(self.quote(text.line, purpose, true));
        row.countries = super::places::countries(&head.rest.plain).into_iter().collect();
        row.information
            .extend(head.brackets.iter().map(|bracket| self.quote(text.line, bracket, true)));
        Some(row)
    }

    fn list_recipient(
        &mut self,
        item: &Item,
        mut row: Row,
        brackets: &[String],
        opening: Option<&str>,
        topic: Option<&Quote>,
    ) {
        row.topic = topic.cloned();
        // "These are all located in …": said once for every item.
        if let Some(opening) = opening.filter(|text| {
            ["located in", "based in", "hosted in"]
                .iter()
                .any(|words| text.contains(words))
        }) {
            row.countries.extend(super::places::countries(opening));
        }
        for bracket in brackets {
            self.bracket(&mut row, item.text.line, bracket);
        }
        self.own_retirement(&mut row, &item.text);
        self.below(&mut row, &item.items, 0);
        let index = self.push(row);
        for sentence in sentences(&item.text.plain) {
            self.loose(
                &Text::new(item.text.line, sentence),
                opening,
                (index..self.page.rows.len()).collect(),
                "an item of a list of recipients",
            );
        }
    }

    fn own_retirement(&self, row: &mut Row, text: &Text) {
        let found = sentences(&text.plain)
            .into_iter()
            .find_map(|text| dates::retirement(text).map(|date| (date, text)));
        if let Some((date, sentence)) = found {
            row.retired = Some((date, self.quote(text.line, sentence, true)));
        }
    }

    /// What a bracket behind a name says: who runs it, where, or what it gets.
    fn bracket(&self, row: &mut Row, line: u32, bracket: &str) {
        let lower = bracket.to_lowercase();
        let run = ["run by ", "operated by ", "owned by ", "provided by ", "a service of "];
        if let Some((at, by)) = run.iter().find_map(|by| lower.find(by).map(|at| (at, by))) {
            let name = bracket
                .get(at + by.len()..)
                .unwrap_or_default()
                .trim_end_matches(['.', ')']);
            row.operator = row.operator.take().or_else(|| Some(names::clean(name)));
            return;
        }
        for part in bracket.split([',', ';', '/']).map(str::trim) {
            row.countries.extend(super::places::countries(part));
            if names::is_company(part) {
                row.operator = row.operator.take().or_else(|| Some(names::clean(part)));
            }
        }
        if lower.contains("receive") || lower.contains("pii") || lower.contains("data") {
            row.information.push(self.quote(line, bracket, true));
        }
    }

    /// The items below a recipient: fields by their labels, and sentences about it.
    fn below(&mut self, row: &mut Row, items: &[Item], depth: usize) {
        for item in items {
            if let Some(column) = lone_label(item) {
                // A term with its description below: both are read here.
                for value in &item.items {
                    self.field(row, column, item.text.plain.trim_end_matches(':'), &value.text);
                }
                continue;
            }
            match label(&item.text) {
                Some((column, name, value)) => self.field(row, column, &name, &value),
                None => {
                    for sentence in sentences(&item.text.plain) {
                        self.about(row, &Text::new(item.text.line, sentence));
                    }
                }
            }
            if depth < super::document::DEPTH_MAX {
                self.below(row, &item.items, depth + 1);
            }
        }
    }

    fn field(&mut self, row: &mut Row, column: Column, name: &str, value: &Text) {
        self.page.layout.push(Text::new(value.line, name));
        match column {
            // In what is said about one party a company or provider is who runs it.
            Column::Recipient => row.set(Column::Operator, name, value, false),
            Column::Service => row.set(Column::Purpose, name, value, false),
            Column::Purpose | Column::Information => row.set(column, "", value, false),
            column => row.set(column, name, value, false),
        }
    }

    /// A sentence about a recipient that no label goes before.
    fn about(&self, row: &mut Row, sentence: &Text) {
        if let Some(date) = dates::retirement(&sentence.plain) {
            row.retired = Some((date, self.quote(sentence.line, &sentence.plain, false)));
            return;
        }
        if names::is_generic(&sentence.plain) {
            // The name of a document, not something that leaves.
            return row.further.push(self.quote(sentence.line, &sentence.plain, false));
        }
        if row.purpose.is_empty() && !super::grammar::read(&sentence.plain, self.publisher).denies {
            row.purpose.push(self.quote(sentence.line, &sentence.plain, true));
        }
        row.information.push(self.quote(sentence.line, &sentence.plain, false));
    }

    // --- a heading for each provider

    /// A heading that names a provider, with what stands below it; none when it does not.
    fn provider_section(&mut self, level: u8, heading: &Text, parts: &[Part]) -> Option<usize> {
        let numbered = heading
            .plain
            .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' '));
        let name = names::clean(numbered);
        let own = !self.publisher.is_empty() && names::key(&name).contains(&names::key(self.publisher));
        let strong = self.context.speaks_of_recipients();
        let possible = names::is_name(&name) && !own && !speaks_of_recipients(&name) && label_of(&name).is_none();
        let body = body(level, parts);
        let known = identify::exact(&name).is_some();
        let mentioned = self.context.speaks_above(level) && mentions(body, &name);
        if !possible || body.is_empty() || !strong || !(known || mentioned || labelled(body)) {
            return None;
        }
        let mut row = Row::new(self.said(heading.line), &name);
        if let Some(head) = names::head(&Text {
            plain: numbered.to_owned(),
            ..heading.clone()
        })
        .filter(|head| head.rest.is_empty())
        {
            row.name = head.name;
            row.operator = head.operator;
            head.brackets
                .iter()
                .for_each(|bracket| self.bracket(&mut row, heading.line, bracket));
        }
        row.website = heading
            .link()
            .filter(|link| link.starts_with("http"))
            .map(str::to_owned);
        row.topic = self.topic();
        self.page.layout.push(heading.clone());
        let mut under: Option<(Column, String)> = None;
        for part in body {
            match part {
                Part::Heading { text, .. } => {
                    under = label_of(&text.plain).map(|column| (column, text.plain.clone()));
                    self.page.layout.push(text.clone());
                }
                Part::Paragraph(text) => self.section_text(&mut row, text, under.as_ref()),
                Part::List(items) => match &under {
                    Some((column @ (Column::Information | Column::Purpose), _)) => {
                        for item in items {
                            row.set(*column, "", &item.text, false);
                            self.below(&mut row, &item.items, 0);
                        }
                    }
                    _ => self.below(&mut row, items, 0),
                },
                Part::Table(table) => {
                    self.page
                        .layout
                        .extend(table.headings.iter().filter(|text| !text.is_empty()).cloned());
                    for line in &table.rows {
                        self.section_line(&mut row, &line.cells);
                    }
                }
            }
        }
        self.push(row);
        Some(1 + body.len())
    }

    fn section_text(&mut self, row: &mut Row, text: &Text, under: Option<&(Column, String)>) {
        if let Some((column, name, value)) = label(text) {
            return self.field(row, column, &name, &value);
        }
        for sentence in sentences(&text.plain) {
            let sentence = Text::new(text.line, sentence);
            match under {
                Some((column @ (Column::Purpose | Column::Information | Column::Country), _)) => {
                    row.set(*column, "", &sentence, false)
                }
                _ if row.purpose.is_empty() && dates::retirement(&sentence.plain).is_none() => {
                    row.purpose.push(self.quote(sentence.line, &sentence.plain, false));
                }
                _ => self.about(row, &sentence),
            }
        }
    }

    /// "Purpose | e-mail": a line of a table of fields.
    fn section_line(&mut self, row: &mut Row, cells: &[Text]) {
        match cells {
            [name, value] if label_of(&name.plain).is_some() => {
                let column = label_of(&name.plain).unwrap_or(Column::Other);
                self.field(row, column, &name.plain, value);
            }
            cells => cells
                .iter()
                .filter(|cell| !cell.is_empty())
                .for_each(|cell| self.about(row, cell)),
        }
    }
}

/// Words in lower case anywhere in the page's paragraphs, items and cells.
fn low_words(parts: &[Part]) -> BTreeSet<String> {
    fn add(text: &Text, out: &mut BTreeSet<String>) {
        let words = text
            .plain
            .split(|c: char| !c.is_alphanumeric() && c != '.' && c != '@' && c != '/');
        out.extend(
            words
                .filter(|word| word.chars().all(|c| c.is_lowercase()))
                .map(str::to_owned),
        );
    }
    fn items(list: &[Item], out: &mut BTreeSet<String>) {
        for item in list {
            add(&item.text, out);
            items(&item.items, out);
        }
    }
    let mut out = BTreeSet::new();
    for part in parts {
        match part {
            Part::Heading { .. } => {}
            Part::Paragraph(text) => add(text, &mut out),
            Part::List(list) => items(list, &mut out),
            Part::Table(table) => table
                .rows
                .iter()
                .flat_map(|row| &row.cells)
                .for_each(|cell| add(cell, &mut out)),
        }
    }
    out
}

/// The parts that belong to a heading: up to the next of its level, or of a deeper one that is no label of a field.
fn body(level: u8, parts: &[Part]) -> &[Part] {
    let ends = |part: &Part| match part {
        Part::Heading { level: other, text, .. } => *other <= level || label_of(&text.plain).is_none(),
        _ => false,
    };
    let end = parts[1..].iter().position(ends).map_or(parts.len(), |at| at + 1);
    &parts[1..end]
}

/// Whether the first paragraph speaks of the name in the heading.
fn mentions(body: &[Part], name: &str) -> bool {
    let first = name.split([' ', ',', '.']).next().unwrap_or_default();
    let text = body.iter().find_map(|part| match part {
        Part::Paragraph(text) => Some(text.plain.as_str()),
        _ => None,
    });
    let own = |word: &str| {
        word.trim_matches(|c: char| !c.is_alphanumeric())
            .trim_end_matches("'s")
            .trim_end_matches("’s")
            == first
    };
    first.chars().count() >= 2 && text.is_some_and(|text| text.split(' ').take(60).any(own))
}

/// Whether fields with labels stand below ("Purpose: …").
fn labelled(body: &[Part]) -> bool {
    let telling = |column: Column| {
        matches!(
            column,
            Column::Purpose | Column::Information | Column::Country | Column::Recipient | Column::Operator
        )
    };
    body.iter().any(|part| match part {
        Part::Paragraph(text) => label(text).is_some_and(|(column, ..)| telling(column)),
        Part::List(items) => items.iter().any(|item| {
            label(&item.text).is_some_and(|(column, ..)| telling(column)) || lone_label(item).is_some_and(telling)
        }),
        Part::Table(table) => table.rows.iter().any(|row| {
            row.cells
                .first()
                .is_some_and(|cell| label_of(&cell.plain).is_some_and(telling))
        }),
        Part::Heading { text, .. } => label_of(&text.plain).is_some_and(telling),
    })
}

/// "Purpose: …": the label's meaning, the label, and the value.
fn label(text: &Text) -> Option<(Column, String, Text)> {
    let at = text.plain.find(':')?;
    let name = text.plain[..at].trim();
    let column = label_of(name)?;
    let value = text.from(at + 1);
    (!value.is_empty()).then(|| (column, name.to_owned(), value))
}

/// The meaning of a term whose values stand as plain items below it.
fn lone_label(item: &Item) -> Option<Column> {
    let plain = !item.items.is_empty() && item.items.iter().all(|value| value.items.is_empty());
    plain.then(|| label_of(item.text.plain.trim_end_matches(':').trim()))?
}

/// Whether what stands behind a bold text is a sentence about others than it: "All data …", "If you …", "Neither …".
fn tells_of_others(rest: &str, name: &str) -> bool {
    let lower = rest.to_lowercase();
    let openings = [
        "we",
        "you",
        "your",
        "our",
        "if",
        "all",
        "no",
        "neither",
        "while",
        "any",
        "each",
        "every",
        "when",
        "where",
        "this",
        "these",
        "there",
        "users",
        "customers",
        "data",
        "sub-processors",
        "subprocessors",
        "providers",
        "request",
        "only",
    ];
    let speaks = lower.contains(&name.to_lowercase())
        || lower
            .split_whitespace()
            .any(|word| ["it", "them", "its", "their"].contains(&word));
    starts_with_word(&lower, &openings) && !speaks
}

/// What a label of at most six words means, when every word of it is one of labels.
fn label_of(name: &str) -> Option<Column> {
    (name.split_whitespace().count() <= 6).then(|| headings::label(name))?
}

fn starts_with_word(text: &str, words: &[&str]) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    words.contains(&first)
}

/// Whether the rest of an item goes on as a sentence whose subject the capitalised words are.
fn is_clause(rest: &str) -> bool {
    let first = rest.split_whitespace().next().unwrap_or_default();
    [
        "is", "are", "was", "were", "has", "have", "will", "may", "can", "must", "does", "do", "did", "should", "you",
        "we", "your",
    ]
    .contains(&first)
}

/// A known name in front of other words with capitals: what they say is the purpose ("Lark Video Calls", "Lark SMS gateway").
fn shorter(name: &str, rest: &str) -> (String, String) {
    let words: Vec<&str> = name.split(' ').collect();
    let spaced = |purpose: &str| {
        if rest.is_empty() {
            purpose.to_owned()
        } else {
            format!("{purpose} ")
        }
    };
    if identify::exact(name).is_some() || words.len() < 2 {
        return (name.to_owned(), String::new());
    }
    let known = (1..words.len())
        .rev()
        .find(|count| identify::in_text(&words[..*count].join(" ")).is_some());
    let capitals = |word: &str| word.len() >= 2 && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let Some(count) = known else {
        return (name.to_owned(), String::new());
    };
    let behind = words[count..].join(" ");
    let parts_off = words[count..].iter().all(|word| capitals(word)) && !rest.is_empty();
    match (parts_off, rest.is_empty()) {
        (true, _) => (words[..count].join(" "), spaced(&behind)),
        (false, true) => (name.to_owned(), behind),
        (false, false) => (name.to_owned(), String::new()),
    }
}
