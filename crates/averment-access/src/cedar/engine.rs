//! Decides by the Cedar engine, with nothing loaded but who asks, the person concerned and the action.

use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;

use averment_catalog::ElementId;
use cedar_policy::{
    Authorizer, Context as CedarContext, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet,
    Request, RestrictedExpression, Schema, ValidationMode, Validator,
};

use super::{above, capacities, policies, policies_of, schema, type_name};
use crate::element_set::{ElementSet, leaves};
use crate::person::{Context, Person};
use crate::rules::{Effect, Rules};
use crate::viewer::Viewer;

/// Why the engine cannot decide. The text is for whoever works on Averment: it names policies, never people.
#[derive(Debug, thiserror::Error)]
#[error("the policies cannot be used: {0}")]
pub struct EngineError(pub(super) String);

fn error(reason: impl std::fmt::Display) -> EngineError {
    EngineError(reason.to_string())
}

/// The policies of one charter, ready to decide.
#[derive(Debug)]
pub struct Engine {
    authorizer: Authorizer,
    /// One set for each viewer, in the order of [`Viewer::ALL`]: policies of other capacities never apply.
    policies: Vec<PolicySet>,
    /// The elements that those policies permit anything of, in the same order. What none permits Cedar denies.
    permitted: Vec<ElementSet>,
    types: Vec<EntityTypeName>,
    person: EntityTypeName,
    /// The actions with their groups, in the order of the catalog.
    actions: Vec<Entity>,
}

impl Engine {
    /// Parses the policies and validates them strictly against the schema.
    ///
    /// # Errors
    /// [`EngineError`] when text of this program is wrong: a defect.
    pub fn new(rules: &Rules) -> Result<Self, EngineError> {
        let schema = Schema::from_str(&schema()).map_err(error)?;
        let all = PolicySet::from_str(&policies(rules)).map_err(error)?;
        let validated = Validator::new(schema).validate(&all, ValidationMode::Strict);
        if let Some(wrong) = validated.validation_errors().next() {
            return Err(error(wrong));
        }
        let sets = Viewer::ALL.map(|viewer| PolicySet::from_str(&policies_of(rules, viewer)).map_err(error));
        let types = Viewer::ALL.map(|viewer| type_of(type_name(viewer)));
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: sets.into_iter().collect::<Result<_, _>>()?,
            permitted: Viewer::ALL.map(|viewer| permitted(rules, viewer)).into(),
            types: types.into_iter().collect::<Result<_, _>>()?,
            person: type_of("Person")?,
            actions: leaves().iter().map(action).collect::<Result<_, _>>()?,
        })
    }

    /// Whether `viewer` may see one element of `subject`. A category, what the catalog does not know, and whatever goes wrong
    /// are denied.
    pub fn may_see(&self, viewer: &Person, subject: &Person, context: &Context, element: &ElementId) -> bool {
        let Ok(place) = leaves().binary_search(element) else {
            return false;
        };
        let capacities = capacities(viewer).iter().filter(|one| self.permits(**one, element));
        let actions = std::slice::from_ref(&self.actions[place]);
        let slice = self.slice(viewer, subject, context, capacities.copied(), actions);
        slice.is_ok_and(|slice| slice.may_see(element))
    }

    /// Loads who asks, the person concerned and the question once, for decisions about several elements.
    ///
    /// # Errors
    /// [`EngineError`] when the engine takes an entity for something else: a defect. Then nothing may be seen.
    pub fn load(&self, viewer: &Person, subject: &Person, context: &Context) -> Result<Slice<'_>, EngineError> {
        let capacities = capacities(viewer).iter().copied();
        self.slice(viewer, subject, context, capacities, &self.actions)
    }

    fn slice(
        &self,
        viewer: &Person,
        subject: &Person,
        context: &Context,
        capacities: impl Iterator<Item = Viewer>,
        actions: &[Entity],
    ) -> Result<Slice<'_>, EngineError> {
        let mut capacities = capacities.peekable();
        let mut slice = Slice {
            engine: self,
            askings: Vec::new(),
            resource: uid(&self.person, &subject.id),
            question: CedarContext::empty(),
        };
        if capacities.peek().is_none() {
            return Ok(slice);
        }
        slice.question = question(context)?;
        let resource = resource(&self.person, subject)?;
        for capacity in capacities {
            let principal = principal(&self.types[capacity.index()], viewer)?;
            let asking = principal.uid();
            let entities = actions.iter().cloned().chain([principal, resource.clone()]);
            let entities = Entities::from_entities(entities, None).map_err(error)?;
            slice.askings.push((capacity, asking, entities));
        }
        Ok(slice)
    }

    fn permits(&self, capacity: Viewer, element: &ElementId) -> bool {
        self.permitted[capacity.index()].contains(&ElementSet::covered_by(element))
    }
}

/// Two people and a question, as the engine reads them.
#[derive(Debug)]
pub struct Slice<'a> {
    engine: &'a Engine,
    /// In each capacity: who asks in it, and everybody and everything that its policies may look at.
    askings: Vec<(Viewer, EntityUid, Entities)>,
    resource: EntityUid,
    question: CedarContext,
}

