//! Loading: a source is read whole into digests, and only then one transaction puts it into the directory.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use averment_detect::DirectoryKey;
use jiff::Timestamp;

use super::put::Load;
use super::read::{Reading, Rows};
use super::report::{LoadError, LoadReport};
use super::row::At;
use super::table::{LineBreaks, Wanted, read_csv};
use super::{People, json, oneroster};

/// How a people file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleFormat {
    /// A table with a heading: RFC 4180 in UTF-8.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// A OneRoster 1.2 bundle of CSV files: a zip archive or a folder.
    OneRoster,
}

impl PeopleFormat {
    /// The format that the name says: `.jsonl`, `.ndjson`, `.zip`, a folder; anything else is CSV.
    pub fn of(path: &Path) -> Self {
        let ending = path.extension().and_then(|ending| ending.to_str());
        match ending.map(str::to_lowercase).as_deref() {
            Some("jsonl" | "ndjson") => Self::JsonLines,
            Some("zip") => Self::OneRoster,
            _ if path.is_dir() => Self::OneRoster,
            _ => Self::Csv,
        }
    }
}

/// What a load does with the people who are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Whoever is not in the source departs.
    Whole(Shrink),
    /// Only people in the source are touched.
    Changes(Currency),
}

/// How many people a whole load may take out of the directory. Half a file looks like a school that half have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shrink {
    /// At most so many of a hundred. A directory of fewer than 20 people has no share worth counting.
    UpToPercent(u8),
    /// However many.
    Any,
}

/// Whether changes make the directory as current as a whole load does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Currency {
    /// They are some, by hand.
    AsBefore,
    /// They are all that the source has had since.
    Current,
}

impl People {
    /// Loads a CSV file in place of what was loaded before: all of it, or nothing when anything is wrong.
    ///
    /// `reader`: CSV (RFC 4180) in UTF-8 with a header; needs `id`, `role` and at least one column that people are
    /// recognised by. People who stay keep number and key; people missing from the file are no longer recognised, however
    /// many they are. `source_name` is for messages, `now` for ages and the time of loading.
    ///
    /// # Errors
    /// [`LoadError`], with line, column and what was expected, never with a value.
    pub fn load_csv(&mut self, reader: impl Read, source_name: &str, now: Timestamp) -> Result<LoadReport, LoadError> {
        let scope = Scope::Whole(Shrink::Any);
        self.read_and_put(source_name, now, |reading| {
            read_csv(reading, reader, source_name, Wanted::People, LineBreaks::Refused)?;
            expect_somebody(reading);
            Ok(scope)
        })
    }

    /// Loads a file, or a folder with a OneRoster bundle: all of it, or nothing when anything is wrong. A bundle of changes
    /// is merged whatever `scope` says.
    ///
    /// # Errors
    /// [`LoadError`], with file, line, column and what was expected, never with a value.
    pub fn load_file(
        &mut self,
        path: &Path,
        format: PeopleFormat,
        scope: Scope,
        now: Timestamp,
    ) -> Result<LoadReport, LoadError> {
        let name = path.display().to_string();
        self.read_and_put(&name, now, |reading| {
            let mut scope = scope;
            match format {
                PeopleFormat::Csv => {
                    let file = open(path)?;
                    read_csv(reading, file, &name, Wanted::People, LineBreaks::Refused)?;
                }
                PeopleFormat::JsonLines => json::read_lines(reading, open(path)?, &name, Wanted::People)?,
                PeopleFormat::OneRoster => {
                    if oneroster::read(reading, path, &name)? == oneroster::Changes::Some {
                        scope = Scope::Changes(Currency::Current);
                        return Ok(scope);
                    }
                }
            }
            expect_somebody(reading);
            Ok(scope)
        })
    }

    /// Takes the people of a file out of the directory; only their `id` is read. Ids that nobody has are passed over.
    ///
    /// # Errors
    /// [`LoadError`]; nobody is then removed.
    pub fn remove(&mut self, path: &Path, format: PeopleFormat, now: Timestamp) -> Result<LoadReport, LoadError> {
        let name = path.display().to_string();
        let scope = Scope::Changes(Currency::AsBefore);
        self.read_and_put(&name, now, |reading| {
            match format {
                PeopleFormat::Csv => read_csv(reading, open(path)?, &name, Wanted::Ids, LineBreaks::Refused)?,
                PeopleFormat::JsonLines => json::read_lines(reading, open(path)?, &name, Wanted::Ids)?,
                PeopleFormat::OneRoster => {
                    let expected = "a file with an `id` for each person who leaves; a bundle says that itself";
                    return Err(LoadError::Bundle {
                        source_name: name.clone(),
                        expected: format!("expected {expected}"),
                    });
                }
            }
            reading.rows.ignored_columns.clear();
            if reading.rows.removed.is_empty() && reading.total == 0 {
                reading.fault(At::line(1), "expected at least one id");
            }
            Ok(scope)
        })
    }

    /// Reads with `read`, which may choose another scope, then puts what was read.
    pub(super) fn read_and_put(
        &mut self,
        source_name: &str,
        now: Timestamp,
        read: impl FnOnce(&mut Reading<'_>) -> Result<Scope, LoadError>,
    ) -> Result<LoadReport, LoadError> {
        let directory = DirectoryKey::new(*self.directory_key);
        let mut reading = Reading::new((&directory, &self.id_key), now);
        let scope = read(&mut reading)?;
        let rows: Rows = reading.finish(source_name)?;
        let load = Load {
            rows,
            scope,
            source_name,
            mark: None,
        };
        self.put(load, now)
    }
}

/// A source with nobody in it is a source that failed.
pub(super) fn expect_somebody(reading: &mut Reading<'_>) {
    if reading.rows.people.is_empty() && reading.rows.removed.is_empty() && reading.total == 0 {
        let at = At {
            file: reading.file,
            ..At::line(1)
        };
        reading.fault(at, "expected at least one person below the header");
    }
}

fn open(path: &Path) -> Result<File, LoadError> {
    File::open(path).map_err(|source| LoadError::Read {
        source_name: path.display().to_string(),
        source,
    })
}
