//! Files of recordings: as they are, packed with gzip, or several in a zip archive. Nothing is unpacked to disk.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Result, Seek as _, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::attached::Attachments;
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
        return Archive::open(file, path, name, role)?.read(reader);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = Attachments::Beside(folder.unwrap_or(Path::new(".")).to_owned());
    let budget = Budget::new(length);
    if head.starts_with(&[0x1f, 0x8b]) {
        let unpacked = budget.bounded(MultiGzDecoder::new(BufReader::new(file)));
        reader.read_with(name, role, unpacked, beside);
    } else {
        if head.starts_with("\u{feff}".as_bytes()) {
            file.seek(SeekFrom::Start(3))?;
        }
        reader.read_with(name, role, file.take(BYTES_MAX), beside);
    }
    Ok(())
}

/// Recordings in a zip archive.
struct Archive<'a> {
    recordings: ZipArchive<BufReader<File>>,
    /// The same once more: files that a recording names are read while it is.
    attachments: ZipArchive<BufReader<File>>,
    budget: Budget,
    name: &'a str,
    role: Option<&'a str>,
    /// Members that recordings name as files of theirs.
    named: BTreeSet<String>,
    found: usize,
}

impl<'a> Archive<'a> {
    fn open(file: File, path: &Path, name: &'a str, role: Option<&'a str>) -> Result<Self> {
        let budget = Budget::new(file.metadata()?.len());
        Ok(Self {
            recordings: ZipArchive::new(BufReader::new(file))?,
            attachments: ZipArchive::new(BufReader::new(File::open(path)?))?,
            budget,
            name,
            role,
            named: BTreeSet::new(),
            found: 0,
        })
    }

    /// By their endings, those called `.har` first: what they name is no recording.
    fn read(mut self, reader: &mut Reader<'_>) -> Result<()> {
        for is_har in [true, false] {
            for index in 0..self.recordings.len() {
                self.member(reader, index, is_har);
            }
        }
        if self.found == 0 {
            reader.gather.unread(
                self.name,
                "no recording in the archive: expected names that end in `.har`",
            );
        }
        if self.found > MEMBERS_MAX {
            reader
                .gather
                .unread(self.name, &format!("more than {MEMBERS_MAX} recordings in the archive"));
        }
        Ok(())
    }

    fn member(&mut self, reader: &mut Reader<'_>, index: usize, is_har: bool) {
        let called = self.recordings.by_index_raw(index);
        let called = called
            .ok()
            .and_then(|member| member.name().map(|name| name.into_owned()).ok());
        let called = called.unwrap_or_default();
        let lower = called.to_ascii_lowercase();
        if (lower.ends_with(".har") || lower.ends_with(".har.gz")) != is_har {
            return;
        }
        let is_named = self.named.contains(&called);
        if is_named || !(is_har || lower.ends_with(".json")) {
            let reason = if is_named {
                "a file of a recording"
            } else {
                "not a recording"
            };
            return reader.gather.left_out(&format!("{reason}, in an archive"));
        }
        self.found += 1;
        if self.found <= MEMBERS_MAX {
            self.recording(reader, index, &called, lower.ends_with(".gz"));
        }
    }

    fn recording(&mut self, reader: &mut Reader<'_>, index: usize, called: &str, is_packed: bool) {
        let Ok(member) = self.recordings.by_index(index) else {
            let because = format!("member {} of the archive cannot be unpacked", index + 1);
            return reader.gather.unread(self.name, &because);
        };
        // The member's own name may lead anywhere or act on a terminal, and nothing is gained by showing it.
        let place = format!("{}, member {}", self.name, index + 1);
        let within = Attachments::Within {
            archive: &mut self.attachments,
            folder: called
                .rsplit_once('/')
                .map_or_else(String::new, |(folder, _)| format!("{folder}/")),
            budget: &self.budget,
            named: &mut self.named,
        };
        if is_packed {
            let unpacked = self.budget.bounded(MultiGzDecoder::new(BufReader::new(member)));
            reader.read_with(&place, self.role, unpacked, within);
        } else {
            reader.read_with(&place, self.role, self.budget.bounded(member), within);
        }
    }
}

/// What may still be unpacked from one file, however many members share its bytes.
pub(super) struct Budget {
    left: Cell<u64>,
}

impl Budget {
    fn new(packed: u64) -> Self {
        let by_ratio = packed.saturating_mul(RATIO_MAX).max(FREE_BYTES);
        Self {
            left: Cell::new(by_ratio.min(BYTES_MAX)),
        }
    }

    pub(super) fn bounded<R: Read>(&self, inner: R) -> Bounded<'_, R> {
        Bounded { inner, budget: self }
    }
}

pub(super) struct Bounded<'b, R> {
    inner: R,
    budget: &'b Budget,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(into)?;
        let left = self.budget.left.get().checked_sub(read as u64);
        let left =
            left.ok_or_else(|| Error::new(ErrorKind::InvalidData, "it unpacks to more than the limit allows"))?;
        self.budget.left.set(left);
        Ok(read)
    }
}
