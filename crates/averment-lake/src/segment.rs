//! A segment: the rows of one stretch of the ledger as one Parquet file, written whole or not at all.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use crate::LakeError;
use crate::columns::{Columns, schema};
use crate::row::Row;

/// Rows of one group of a file: what a query that reads one column skips or takes at once.
const GROUP_ROWS: usize = 128 * 1024;

/// What a segment says about itself, in the file's metadata.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct About {
    /// Name of the newest log that rows come from.
    pub origin: String,
    /// Entries of the ledger up to the last that rows come from.
    pub entries: u64,
    /// Root of that log then, base64.
    pub root: String,
    /// Digest of what rows take from elsewhere than the log, as whoever writes the file knows it.
    pub state: String,
}

/// Key of [`About`] in a file's metadata.
const ABOUT: &str = "averment.segment/2";

/// Writes `rows` to `path` and gives their number. The file is private to its owner; what is there is replaced when all is
/// on disk.
///
/// # Errors
/// [`LakeError`]; what was at `path` is then untouched.
pub fn write(
    path: &Path,
    rows: impl IntoIterator<Item = Result<Row, LakeError>>,
    about: &About,
) -> Result<u64, LakeError> {
    let new = path.with_extension("parquet.new");
    let written = write_new(&new, rows, about);
    if written.is_err() {
        _ = std::fs::remove_file(&new);
    }
    let written = written?;
    std::fs::rename(&new, path).map_err(|source| file_error(path, source))?;
    Ok(written)
}

fn write_new(
    path: &Path,
    rows: impl IntoIterator<Item = Result<Row, LakeError>>,
    about: &About,
) -> Result<u64, LakeError> {
    let (schema, mut columns, mut count) = (schema(), Columns::default(), 0);
    let file = private_file(path).map_err(|source| file_error(path, source))?;
    let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties(about)))?;
    for row in rows {
        columns.push(&row?);
        count += 1;
        if columns.len() == GROUP_ROWS {
            writer.write(&columns.batch(&schema)?)?;
        }
    }
    if columns.len() > 0 {
        writer.write(&columns.batch(&schema)?)?;
    }
    let file = writer.into_inner()?;
    file.sync_all().map_err(|source| file_error(path, source))?;
    Ok(count)
}

fn properties(about: &About) -> WriterProperties {
    let about = serde_json::to_string(about).expect("it holds only strings, numbers and flags");
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_key_value_metadata(Some(vec![KeyValue::new(ABOUT.to_owned(), about)]))
        .build()
}

/// What the segment at `path` says about itself; none when there is no such file, or it is not one of ours.
///
/// # Errors
/// [`LakeError`] when the file cannot be read.
pub fn about(path: &Path) -> Result<Option<About>, LakeError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(file_error(path, source)),
    };
    let reader = SerializedFileReader::new(file)?;
    let pairs = reader.metadata().file_metadata().key_value_metadata();
    let said = pairs.into_iter().flatten().find(|pair| pair.key == ABOUT);
    let said = said.and_then(|pair| pair.value.as_deref());
    Ok(said.and_then(|json| serde_json::from_str(json).ok()))
}

fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

fn file_error(path: &Path, source: std::io::Error) -> LakeError {
    LakeError::File {
        path: PathBuf::from(path),
        source,
    }
}
