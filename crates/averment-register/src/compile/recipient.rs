//! One recipient's file to a recipient of the charter.

use std::collections::BTreeSet;

use averment_catalog::{ThirdPartyId, Treatment, catalog};
use toml::Spanned;

use super::{At, Run, check, names};
use crate::charter::{Claim, ClaimId, ClaimKind, Disclosure, Recipient, RecipientId, RuleId, Said};
use crate::lint;
use crate::model::{Defaults, DisclosesRow, RecipientFile};

/// Longest recipient identifier: rule and claim identifiers add to it and must stay below 100 characters.
const ID_MAX: usize = 60;

impl Run {
    /// Compiles one file; lints it when no error was found in it.
    pub(super) fn recipient(&mut self, at: At<'_>, file: &RecipientFile, defaults: &Defaults) {
        let Some(id) = self.recipient_id(at, file) else { return };
        self.said_is_declared(at, file.said.as_ref());
        let third_parties = self.third_parties(at, file);
        let hosts = self.hosts(at, file, &third_parties);
        let purposes = names::resolve(&mut self.findings, at, &file.purposes, names::purpose);
        let discloses = self.discloses(at, &id, &file.discloses);
        let said = file.said.as_ref().map(|said| said.get_ref().clone());
        self.shares_claim(&id, file, said.clone());
        self.claims(at, Some(&id), &file.claims);
        self.rows_keep_claims(at, &id, file, &discloses);
        self.rows_differ(at, file, &discloses);
        let first = third_parties.iter().next().and_then(|id| catalog().third_party(id));
        let product = || first.map_or_else(|| id.to_string(), |party| party.product.clone());
        let recipient = Recipient {
            id: id.clone(),
            name: file.name.clone().unwrap_or_else(product),
            third_parties,
            purpose: file.purpose.get_ref().clone(),
            purposes,
            information: file.information.get_ref().clone(),
            planes: file.planes.get_ref().iter().copied().collect(),
            role: file.role,
            student_records: *file.student_records.get_ref(),
            mode: file.mode.unwrap_or(defaults.mode),
            unreadable: file.unreadable,
            hosts,
            discloses,
            said,
        };
        if !self.findings.has_errors(at.name) {
            let look = lint::Look {
                recipient: &recipient,
                file,
                claims: &self.claims,
                name: at.name,
                text: at.text,
            };
            self.findings.list.extend(lint::recipient(&look));
        }
        self.recipients.insert(id, recipient);
    }

    fn recipient_id(&mut self, at: At<'_>, file: &RecipientFile) -> Option<RecipientId> {
        let word = &file.recipient;
        let well_formed = !word.get_ref().contains(['/', '.']) && word.get_ref().len() <= ID_MAX;
        let Some(id) = RecipientId::new(word.get_ref()).ok().filter(|_| well_formed) else {
            let message = format!("`{}` is not a recipient identifier", word.get_ref());
            let hint = format!("expected at most {ID_MAX} lower-case letters, digits, `-` and `_`");
            self.findings
                .error(at, Some(word.span()), "recipient-id", message, Some(hint));
            return None;
        };
        if at.name != format!("recipients/{id}.toml") {
            let message = format!("the file of recipient `{id}` is named `{}`", at.name);
            let hint = Some(format!("expected `recipients/{id}.toml`"));
            self.findings.error(at, Some(word.span()), "file-name", message, hint);
        }
        if self.recipients.contains_key(&id) {
            let message = format!("recipient `{id}` is declared in another file too");
            self.findings
                .error(at, Some(word.span()), "duplicate-recipient", message, None);
            return None;
        }
        Some(id)
    }

    fn third_parties(&mut self, at: At<'_>, file: &RecipientFile) -> BTreeSet<ThirdPartyId> {
        let own = std::slice::from_ref(&file.recipient);
        let rows = file.third_parties.as_deref().unwrap_or(own);
        names::resolve(&mut self.findings, at, rows, names::third_party)
    }

    /// The catalog's patterns and the file's own. A catalog pattern that is one placeholder (`{forum-domain}`) stands for
    /// a domain of the organisation's own, which only the register can name: it is left out.
    fn hosts(&mut self, at: At<'_>, file: &RecipientFile, third_parties: &BTreeSet<ThirdPartyId>) -> BTreeSet<String> {
        let parties = third_parties.iter().filter_map(|id| catalog().third_party(id));
        let known = parties
            .flat_map(|party| &party.hosts)
            .map(|host| host.pattern.to_ascii_lowercase());
        let mut hosts: BTreeSet<String> = known
            .filter(|pattern| check::wrong_in_host(pattern).is_none())
            .collect();
        for host in &file.hosts {
            if check::host(&mut self.findings, at, host.get_ref(), host.span()) {
                hosts.insert(host.get_ref().to_ascii_lowercase());
            }
        }
        hosts
    }

    fn discloses(&mut self, at: At<'_>, id: &RecipientId, rows: &[Spanned<DisclosesRow>]) -> Vec<Disclosure> {
        let mut discloses = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let row = row.get_ref();
            self.can_generalise(at, row);
            discloses.push(Disclosure {
                rule: RuleId::new(&format!("{id}/discloses-{}", index + 1)).expect("made of a checked identifier"),
                elements: names::resolve(&mut self.findings, at, &row.elements, names::element),
                subjects: names::resolve(&mut self.findings, at, &row.subjects, names::subject),
                when: names::condition(&mut self.findings, at, row.when.as_ref()),
                treatment: row.treatment.unwrap_or(Treatment::Pass),
            });
        }
        discloses
    }

    /// Every recipient claims that it gets what its rows say and nothing else.
    fn shares_claim(&mut self, recipient: &RecipientId, file: &RecipientFile, said: Option<Said>) {
        let id = ClaimId::new(&format!("{recipient}/shares")).expect("made of a checked identifier");
        let sentence = file.information.get_ref().clone();
        let claim = Claim {
            id: id.clone(),
            kind: ClaimKind::Shares,
            recipient: Some(recipient.clone()),
            sentence,
            said,
        };
        self.claims.insert(id, claim);
    }
}
