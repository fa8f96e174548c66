//! A request that the solver found, held against the engine and put in words.

use std::str::FromStr as _;

use cedar_policy::{Authorizer, Decision, EvalResult, Expression, PolicySet, eval_expression};
use cedar_policy_symcc::Env;

use super::promise::Question;
use crate::access::Access;
use crate::cedar::condition;
use crate::fact::Fact;
use crate::prove::CounterExample;
use crate::viewer::Viewer;

/// None when the engine does not allow the request, or the sentence does not rule it out.
pub(super) fn of(access: &Access, question: &Question, against: &PolicySet, found: &Env) -> Option<CounterExample> {
    let decide = |policies: &PolicySet| Authorizer::new().is_authorized(&found.request, policies, &found.entities);
    let allowed = decide(&question.policies);
    let is_against = decide(against).decision() == Decision::Allow;
    if allowed.decision() != Decision::Allow || allowed.diagnostics().errors().next().is_some() || !is_against {
        return None;
    }
    let holds = |expression: &str| holds(found, expression);
    let kind = |word: &str| holds(&format!("resource.kind == \"{word}\""));
    let mut rules: Vec<String> = allowed
        .diagnostics()
        .reason()
        .map(|id| match question.policies.annotation(id, "id") {
            Some(name) => without(name, question.capacity).to_owned(),
            None => id.to_string(),
        })
        .collect();
    rules.sort();
    rules.dedup();
    let mut schools = access.rules().designated.keys();
    Some(CounterExample {
        viewer: question.viewer,
        as_viewer: question.capacity,
        of: question.kinds.iter().copied().find(|of| kind(of.as_str()))?,
        school: schools
            .find(|school| holds(&format!("resource.schools.contains(\"{school}\")")))
            .cloned(),
        element: question.elements.iter().next()?.clone(),
        facts: facts(access, question, &holds),
        is_seen: true,
        rules,
    })
}

/// What holds of what the table says that the answer may depend on.
fn facts(access: &Access, question: &Question, holds: &impl Fn(&str) -> bool) -> Vec<Fact> {
    let index = &access.rules().facts;
    let matters = |fact: &&Fact| {
        let one = index.set([*fact]);
        let kinds = || question.kinds.iter();
        access
            .tables()
            .any(|(_, table)| kinds().any(|kind| table.depends_on(question.capacity, *kind).contains(one)))
    };
    let facts = index.facts().iter().filter(matters);
    facts
        .filter(|fact| holds(&condition(fact, question.capacity)))
        .cloned()
        .collect()
}

fn holds(found: &Env, expression: &str) -> bool {
    let Ok(expression) = Expression::from_str(expression) else {
        return false;
    };
    matches!(
        eval_expression(&found.request, &found.entities, &expression),
        Ok(EvalResult::Bool(true))
    )
}

/// Policies are called after their rule and the capacity.
fn without(name: &str, capacity: Viewer) -> &str {
    let rule = name.strip_suffix(capacity.as_str());
    rule.map_or(name, str::trim_end)
}
