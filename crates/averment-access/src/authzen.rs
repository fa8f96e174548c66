//! Questions and answers in the words of the OpenID AuthZEN Authorization API 1.0.
//!
//! Start at [`evaluation`]. Whoever asks is the *subject* there, the person concerned the *resource* (both of type `person`,
//! with the fields of [`Person`] as properties), the action is `see`, and the resource's property `element` says what. Without
//! it the question is whether anything may be seen at all; [`search_action`] lists the elements, each as the action
//! `see:<element>`, which [`evaluation`] takes as well.
//!
//! Nothing is remembered between questions: who is what stands in the question's entries, never in its context. Whatever cannot
//! be read is an error with status 400, or in a batch a denial with the error beside it.
//!
//! Source: OpenID AuthZEN Authorization API 1.0, sections 5 to 10.

use averment_catalog::ElementId;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::access::Access;
use crate::element_set::ElementSet;
use crate::person::{Context, Person};

/// Most questions of one batch, and most people of one search.
pub const BATCH_MAX: usize = 1_000;
/// The type of people.
pub const PERSON: &str = "person";
/// The action.
pub const SEE: &str = "see";

/// A question that cannot be answered. Never holds a value of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadRequest(pub String);

fn bad(text: impl Into<String>) -> BadRequest {
    BadRequest(text.into())
}

/// Answers `POST /access/v1/evaluation`.
///
/// # Errors
/// [`BadRequest`] for a question without a part that is needed, or with one that cannot be read.
pub fn evaluation(access: &Access, request: &Value) -> Result<Value, BadRequest> {
    let request = object(request, "the request")?;
    answer(access, request, &Map::new())
}

/// Answers `POST /access/v1/evaluations`. Without `evaluations` it is one question; what stands beside them fills in what one
/// of them leaves out.
///
/// # Errors
/// [`BadRequest`] for what is wrong with the whole. What is wrong with one question denies it, and the answer says so.
pub fn evaluations(access: &Access, request: &Value) -> Result<Value, BadRequest> {
    let whole = object(request, "the request")?;
    let list = match whole.get("evaluations") {
        None => return evaluation(access, request),
        Some(Value::Array(list)) if list.is_empty() => return evaluation(access, request),
        Some(Value::Array(list)) if list.len() > BATCH_MAX => {
            return Err(bad(format!(
                "`evaluations` has {} questions: at most {BATCH_MAX}",
                list.len()
            )));
        }
        Some(Value::Array(list)) => list,
        Some(_) => return Err(bad("`evaluations` is no array")),
    };
    let ends_with = ends_with(whole)?;
    let mut answers = Vec::new();
    for one in list {
        let answer = object(one, "the evaluation")
            .and_then(|one| answer(access, one, whole))
            .unwrap_or_else(|error| denied(&error));
        let is_allowed = answer["decision"] == true;
        answers.push(answer);
        if Some(is_allowed) == ends_with {
            break;
        }
    }
    Ok(json!({ "evaluations": answers }))
}

/// The decision after which the rest is not looked at.
fn ends_with(whole: &Map<String, Value>) -> Result<Option<bool>, BadRequest> {
    let semantic = match whole.get("options") {
        None => None,
        Some(options) => object(options, "`options`")?.get("evaluations_semantic"),
    };
    match semantic {
        None => Ok(None),
        Some(word) => match word.as_str() {
            Some("execute_all") => Ok(None),
            Some("deny_on_first_deny") => Ok(Some(false)),
            Some("permit_on_first_permit") => Ok(Some(true)),
            _ => Err(bad(
                "`evaluations_semantic` is none of `execute_all`, `deny_on_first_deny`, `permit_on_first_permit`",
            )),
        },
    }
}

fn denied(error: &BadRequest) -> Value {
    json!({ "decision": false, "context": { "error": { "status": 400, "message": error.0 } } })
}

/// Answers `POST /access/v1/search/action`: what whoever asks may see of the person, an action per element.
///
/// # Errors
/// As [`evaluation`].
pub fn search_action(access: &Access, request: &Value) -> Result<Value, BadRequest> {
    let request = object(request, "the request")?;
    let (viewer, subject) = (
        person(request, &Map::new(), "subject")?,
        person(request, &Map::new(), "resource")?,
    );
    let context = context(request, &Map::new())?;
    let seen = match is_person(request, &Map::new(), "resource") {
        true => access.visible(&viewer, &subject, &context),
        false => ElementSet::EMPTY,
    };
    let actions = seen.iter().map(|element| json!({ "name": format!("{SEE}:{element}") }));
    Ok(json!({ "results": actions.collect::<Vec<_>>() }))
}

