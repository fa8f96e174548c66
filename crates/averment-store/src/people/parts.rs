//! Rows read on all processors: hashing is most of the work of a load, and rows do not know each other.

use super::read::Reading;

/// Rows that are worth a thread.
const ROWS_MIN: usize = 256;
/// More threads than this wait for the one that reads the file.
const THREADS_MAX: usize = 8;

/// How much of a source is read before it is worked on.
pub(super) const BATCH_ROWS: usize = 8192;
/// Bytes after which a batch is worked on although it has fewer rows.
pub(super) const BATCH_BYTES: usize = 16 << 20;

/// Reads `rows` into `reading` as if one after the other.
pub(super) fn read_in_parts<T: Sync>(
    reading: &mut Reading<'_>,
    rows: &[T],
    read: impl Fn(&mut Reading<'_>, &T) + Sync,
) {
    let mut parts: Vec<Reading<'_>> = Vec::new();
    for_parts(rows, &mut parts, || reading.part(), |part, row| read(part, row));
    for part in parts {
        reading.append(part);
    }
}

/// Works on `rows` in as many threads as there are processors; gives what each made, in order.
pub(super) fn for_parts<T: Sync, P: Send>(
    rows: &[T],
    parts: &mut Vec<P>,
    make: impl Fn() -> P,
    each: impl Fn(&mut P, &T) + Sync,
) {
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(THREADS_MAX);
    let size = rows.len().div_ceil(threads).max(ROWS_MIN);
    parts.extend(rows.chunks(size).map(|_| make()));
    let each = &each;
    let work = |rows: &[T], part: &mut P| rows.iter().for_each(|row| each(part, row));
    let work = &work;
    std::thread::scope(|scope| {
        let mut chunks = rows.chunks(size).zip(parts.iter_mut());
        let first = chunks.next();
        for (rows, part) in chunks {
            scope.spawn(move || work(rows, part));
        }
        if let Some((rows, part)) = first {
            work(rows, part);
        }
    });
}
