//! All entries from a point on: none can be missing, because the root over all of them must come out.

use averment_ledger::{Frontier, TreeHash, leaf_hash, node_hash};

use crate::check::Reason;
use crate::container::Zipped;
use crate::manifest::{Level, Manifest, RangeRow};
use crate::proved::{Log, Proved, lines};
use crate::verify::{Checked, Done, Fault};

pub(crate) fn check(files: &Zipped, manifest: &Manifest, logs: &[Log], proved: &mut Proved) -> Checked<()> {
    if manifest.level == Level::Statement {
        let says = "only single entries are in this bundle: what was left out cannot be seen";
        return Ok(((), Done::not_checked(Reason::StatementOnly, says)));
    }
    let withholds = manifest.school.is_some();
    for (log, row) in logs.iter().zip(&manifest.logs) {
        let Some(range) = &row.range else { continue };
        let bytes = files
            .get(&Manifest::log_file(&log.name, "range.jsonl"))
            .map_or(&[][..], Vec::as_slice);
        read_range(log, range, bytes, withholds, proved)?;
        proved.whole_from.get_or_insert(log.first.saturating_add(range.from));
    }
    let says = match proved.withheld {
        0 => "no entry is missing from the first one shown to the newest".to_owned(),
        withheld => {
            format!("no entry is missing from the first one shown to the newest; of {withheld} only the hash is shown")
        }
    };
    Ok(((), Done::holds(says)))
}

fn read_range(log: &Log, range: &RangeRow, bytes: &[u8], withholds: bool, proved: &mut Proved) -> Result<(), Fault> {
    let malformed = || fault(Reason::RangeMalformed, log, "are not written as they must be");
    let (mut tree, mut shown) = (Tree::before(range).ok_or_else(malformed)?, Vec::new());
    for line in lines(bytes).ok_or_else(malformed)? {
        let number = tree.size;
        if number >= log.checkpoint.size {
            return Err(fault(
                Reason::RangeIncomplete,
                log,
                "are more than its checkpoint counts",
            ));
        }
        if line.first() == Some(&b'{') {
            tree.push(leaf_hash(line));
            shown.push((number, line));
            continue;
        }
        let hash = std::str::from_utf8(line).ok().and_then(|text| text.parse().ok());
        tree.push(hash.ok_or_else(malformed)?);
        if !withholds {
            let what = "are not all shown, although the bundle is for everybody";
            return Err(fault(Reason::RangeWithheld, log, what));
        }
        proved.withheld += 1;
    }
    if tree.size != log.checkpoint.size {
        return Err(fault(
            Reason::RangeIncomplete,
            log,
            "are fewer than its checkpoint counts: entries were left out",
        ));
    }
    if tree.root() != log.checkpoint.root {
        let what = "are not those that were signed: one was changed, exchanged or left out";
        return Err(fault(Reason::RangeNotInLog, log, what));
    }
    // What nobody signed is not read.
    let mut shown = shown.into_iter();
    shown.try_for_each(|(number, line)| proved.add(log, number, line))
}

/// The root over the first `size` leaves of a log of which every leaf from there, or from before, is shown; the range has been
/// checked.
pub(crate) fn root_at(files: &Zipped, manifest: &Manifest, log: &Log, size: u64) -> Option<TreeHash> {
    let row = manifest.logs.iter().find(|row| row.name == log.name)?;
    let range = row.range.as_ref().filter(|range| range.from <= size)?;
    let mut tree = Tree::before(range)?;
    let bytes = files.get(&Manifest::log_file(&log.name, "range.jsonl"))?;
    for line in lines(bytes)?.take(usize::try_from(size - range.from).ok()?) {
        tree.push(match line.first() {
            Some(b'{') => leaf_hash(line),
            _ => std::str::from_utf8(line).ok()?.parse().ok()?,
        });
    }
    (tree.size == size).then(|| tree.root())
}

fn fault(reason: Reason, log: &Log, what: &str) -> Fault {
    Fault::new(reason, format!("the entries of log `{}` {what}", log.name))
}

/// The right edge of a tree that begins with subtrees of which only the roots are known.
struct Tree {
    size: u64,
    peaks: Vec<TreeHash>,
}

impl Tree {
    fn before(range: &RangeRow) -> Option<Self> {
        (range.edge.len() as u32 == range.from.count_ones()).then(|| Self {
            size: range.from,
            peaks: range.edge.clone(),
        })
    }

    fn push(&mut self, leaf: TreeHash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("one peak per set bit of the size");
            node = node_hash(&left, &node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    fn root(&self) -> TreeHash {
        let from_right = self.peaks.iter().rev().copied();
        let root = from_right.reduce(|right, left| node_hash(&left, &right));
        root.unwrap_or_else(|| Frontier::new().root())
    }
}