/// Answers `POST /access/v1/search/subject`: which of the people in `context.candidates` may see it. Averment keeps no list of
/// accounts, so the candidates come with the question.
///
/// # Errors
/// As [`evaluation`]; also without candidates, or with more than [`BATCH_MAX`].
pub fn search_subject(access: &Access, request: &Value) -> Result<Value, BadRequest> {
    search(access, request, "subject")
}

/// Answers `POST /access/v1/search/resource`: of which of the people in `context.candidates` it may be seen.
///
/// # Errors
/// As [`search_subject`].
pub fn search_resource(access: &Access, request: &Value) -> Result<Value, BadRequest> {
    search(access, request, "resource")
}

fn search(access: &Access, request: &Value, sought: &str) -> Result<Value, BadRequest> {
    let request = object(request, "the request")?;
    entity_type(request.get(sought), sought)?;
    let candidates = request.get("context").and_then(|context| context.get("candidates"));
    let candidates = candidates
        .and_then(Value::as_array)
        .ok_or_else(|| bad("`context.candidates` is no array of people: no list of accounts is kept here"))?;
    if candidates.len() > BATCH_MAX {
        return Err(bad(format!(
            "`context.candidates` has {} people: at most {BATCH_MAX}",
            candidates.len()
        )));
    }
    let found = candidates_found(access, request, sought, candidates)?;
    let found = found.into_iter().map(|id| json!({ "type": PERSON, "id": id }));
    Ok(json!({ "results": found.collect::<Vec<_>>() }))
}

/// Identifiers of the candidates of whom, or for whom, the answer is yes. What is the same for all of them is read once, so that the
/// work grows with the length of the request and not with its square.
fn candidates_found<'a>(
    access: &Access,
    request: &Map<String, Value>,
    sought: &str,
    candidates: &'a [Value],
) -> Result<Vec<&'a Value>, BadRequest> {
    let nothing = Map::new();
    let (asks, of) = (sought == "subject", sought == "resource");
    let known = person(request, &nothing, if asks { "resource" } else { "subject" })?;
    let (action, context) = (Action::read(request, &nothing)?, context(request, &nothing)?);
    // What is asked for stands in the resource's properties, also where the resource is what is sought.
    let wanted = named(request.get("resource"))?;
    let mut found = Vec::new();
    for candidate in candidates {
        let one = Map::from_iter([(sought.to_owned(), candidate.clone())]);
        let other = person(&one, &nothing, sought)?;
        let (viewer, subject) = if asks { (&other, &known) } else { (&known, &other) };
        let own = if of { named(Some(candidate))? } else { None };
        let question = Question {
            viewer,
            subject,
            context: &context,
            is_about_seeing: action.is_see && is_person(if of { &one } else { request }, &nothing, "resource"),
            element: action.element.as_ref().or(own.as_ref()).or(wanted.as_ref()),
        };
        if decide(access, &question)["decision"] == true {
            found.extend(candidate.get("id"));
        }
    }
    Ok(found)
}

/// The document at `/.well-known/authzen-configuration`. `base`: the address it is asked at, without a slash at its end.
pub fn configuration(base: &str) -> Value {
    json!({
        "policy_decision_point": base,
        "access_evaluation_endpoint": format!("{base}/access/v1/evaluation"),
        "access_evaluations_endpoint": format!("{base}/access/v1/evaluations"),
        "search_subject_endpoint": format!("{base}/access/v1/search/subject"),
        "search_resource_endpoint": format!("{base}/access/v1/search/resource"),
        "search_action_endpoint": format!("{base}/access/v1/search/action"),
    })
}

/// What is asked.
struct Question<'a> {
    viewer: &'a Person,
    subject: &'a Person,
    context: &'a Context,
    /// Whether it is about seeing something of a person at all.
    is_about_seeing: bool,
    element: Option<&'a ElementId>,
}

/// What somebody wants to do.
struct Action {
    is_see: bool,
    /// What they want to see, where the action says so.
    element: Option<ElementId>,
}

impl Action {
    fn read(request: &Map<String, Value>, defaults: &Map<String, Value>) -> Result<Self, BadRequest> {
        let action = object(part(request, defaults, "action")?, "`action`")?;
        let name = action.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| bad("`action.name` is missing or no text"))?;
        let element = name
            .strip_prefix("see:")
            .map(|name| element(&Value::from(name)))
            .transpose()?;
        Ok(Self {
            is_see: name == SEE || element.is_some(),
            element,
        })
    }
}

/// The element that the properties of a resource name.
fn named(resource: Option<&Value>) -> Result<Option<ElementId>, BadRequest> {
    let properties = resource.and_then(|resource| resource.get("properties"));
    let named = properties.and_then(|properties| properties.get("element"));
    named.map(element).transpose()
}

