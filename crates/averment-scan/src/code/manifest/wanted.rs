//! Which packages of a lock file other packages there want.
//!
//! Read line by line for every format alike: behind an entry's own line stand the names that it wants, one on each line.

use std::collections::HashSet;

/// The names that entries of a lock file want; words of the format (`version`) may be among them.
pub(super) fn names<'t>(path: &str, text: &'t str) -> HashSet<&'t str> {
    let file = path.rsplit('/').next().unwrap_or(path);
    // Entries begin at the edge in `yarn.lock`, and two to the right of it in `pnpm-lock.yaml`.
    let edge = match file {
        "yarn.lock" => 1,
        "pnpm-lock.yaml" => 3,
        _ => 0,
    };
    let behind = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.ends_with(['{', ':']));
    let deep = behind.filter(|line| line.len() - line.trim_start().len() >= edge);
    deep.filter_map(name).collect()
}

/// `"@scope/name": "^1"`, `name "^1"`, `name = ">=1"`, `{ name = "name" }`, `"name 1.0",`: the name.
fn name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("{ name = ").unwrap_or(line);
    let line = line.trim_start_matches(['"', '\'']);
    let stops = ['"', '\'', ' ', ':', '=', '<', '>', '~', '!', '[', '(', ';', ','];
    let end = line.find(stops).unwrap_or(line.len());
    line.get(..end).filter(|name| !name.is_empty())
}
