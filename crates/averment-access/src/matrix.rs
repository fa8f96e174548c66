//! The rules as a table that a school can read: elements by viewers, each cell with what it depends on and its claims.
//!
//! Start at [`Matrix::of`]. A cell says what somebody in that relation sees, with what anybody sees, and with what comes with
//! the relation. Elements that are treated alike share a row; kinds of people that are treated alike share a table.

mod page;
mod text;

use averment_catalog::{ElementId, catalog};
use averment_register::ControllerId;
use serde::Serialize;

use crate::access::Access;
use crate::element_set::ElementSet;
use crate::fact::{Fact, FactSet};
use crate::kind::Kind;
use crate::rules::{Effect, Rule};
use crate::viewer::Viewer;

/// Version of the document.
pub const SCHEMA: &str = "averment.access-matrix/1";

/// Who sees what, for the people of one school or of any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Who makes the statements.
    pub organisation: String,
    /// The school whose variant it is: identifier and name.
    pub school: Option<(String, String)>,
    /// Digest of the register.
    pub charter: String,
    /// One table for each group of people who are treated alike.
    pub people: Vec<People>,
    /// What the claims and schools named in cells say, by their names.
    pub said: Vec<(String, String)>,
    /// Claims that speak of recipients, which the gate decides.
    pub of_the_gate: Vec<String>,
}

/// The table for some kinds of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct People {
    /// Kinds of the catalog; `other` for those without a word.
    pub kinds: Vec<&'static str>,
    /// What is said of them. What no row names is hidden from everybody.
    pub rows: Vec<Row>,
    /// Promises that everything else is hidden: from whom, and the claim.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rest: Vec<Rest>,
}

/// A `hidden_from` claim that names no element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rest {
    /// Words of the viewers.
    pub viewers: Vec<&'static str>,
    /// The claim.
    pub by: String,
}

/// Elements that are treated alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Elements and categories, in the shortest names.
    pub elements: Vec<ElementId>,
    /// One per viewer, in the order of [`Viewer::ALL`].
    pub cells: Vec<Cell>,
}

/// What one viewer sees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cell {
    /// The viewer's word.
    pub viewer: &'static str,
    /// What they see of it.
    pub state: State,
    /// Of [`State::SeenWhen`]: what suffices, each a list of facts that all have to hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Vec<String>>,
    /// The claims, or the school, that say so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}

/// What a viewer sees of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Always.
    Seen,
    /// Given some facts.
    SeenWhen,
    /// Never, and somebody promised so.
    Hidden,
    /// Never, since nothing shows it.
    NotSaid,
}

/// Facts that suffice are searched among at most this many.
const FACTS_SEARCHED_MAX: u32 = 10;

impl Matrix {
    /// The table of a register, or of the school's variant.
    pub fn of(access: &Access, charter: &averment_register::Charter, school: Option<&ControllerId>) -> Self {
        let content = charter.content();
        let own = school.and_then(|id| content.controllers.get(id));
        let look = Look { access, school };
        let people = look.people();
        let named = |name: &str| people.iter().any(|group| group.names(name));
        let claims = content.claims.values();
        let claims = claims.map(|claim| (claim.id.to_string(), claim.sentence.clone()));
        let hides = own.map(|own| {
            (
                format!("hides of {}", own.id),
                format!("{} does not want it.", own.name),
            )
        });
        Self {
            schema: SCHEMA,
            organisation: content.organisation.clone(),
            school: own.map(|own| (own.id.to_string(), own.name.clone())),
            charter: access.digest().to_string(),
            said: claims.chain(hides).filter(|(name, _)| named(name)).collect(),
            of_the_gate: access.rules().of_the_gate.iter().map(ToString::to_string).collect(),
            people,
        }
    }

    /// For a terminal of 80 columns.
    pub fn text(&self) -> String {
        text::text(self)
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        page::markdown(self)
    }

    /// As a page by itself, without scripts.
    pub fn html(&self) -> String {
        page::html(self)
    }
}

impl Row {
    fn names(&self, name: &str) -> bool {
        self.cells.iter().flat_map(|cell| &cell.by).any(|by| by == name)
    }
}

impl People {
    fn names(&self, name: &str) -> bool {
        self.rows.iter().any(|row| row.names(name)) || self.rest.iter().any(|rest| rest.by == name)
    }
}

impl Rest {
    fn words(&self) -> String {
        let viewers: Vec<&str> = self
            .viewers
            .iter()
            .filter_map(|word| Viewer::of(word))
            .map(Viewer::label)
            .collect();
        format!("Everything else is hidden from {}, as promised", viewers.join(", "))
    }
}

struct Look<'a> {
    access: &'a Access,
    school: Option<&'a ControllerId>,
}

