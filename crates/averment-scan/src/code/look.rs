//! One file while it is read: what it is, and the findings so far.

use averment_catalog::ThirdParty;
use averment_syntax::{Language, Surroundings};

use super::class::Class;
use super::finding::{Finding, Lines};
use crate::identify::{Address, Tables};
use crate::observation::{Confidence, How, Party, Side, Tier};

/// How far from a flow something is, in which way it shows, and how sure that is.
pub(super) type Verdict = (Tier, How, Confidence);

/// The file.
#[derive(Debug)]
pub(super) struct Look<'a> {
    pub(super) path: &'a str,
    pub(super) class: Class,
    pub(super) language: Language,
    pub(super) side: Option<Side>,
    pub(super) text: &'a str,
    pub(super) lines: Lines<'a>,
    pub(super) tables: &'static Tables,
    pub(super) findings: Vec<Finding>,
}

/// Most findings of one file: lists of links are not evidence of anything beyond that.
pub(super) const FINDINGS_MAX: usize = 20_000;

impl Look<'_> {
    /// Adds a finding about third parties of the catalog, if there are any; gives it back to say more about it.
    pub(super) fn known(
        &mut self,
        parties: &[&ThirdParty],
        what: &str,
        at: usize,
        verdict: Verdict,
    ) -> Option<&mut Finding> {
        let parties: Vec<Party> = parties.iter().map(|party| Party::Known(party.id.clone())).collect();
        self.add(parties, what, at, verdict)
    }

    /// Adds a finding about whoever is behind an address. Of hosts that the catalog does not know, dead ones say nothing.
    pub(super) fn address(&mut self, address: &Address, at: usize, verdict: Verdict) -> Option<&mut Finding> {
        let parties = parties_of(self.tables, address);
        let dead = self.class != Class::Live || verdict.0 == Tier::Dead;
        if dead && parties.iter().all(|party| matches!(party, Party::Domain(_))) {
            return None;
        }
        let finding = self.add(parties, &address.host, at, verdict)?;
        finding.host = Some(address.host.clone());
        finding.plain_http = address.is_plain() && finding.tier.is_flow();
        Some(finding)
    }

    /// The same, in place of what the line has shown of the host.
    pub(super) fn instead(&mut self, address: &Address, at: usize, verdict: Verdict) -> Option<&mut Finding> {
        let (line, _) = self.lines.at(at);
        let host = address.host.as_str();
        self.findings
            .retain(|shown| shown.line != line || shown.host.as_deref() != Some(host));
        self.address(address, at, verdict)
    }

    pub(super) fn add(&mut self, parties: Vec<Party>, what: &str, at: usize, verdict: Verdict) -> Option<&mut Finding> {
        if parties.is_empty() || self.findings.len() >= FINDINGS_MAX {
            return None;
        }
        let (tier, how, confidence) = verdict;
        let (line, column) = self.lines.at(at);
        self.findings.push(Finding {
            line,
            column,
            parties,
            how,
            what: what
                .chars()
                .filter(|character| !character.is_control())
                .take(160)
                .collect(),
            tier: if self.class == Class::Live { tier } else { Tier::Dead },
            side: self.side,
            confidence,
            host: None,
            plain_http: false,
            pinned: false,
            wanted: false,
            of_gem: false,
            passed: Vec::new(),
        });
        self.findings.last_mut()
    }
}

/// Whose an address is, by [`Tables::owners_of`].
pub(super) fn parties_of(tables: &Tables, address: &Address) -> Vec<Party> {
    tables.owners_of(address)
}

/// `tier` where it runs, dead where it does not.
pub(super) fn live(surroundings: Surroundings, tier: Tier) -> Tier {
    if surroundings == Surroundings::Live {
        tier
    } else {
        Tier::Dead
    }
}
