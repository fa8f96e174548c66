//! What was seen, held against `visible_to` and `hidden_from`.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, Plane, WordId};
use averment_register::{Charter, Claim, ClaimKind, Condition, Elements, Subjects};

use super::super::Probed;
use super::super::target::meet;
use super::settings::{SubjectSettings, ViewSettings};
use super::{BY, Known, Look, Saw};

pub(super) struct Judge<'a> {
    pub(super) charter: &'a Charter,
    pub(super) settings: &'a ViewSettings,
    pub(super) subjects: &'a [Known],
    pub(super) looks: &'a [Look],
    pub(super) notes: &'a [String],
    /// Elements that the data map has columns for.
    pub(super) mapped: BTreeSet<ElementId>,
}

/// A claim about somebody: of the subjects of the settings, those of its kinds.
type Concerned<'a> = (usize, &'a SubjectSettings);

impl Judge<'_> {
    pub(super) fn claim(&self, claim: &Claim) -> Probed {
        let mut probed = Probed::new(claim, BY, Plane::Browser);
        for note in self.notes {
            probed.note(note.clone());
        }
        let (ClaimKind::VisibleTo {
            elements,
            subjects,
            viewers,
            ..
        }
        | ClaimKind::HiddenFrom {
            elements,
            subjects,
            viewers,
            ..
        }) = &claim.kind
        else {
            return probed;
        };
        let concerned = self.concerned(subjects);
        if concerned.is_empty() {
            probed.missed(1, "the section `[views]` names no subject of whom the sentence speaks");
        }
        self.tell_what_is_not_known(elements, &concerned, &mut probed);
        for subject in &concerned {
            for viewer in viewers.iter().filter(|viewer| viewer.as_str() != "recipient") {
                match &claim.kind {
                    ClaimKind::HiddenFrom { unless, .. } => {
                        let excepted = unless.iter().any(|word| subject.1.exceptions.contains(word.as_str()));
                        match excepted {
                            true => probed.note(format!("`{}`: an exception of the sentence holds", subject.1.name)),
                            false => self.hidden(elements, *subject, viewer, &mut probed),
                        }
                    }
                    ClaimKind::VisibleTo { when, off_by, .. } => {
                        self.visible((elements, when, off_by.as_ref()), *subject, viewer, &mut probed);
                    }
                    _ => {}
                }
            }
        }
        probed
    }

    fn concerned(&self, subjects: &Subjects) -> Vec<Concerned<'_>> {
        let all = self.settings.subjects.iter().enumerate();
        let of_kind = |kind| subjects.is_empty() || subjects.iter().any(|subject| meet(subject, kind));
        all.filter(|(_, subject)| of_kind(&subject.kind)).collect()
    }

    /// Elements that stores hold and of which no value is known could be on every page.
    fn tell_what_is_not_known(&self, elements: &Elements, concerned: &[Concerned<'_>], probed: &mut Probed) {
        let known = |element: &ElementId| {
            concerned
                .iter()
                .any(|(index, _)| self.subjects[*index].values.contains_key(element))
        };
        let spoken_of =
            |element: &&ElementId| elements.is_empty() || elements.iter().any(|named| named.covers(element));
        for element in self.mapped.iter().filter(spoken_of) {
            if !concerned.is_empty() && !known(element) {
                probed.missed(1, format!("no value of `{element}` is known that could be looked for"));
            }
        }
        for (index, _) in concerned {
            let problems = &self.subjects[*index].problems;
            for problem in problems {
                probed.missed(1, problem.clone());
            }
        }
    }

    fn looks_of(&self, subject: usize, viewer: &WordId) -> Vec<&Look> {
        let of = |look: &&Look| look.subject == subject && look.viewer == viewer.as_str();
        self.looks.iter().filter(of).collect()
    }

    /// Elements of the subject that the sentence speaks of and that can be looked for.
    fn known(&self, elements: &Elements, subject: usize) -> BTreeSet<ElementId> {
        let known = self.subjects[subject].values.keys();
        known
            .filter(|element| elements.iter().any(|named| named.covers(element)))
            .cloned()
            .collect()
    }

    fn hidden(&self, elements: &Elements, (index, subject): Concerned<'_>, viewer: &WordId, probed: &mut Probed) {
        let name = &subject.name;
        let hidden = match elements.is_empty() {
            true => self.all_but_visible(index, subject, viewer),
            false => self.known(elements, index),
        };
        if hidden.is_empty() {
            return probed.missed(1, format!("no value of `{name}` is known that could be looked for"));
        }
        let looks = self.looks_of(index, viewer);
        if looks.is_empty() {
            return probed.missed(1, format!("nobody opens a page who is `{viewer}` to `{name}`"));
        }
        for look in looks {
            match &look.saw {
                Saw::Failed(because) => {
                    probed.missed(1, format!("page `{}` as `{viewer}` to `{name}`: {because}", look.page));
                }
                Saw::These(seen) => {
                    probed.saw(hidden.len() as u64);
                    for element in seen.told.intersection(&hidden) {
                        let told = format!("page `{}` shows `{element}` of `{name}` to `{viewer}`", look.page);
                        probed.against(1, told);
                    }
                }
            }
        }
    }

    /// What `hidden_from` without elements means: everything but what another sentence shows them.
    fn all_but_visible(&self, index: usize, subject: &SubjectSettings, viewer: &WordId) -> BTreeSet<ElementId> {
        let shown = |element: &ElementId| {
            self.charter.content().claims.values().any(|claim| match &claim.kind {
                ClaimKind::VisibleTo {
                    elements,
                    subjects,
                    viewers,
                    ..
                } => {
                    let of_kind = subjects.is_empty() || subjects.iter().any(|kind| meet(kind, &subject.kind));
                    of_kind && viewers.contains(viewer) && elements.iter().any(|named| named.covers(element))
                }
                _ => false,
            })
        };
        let known = self.subjects[index].values.keys();
        known.filter(|element| !shown(element)).cloned().collect()
    }

    fn visible(
        &self,
        (elements, when, off_by): (&Elements, &Condition, Option<&WordId>),
        (index, subject): Concerned<'_>,
        viewer: &WordId,
        probed: &mut Probed,
    ) {
        let name = &subject.name;
        if *when != Condition::Always && !subject.conditions.contains(&when.to_string()) {
            return probed.note(format!("`{name}`: the condition `{when}` of the sentence is not met"));
        }
        let looks = self.looks_of(index, viewer);
        if looks.is_empty() {
            return probed.missed(1, format!("nobody opens a page who is `{viewer}` to `{name}`"));
        }
        let mut seen: BTreeSet<&ElementId> = BTreeSet::new();
        let mut failed = false;
        for look in looks {
            match &look.saw {
                Saw::These(these) => seen.extend(these.told.iter().chain(&these.repeated)),
                Saw::Failed(because) => {
                    failed = true;
                    probed.note(format!("page `{}` as `{viewer}` to `{name}`: {because}", look.page));
                }
            }
        }
        let off = off_by.is_some_and(|who| subject.switched_off.contains(who.as_str()));
        for named in elements {
            let is_seen = seen.iter().any(|element| named.covers(element));
            let is_known = !self.known(&Elements::from([named.clone()]), index).is_empty();
            match (is_seen, off) {
                _ if !is_known => probed.missed(
                    1,
                    format!("no value of `{named}` of `{name}` is known that could be looked for"),
                ),
                (true, true) => {
                    probed.saw(1);
                    let told = format!("`{viewer}` sees `{named}` of `{name}` although it is switched off");
                    probed.against(1, told);
                }
                (false, _) if failed => {
                    probed.missed(1, format!("`{named}` of `{name}` as `{viewer}`: not every page opened"))
                }
                (true, false) | (false, true) => probed.saw(1),
                (false, false) => {
                    probed.saw(1);
                    probed.against(1, format!("no page shows `{named}` of `{name}` to `{viewer}`"));
                }
            }
        }
    }
}
