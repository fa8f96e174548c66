//! What was found in pages that are of no tree, where these are the rest of long rows that are there: two values of such a row, one after
//! the other, may read as what is in neither.
//!
//! Start at [`Chains::without_seams`]. Only what a walk from the beginning of the database leads to is a row that is there; where anything on
//! the way is not as it ought to be, all that was found stays found.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;

use super::layout::Layout;
use super::page::{Cell, Kind, Page, four};

/// Where something was found: pages by their number, and bytes of each.
pub(super) type Places = HashMap<u32, Vec<Range<usize>>>;

/// A walk through the trees of a file.
pub(super) struct Chains<'a> {
    file: &'a mut File,
    layout: Layout,
    pages: u32,
    /// One bit for each page: whether the walk came by.
    seen: Vec<u64>,
    /// Of what was found, how much is in no value.
    seams: u64,
}

impl<'a> Chains<'a> {
    pub(super) fn of(file: &'a mut File, layout: Layout) -> std::io::Result<Self> {
        let pages = file.metadata()?.len() / layout.size as u64;
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        Ok(Self {
            file,
            layout,
            pages,
            seen: vec![0; pages as usize / 64 + 1],
            seams: 0,
        })
    }

    /// How much of what was found is left without what only lies across two values of a row that is there.
    pub(super) fn without_seams(mut self, found: &Places) -> u64 {
        let all = super::count_of(found);
        match self.walk(found) {
            Some(()) => all - self.seams,
            None => all,
        }
    }

    fn walk(&mut self, found: &Places) -> Option<()> {
        let mut open = vec![1];
        let mut in_schema = vec![1];
        while let Some(number) = open.pop() {
            let bytes = self.page(number)?;
            let first = self.layout.first(&[], number.into());
            let page = Page::read(&bytes, first, self.layout.usable)?;
            let is_schema = in_schema.contains(&number);
            let children = page.cells.iter().filter_map(|cell| cell.child).chain(page.last_child);
            for child in children {
                open.push(child);
                if is_schema {
                    in_schema.push(child);
                }
            }
            for cell in &page.cells {
                if is_schema && page.kind == Kind::TableLeaf {
                    open.extend(root(&bytes, cell)?);
                }
                self.chain(cell, found)?;
            }
        }
        Some(())
    }

    /// Goes through the pages that hold the rest of a record.
    fn chain(&mut self, cell: &Cell, found: &Places) -> Option<()> {
        let mut next = cell.overflow.unwrap_or_default();
        let mut at = cell.here.len() as u64;
        while at < cell.length {
            let bytes = self.page(next)?;
            let here = (self.layout.usable as u64 - 4).min(cell.length - at);
            let places = found.get(&next).into_iter().flatten();
            self.seams += places.filter(|place| is_seam(place, at, here, cell)).count() as u64;
            next = four(&bytes, 0)?;
            at += here;
        }
        (next == 0).then_some(())
    }

    /// A page to which nothing else led.
    fn page(&mut self, number: u32) -> Option<Vec<u8>> {
        let (word, bit) = (number as usize / 64, 1 << (number % 64));
        if number == 0 || number > self.pages || self.seen[word] & bit != 0 {
            return None;
        }
        self.seen[word] |= bit;
        self.layout.page(self.file, number).ok()
    }
}

/// Whether a place in a page lies in the record of a row, and in more than one of its values. `at`: where in the record the page's part of
/// it begins, `here`: bytes of that.
fn is_seam(place: &Range<usize>, at: u64, here: u64, cell: &Cell) -> bool {
    let (Some(start), Some(end)) = (place.start.checked_sub(4), place.end.checked_sub(4)) else {
        return false;
    };
    let (start, end) = (at + start as u64, at.saturating_add(end as u64));
    end <= at + here && !cell.has_in_value(start..end)
}

/// The first page of the table or index that a row of the schema is about; 0 and none where it has no tree.
fn root(bytes: &[u8], cell: &Cell) -> Option<Option<u32>> {
    let value = cell.values.get(3)?;
    let record = bytes.get(cell.here.clone())?;
    let value = record.get(usize::try_from(value.start).ok()?..usize::try_from(value.end).ok()?)?;
    if value.len() > 4 {
        return None;
    }
    let root = value.iter().fold(0, |root: u32, byte| root << 8 | u32::from(*byte));
    Some((root != 0).then_some(root))
}
