//! The rules as Cedar policies with their schema: text that any Cedar engine decides by.
//!
//! Start at [`schema`] and [`policies`]. Whoever asks is an entity of the type of the capacity they ask in (`Averment::Peer`);
//! each policy looks again, at the entities' schools and classes, whether they have that capacity. There is one action per
//! element, in groups by category. `cedar::Engine`, behind the feature `cedar`, decides by the same text, and
//! `cedar::prove_symbolically`, behind `symbolic`, proves sentences about it.
//!
//! Source: the Cedar policy language 4, <https://docs.cedarpolicy.com>.

#[cfg(feature = "cedar")]
mod engine;
#[cfg(feature = "symbolic")]
mod symbolic;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use averment_catalog::ElementId;
use averment_register::ControllerId;

use crate::element_set::{ElementSet, leaves};
use crate::fact::Fact;
use crate::kind::Kind;
use crate::person::{Part, Person};
use crate::relation::{ELIGIBLE, GIVES_REASON};
use crate::rules::{DIRECTORY, Effect, Rule, Rules, in_class};
use crate::viewer::Viewer;

#[cfg(feature = "cedar")]
pub use engine::{Engine, EngineError, Slice};
#[cfg(feature = "symbolic")]
pub use symbolic::{Asked, Solver, SymbolicError, Unanswered, prove_symbolically};

/// The name of the type of those who ask in this capacity.
pub fn type_name(viewer: Viewer) -> &'static str {
    match viewer {
        Viewer::Owner => "Owner",
        Viewer::Guardian => "Guardian",
        Viewer::Teacher => "Teacher",
        Viewer::OtherTeacher => "OtherTeacher",
        Viewer::Peer => "Peer",
        Viewer::OtherStudent => "OtherStudent",
        Viewer::SchoolOfficial => "SchoolOfficial",
        Viewer::SchoolAdmin => "SchoolAdmin",
        Viewer::Staff => "Staff",
        Viewer::SupportStaff => "SupportStaff",
        Viewer::LinkHolder => "LinkHolder",
        Viewer::SearchEngine => "SearchEngine",
        Viewer::Public => "Public",
    }
}

/// The capacities in which somebody of this part may ask; whether they have them the policies look.
pub fn capacities(person: &Person) -> &'static [Viewer] {
    capacities_of(person.role.part)
}

pub(crate) fn capacities_of(part: Part) -> &'static [Viewer] {
    use Viewer::{
        Guardian, LinkHolder, OtherStudent, OtherTeacher, Owner, Peer, Public, SchoolAdmin, SchoolOfficial,
        SearchEngine, Staff, SupportStaff, Teacher,
    };
    match part {
        Part::Student => &[Peer, OtherStudent, Owner, Guardian, LinkHolder, Public],
        Part::Teacher => &[
            Teacher,
            SchoolOfficial,
            OtherTeacher,
            Owner,
            Guardian,
            LinkHolder,
            Public,
        ],
        Part::SchoolOfficial => &[SchoolOfficial, Owner, Guardian, LinkHolder, Public],
        Part::SchoolAdmin => &[SchoolAdmin, SchoolOfficial, Owner, Guardian, LinkHolder, Public],
        Part::Staff => &[Staff, Owner, Guardian, LinkHolder, Public],
        Part::SupportStaff => &[SupportStaff, Staff, Owner, Guardian, LinkHolder, Public],
        Part::SearchEngine => &[SearchEngine],
        Part::Anonymous => &[LinkHolder, Public],
        Part::Other => &[Guardian, Owner, LinkHolder, Public],
    }
}

/// The schema: types of who asks, the person concerned, and an action per element.
pub fn schema() -> String {
    let types: Vec<&str> = Viewer::ALL.map(type_name).into();
    let types = types.join(", ");
    let mut out = format!(
        "// Who may see what of whom. A class is written `school:class`.\nnamespace Averment {{\n  entity {types} {{\n    \
         id: String, schools: Set<String>, classes: Set<String>,\n    guardian_of: Set<String>, holds_link_of: Set<String>\n  }};\n  \
         entity Person {{\n    id: String, kind: String, schools: Set<String>, classes: Set<String>,\n    \
         limited_guardians: Set<String>, opened_to: Set<String>,\n    known_switches: Set<String>, switched_off: Set<String>,\n    \
         consents: Set<String>, acts: Set<String>, directory_information: Bool\n  }};\n  \
         type Question = {{\n    support_request: Bool, reason_given: Bool, educational_interest: Bool,\n    \
         exceptions: Set<String>\n  }};\n"
    );
    for group in groups() {
        _ = writeln!(out, "  action \"see:{group}\"{};", within(&group));
    }
    for leaf in leaves() {
        _ = writeln!(
            out,
            "  action \"see:{leaf}\"{} appliesTo {{\n    principal: [{types}],\n    resource: [Person], context: Question\n  }};",
            within(leaf)
        );
    }
    out.push_str("}\n");
    out
}

