//! Witnesses of a running gate: which ones the settings declare, and what each has signed of one log.
//!
//! Start at [`Witnesses::of`], then [`Asking::line`].

use std::path::PathBuf;
use std::time::{Duration, Instant};

use averment_gate::{Gate, Settings, read_certificates};
use averment_ledger::{CosignerKey, VerifierKey};
use averment_store::TileFolder;
use averment_witness::{AskError, Asked};
use rustls::pki_types::CertificateDer;

use super::told;
use crate::outcome::Failure;

/// How long a witness that failed is left alone.
const REST: Duration = Duration::from_secs(60);

/// The witnesses that the settings declare.
#[derive(Debug, Clone)]
pub(crate) struct Witnesses {
    declared: Vec<Declared>,
    trust: Vec<CertificateDer<'static>>,
}

#[derive(Debug, Clone)]
struct Declared {
    name: String,
    url: String,
    key: CosignerKey,
}

impl Witnesses {
    /// Those of `settings`, reached with the system's roots and those in the files `trust`.
    pub(crate) fn of(settings: &Settings, trust: &[PathBuf]) -> Result<Self, Failure> {
        let mut roots = Vec::new();
        for file in trust {
            roots.extend(read_certificates(file)?);
        }
        let mut declared = Vec::new();
        for witness in &settings.witnesses {
            Asked::new(&witness.url, witness.key.clone(), &[])
                .map_err(|error| Failure::new(format!("cannot ask the witness `{}`", witness.name)).because(error))?;
            let (name, url, key) = (witness.name.clone(), witness.url.clone(), witness.key.clone());
            declared.push(Declared { name, url, key });
        }
        let trust = roots;
        Ok(Self { declared, trust })
    }

    /// Each of them, to be asked about one log, of which `published` is the newest published note or empty.
    pub(super) fn asked(&self, published: &str) -> Result<Vec<Asking>, AskError> {
        let asked = self.declared.iter().map(|declared| {
            let mut witness = Asked::new(&declared.url, declared.key.clone(), &self.trust)?;
            if let Some(size) = cosigned_size(published, &declared.key) {
                witness.has_signed(size);
            }
            let (name, not_before) = (declared.name.clone(), None);
            Ok(Asking {
                name,
                witness,
                not_before,
            })
        });
        asked.collect()
    }

    /// Whether all of them have signed `published`.
    pub(super) fn have_signed(&self, published: &str) -> bool {
        self.declared
            .iter()
            .all(|declared| declared.key.verify(published).is_ok())
    }
}

/// A witness, asked about one log.
pub(super) struct Asking {
    name: String,
    witness: Asked,
    not_before: Option<Instant>,
}

impl Asking {
    /// Its signature line below `note`: the one that is published already, or a new one. None when it does not sign.
    pub(super) fn line(
        &mut self,
        note: &str,
        key: &VerifierKey,
        tiles: &TileFolder,
        published: &str,
        gate: &Gate,
    ) -> Option<String> {
        if published.starts_with(note)
            && let Ok(held) = self.witness.key().verify(published)
        {
            return Some(held.line);
        }
        if self.not_before.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        match self.witness.cosign(note, key, tiles) {
            Ok(cosignature) => {
                gate.count_witness(&self.name, "cosigned");
                self.not_before = None;
                Some(cosignature.line)
            }
            Err(error) => {
                gate.count_witness(&self.name, "failed");
                tracing::warn!(witness = self.name, error = %told(&error), "no cosignature");
                self.not_before = Some(Instant::now() + REST);
                None
            }
        }
    }
}

/// Size of the checkpoint in `published`, if `key` has signed it.
fn cosigned_size(published: &str, key: &CosignerKey) -> Option<u64> {
    key.verify(published).ok()?;
    let (text, _) = published.split_once("\n\n")?;
    averment_ledger::TreeHead::parse(&format!("{text}\n"))
        .ok()
        .map(|head| head.size)
}
