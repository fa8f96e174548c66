//! What people whom a look recognises consented to, asked for as the gate does.

use std::collections::BTreeSet;
use std::sync::Arc;

use averment_detect::{Directory, Finding, Inspection};
use averment_gate::{Settings, Sources, gather};
use averment_policy::{Sender, Variants};
use averment_scan::Consented;
use averment_store::{Consents, DataFolder, Keys, Snapshot, Standing};

use super::options::ScanOptions;
use super::people::snapshot;
use crate::outcome::Failure;
use crate::register;

/// Everybody of the data folder's directory, and what is in force for them.
pub(super) struct Known {
    snapshot: Snapshot,
    standing: Arc<Standing>,
    variants: Variants,
    settings: Settings,
}

impl Known {
    pub(super) fn open(options: &ScanOptions) -> Result<Self, Failure> {
        let register = register::open(options.register().as_deref())?;
        let snapshot = snapshot(&options.folders, "`averment people load` fills the directory")?;
        Ok(Self {
            snapshot,
            standing: standing(options)?,
            variants: Variants::new(Arc::clone(&register.charter)),
            settings: Settings::default(),
        })
    }

    pub(super) fn directory(&self) -> &Directory {
        &self.snapshot.directory
    }
}

impl averment_scan::har::Consents for Known {
    fn of(&self, finding: &Finding) -> Consented {
        let inspection = Inspection {
            findings: vec![finding.clone()],
            ..Inspection::default()
        };
        let sources = Sources {
            variants: &self.variants,
            snapshot: &self.snapshot,
            consents: &self.standing,
            settings: &self.settings,
            canaries: &BTreeSet::new(),
        };
        let facts = gather(&sources, &Sender::default(), &inspection);
        let people = facts.people.into_values();
        let each = people.map(|one| {
            let own: BTreeSet<String> = one.consents.into_keys().collect();
            let all = own.iter().cloned().chain(one.school_consents.into_keys()).collect();
            (own, all)
        });
        let of_all = each.reduce(|(own, all), (others, all_others)| (&own & &others, &all & &all_others));
        let (own, all): (_, BTreeSet<String>) = of_all.unwrap_or_default();
        let of_school = &all - &own;
        Consented { own, of_school }
    }
}

/// A folder without consents is one that no gate and no `averment consent` has used yet: nobody has consented.
fn standing(options: &ScanOptions) -> Result<Arc<Standing>, Failure> {
    let folder = DataFolder::open_read(&options.folders.data)?;
    if !folder.consents().exists() {
        return Ok(Arc::default());
    }
    let keys = Keys::read(&options.folders.keys)?;
    Ok(Consents::open(&folder, &keys)?.now()?)
}
