//! UUIDs: whether anybody can be in one, asked for all that its groups may be at once.
//!
//! A message of events has hundreds of them, each fifteen look-ups of words, and nobody is in nearly all. Invariant: where
//! `words.rs` would find something, [`is_nobodys`] says no; it finds nothing itself.

use std::ops::Range;

use crate::directory::{TokenKey, joined};
use crate::shapes::UUID_LENGTH;
use crate::{Directory, Form};

const GROUPS: [Range<usize>; 5] = [0..8, 9..13, 14..18, 19..23, 24..36];

/// Runs of one group and more.
const RUNS: usize = GROUPS.len() * (GROUPS.len() + 1) / 2;

/// Whether nobody is in a UUID: no run of its groups passes the filter of words, and nowhere do two groups of letters alone
/// stand together, as the words of a name would.
pub(crate) fn is_nobodys(uuid: &[u8; UUID_LENGTH], directory: &Directory) -> bool {
    let groups = groups(uuid, directory.token_key());
    let is_name = groups.windows(2).any(|pair| pair[0].1 & pair[1].1);
    let words = directory.filter(Form::Word);
    // Without a branch between them: each waits for memory, and all can wait at the same time.
    let may_be = runs(&groups.map(|(token, _)| token))
        .iter()
        .fold(false, |may_be, token| may_be | words.passes(*token));
    !may_be & !is_name
}

/// The token of every run of groups.
#[inline(always)]
fn runs(groups: &[u64; GROUPS.len()]) -> [u64; RUNS] {
    let (mut runs, mut count) = ([0; RUNS], 0);
    for from in 0..GROUPS.len() {
        let mut run = groups[from];
        runs[count] = run;
        count += 1;
        for group in &groups[from + 1..] {
            run = joined(run, b"-", *group);
            runs[count] = run;
            count += 1;
        }
    }
    runs
}

/// The token of each group, and whether it has no digit.
#[inline(always)]
fn groups(uuid: &[u8; UUID_LENGTH], key: &TokenKey) -> [(u64, bool); GROUPS.len()] {
    // One by one: where each starts and ends is known when this is compiled, and then no loop is left of it.
    let group = |at: usize| {
        let hash = key.hash_atom(uuid, GROUPS[at].start, GROUPS[at].end);
        (hash.token, !hash.has_digit)
    };
    [group(0), group(1), group(2), group(3), group(4)]
}

#[cfg(test)]
mod tests;