/// Every category, sorted.
fn groups() -> BTreeSet<ElementId> {
    leaves().iter().flat_map(above).collect()
}

/// The categories of an element, the nearest last.
fn above(id: &ElementId) -> Vec<ElementId> {
    let dots = id.as_str().match_indices('.');
    dots.filter_map(|(dot, _)| ElementId::new(&id.as_str()[..dot]).ok())
        .collect()
}

fn within(id: &ElementId) -> String {
    let nearest = above(id).pop();
    nearest
        .map(|group| format!(" in [\"see:{group}\"]"))
        .unwrap_or_default()
}

/// The policies, in the order of the rules, for every capacity.
pub fn policies(rules: &Rules) -> String {
    written(rules, |_| true)
}

/// The policies that speak of one capacity.
#[cfg(feature = "cedar")]
pub(crate) fn policies_of(rules: &Rules, viewer: Viewer) -> String {
    written(rules, |own| own == viewer)
}

fn written(rules: &Rules, keep: impl Fn(Viewer) -> bool) -> String {
    let all = rules.rules.iter().flat_map(|rule| of_rule(rules, rule));
    let texts: Vec<String> = all
        .filter(|policy| keep(policy.viewer))
        .map(|policy| policy.text)
        .collect();
    texts.join("\n")
}

struct Policy {
    viewer: Viewer,
    text: String,
}

fn of_rule(rules: &Rules, rule: &Rule) -> Vec<Policy> {
    let Some(about) = about(rule) else {
        return Vec::new();
    };
    let mut policies = Vec::new();
    for viewer in &rule.viewers {
        let parts = match &rule.effect {
            Effect::Shows(needs) => vec![shown(*viewer, rule, &about, needs)],
            Effect::MayShow => Vec::new(),
            Effect::Hides(_) => hidden(*viewer, rules, rule, &about),
        };
        let of_viewer = |text| Policy { viewer: *viewer, text };
        policies.extend(parts.into_iter().map(of_viewer));
    }
    policies
}

/// The conditions that a rule is about somebody; none when it is about nobody.
fn about(rule: &Rule) -> Option<Vec<String>> {
    let mut conditions = Vec::new();
    if !rule.subjects.is_empty() {
        let kinds: Vec<String> = Kind::all()
            .filter(|kind| rule.is_about(*kind))
            .map(|kind| format!("\"{}\"", kind.as_str()))
            .collect();
        if kinds.is_empty() {
            return None;
        }
        conditions.push(format!("[{}].contains(resource.kind)", kinds.join(", ")));
    }
    if let Some(school) = &rule.school {
        conditions.push(format!("resource.schools.contains(\"{school}\")"));
    }
    Some(conditions)
}

fn head(effect: &str, viewer: Viewer, rule: &Rule, elements: ElementSet) -> String {
    let names: Vec<String> = elements
        .names()
        .iter()
        .map(|name| format!("Averment::Action::\"see:{name}\""))
        .collect();
    format!(
        "@id(\"{} {viewer}\")\n{effect} (\n  principal is Averment::{},\n  action in [{}],\n  resource\n)",
        rule.name(),
        type_name(viewer),
        names.join(", ")
    )
}

fn when(conditions: &[String]) -> String {
    match conditions {
        [] => String::new(),
        _ => format!("\nwhen {{ {} }}", conditions.join(" && ")),
    }
}

fn shown(viewer: Viewer, rule: &Rule, about: &[String], needs: &BTreeSet<Fact>) -> String {
    let relation = capacity(viewer).map(str::to_owned);
    let needs = needs.iter().map(|fact| condition(fact, viewer));
    let conditions: Vec<String> = relation.into_iter().chain(about.iter().cloned()).chain(needs).collect();
    format!(
        "{}{};\n",
        head("permit", viewer, rule, rule.elements),
        when(&conditions)
    )
}

/// One policy for each part of the elements that the same exceptions lift.
fn hidden(viewer: Viewer, rules: &Rules, rule: &Rule, about: &[String]) -> Vec<String> {
    let parts = lifted_parts(rules, rule).into_iter();
    parts
        .map(|(lifting, elements)| {
            let unless = match lifting.as_slice() {
                [] => String::new(),
                _ => format!("\nunless {{ {} }}", lifting.join(" || ")),
            };
            let head = head("forbid", viewer, rule, elements);
            format!("{head}{}{unless};\n", when(about))
        })
        .collect()
}