/// Reads one question and answers it.
fn answer(access: &Access, request: &Map<String, Value>, defaults: &Map<String, Value>) -> Result<Value, BadRequest> {
    let viewer = person(request, defaults, "subject")?;
    let subject = person(request, defaults, "resource")?;
    let action = Action::read(request, defaults)?;
    let named = named(part(request, defaults, "resource").ok())?;
    let question = Question {
        viewer: &viewer,
        subject: &subject,
        context: &context(request, defaults)?,
        is_about_seeing: action.is_see && is_person(request, defaults, "resource"),
        element: action.element.as_ref().or(named.as_ref()),
    };
    Ok(decide(access, &question))
}

fn decide(access: &Access, question: &Question<'_>) -> Value {
    let Question {
        viewer,
        subject,
        context,
        is_about_seeing,
        element,
    } = *question;
    if !is_about_seeing {
        let reason = "only `see` of a `person` is decided here";
        return json!({ "decision": false, "context": { "reason": reason } });
    }
    let Some(element) = element else {
        let seen = access.visible(viewer, subject, context);
        let elements: Vec<String> = seen.names().iter().map(ToString::to_string).collect();
        return json!({ "decision": seen != ElementSet::EMPTY, "context": { "elements": elements } });
    };
    let decision = access.decide(viewer, subject, context, element);
    let relations: Vec<&str> = decision.relations.iter().map(|relation| relation.as_str()).collect();
    json!({
        "decision": decision.is_allowed,
        "context": {
            "as": decision.as_viewer.map(|viewer| viewer.as_str()),
            "relations": relations,
            "rules": decision.rules,
            "charter": access.digest().to_string(),
        },
    })
}

fn object<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>, BadRequest> {
    value.as_object().ok_or_else(|| bad(format!("{name} is no object")))
}

fn part<'a>(
    request: &'a Map<String, Value>,
    defaults: &'a Map<String, Value>,
    name: &str,
) -> Result<&'a Value, BadRequest> {
    let part = request.get(name).or_else(|| defaults.get(name));
    part.ok_or_else(|| bad(format!("`{name}` is missing")))
}

fn element(value: &Value) -> Result<ElementId, BadRequest> {
    let id = value.as_str().and_then(|text| ElementId::new(text).ok());
    id.ok_or_else(|| bad("`element` is no element or category of the catalog"))
}

fn is_person(request: &Map<String, Value>, defaults: &Map<String, Value>, name: &str) -> bool {
    part(request, defaults, name).is_ok_and(|entity| entity["type"] == PERSON)
}

/// Checks the type of an entity, which has to be there.
fn entity_type<'a>(entity: Option<&'a Value>, name: &str) -> Result<&'a Map<String, Value>, BadRequest> {
    let entity = object(
        entity.ok_or_else(|| bad(format!("`{name}` is missing")))?,
        &format!("`{name}`"),
    )?;
    match entity.get("type").and_then(Value::as_str) {
        None => Err(bad(format!("`{name}.type` is missing or no text"))),
        Some(_) => Ok(entity),
    }
}

fn person(request: &Map<String, Value>, defaults: &Map<String, Value>, name: &str) -> Result<Person, BadRequest> {
    let entity = entity_type(Some(part(request, defaults, name)?), name)?;
    let id = entity.get("id").and_then(Value::as_str);
    let id = id.ok_or_else(|| bad(format!("`{name}.id` is missing or no text")))?;
    let mut properties = match entity.get("properties") {
        None => Map::new(),
        Some(properties) => object(properties, &format!("`{name}.properties`"))?.clone(),
    };
    // Somebody of another type, or of whom nothing is said, is nobody in particular.
    if entity.get("type").and_then(Value::as_str) != Some(PERSON) {
        properties.clear();
    }
    properties.entry("role").or_insert_with(|| Value::from("anonymous"));
    properties.insert("id".to_owned(), Value::from(id));
    // The message of the parser may repeat a value.
    let expected = "a property of it is not of the form that docs/access.md says";
    serde_json::from_value(Value::Object(properties)).map_err(|_| bad(format!("`{name}`: {expected}")))
}

fn context(request: &Map<String, Value>, defaults: &Map<String, Value>) -> Result<Context, BadRequest> {
    let Some(value) = request.get("context").or_else(|| defaults.get("context")) else {
        return Ok(Context::default());
    };
    object(value, "`context`")?;
    let context = Context::deserialize(value);
    let context = context.map_err(|_| bad("`context`: a field of it is not of the form that docs/access.md says"))?;
    match context.unknown_exception() {
        Some(_) => Err(bad("`context.exceptions` names one that is none of the catalog's")),
        None => Ok(context),
    }
}