impl Slice<'_> {
    /// Whether one element may be seen, as [`Engine::may_see`] says it.
    pub fn may_see(&self, element: &ElementId) -> bool {
        let Ok(place) = leaves().binary_search(element) else {
            return false;
        };
        let permitting = |capacity: Viewer| self.engine.permits(capacity, element);
        let mut asked = self.askings.iter().filter(|(capacity, ..)| permitting(*capacity));
        asked.any(|(capacity, principal, entities)| {
            let action = self.engine.actions[place].uid();
            let policies = &self.engine.policies[capacity.index()];
            let (resource, question) = (self.resource.clone(), self.question.clone());
            let Ok(request) = Request::new(principal.clone(), action, resource, question, None) else {
                return false;
            };
            let answer = self.engine.authorizer.is_authorized(&request, policies, entities);
            // What hides must not be passed over because it could not be read.
            answer.diagnostics().errors().next().is_none() && answer.decision() == Decision::Allow
        })
    }
}

fn uid(of: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(of.clone(), EntityId::new(id))
}

fn type_of(name: &str) -> Result<EntityTypeName, EngineError> {
    EntityTypeName::from_str(&format!("Averment::{name}")).map_err(error)
}

/// An action with every group that it is in.
fn action(element: &ElementId) -> Result<Entity, EngineError> {
    let actions = EntityTypeName::from_str("Averment::Action").map_err(error)?;
    let see = |id: &ElementId| uid(&actions, &format!("see:{id}"));
    let groups: HashSet<EntityUid> = above(element).iter().map(see).collect();
    Ok(Entity::new_no_attrs(see(element), groups))
}

/// The elements that rules show somebody who asks in this capacity, given whatever they ask for.
fn permitted(rules: &Rules, viewer: Viewer) -> ElementSet {
    let shown = rules
        .rules
        .iter()
        .filter(|rule| matches!(rule.effect, Effect::Shows(_)) && rule.viewers.contains(&viewer));
    shown.fold(ElementSet::EMPTY, |all, rule| all | rule.elements)
}

type Attributes = HashMap<String, RestrictedExpression>;

fn text(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

fn set<'a>(texts: impl IntoIterator<Item = &'a str>) -> RestrictedExpression {
    RestrictedExpression::new_set(texts.into_iter().map(text))
}

fn strings<'a>(texts: impl IntoIterator<Item = &'a String>) -> RestrictedExpression {
    set(texts.into_iter().map(String::as_str))
}

fn attributes<const N: usize>(rows: [(&str, RestrictedExpression); N]) -> Attributes {
    rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn classes(person: &Person) -> RestrictedExpression {
    let classes = person
        .schools
        .iter()
        .flat_map(|(school, classes)| classes.iter().map(move |class| format!("{school}:{class}")));
    RestrictedExpression::new_set(classes.map(RestrictedExpression::new_string))
}

/// Whoever asks. Somebody who did not sign in has nothing but links.
fn principal(of: &EntityTypeName, person: &Person) -> Result<Entity, EngineError> {
    let nobody;
    let known = match person.role.is_known() {
        true => person,
        false => {
            nobody = Person {
                holds_link_of: person.holds_link_of.clone(),
                ..Person::new("", person.role)
            };
            &nobody
        }
    };
    let values = attributes([
        ("id", text(&known.id)),
        ("schools", set(known.schools.keys().map(|school| school.as_str()))),
        ("classes", classes(known)),
        ("guardian_of", strings(&known.guardian_of)),
        ("holds_link_of", strings(&known.holds_link_of)),
    ]);
    Entity::new(uid(of, &known.id), values, HashSet::new()).map_err(error)
}

fn resource(of: &EntityTypeName, person: &Person) -> Result<Entity, EngineError> {
    let off = person
        .switched_off
        .iter()
        .flat_map(|(giver, viewers)| viewers.iter().map(move |viewer| format!("{giver}:{viewer}")));
    let values = attributes([
        ("id", text(&person.id)),
        ("kind", text(person.role.kind.as_str())),
        ("schools", set(person.schools.keys().map(|school| school.as_str()))),
        ("classes", classes(person)),
        ("limited_guardians", strings(&person.limited_guardians)),
        ("opened_to", set(person.opened_to.iter().map(|word| word.as_str()))),
        (
            "known_switches",
            set(person.switched_off.keys().map(|giver| giver.as_str())),
        ),
        (
            "switched_off",
            RestrictedExpression::new_set(off.map(RestrictedExpression::new_string)),
        ),
        ("consents", strings(&person.consents)),
        ("acts", strings(&person.acts)),
        (
            "directory_information",
            RestrictedExpression::new_bool(person.directory_opt_out == Some(false)),
        ),
    ]);
    Entity::new(uid(of, &person.id), values, HashSet::new()).map_err(error)
}

fn question(context: &Context) -> Result<CedarContext, EngineError> {
    let pairs = [
        (
            "support_request",
            RestrictedExpression::new_bool(context.support_request),
        ),
        ("reason_given", RestrictedExpression::new_bool(context.reason_given)),
        (
            "educational_interest",
            RestrictedExpression::new_bool(context.educational_interest),
        ),
        ("exceptions", set(context.exceptions.iter().map(|word| word.as_str()))),
    ];
    CedarContext::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value))).map_err(error)
}