/// The elements of a rule that hides, in parts, each with the conditions of which one lifts it. Directory information is what
/// every school of the person has designated.
fn lifted_parts(rules: &Rules, rule: &Rule) -> Vec<(Vec<String>, ElementSet)> {
    let Effect::Hides(unless) = &rule.effect else {
        return Vec::new();
    };
    let others = unless.iter().filter(|word| word.as_str() != DIRECTORY);
    let always: Vec<String> = others
        .map(|word| condition(&Fact::Exception(word.clone()), Viewer::Public))
        .collect();
    let mut parts: BTreeMap<Vec<String>, ElementSet> = BTreeMap::new();
    let has_directory = unless.iter().any(|word| word.as_str() == DIRECTORY);
    for leaf in rule.elements.iter() {
        let one = ElementSet::covered_by(leaf);
        let schools: Vec<&ControllerId> = rules
            .designated
            .iter()
            .filter(|(_, designated)| has_directory && designated.contains(&one))
            .map(|(school, _)| school)
            .collect();
        let mut lifting = always.clone();
        if !schools.is_empty() {
            lifting.push(designated_everywhere(&schools, in_class().contains(&one)));
        }
        let part = parts.entry(lifting).or_default();
        *part = *part | one;
    }
    parts.into_iter().collect()
}

fn designated_everywhere(schools: &[&ControllerId], is_known_in_class: bool) -> String {
    let schools: Vec<String> = schools.iter().map(|school| format!("\"{school}\"")).collect();
    let open = match is_known_in_class {
        true => format!(
            "({} || {})",
            condition(&Fact::NoOptOut, Viewer::Public),
            condition(&Fact::SameClass, Viewer::Public)
        ),
        false => condition(&Fact::NoOptOut, Viewer::Public),
    };
    format!(
        "(!resource.schools.isEmpty() && [{}].containsAll(resource.schools) && {open})",
        schools.join(", ")
    )
}

/// What has to be true of the entities for somebody to have a capacity; none for one that anybody has.
pub(crate) fn capacity(viewer: Viewer) -> Option<&'static str> {
    Some(match viewer {
        Viewer::Owner => "principal.id != \"\" && principal.id == resource.id",
        Viewer::Guardian => {
            const { assert!(ELIGIBLE.len() == 16) };
            "principal.id != \"\" && resource.id != \"\" && principal.id != resource.id && \
             principal.guardian_of.contains(resource.id) && !resource.limited_guardians.contains(principal.id) && \
             resource.kind != \"student.eligible\""
        }
        Viewer::Teacher => {
            "(principal.id == \"\" || principal.id != resource.id) && principal.classes.containsAny(resource.classes)"
        }
        Viewer::OtherTeacher => {
            "(principal.id == \"\" || principal.id != resource.id) && !principal.classes.containsAny(resource.classes)"
        }
        Viewer::Peer | Viewer::SchoolAdmin => {
            "(principal.id == \"\" || principal.id != resource.id) && principal.schools.containsAny(resource.schools)"
        }
        Viewer::OtherStudent => {
            "(principal.id == \"\" || principal.id != resource.id) && !principal.schools.containsAny(resource.schools)"
        }
        Viewer::SchoolOfficial => {
            "(principal.id == \"\" || principal.id != resource.id) && principal.schools.containsAny(resource.schools) && \
             (context.educational_interest || principal.classes.containsAny(resource.classes))"
        }
        Viewer::Staff | Viewer::SupportStaff => "(principal.id == \"\" || principal.id != resource.id)",
        Viewer::LinkHolder => "resource.id != \"\" && principal.holds_link_of.contains(resource.id)",
        Viewer::SearchEngine | Viewer::Public => return None,
    })
}

/// A fact as a condition on the entities and the question.
pub(crate) fn condition(fact: &Fact, viewer: Viewer) -> String {
    match fact {
        Fact::SubjectChose => format!("resource.opened_to.contains(\"{viewer}\")"),
        Fact::SupportRequest => "context.support_request".to_owned(),
        Fact::Consent(kind) => format!("resource.consents.contains(\"{kind}\")"),
        Fact::Act(what) if what == GIVES_REASON => {
            format!("(resource.acts.contains(\"{what}\") || context.reason_given)")
        }
        Fact::Act(what) => format!("resource.acts.contains(\"{what}\")"),
        Fact::LeftOn(giver) => format!(
            "(resource.known_switches.contains(\"{giver}\") && !resource.switched_off.contains(\"{giver}:{viewer}\"))"
        ),
        Fact::NoOptOut => "resource.directory_information".to_owned(),
        Fact::SameClass => "principal.classes.containsAny(resource.classes)".to_owned(),
        Fact::Exception(word) => format!("context.exceptions.contains(\"{word}\")"),
    }
}
