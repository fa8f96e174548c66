//! Rows by their fast digest: a filter that most look-ups end at, and the rows behind it.

use super::{DirectoryRow, Form};

/// One bit set per identifier and form, three bits each within one word of 64: a look-up reads one cache line. With 16
/// to 32 bits per identifier fewer than one look-up in a hundred passes by chance. One table per form, because user names
/// and names are asked for at every word: together they would not fit the cache that they fit apart.
pub(super) struct Filters([Filter; 4]);

impl Filters {
    pub(super) fn new(rows: &[DirectoryRow]) -> Self {
        let mut counts = [0; 4];
        for row in rows {
            counts[slot(row.digest.fast)] += 1;
        }
        let mut filters = counts.map(Filter::new);
        for row in rows {
            filters[slot(row.digest.fast)].add(row.digest.fast);
        }
        Self(filters)
    }

    /// `token`: of an identifier of this form, or its fast digest, which differs only in bits that are not looked at.
    #[inline(always)]
    pub(super) fn may_hold(&self, form: Form, token: u64) -> bool {
        self.0[usize::from(form.code() - 1)].may_hold(token)
    }
}

/// The form stands in the two lowest bits of a fast digest.
fn slot(fast: u64) -> usize {
    (fast & 3) as usize
}

struct Filter {
    words: Vec<u64>,
    shift: u32,
}

impl Filter {
    fn new(count: usize) -> Self {
        let words = (count / 4).next_power_of_two().max(2);
        Self {
            words: vec![0; words],
            shift: 64 - words.trailing_zeros(),
        }
    }

    fn add(&mut self, fast: u64) {
        self.words[(fast >> self.shift) as usize] |= bits(fast);
    }

    #[inline(always)]
    fn may_hold(&self, fast: u64) -> bool {
        let bits = bits(fast);
        self.words[(fast >> self.shift) as usize] & bits == bits
    }
}

#[inline(always)]
fn bits(fast: u64) -> u64 {
    1 << (fast >> 2 & 63) | 1 << (fast >> 8 & 63) | 1 << (fast >> 14 & 63)
}

/// Where the rows of a fast digest are, among rows sorted by it: by its highest bits, about two rows per bucket.
pub(super) struct Buckets {
    starts: Vec<u32>,
    shift: u32,
}

impl Buckets {
    pub(super) fn new(rows: &[DirectoryRow]) -> Self {
        let count = (rows.len() / 2).next_power_of_two().max(2);
        let shift = 64 - count.trailing_zeros();
        let mut starts = Vec::with_capacity(count + 1);
        for (position, row) in rows.iter().enumerate() {
            let bucket = (row.digest.fast >> shift) as usize;
            if starts.len() <= bucket {
                starts.resize(bucket + 1, position as u32);
            }
        }
        starts.resize(count + 1, rows.len() as u32);
        Self { starts, shift }
    }

    // Not inlined: nearly every look-up ends at the filter, and its loop should stay short.
    #[inline(never)]
    pub(super) fn rows<'r>(&self, rows: &'r [DirectoryRow], fast: u64) -> &'r [DirectoryRow] {
        let bucket = (fast >> self.shift) as usize;
        let rows = &rows[self.starts[bucket] as usize..self.starts[bucket + 1] as usize];
        let first = rows.partition_point(|row| row.digest.fast < fast);
        let count = rows[first..].partition_point(|row| row.digest.fast == fast);
        &rows[first..first + count]
    }
}
