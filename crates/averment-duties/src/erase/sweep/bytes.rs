//! The files of SQLite, byte by byte: what is in pages that no row is in, and in the files beside.
//!
//! Values in cells are searched one by one, as where two of them adjoin they may read as somebody who is in neither; everything else as it
//! lies there. Start at [`Needles::search`].

mod chains;
mod copies;
mod layout;
mod page;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use averment_catalog::ElementId;

use super::Swept;
use crate::erase::harvest::Known;
use chains::{Chains, Places};
use copies::Copies;
use layout::Layout;
use page::{Cell, Page};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;
/// Bytes by which a needle is found.
const BEGINNING: usize = 4;
/// Places in no cell that are remembered and looked at again; more of them count at once.
const REMEMBERED: usize = 100_000;
/// Endings of the names of files beside.
const LOG: &str = "-wal";
const JOURNAL: &str = "-journal";

/// What is searched for, byte by byte.
pub(super) struct Needles {
    by_beginning: HashMap<[u8; BEGINNING], Vec<Vec<u8>>>,
    longest: usize,
    /// What stands in live values, where other eyes see it: it may be a part of what is somebody else's.
    live: HashSet<Vec<u8>>,
}

impl Needles {
    /// Values that name the people of `batches`, but for elements that are to stay.
    pub(super) fn of(batches: &[Known], kept: &[ElementId]) -> Self {
        Self::new(batches.iter().flat_map(|known| known.needles(kept)))
    }

    fn new(needles: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut all = Self {
            by_beginning: HashMap::new(),
            longest: 0,
            live: HashSet::new(),
        };
        for needle in needles {
            if let Some(beginning) = needle.first_chunk::<BEGINNING>().copied() {
                all.longest = all.longest.max(needle.len());
                all.by_beginning.entry(beginning).or_default().push(needle);
            }
        }
        all
    }

    fn at<'a>(&'a self, bytes: &'a [u8], at: usize) -> impl Iterator<Item = &'a Vec<u8>> {
        let beginning = bytes[at..].first_chunk::<BEGINNING>();
        let begun = beginning.and_then(|beginning| self.by_beginning.get(beginning));
        let begun = begun.into_iter().flatten();
        begun.filter(move |needle| bytes[at..].starts_with(needle))
    }

    /// Notes what stands in live values.
    pub(super) fn see(&mut self, text: &[u8]) {
        if self.by_beginning.is_empty() {
            return;
        }
        let seen: Vec<Vec<u8>> = (0..text.len()).flat_map(|at| self.at(text, at)).cloned().collect();
        self.live.extend(seen);
    }

    /// Searches the file and its write-ahead log, shared memory and rollback journal.
    pub(super) fn search(&self, database: &Path, swept: &mut Swept) {
        if self.by_beginning.is_empty() {
            return;
        }
        let layout = File::open(database).and_then(|mut file| Layout::of(&mut file));
        let layout = layout.unwrap_or_default();
        for (ending, place) in [
            ("", "the database's file"),
            (LOG, "the write-ahead log"),
            ("-shm", "the shared memory"),
            (JOURNAL, "the rollback journal"),
        ] {
            match self.count(database, ending, layout) {
                Ok(count) => swept.found(place, None, count),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => swept.unreadable += 1,
            }
        }
    }

    /// How many places of a file hold what no live value holds. `layout`: of the database that it is, or lies beside.
    fn count(&self, database: &Path, ending: &str, layout: Option<Layout>) -> std::io::Result<u64> {
        let mut file = File::open(beside(database, ending))?;
        let layout = match (ending, layout) {
            ("", layout) => layout,
            (LOG, Some(layout)) => layout.of_log(&mut file)?,
            _ => None,
        };
        let Some(layout) = layout else {
            return self.count_bytes(&mut file);
        };
        let mut tally = Tally::default();
        self.count_pages(&mut file, layout, &mut tally)?;
        tally.without_copies(&mut file, layout)?;
        // While anything stands beside, the file may hold half of what was written.
        let is_whole = ending.is_empty() && is_empty(database, LOG) && is_empty(database, JOURNAL);
        if is_whole && !tally.loose.is_empty() {
            return Ok(tally.sure + Chains::of(&mut file, layout)?.without_seams(&tally.loose));
        }
        Ok(tally.sure + count_of(&tally.loose))
    }

