//! What the indexes of a checkout, and of the submodules in it, keep and the walk did not meet.
//!
//! Start at [`below`]. Each submodule is a repository of its own; one that is not there is only named.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::index::{self, Checkout, Kept, Kind};

/// Submodules in submodules, at most.
const DEEP_MAX: usize = 8;

/// What indexes keep, and which of them cannot be read.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// From the root of the walk.
    pub(super) missed: Vec<Kept>,
    pub(super) unreadable: Vec<PathBuf>,
    deep: usize,
}

/// Adds what the index of `checkout` keeps, which lies at `place` below `root`; `met`: files that the walk met, from the root.
pub(super) fn below(checkout: &Checkout, root: &Path, place: &Path, met: &HashSet<PathBuf>, found: &mut Found) {
    let there = || {
        let paths = met.iter().filter_map(|path| path.strip_prefix(place).ok());
        paths.map(Path::to_path_buf).collect::<HashSet<PathBuf>>()
    };
    let kept = match place.as_os_str().is_empty() {
        true => checkout.kept(met),
        false => checkout.kept(&there()),
    };
    let kept = match kept {
        Ok(kept) => kept,
        Err(file) => return found.unreadable.push(file),
    };
    for mut one in kept {
        one.path = place.join(one.path);
        if let Some(inner) = submodule(root, &one).filter(|_| found.deep < DEEP_MAX) {
            found.deep += 1;
            below(&inner, root, &one.path, met, found);
            found.deep -= 1;
        }
        found.missed.push(one);
    }
}

/// The checkout of a submodule; none where it is not there, or a link leads out to it.
fn submodule(root: &Path, kept: &Kept) -> Option<Checkout> {
    let full = root.join(&kept.path);
    let own = kept.kind == Kind::Submodule && full.join(".git").symlink_metadata().is_ok();
    let inside = own && full.canonicalize().is_ok_and(|whole| whole.starts_with(root));
    inside.then(|| index::checkout(&full)).flatten()
}
