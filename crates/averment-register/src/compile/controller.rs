//! One school's file to a controller of the charter. It may only narrow: what would widen cannot be written here.

use averment_catalog::Vocabulary;
use toml::Spanned;

use super::reference::Reference;
use super::{At, Run, names};
use crate::charter::{Agreement, ClaimId, Controller, ControllerId, Hiding, Removal, Shortening};
use crate::model::{AgreementTable, ControllerFile, HidesRow, RemovesRow, ShortensRow};

impl Run {
    /// Compiles one file.
    pub(super) fn controller(&mut self, at: At<'_>, file: &ControllerFile) {
        let Some(id) = self.controller_id(at, file) else { return };
        let country = file.country.as_ref();
        let controller = Controller {
            id: id.clone(),
            name: file.name.clone(),
            contact: file.contact.clone(),
            country: country.and_then(|name| names::one(&mut self.findings, at, name, names::place)),
            zone: file.zone.as_ref().map(|zone| zone.get_ref().clone()),
            off: self.recipient_names(at, &file.off),
            removes: file.removes.iter().map(|row| self.removal(at, row)).collect(),
            shortens: file
                .shortens
                .iter()
                .filter_map(|row| self.shortening(at, row))
                .collect(),
            hides: file.hides.iter().map(|row| self.hiding(at, row)).collect(),
            directory_information: names::resolve(&mut self.findings, at, &file.directory_information, names::element),
            agreement: file
                .agreement
                .as_ref()
                .and_then(|table| self.agreement(at, table.get_ref())),
        };
        self.controllers.insert(id, controller);
    }

    fn controller_id(&mut self, at: At<'_>, file: &ControllerFile) -> Option<ControllerId> {
        let word = &file.controller;
        let Some(id) = ControllerId::new(word.get_ref())
            .ok()
            .filter(|id| !id.as_str().contains(['/', '.']))
        else {
            let message = format!("`{}` is not an identifier of a controller", word.get_ref());
            let hint = "expected lower-case letters, digits, `-` and `_`";
            self.findings
                .error(at, Some(word.span()), "controller-id", message, Some(hint.into()));
            return None;
        };
        if at.name != format!("controllers/{id}.toml") {
            let message = format!("the file of controller `{id}` is named `{}`", at.name);
            let hint = Some(format!("expected `controllers/{id}.toml`"));
            self.findings.error(at, Some(word.span()), "file-name", message, hint);
        }
        Some(id)
    }

    fn removal(&mut self, at: At<'_>, row: &Spanned<RemovesRow>) -> Removal {
        let row = row.get_ref();
        Removal {
            elements: names::resolve(&mut self.findings, at, &row.elements, names::element),
            subjects: names::resolve(&mut self.findings, at, &row.subjects, names::subject),
            recipients: self.recipient_names(at, &row.recipients),
        }
    }

    fn shortening(&mut self, at: At<'_>, row: &Spanned<ShortensRow>) -> Option<Shortening> {
        let row = row.get_ref();
        let duration = *row.duration.get_ref();
        self.shortened.push((Reference::new(at, &row.claim), duration));
        Some(Shortening {
            claim: ClaimId::new(row.claim.get_ref()).ok()?,
            duration,
        })
    }

    fn hiding(&mut self, at: At<'_>, row: &Spanned<HidesRow>) -> Hiding {
        let row = row.get_ref();
        Hiding {
            elements: names::resolve(&mut self.findings, at, &row.elements, names::element),
            viewers: names::resolve(&mut self.findings, at, &row.viewers, names::word(Vocabulary::Viewer)),
        }
    }

    fn agreement(&mut self, at: At<'_>, table: &AgreementTable) -> Option<Agreement> {
        let form = names::one(&mut self.findings, at, &table.form, names::word(Vocabulary::Agreement))?;
        Some(Agreement {
            form,
            document: table.document.clone(),
            signed: table.signed.as_ref().map(|date| *date.get_ref()),
            until: table.until.as_ref().map(|date| *date.get_ref()),
            breach_notice: table.breach_notice.as_ref().map(|period| *period.get_ref()),
            deletion: table.deletion.as_ref().map(|period| *period.get_ref()),
            notice: table.notice.as_ref().map(|period| *period.get_ref()),
        })
    }
}