    /// Counts in pages what no live value holds: value by value in cells, and as it lies there everywhere else.
    fn count_pages(&self, file: &mut File, layout: Layout, tally: &mut Tally) -> std::io::Result<()> {
        let mut file = BufReader::with_capacity(CHUNK, file);
        let mut bytes = Vec::new();
        file.by_ref().take(layout.before as u64).read_to_end(&mut bytes)?;
        tally.sure += self.hits(&bytes).count() as u64;
        for number in 1.. {
            bytes.clear();
            file.by_ref()
                .take(layout.with_header() as u64)
                .read_to_end(&mut bytes)?;
            if bytes.len() < layout.with_header() {
                break;
            }
            let (before, page) = bytes.split_at(layout.each);
            self.count_page(page, layout.first(before, number.into()), layout.usable, number, tally);
        }
        tally.sure += self.hits(&bytes).count() as u64;
        Ok(())
    }

    fn count_page(&self, bytes: &[u8], first: usize, usable: usize, number: u32, tally: &mut Tally) {
        let cells = Page::read(bytes, first, usable).map(|page| page.cells);
        let mut done = 0;
        for cell in cells.iter().flatten() {
            tally.loose(number, done, self.hits(&bytes[done..cell.whole.start]));
            done = cell.whole.end;
            self.count_cell(&bytes[cell.here.clone()], cell, tally);
        }
        tally.loose(number, done, self.hits(&bytes[done..]));
    }

    fn count_cell(&self, record: &[u8], cell: &Cell, tally: &mut Tally) {
        for hit in self.hits(record) {
            match cell.has_in_value(hit.start as u64..hit.end as u64) {
                true => tally.sure += 1,
                false => tally.copies.remember(&record[..hit.end]),
            }
        }
    }

    /// Where bytes hold what no live value holds.
    fn hits<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> {
        (0..bytes.len()).flat_map(move |at| {
            let found = self.at(bytes, at).filter(|needle| !self.live.contains(*needle));
            found.map(move |needle| at..at + needle.len())
        })
    }

    /// How many places of a file hold what no live value holds, whatever the file is.
    fn count_bytes(&self, file: &mut File) -> std::io::Result<u64> {
        let (mut buffer, mut count): (Vec<u8>, u64) = (Vec::new(), 0);
        loop {
            let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut buffer)?;
            // What begins near the end is looked at when more was read.
            let until = match read {
                0 => buffer.len(),
                _ => buffer.len().saturating_sub(self.longest),
            };
            count += self.hits(&buffer).take_while(|place| place.start < until).count() as u64;
            if read == 0 {
                return Ok(count);
            }
            buffer.drain(..until);
        }
    }
}

/// What was found in the pages of a file.
#[derive(Default)]
struct Tally {
    /// In values, and what nobody looks at again.
    sure: u64,
    /// In no cell.
    loose: Places,
    remembered: usize,
    /// Records with what is found only across two values.
    copies: Copies,
}

impl Tally {
    /// Notes what was found in no cell of a page, counted from `at`.
    fn loose(&mut self, number: u32, at: usize, hits: impl Iterator<Item = Range<usize>>) {
        for hit in hits {
            if self.remembered == REMEMBERED {
                self.sure += 1;
                continue;
            }
            self.remembered += 1;
            let places = self.loose.entry(number).or_default();
            places.push(at + hit.start..at + hit.end);
        }
    }

    /// Forgets what lies in copies of rows that are there.
    fn without_copies(&mut self, file: &mut File, layout: Layout) -> std::io::Result<()> {
        if self.copies.is_empty() {
            return Ok(());
        }
        for (number, places) in &mut self.loose {
            let page = layout.page(file, *number)?;
            places.retain(|place| !self.copies.is_one(&page[..place.end]));
        }
        self.loose.retain(|_, places| !places.is_empty());
        Ok(())
    }
}

fn count_of(places: &Places) -> u64 {
    places.values().map(|places| places.len() as u64).sum()
}

/// The name of a file that stands beside a database.
fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn is_empty(database: &Path, ending: &str) -> bool {
    match std::fs::metadata(beside(database, ending)) {
        Ok(there) => there.len() == 0,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests;
