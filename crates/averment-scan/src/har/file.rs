//! Files of recordings: as they are, packed with gzip, or several in a zip archive. Nothing is unpacked to disk.

use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Result, Seek as _, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::{Reader, mask};

/// Largest file, and most that one unpacks to.
const BYTES_MAX: u64 = 4 << 30;
/// Unpacked over packed, once more than [`FREE_BYTES`] came out. Recordings pack to a tenth or a thirtieth.
const RATIO_MAX: u64 = 200;
const FREE_BYTES: u64 = 16 << 20;
/// Recordings in one archive.
const MEMBERS_MAX: usize = 1_000;

/// Reads the recording or recordings in the file.
pub(super) fn read(reader: &mut Reader<'_>, path: &Path, role: Option<&str>) {
    let name = mask::plain_words(&path.display().to_string());
    if let Err(error) = open(reader, path, &name, role) {
        reader
            .gather
            .unread(&name, &format!("cannot be read: {}", kind(&error)));
    }
}

/// Why, without what the system or an archive says about names.
fn kind(error: &Error) -> String {
    mask::plain_words(&error.kind().to_string())
}

fn open(reader: &mut Reader<'_>, path: &Path, name: &str, role: Option<&str>) -> Result<()> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(4).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    if head.starts_with(b"PK\x03\x04") {
        return archive(reader, file, name, role);
    }
    let mut budget = Budget::new(length);
    if head.starts_with(&[0x1f, 0x8b]) {
        reader.read(name, role, budget.bounded(MultiGzDecoder::new(BufReader::new(file))));
    } else {
        if head.starts_with("\u{feff}".as_bytes()) {
            file.seek(SeekFrom::Start(3))?;
        }
        reader.read(name, role, file.take(BYTES_MAX));
    }
    Ok(())
}

/// Recordings in a zip archive, by their endings.
fn archive(reader: &mut Reader<'_>, file: File, name: &str, role: Option<&str>) -> Result<()> {
    let mut budget = Budget::new(file.metadata()?.len());
    let mut archive = ZipArchive::new(BufReader::new(file))?;
    let mut found = 0;
    for index in 0..archive.len() {
        let Ok(member) = archive.by_index(index) else {
            reader
                .gather
                .unread(name, &format!("member {} of the archive cannot be unpacked", index + 1));
            continue;
        };
        let lower = member
            .name()
            .map_or_else(|_| String::new(), |name| name.to_ascii_lowercase());
        if !(lower.ends_with(".har") || lower.ends_with(".har.gz") || lower.ends_with(".json")) {
            reader.gather.left_out("not a recording, in an archive");
            continue;
        }
        found += 1;
        if found > MEMBERS_MAX {
            reader
                .gather
                .unread(name, &format!("more than {MEMBERS_MAX} recordings in the archive"));
            break;
        }
        // The member's own name may lead anywhere or act on a terminal, and nothing is gained by showing it.
        let place = format!("{name}, member {}", index + 1);
        if lower.ends_with(".gz") {
            reader.read(
                &place,
                role,
                budget.bounded(MultiGzDecoder::new(BufReader::new(member))),
            );
        } else {
            reader.read(&place, role, budget.bounded(member));
        }
    }
    if found == 0 {
        reader
            .gather
            .unread(name, "no recording in the archive: expected names that end in `.har`");
    }
    Ok(())
}

/// What may still be unpacked from one file, however many members share its bytes.
struct Budget {
    left: u64,
}

impl Budget {
    fn new(packed: u64) -> Self {
        let by_ratio = packed.saturating_mul(RATIO_MAX).max(FREE_BYTES);
        Self {
            left: by_ratio.min(BYTES_MAX),
        }
    }

    fn bounded<R: Read>(&mut self, inner: R) -> Bounded<'_, R> {
        Bounded { inner, budget: self }
    }
}

struct Bounded<'b, R> {
    inner: R,
    budget: &'b mut Budget,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(into)? as u64;
        self.budget.left = self
            .budget
            .left
            .checked_sub(read)
            .ok_or_else(|| Error::new(ErrorKind::InvalidData, "it unpacks to more than the limit allows"))?;
        Ok(usize::try_from(read).unwrap_or_default())
    }
}
