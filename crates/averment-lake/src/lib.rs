//! The lake: disclosures as Parquet files that any engine reads, and SQL over them.
//!
//! Start at [`write`](segment::write) and [`sql`]. A room of its own because the engine is heavy; the rest of the house is built
//! without it.
//!
//! Absent: names and numbers of people. A row names a person as its entry does, by a reference that is another one in every
//! message, so nothing has to be taken out of a file when a person is forgotten.
//!
//! Lost: the files are made again from the ledger. Forged: they are no evidence; each says which ledger it was made from.

mod columns;
mod query;
mod row;
pub mod segment;

use std::path::PathBuf;

pub use query::{Answer, TABLE, sql};
pub use row::Row;

/// Why files cannot be written or a query is not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// The file system failed.
    #[error("cannot use `{}`", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder's name is not UTF-8.
    #[error("expected a folder whose name is UTF-8")]
    Folder,
    /// Rows do not make columns.
    #[error("cannot write rows as columns")]
    Columns(#[from] arrow::error::ArrowError),
    /// Whoever gives the rows could not go on.
    #[error("cannot read the rows")]
    Rows(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Not Parquet, or not written.
    #[error("cannot read or write Parquet")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The files cannot be opened as one table.
    #[error("cannot read the segments")]
    Table(#[from] datafusion::error::DataFusionError),
    /// The query cannot be answered.
    #[error("the query cannot be answered")]
    Query(#[source] datafusion::error::DataFusionError),
}
