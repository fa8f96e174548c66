//! What a `hidden_from` sentence promises, as questions: for each capacity that those whom it names may ask in, the requests that
//! would go against it.
//!
//! Somebody whom a sentence names may ask in any capacity that people of their part have. A request goes against the sentence
//! when they have that capacity always, or when they do not have it and pose as if they had: a policy that forgets to look
//! at schools is found by this. What they see in a capacity that they have besides is no matter of this sentence.
//!
//! The relations are written here a second time, from docs/access.md, so that a slip in the policies is not repeated.

use std::collections::BTreeMap;

use cedar_policy::PolicySet;

use super::policies::{Group, Policies};
use crate::cedar::{capacities_of, condition, lifted_parts};
use crate::element_set::ElementSet;
use crate::fact::Fact;
use crate::kind::Kind;
use crate::person::Part;
use crate::prove::unsaid;
use crate::rules::{DIRECTORY, Effect, Rule, Rules};
use crate::viewer::Viewer;

/// Requests of one capacity about elements of which the same policies speak.
pub(super) struct Question {
    /// Of whom the sentence speaks.
    pub(super) viewer: Viewer,
    /// As whom they ask.
    pub(super) capacity: Viewer,
    /// Whose data.
    pub(super) kinds: Vec<Kind>,
    pub(super) elements: ElementSet,
    /// The policies that speak of them.
    pub(super) policies: PolicySet,
    /// Whether one of them permits anything.
    pub(super) has_permit: bool,
    /// A policy that permits what the sentence rules out, and nothing else.
    pub(super) against: String,
}

/// Everything to ask about one sentence.
pub(super) fn questions(rules: &Rules, rule: &Rule, policies: &Policies) -> Vec<Question> {
    let mut questions = Vec::new();
    for viewer in &rule.viewers {
        for promise in promises(rules, rule, *viewer) {
            for (capacity, standing) in standings(*viewer) {
                let of_group = |group| promise.question(*viewer, capacity, &standing, group);
                let groups = policies.groups(capacity, promise.elements).into_iter();
                questions.extend(groups.map(of_group));
            }
        }
    }
    questions
}

/// Elements that are hidden alike.
struct Promise {
    elements: ElementSet,
    kinds: Vec<Kind>,
    /// Conditions of which one lifts it.
    lifting: Vec<String>,
}

impl Promise {
    fn question(&self, viewer: Viewer, capacity: Viewer, standing: &[String], group: Group) -> Question {
        let kinds: Vec<String> = self.kinds.iter().map(|kind| format!("\"{}\"", kind.as_str())).collect();
        let about = format!("[{}].contains(resource.kind)", kinds.join(", "));
        let when: Vec<&str> = std::iter::once(about.as_str())
            .chain(standing.iter().map(String::as_str))
            .collect();
        let unless = match self.lifting.as_slice() {
            [] => String::new(),
            _ => format!(" unless {{ {} }}", self.lifting.join(" || ")),
        };
        Question {
            viewer,
            capacity,
            kinds: self.kinds.clone(),
            elements: group.elements,
            policies: group.policies,
            has_permit: group.has_permit,
            against: format!(
                "permit (principal, action, resource) when {{ {} }}{unless};",
                when.join(" && ")
            ),
        }
    }
}

fn promises(rules: &Rules, rule: &Rule, viewer: Viewer) -> Vec<Promise> {
    let kinds: Vec<Kind> = Kind::all().filter(|kind| rule.is_about(*kind)).collect();
    let parts = match rule.names.is_empty() {
        true => return rest(rules, rule, viewer, kinds),
        false => lifted_parts(rules, rule),
    };
    let promise = |(lifting, elements)| Promise {
        elements,
        kinds: kinds.clone(),
        lifting,
    };
    let promises = parts.into_iter().map(promise);
    promises.filter(|promise| !promise.kinds.is_empty()).collect()
}

/// Of a sentence without elements: everything that nothing shows, which may be more of one kind of people than of another.
fn rest(rules: &Rules, rule: &Rule, viewer: Viewer, kinds: Vec<Kind>) -> Vec<Promise> {
    let mut parts: BTreeMap<ElementSet, Vec<Kind>> = BTreeMap::new();
    for kind in kinds {
        parts
            .entry(unsaid(rules.rules.iter(), viewer, kind))
            .or_default()
            .push(kind);
    }
    let Effect::Hides(unless) = &rule.effect else {
        return Vec::new();
    };
    let others = unless.iter().filter(|word| word.as_str() != DIRECTORY);
    let lifting: Vec<String> = others
        .map(|word| condition(&Fact::Exception(word.clone()), viewer))
        .collect();
    let promise = |(elements, kinds)| Promise {
        elements,
        kinds,
        lifting: lifting.clone(),
    };
    parts.into_iter().map(promise).collect()
}

/// The capacities in which somebody in this relation may ask, each with what has to be so for it to concern the sentence.
fn standings(viewer: Viewer) -> Vec<(Viewer, Vec<String>)> {
    let can_be = |part: &Part| capacities_of(*part).contains(&viewer);
    let may_ask = |capacity: &Viewer| {
        let mut parts = Part::ALL.into_iter().filter(can_be);
        parts.any(|part| capacities_of(part).contains(capacity))
    };
    let own = relation(viewer).map(|own| format!("({own})"));
    let standing = |capacity: Viewer| {
        let posing = match viewer.implied().contains(&capacity) {
            true => None,
            // What anybody has nobody poses as.
            false => Some(format!("!({})", relation(capacity)?)),
        };
        Some((capacity, own.clone().into_iter().chain(posing).collect()))
    };
    Viewer::ALL.into_iter().filter(may_ask).filter_map(standing).collect()
}

/// When somebody stands in a relation to the person; none when anybody does.
fn relation(viewer: Viewer) -> Option<String> {
    let other = |rest: &str| format!("!(principal.id != \"\" && principal.id == resource.id){rest}");
    const SCHOOL: &str = "principal.schools.containsAny(resource.schools)";
    const CLASS: &str = "principal.classes.containsAny(resource.classes)";
    Some(match viewer {
        Viewer::Owner => "principal.id != \"\" && principal.id == resource.id".to_owned(),
        Viewer::Guardian => other(
            " && principal.id != \"\" && resource.id != \"\" && principal.guardian_of.contains(resource.id) \
             && !(resource.limited_guardians.contains(principal.id)) && !(resource.kind == \"student.eligible\")",
        ),
        Viewer::Teacher => other(&format!(" && {CLASS}")),
        Viewer::OtherTeacher => other(&format!(" && !{CLASS}")),
        Viewer::Peer | Viewer::SchoolAdmin => other(&format!(" && {SCHOOL}")),
        Viewer::OtherStudent => other(&format!(" && !{SCHOOL}")),
        Viewer::SchoolOfficial => other(&format!(" && {SCHOOL} && ({CLASS} || context.educational_interest)")),
        Viewer::Staff | Viewer::SupportStaff => other(""),
        Viewer::LinkHolder => "resource.id != \"\" && principal.holds_link_of.contains(resource.id)".to_owned(),
        Viewer::SearchEngine | Viewer::Public => return None,
    })
}
