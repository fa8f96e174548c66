//! Which relations somebody has to the person concerned, and which facts hold, from the entries of both.
//!
//! Start at [`relations`]. Schools are compared as the entries name them; a class is one of its school, so that two schools
//! with a class `7b` have nothing in common. Whoever has several relations may use any of them.
//!
//! Source: 34 CFR 99.4 (rights of parents), 99.5 (they pass to the student at 18), 99.31(a)(1) (school officials).

use crate::fact::{Fact, FactIndex, FactSet};
use crate::person::{Context, Part, Person};
use crate::viewer::Viewer;

/// The word of the catalog for a student to whom the rights have passed.
pub(crate) const ELIGIBLE: &str = "student.eligible";
/// The act that a reason given with a question is.
pub(crate) const GIVES_REASON: &str = "gives-reason";

/// Every relation of `viewer` to `subject`, in the order of [`Viewer::ALL`].
pub fn relations(viewer: &Person, subject: &Person, context: &Context) -> Vec<Viewer> {
    let has = |relation: &Viewer| has(*relation, viewer, subject, context);
    Viewer::ALL.into_iter().filter(has).collect()
}

fn has(relation: Viewer, viewer: &Person, subject: &Person, context: &Context) -> bool {
    let part = viewer.role.part;
    let is_self = is_same(viewer, subject);
    let is_other = !is_self && viewer.role.is_known();
    match relation {
        Viewer::Owner => is_self,
        Viewer::Guardian => is_other && is_guardian(viewer, subject),
        Viewer::Teacher => is_other && part == Part::Teacher && share_a_class(viewer, subject),
        Viewer::OtherTeacher => is_other && part == Part::Teacher && !share_a_class(viewer, subject),
        Viewer::Peer => is_other && part == Part::Student && share_a_school(viewer, subject),
        Viewer::OtherStudent => is_other && part == Part::Student && !share_a_school(viewer, subject),
        Viewer::SchoolOfficial => is_other && is_official(viewer, subject, context),
        Viewer::SchoolAdmin => is_other && part == Part::SchoolAdmin && share_a_school(viewer, subject),
        Viewer::Staff => is_other && matches!(part, Part::Staff | Part::SupportStaff),
        Viewer::SupportStaff => is_other && part == Part::SupportStaff,
        Viewer::LinkHolder => part != Part::SearchEngine && names(&viewer.holds_link_of, &subject.id),
        Viewer::SearchEngine => part == Part::SearchEngine,
        Viewer::Public => part != Part::SearchEngine,
    }
}

fn is_same(viewer: &Person, subject: &Person) -> bool {
    viewer.role.is_known() && !viewer.id.is_empty() && viewer.id == subject.id
}

/// Whether `id`, which must say something, is among `ids`.
fn names(ids: &std::collections::BTreeSet<String>, id: &str) -> bool {
    !id.is_empty() && ids.contains(id)
}

/// Parents have the rights unless something takes them, and until the student has them, 34 CFR 99.4, 99.5(a)(1).
fn is_guardian(viewer: &Person, subject: &Person) -> bool {
    names(&viewer.guardian_of, &subject.id)
        && !viewer.id.is_empty()
        && !subject.limited_guardians.contains(&viewer.id)
        && subject.role.kind.as_str() != ELIGIBLE
}

/// Teachers, administrators and officials of the school, with an interest: their own class, or what the question says.
fn is_official(viewer: &Person, subject: &Person, context: &Context) -> bool {
    match viewer.role.part {
        Part::Teacher | Part::SchoolAdmin | Part::SchoolOfficial => {
            share_a_school(viewer, subject) && (context.educational_interest || share_a_class(viewer, subject))
        }
        _ => false,
    }
}

pub(crate) fn share_a_school(viewer: &Person, subject: &Person) -> bool {
    viewer.schools.keys().any(|school| subject.schools.contains_key(school))
}

pub(crate) fn share_a_class(viewer: &Person, subject: &Person) -> bool {
    viewer.schools.iter().any(|(school, classes)| {
        let theirs = subject.schools.get(school);
        theirs.is_some_and(|theirs| !theirs.is_disjoint(classes))
    })
}

/// The facts that hold when somebody asks in this relation.
pub fn facts(index: &FactIndex, relation: Viewer, viewer: &Person, subject: &Person, context: &Context) -> FactSet {
    index.holding(|fact| holds(fact, relation, viewer, subject, context))
}

fn holds(fact: &Fact, relation: Viewer, viewer: &Person, subject: &Person, context: &Context) -> bool {
    let names_relation = |words: &std::collections::BTreeSet<averment_catalog::WordId>| {
        words.iter().any(|word| word.as_str() == relation.as_str())
    };
    match fact {
        Fact::SubjectChose => names_relation(&subject.opened_to),
        Fact::SupportRequest => context.support_request,
        Fact::Consent(kind) => subject.consents.contains(kind),
        Fact::Act(what) => subject.acts.contains(what) || (what == GIVES_REASON && context.reason_given),
        Fact::LeftOn(giver) => {
            let off = subject.switched_off.get(giver);
            off.is_some_and(|off| !names_relation(off))
        }
        Fact::NoOptOut => subject.directory_opt_out == Some(false),
        Fact::SameClass => viewer.role.is_known() && share_a_class(viewer, subject),
        Fact::Exception(word) => context.exceptions.contains(word),
    }
}