impl Look<'_> {
    fn people(&self) -> Vec<People> {
        let mut groups: Vec<People> = Vec::new();
        for kind in Kind::all() {
            let (rows, rest) = (self.rows(kind), self.rest(kind));
            match groups.iter_mut().find(|group| group.rows == rows && group.rest == rest) {
                Some(group) => group.kinds.push(kind.as_str()),
                None => groups.push(People {
                    kinds: vec![kind.as_str()],
                    rows,
                    rest,
                }),
            }
        }
        groups.retain(|group| !group.rows.is_empty() || !group.rest.is_empty());
        groups.sort_by_key(|group| !group.kinds.iter().any(|kind| kind.starts_with("student")));
        groups
    }

    fn rest(&self, kind: Kind) -> Vec<Rest> {
        let rules = self.access.rules().of_school(self.school);
        let rest = rules.filter(|rule| rule.names.is_empty() && rule.is_about(kind));
        rest.map(|rule| Rest {
            viewers: rule.viewers.iter().map(|viewer| viewer.as_str()).collect(),
            by: rule.name(),
        })
        .collect()
    }

    /// What is said of one kind of person, category by category.
    fn rows(&self, kind: Kind) -> Vec<Row> {
        let mut groups: Vec<(Vec<Cell>, &str, ElementSet)> = Vec::new();
        for element in ElementSet::all().iter() {
            let cells: Vec<Cell> = Viewer::ALL.map(|viewer| self.cell(viewer, kind, element)).into();
            if cells.iter().all(|cell| cell.state == State::NotSaid) {
                continue;
            }
            let category = element.as_str().split('.').next().unwrap_or_default();
            let one = ElementSet::covered_by(element);
            let same =
                |(own, in_category, _): &&mut (Vec<Cell>, &str, ElementSet)| *in_category == category && *own == cells;
            match groups.iter_mut().find(same) {
                Some((_, _, elements)) => *elements = *elements | one,
                None => groups.push((cells, category, one)),
            }
        }
        let rows = groups.into_iter();
        rows.map(|(cells, _, elements)| Row {
            elements: elements.names(),
            cells,
        })
        .collect()
    }

    /// The best of what the relation and those that come with it show. What is hidden from those says nothing about this one.
    fn cell(&self, viewer: Viewer, kind: Kind, element: &ElementId) -> Cell {
        let own = self.cell_of(viewer, kind, element);
        let others = viewer.implied().iter().skip(1);
        let others = others.map(|relation| Cell {
            viewer: viewer.as_str(),
            ..self.cell_of(*relation, kind, element)
        });
        let better = others.filter(|cell| cell.state < own.state && cell.state <= State::SeenWhen);
        better.min_by_key(|cell| cell.state).unwrap_or(own)
    }

    fn cell_of(&self, viewer: Viewer, kind: Kind, element: &ElementId) -> Cell {
        let asked = ElementSet::covered_by(element);
        let table = self.access.table(self.school);
        let relevant = table.depends_on(viewer, kind);
        let sees = |facts| table.visible(viewer, kind, facts).contains(&asked);
        let speaks = |shows: bool| -> Vec<String> {
            let rules = self.access.rules().of_school(self.school);
            let speak = |rule: &&Rule| {
                matches!(rule.effect, Effect::Shows(_)) == shows
                    && rule.effect != Effect::MayShow
                    && rule.viewers.contains(&viewer)
                    && rule.is_about(kind)
                    && rule.elements.contains(&asked)
            };
            rules.filter(speak).map(Rule::name).collect()
        };
        let (state, when, by) = if sees(FactSet::NONE) {
            (State::Seen, Vec::new(), speaks(true))
        } else if sees(relevant) {
            (State::SeenWhen, self.suffices(relevant, sees), speaks(true))
        } else {
            let by = speaks(false);
            let state = if by.is_empty() { State::NotSaid } else { State::Hidden };
            (state, Vec::new(), by)
        };
        Cell {
            viewer: viewer.as_str(),
            state,
            when,
            by,
        }
    }

    /// The smallest sets of facts that suffice, in words.
    fn suffices(&self, relevant: FactSet, sees: impl Fn(FactSet) -> bool) -> Vec<Vec<String>> {
        let index = &self.access.rules().facts;
        let words = |facts| index.of(facts).into_iter().map(Fact::words).collect::<Vec<_>>();
        if relevant.len() > FACTS_SEARCHED_MAX {
            return vec![words(relevant)];
        }
        let mut sets: Vec<FactSet> = crate::prove::subsets(relevant).into_iter().flatten().collect();
        sets.sort_by_key(|facts| (facts.len(), facts.0));
        let mut enough: Vec<FactSet> = Vec::new();
        for facts in sets {
            if !enough.iter().any(|smaller| facts.contains(*smaller)) && sees(facts) {
                enough.push(facts);
            }
        }
        enough.into_iter().map(words).collect()
    }
}

/// What people call an element or a category.
fn label(id: &ElementId) -> &str {
    let element = catalog().element(id).map(|row| &row.label);
    let label = element.or_else(|| catalog().category(id).map(|row| &row.label));
    label.map_or(id.as_str(), String::as_str)
}

/// The same, with a mark where the catalog's row is to be reviewed.
fn label_with_mark(id: &ElementId) -> String {
    match catalog().element(id).is_some_and(|row| row.review) {
        true => format!("{} (to be reviewed)", label(id)),
        false => label(id).to_owned(),
    }
}

/// What people call kinds of people.
fn kinds(words: &[&str]) -> String {
    let label = |word: &&str| {
        let row = Kind::all().find(|kind| kind.as_str() == *word).and_then(Kind::subject);
        let row = row.and_then(|subject| catalog().subject(subject));
        row.map_or("anybody else", |row| row.label.as_str())
    };
    words.iter().map(label).collect::<Vec<_>>().join("; ")
}
