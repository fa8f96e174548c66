//! The policies that are proved: which of them can speak of a capacity and an element at all.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use averment_catalog::ElementId;
use cedar_policy::{
    ActionConstraint, Effect, EntityTypeName, EntityUid, Policy, PolicySet, PrincipalConstraint, Schema,
    ValidationMode, Validator,
};

use super::{SymbolicError, wrong};
use crate::cedar::type_name;
use crate::element_set::ElementSet;
use crate::viewer::Viewer;

/// Policies that fit the schema.
pub(super) struct Policies(Vec<Row>);

struct Row {
    policy: Policy,
    /// The one capacity that its head names; none when it may be any.
    principal: Option<EntityTypeName>,
    /// The elements whose actions its head names.
    elements: ElementSet,
    /// Whether its conditions look at the action, so that its elements may be treated unlike.
    reads_action: bool,
}

/// Policies that speak of the same elements in one capacity.
pub(super) struct Group {
    pub(super) policies: PolicySet,
    pub(super) has_permit: bool,
    pub(super) elements: ElementSet,
}

impl Policies {
    /// Reads policies and holds them against the schema.
    pub(super) fn read(text: &str, schema: &Schema) -> Result<Self, SymbolicError> {
        let set = PolicySet::from_str(text).map_err(wrong)?;
        let validated = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
        if let Some(error) = validated.validation_errors().next() {
            return Err(wrong(error));
        }
        if set.templates().next().is_some() {
            return Err(wrong("a template: expected policies alone"));
        }
        let rows: Result<_, SymbolicError> = set.policies().map(Row::of).collect();
        Ok(Self(rows?))
    }

    /// The elements in parts of which the same policies speak in this capacity.
    pub(super) fn groups(&self, capacity: Viewer, elements: ElementSet) -> Vec<Group> {
        let mut groups: BTreeMap<(Vec<usize>, Option<&ElementId>), ElementSet> = BTreeMap::new();
        for element in elements.iter() {
            let one = ElementSet::covered_by(element);
            let rows = self.0.iter().enumerate();
            let speaking: Vec<usize> = rows
                .filter(|(_, row)| row.speaks_of(capacity, one))
                .map(|(place, _)| place)
                .collect();
            let apart = speaking.iter().any(|place| self.0[*place].reads_action);
            let group = groups.entry((speaking, apart.then_some(element))).or_default();
            *group = *group | one;
        }
        let group = |((speaking, _), elements): ((Vec<usize>, _), _)| self.group(&speaking, elements);
        groups.into_iter().map(group).collect()
    }

    fn group(&self, speaking: &[usize], elements: ElementSet) -> Group {
        let policies = || speaking.iter().map(|place| &self.0[*place].policy);
        Group {
            has_permit: policies().any(|policy| policy.effect() == Effect::Permit),
            policies: PolicySet::from_policies(policies().cloned())
                .expect("policies of one set have names of their own"),
            elements,
        }
    }
}

impl Row {
    fn of(policy: &Policy) -> Result<Self, SymbolicError> {
        let principal = match policy.principal_constraint() {
            PrincipalConstraint::Is(name) | PrincipalConstraint::IsIn(name, _) => Some(name),
            PrincipalConstraint::Eq(uid) => Some(uid.type_name().clone()),
            PrincipalConstraint::Any | PrincipalConstraint::In(_) => None,
        };
        let elements = match policy.action_constraint() {
            ActionConstraint::Any => ElementSet::all(),
            ActionConstraint::Eq(uid) => named(&uid).filter(|set| set.len() == 1).unwrap_or_default(),
            ActionConstraint::In(uids) => {
                let sets = uids.iter().filter_map(named);
                sets.fold(ElementSet::EMPTY, |all, set| all | set)
            }
        };
        let json = policy.to_json().map_err(wrong)?;
        Ok(Self {
            policy: policy.clone(),
            principal,
            elements,
            reads_action: json["conditions"].to_string().contains(r#""Var":"action""#),
        })
    }

    fn speaks_of(&self, capacity: Viewer, element: ElementSet) -> bool {
        let own = |name: &EntityTypeName| name.basename() == type_name(capacity);
        self.elements.contains(&element) && self.principal.as_ref().is_none_or(own)
    }
}

/// The elements of an action; of a category, all of its elements.
fn named(action: &EntityUid) -> Option<ElementSet> {
    let id = action.id().unescaped().strip_prefix("see:")?;
    ElementId::new(id).ok().map(|id| ElementSet::covered_by(&id))
}
