//! Files of a store that keeps folders, read like the bodies of messages.

use std::path::{Path, PathBuf};

use averment_detect::content_type_of;
use averment_register::Store;

use super::super::target::{Rows, rows_of};
use super::super::{Probed, World};
use super::texts::{Found, Search};

/// Largest file that is read, and most files that are listed.
const BYTES_MAX: u64 = 8 << 20;
const FILES_MAX: usize = 1_000_000;

pub(super) fn look(world: &World<'_>, store: &Store, search: &Search<'_>, probed: &mut Probed) {
    let subjects_met = store
        .tables
        .iter()
        .any(|table| rows_of(table, search.subjects).is_some());
    if !store.tables.is_empty() && !subjects_met {
        return;
    }
    let folder = world
        .settings
        .stores
        .get(&store.id)
        .and_then(|access| access.path.as_deref());
    let Some(folder) = folder else {
        return probed.missed(1, format!("nothing says how store `{}` is reached", store.id));
    };
    let files = match list(folder) {
        Ok(files) => files,
        Err(because) => return probed.missed(1, format!("store `{}`: {because}", store.id)),
    };
    let most = usize::try_from(world.settings.probes.values)
        .unwrap_or(usize::MAX)
        .max(1);
    let every = files.len().div_ceil(most).max(1);
    let (mut looked, mut found) = (0, Found::default());
    for file in files.iter().step_by(every) {
        match read(file) {
            Some(bytes) => {
                let before = found.pictures;
                search.bytes(&bytes, kind(file), &mut found);
                let name = file.strip_prefix(folder).unwrap_or(file).to_string_lossy();
                super::unsaid(&mut found, before, store, &name);
            }
            None => found.unreadable += 1,
        }
        looked += 1;
    }
    let place = format!("store `{}`", store.id);
    probed.saw(looked);
    let all = files.len();
    super::sampled(
        looked,
        all as u64,
        &format!("{place}: {looked} of {all} files looked at"),
        probed,
    );
    super::pictures(&mut found, &place, probed);
    super::tell(found, &place, &Rows::All, probed);
}

pub(super) fn kind(file: &Path) -> &'static [u8] {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    content_type_of(&name)
        .0
        .unwrap_or("application/octet-stream")
        .as_bytes()
}

fn read(file: &Path) -> Option<Vec<u8>> {
    let size = std::fs::metadata(file).ok()?.len();
    (size <= BYTES_MAX).then(|| std::fs::read(file).ok()).flatten()
}

/// All files below a folder, in the order of their names. Links are not followed.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = || "its folder cannot be read".to_owned();
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|_| failed())? {
            let entry = entry.map_err(|_| failed())?;
            let kind = entry.file_type().map_err(|_| failed())?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
            if files.len() > FILES_MAX {
                return Err(format!("it holds more than {FILES_MAX} files"));
            }
        }
    }
    files.sort();
    Ok(files)
}
