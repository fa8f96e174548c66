//! Decisions: who asks, about whom, and what of it they may see.
//!
//! Start at [`Access::decide`]. The school's variant comes from the entry of the person concerned; somebody who belongs to
//! several schools is seen only as far as every one of them allows.

use std::collections::BTreeMap;

use averment_catalog::ElementId;
use averment_register::{Charter, ControllerId, Digest};

use crate::element_set::ElementSet;
use crate::fact::FactSet;
use crate::kind::Kind;
use crate::person::{Context, Person};
use crate::relation::{facts, relations};
use crate::rules::{Effect, Rule, Rules, RulesError};
use crate::table::Table;
use crate::viewer::Viewer;

/// Everything that decisions need of one charter.
#[derive(Debug, Clone)]
pub struct Access {
    rules: Rules,
    digest: Digest,
    general: Table,
    schools: BTreeMap<ControllerId, Table>,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be seen: all of it, where a category was asked for.
    pub is_allowed: bool,
    /// The relation that suffices; none when it may not.
    pub as_viewer: Option<Viewer>,
    /// Every relation of whoever asks.
    pub relations: Vec<Viewer>,
    /// The rules that show it, or that hide it from somebody in these relations; by their names.
    pub rules: Vec<String>,
}

impl Access {
    /// Compiles the rules of a charter.
    ///
    /// # Errors
    /// See [`RulesError`].
    pub fn new(charter: &Charter) -> Result<Self, RulesError> {
        let rules = Rules::of(charter)?;
        let schools = charter.content().controllers.keys();
        let schools = schools.map(|id| (id.clone(), Table::compile(&rules, Some(id))));
        Ok(Self {
            digest: charter.digest(),
            general: Table::compile(&rules, None),
            schools: schools.collect(),
            rules,
        })
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Digest of the charter that they come from.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The table that holds for people of a school; that of the register where the school has no variant or none is named.
    pub fn table(&self, school: Option<&ControllerId>) -> &Table {
        let own = school.and_then(|school| self.schools.get(school));
        own.unwrap_or(&self.general)
    }

    /// Every table: that of the register, and those of schools with a variant.
    pub fn tables(&self) -> impl Iterator<Item = (Option<&ControllerId>, &Table)> {
        let schools = self.schools.iter().map(|(id, table)| (Some(id), table));
        std::iter::once((None, &self.general)).chain(schools)
    }

    /// Everything that `viewer` may see of `subject`.
    pub fn visible(&self, viewer: &Person, subject: &Person, context: &Context) -> ElementSet {
        let relations = relations(viewer, subject, context).into_iter();
        relations
            .map(|relation| self.visible_as(relation, viewer, subject, context))
            .fold(ElementSet::EMPTY, |all, seen| all | seen)
    }

    /// What `viewer` may see of `subject` in one of the relations that they have.
    fn visible_as(&self, relation: Viewer, viewer: &Person, subject: &Person, context: &Context) -> ElementSet {
        let facts = facts(&self.rules.facts, relation, viewer, subject, context);
        self.in_every_school(relation, subject, facts)
    }

    fn in_every_school(&self, relation: Viewer, subject: &Person, facts: FactSet) -> ElementSet {
        let kind = subject.role.kind;
        let mut schools = subject.schools.keys();
        match schools.next() {
            None => self.general.visible(relation, kind, facts),
            Some(first) => schools.fold(
                self.table(Some(first)).visible(relation, kind, facts),
                |seen, school| seen & self.table(Some(school)).visible(relation, kind, facts),
            ),
        }
    }

    /// Whether `viewer` may see `element`, an element or a category, of `subject`. What the catalog does not know nobody sees.
    pub fn decide(&self, viewer: &Person, subject: &Person, context: &Context, element: &ElementId) -> Decision {
        let asked = ElementSet::covered_by(element);
        let relations = relations(viewer, subject, context);
        let suffices = |relation: &Viewer| {
            let seen = self.visible_as(*relation, viewer, subject, context);
            !asked.is_empty() && seen.contains(&asked)
        };
        // A category may be seen part by part in several relations.
        let together = !asked.is_empty() && self.visible(viewer, subject, context).contains(&asked);
        let as_viewer = relations.iter().copied().find(suffices);
        let is_allowed = as_viewer.is_some() || together;
        let rules = self.naming(&relations, subject, asked, is_allowed);
        Decision {
            is_allowed,
            as_viewer,
            relations,
            rules,
        }
    }

    /// The rules that speak of it: those that show it when it is allowed, else those that hide it.
    fn naming(&self, relations: &[Viewer], subject: &Person, asked: ElementSet, is_allowed: bool) -> Vec<String> {
        let of_schools = |rule: &&Rule| match &rule.school {
            None => true,
            Some(school) => subject.schools.contains_key(school),
        };
        let speaks = |rule: &&Rule| {
            matches!(rule.effect, Effect::Shows(_)) == is_allowed
                && rule.effect != Effect::MayShow
                && rule.is_about(subject.role.kind)
                && rule.viewers.iter().any(|viewer| relations.contains(viewer))
                && !(rule.elements & asked).is_empty()
        };
        let rules = self.rules.rules.iter().filter(of_schools).filter(speaks);
        rules.map(Rule::name).collect()
    }

    /// The kinds of people whom the rules name, and below them.
    pub fn kinds_named(&self) -> Vec<Kind> {
        let named = |kind: &Kind| {
            let mut rules = self.rules.rules.iter();
            rules.any(|rule| !rule.subjects.is_empty() && rule.is_about(*kind))
        };
        Kind::all().filter(named).collect()
    }
}
