//! Differences between roles: who is contacted for whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::observation::Party;
use crate::seen::Seen;

/// Third parties by role. Only flows count: what a policy allows says nothing about a visitor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RoleTable {
    /// Every role, in order.
    pub roles: BTreeSet<String>,
    /// For each third party, in the text form of [`Party`], the roles for which it was contacted.
    pub parties: BTreeMap<String, BTreeSet<String>>,
    /// Roles as which nothing was seen: whom they meet nobody knows.
    pub unseen: BTreeSet<String>,
    /// Third parties that one role meets and no other does, by that role; nothing where a role was not seen.
    pub only: BTreeMap<String, Vec<String>>,
}

impl RoleTable {
    /// Adds roles that were asked for; those of which the look holds nothing were not seen.
    #[must_use]
    pub fn with_roles(mut self, roles: impl IntoIterator<Item = String>) -> Self {
        let fresh: Vec<String> = roles.into_iter().filter(|role| !self.roles.contains(role)).collect();
        self.unseen.extend(fresh.iter().cloned());
        self.roles.extend(fresh);
        self.only = self.only();
        self
    }

    fn only(&self) -> BTreeMap<String, Vec<String>> {
        let mut only: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (party, met) in self
            .parties
            .iter()
            .filter(|_| self.roles.len() > 1 && self.unseen.is_empty())
        {
            if let (1, Some(role)) = (met.len(), met.first()) {
                only.entry(role.clone()).or_default().push(party.clone());
            }
        }
        only
    }
}

/// The table of a look; without rows where no recording was given a role.
pub fn roles(seen: &Seen) -> RoleTable {
    let mut table = RoleTable::default();
    for (role, live) in &seen.coverage.live_by_role {
        table.roles.insert(role.clone());
        if *live == 0 {
            table.unseen.insert(role.clone());
        }
    }
    for one in &seen.observations {
        let party: &Party = &one.party;
        let flows = one.evidence.iter().filter(|evidence| evidence.tier.is_flow());
        let met: BTreeSet<String> = flows.filter_map(|evidence| evidence.role.clone()).collect();
        if !met.is_empty() {
            table.roles.extend(met.iter().cloned());
            table.parties.entry(party.to_string()).or_default().extend(met);
        }
    }
    table.with_roles([])
}
