//! One recipient's file to a recipient of the charter.

use std::collections::BTreeSet;

use averment_catalog::{ThirdPartyId, Treatment, Vocabulary, catalog};
use toml::Spanned;

use super::reference::Reference;
use super::{At, Run, check, names};
use crate::charter::{
    Claim, ClaimId, ClaimKind, Contract, Disclosure, Onward, Receipt, Recipient, RecipientId, RuleId, Said, Transfer,
    Words,
};
use crate::model::{ContractTable, Defaults, DisclosesRow, OnwardRow, ReceivesRow, RecipientFile, TransferRow};

/// Longest recipient identifier: rule and claim identifiers add to it and must stay below 100 characters.
const ID_MAX: usize = 60;

impl Run {
    /// Compiles one file.
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
            pseudonyms_in_answers: file
                .pseudonyms_in_answers
                .as_ref()
                .map(|word| *word.get_ref())
                .unwrap_or_default(),
            hosts,
            discloses,
            receives: self.receives(at, &file.receives),
            operator: file.operator.clone(),
            through: self.recipient_names(at, &file.through),
            runs_on: self.recipient_names(at, &file.runs_on),
            onward: self.onward(at, &file.onward),
            countries: names::resolve(&mut self.findings, at, &file.countries, names::place),
            transfers: self.transfers(at, &file.transfers),
            own_use: self.words(at, &file.own_use, Vocabulary::OwnUse),
            contract: file
                .contract
                .as_ref()
                .map(|contract| self.contract(at, contract.get_ref())),
            address: file.address.clone(),
            website: file.website.as_ref().map(|website| website.get_ref().clone()),
            announced: file.announced.as_ref().map(|date| *date.get_ref()),
            effective: file.effective.as_ref().map(|date| *date.get_ref()),
            retired: file.retired.as_ref().map(|date| *date.get_ref()),
            said,
        };
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
                territories: names::resolve(&mut self.findings, at, &row.territories, names::place),
                basis: self.words(at, &row.basis, Vocabulary::Basis),
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
            evidence: None,
        };
        self.claims.insert(id, claim);
    }

    fn words(&mut self, at: At<'_>, rows: &[Spanned<String>], vocabulary: Vocabulary) -> Words {
        names::resolve(&mut self.findings, at, rows, names::word(vocabulary))
    }

    /// Names of recipients of this register; whether they are declared is known when all files have been read.
    pub(super) fn recipient_names(&mut self, at: At<'_>, rows: &[Spanned<String>]) -> BTreeSet<RecipientId> {
        let mut found = BTreeSet::new();
        for row in rows {
            if let Ok(id) = RecipientId::new(row.get_ref()) {
                found.insert(id);
            }
            self.references.push(Reference::new(at, row));
        }
        found
    }

    fn receives(&mut self, at: At<'_>, rows: &[Spanned<ReceivesRow>]) -> Vec<Receipt> {
        let row = |row: &Spanned<ReceivesRow>| Receipt {
            elements: names::resolve(&mut self.findings, at, &row.get_ref().elements, names::element),
            subjects: names::resolve(&mut self.findings, at, &row.get_ref().subjects, names::subject),
            when: names::condition(&mut self.findings, at, row.get_ref().when.as_ref()),
        };
        rows.iter().map(row).collect()
    }

    fn transfers(&mut self, at: At<'_>, rows: &[Spanned<TransferRow>]) -> Vec<Transfer> {
        let safeguard = names::word(Vocabulary::Safeguard);
        let row = |row: &Spanned<TransferRow>| {
            let row = row.get_ref();
            let to = names::one(&mut self.findings, at, &row.to, names::place);
            let safeguard = names::one(&mut self.findings, at, &row.safeguard, &safeguard);
            Some(Transfer {
                to: to?,
                safeguard: safeguard?,
                instrument: row.instrument.clone(),
                until: row.until.as_ref().map(|date| *date.get_ref()),
            })
        };
        rows.iter().filter_map(row).collect()
    }

    fn onward(&mut self, at: At<'_>, rows: &[Spanned<OnwardRow>]) -> Vec<Onward> {
        let row = |row: &Spanned<OnwardRow>| {
            let row = row.get_ref();
            let place = |run: &mut Self, name| names::one(&mut run.findings, at, name, names::place);
            Onward {
                name: row.name.clone(),
                purpose: row.purpose.clone(),
                elements: names::resolve(&mut self.findings, at, &row.elements, names::element),
                country: row.country.as_ref().and_then(|name| place(self, name)),
            }
        };
        rows.iter().map(row).collect()
    }

    fn contract(&mut self, at: At<'_>, table: &ContractTable) -> Contract {
        Contract {
            document: table.document.clone(),
            signed: table.signed.as_ref().map(|date| *date.get_ref()),
            until: table.until.as_ref().map(|date| *date.get_ref()),
            terms: self.words(at, &table.terms, Vocabulary::Term),
            deletion: table.deletion.as_ref().map(|period| *period.get_ref()),
            breach_notice: table.breach_notice.as_ref().map(|period| *period.get_ref()),
        }
    }
}
