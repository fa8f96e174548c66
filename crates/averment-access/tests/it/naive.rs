//! A second, small evaluator, written from docs/access.md: claims as sentences, no table, no bits.

use std::collections::BTreeSet;

use averment_access::{Context, Part, Person};
use averment_catalog::{ElementId, LegalTest, SubjectId, WordId, catalog};
use averment_register::{Charter, ClaimKind, Condition, Controller};

/// Whether `viewer` may see one element of `subject`.
pub(crate) fn may_see(
    charter: &Charter,
    viewer: &Person,
    subject: &Person,
    context: &Context,
    element: &ElementId,
) -> bool {
    relations(viewer, subject, context).into_iter().any(|relation| {
        let question = Question {
            charter,
            relation,
            viewer,
            subject,
            context,
            element,
        };
        question.every_school_lets_it()
    })
}

/// By the list in the docs, one line each.
pub(crate) fn relations(viewer: &Person, subject: &Person, context: &Context) -> Vec<&'static str> {
    let signed_in = !matches!(viewer.role.part, Part::Anonymous | Part::SearchEngine);
    let me = signed_in && !viewer.id.is_empty() && viewer.id == subject.id;
    let mut schools = 0;
    let mut classes = 0;
    for (school, mine) in &viewer.schools {
        for (other, theirs) in &subject.schools {
            if school == other {
                schools += 1;
                classes += mine.iter().filter(|class| theirs.contains(*class)).count();
            }
        }
    }
    let other = signed_in && !me;
    let mut list = Vec::new();
    if me {
        list.push("owner");
    }
    let limited = subject.limited_guardians.contains(&viewer.id);
    let grown = subject.role.as_str() == "student.eligible";
    if other
        && !viewer.id.is_empty()
        && !subject.id.is_empty()
        && viewer.guardian_of.contains(&subject.id)
        && !limited
        && !grown
    {
        list.push("guardian");
    }
    match viewer.role.part {
        Part::Teacher if other && classes > 0 => list.push("teacher"),
        Part::Teacher if other => list.push("other_teacher"),
        Part::Student if other && schools > 0 => list.push("peer"),
        Part::Student if other => list.push("other_student"),
        Part::SchoolAdmin if other && schools > 0 => list.push("school_admin"),
        Part::Staff if other => list.push("staff"),
        Part::SupportStaff if other => list.extend(["staff", "support_staff"]),
        Part::SearchEngine => return vec!["search_engine"],
        _ => {}
    }
    let works_for_a_school = matches!(
        viewer.role.part,
        Part::Teacher | Part::SchoolAdmin | Part::SchoolOfficial
    );
    if other && works_for_a_school && schools > 0 && (classes > 0 || context.educational_interest) {
        list.push("school_official");
    }
    if !subject.id.is_empty() && viewer.holds_link_of.contains(&subject.id) {
        list.push("link_holder");
    }
    list.push("public");
    list
}

struct Question<'a> {
    charter: &'a Charter,
    relation: &'static str,
    viewer: &'a Person,
    subject: &'a Person,
    context: &'a Context,
    element: &'a ElementId,
}

impl Question<'_> {
    fn every_school_lets_it(&self) -> bool {
        let known = &self.charter.content().controllers;
        match self.subject.schools.is_empty() {
            true => self.is_shown_at(None),
            false => self
                .subject
                .schools
                .keys()
                .all(|school| self.is_shown_at(known.get(school))),
        }
    }

    fn is_shown_at(&self, school: Option<&Controller>) -> bool {
        let hides = school.map(|school| school.hides.as_slice()).unwrap_or_default();
        if hides
            .iter()
            .any(|row| self.is_for(&row.viewers) && covered(&row.elements, self.element))
        {
            return false;
        }
        let claims = || {
            self.charter
                .content()
                .claims
                .values()
                .filter(|claim| claim.recipient.is_none())
        };
        let shown = claims().any(|claim| self.shows(&claim.kind));
        let hidden = claims().any(|claim| self.hides(&claim.kind, school));
        shown && !hidden
    }

    fn is_for(&self, viewers: &BTreeSet<WordId>) -> bool {
        viewers.iter().any(|word| word.as_str() == self.relation)
    }

    fn shows(&self, kind: &ClaimKind) -> bool {
        let ClaimKind::VisibleTo {
            elements,
            subjects,
            viewers,
            when,
            off_by,
        } = kind
        else {
            return false;
        };
        let own = self.own_kind();
        let of_them = subjects.is_empty()
            || subjects
                .iter()
                .any(|name| own.as_ref().is_some_and(|own| name.covers(own)));
        let named = |words: &BTreeSet<WordId>| words.iter().any(|word| word.as_str() == self.relation);
        let holds = match when {
            Condition::Always => true,
            Condition::SubjectChooses => named(&self.subject.opened_to),
            Condition::OnSupportRequest => self.context.support_request,
            Condition::Consent(kind) => self.subject.consents.contains(kind),
            Condition::Act(what) => {
                self.subject.acts.contains(what) || (self.context.reason_given && what == "gives-reason")
            }
            Condition::SubjectEnters | Condition::Incidental => false,
        };
        let left_on = off_by
            .as_ref()
            .is_none_or(|giver| self.subject.switched_off.get(giver).is_some_and(|off| !named(off)));
        self.is_for(viewers) && of_them && covered(elements, self.element) && holds && left_on
    }

    fn hides(&self, kind: &ClaimKind, school: Option<&Controller>) -> bool {
        let ClaimKind::HiddenFrom {
            elements,
            subjects,
            viewers,
            unless,
        } = kind
        else {
            return false;
        };
        let own = self.own_kind();
        let may_be_meant = |name: &SubjectId| own.as_ref().is_some_and(|own| name.covers(own) || own.covers(name));
        let of_them = subjects.is_empty() || subjects.iter().any(may_be_meant);
        let lifted = unless.iter().any(|word| match word.as_str() {
            "directory_information" => self.is_directory_information(school),
            _ => self.context.exceptions.contains(word),
        });
        self.is_for(viewers) && of_them && covered(elements, self.element) && !lifted
    }

    fn own_kind(&self) -> Option<SubjectId> {
        SubjectId::new(self.subject.role.as_str())
            .ok()
            .filter(|id| catalog().subject(id).is_some())
    }

    fn is_directory_information(&self, school: Option<&Controller>) -> bool {
        let Some(school) = school else { return false };
        let named = &school.directory_information;
        let designated = match catalog().element(self.element).unwrap().ferpa_directory {
            LegalTest::Yes => covered(named, self.element),
            LegalTest::Conditional => named.contains(self.element),
            LegalTest::No => false,
        };
        let name = self.element.as_str();
        let in_class =
            name.starts_with("identity.name.") || ["account.username", "account.id", "contact.email"].contains(&name);
        let together = self.viewer.schools.iter().any(|(school, classes)| {
            classes.iter().any(|class| {
                self.subject
                    .schools
                    .get(school)
                    .is_some_and(|theirs| theirs.contains(class))
            })
        });
        let signed_in = !matches!(self.viewer.role.part, Part::Anonymous | Part::SearchEngine);
        let same_class = signed_in && together;
        designated && (self.subject.directory_opt_out == Some(false) || (in_class && same_class))
    }
}

fn covered(names: &BTreeSet<ElementId>, element: &ElementId) -> bool {
    names.iter().any(|name| name.covers(element))
}
