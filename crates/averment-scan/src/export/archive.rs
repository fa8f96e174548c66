//! Archives: every file in them, read in place. Nothing is unpacked to the disk, so that their names lead nowhere.

use std::io::{BufReader, Read, Seek};

use zip::ZipArchive;

use super::tally::Looking;
use super::{ExportError, ITEM_MAX, RATIO_MAX, SMALL, stream};

/// Most files of one archive.
const FILES_MAX: usize = 500_000;

pub(super) fn split(file: impl Read + Seek, sink: &mut Looking<'_>) -> Result<(), ExportError> {
    let mut archive = ZipArchive::new(file)?;
    let count = archive.len();
    if count > FILES_MAX {
        sink.unread("", "more than 500,000 files");
    }
    for index in 0..count.min(FILES_MAX) {
        one(&mut archive, index, sink);
    }
    Ok(())
}

/// One file of the archive; what is wrong with it is told and stops nothing.
fn one(archive: &mut ZipArchive<impl Read + Seek>, index: usize, sink: &mut Looking<'_>) {
    let number = format!("file {}", index + 1);
    let entry = match archive.by_index(index) {
        Ok(entry) if entry.is_dir() => return,
        Ok(entry) => entry,
        Err(_) => return sink.unread(&number, "encrypted, or packed in a way that is not read"),
    };
    let (packed, size) = (entry.compressed_size(), entry.size());
    if size > SMALL && size / RATIO_MAX > packed {
        return sink.unread(&number, "it unpacks to more than 200 times its size");
    }
    let name = entry.name().map_or_else(|_| number.clone(), |name| name.into_owned());
    let most = packed.saturating_mul(RATIO_MAX).clamp(SMALL, 1 << 36);
    let mut inside = sink.within(&name, &number);
    // An archive in an archive is one item: the detection room looks into it.
    let read = if super::is_named(&name, &[".zip"]) && size > ITEM_MAX as u64 {
        inside.unread("", "an archive in an archive, larger than 64 MiB");
        Ok(())
    } else {
        stream(&name, packed, BufReader::new(entry.take(most)), &mut inside)
    };
    if read.is_err() {
        inside.unread("", "cannot be read to its end");
    }
}
