//! Two files that change places, on a disk that loses what was not synced.

use crate::journal::replace::{Pair, Swap};

/// One file.
#[derive(Debug, Default, Clone)]
struct OneFile {
    content: Vec<u8>,
    /// What outlasts a power failure; none: not even that there is something in it.
    synced: Option<Vec<u8>>,
}

/// A file and its spare.
#[derive(Debug, Default, Clone)]
pub(super) struct InMemory {
    in_place: OneFile,
    spare: OneFile,
    /// They have changed places since the folder was brought to disk.
    is_exchange_open: bool,
}

impl OneFile {
    /// What the power leaves of it. `dice` says of what may be either way.
    fn after_power_failure(&self, dice: usize) -> Vec<u8> {
        match &self.synced {
            None => Vec::new(),
            Some(synced) if synced.len() == self.content.len() && dice.is_multiple_of(2) => self.content.clone(),
            Some(synced) if synced.len() == self.content.len() => synced.clone(),
            // Where the length was not synced, neither is the rest.
            Some(synced) => {
                let mut cut = self.content.clone();
                cut.resize(synced.len(), 0);
                cut
            }
        }
    }
}

impl InMemory {
    /// A file that is on disk.
    pub(super) fn on_disk(content: &str) -> Self {
        let content = content.as_bytes().to_vec();
        let in_place = OneFile {
            synced: Some(content.clone()),
            content,
        };
        Self {
            in_place,
            ..Self::default()
        }
    }

    /// What programs read.
    pub(super) fn content(&self) -> &[u8] {
        &self.in_place.content
    }

    /// What is in the place of the file when the power is back.
    pub(super) fn after_power_failure(&self, dice: usize) -> Vec<u8> {
        let is_undone = self.is_exchange_open && dice % 4 < 2;
        let there = if is_undone { &self.spare } else { &self.in_place };
        there.after_power_failure(dice)
    }

    /// Something else was synced, and with it what had happened to the folder before.
    pub(super) fn folder_synced(&mut self) {
        self.is_exchange_open = false;
    }

    /// The file is brought to disk.
    pub(super) fn sync(&mut self) {
        self.in_place.synced = Some(self.in_place.content.clone());
        self.folder_synced();
    }
}

impl Pair for InMemory {
    fn write_spare(&mut self, content: &[u8]) -> std::io::Result<()> {
        self.spare.content = content.to_vec();
        Ok(())
    }

    fn sync_spare(&mut self) -> std::io::Result<()> {
        self.spare.synced = Some(self.spare.content.clone());
        Ok(())
    }

    fn put_in_place(&mut self) -> std::io::Result<Swap> {
        std::mem::swap(&mut self.spare, &mut self.in_place);
        self.is_exchange_open = true;
        Ok(Swap::Exchanged)
    }
}
