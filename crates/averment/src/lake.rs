//! Disclosures as Parquet, for `ledger export --format parquet` and `ledger sql`. Without the feature `lake` the program is
//! built without the engine, and says so.

#[cfg(feature = "lake")]
mod engine;

use crate::outcome::Failure;

#[cfg(feature = "lake")]
pub(crate) use engine::{export, segments, sql};

/// What a program without the engine answers.
#[cfg_attr(feature = "lake", expect(dead_code, reason = "this program has the engine"))]
fn absent<T>() -> Result<T, Failure> {
    let hint = "build it with `cargo build --release --features lake`; `averment ledger export` with `--format csv` or `jsonl` works without";
    Err(Failure::new("this program was built without the engine for SQL and Parquet").hint(hint))
}

#[cfg(not(feature = "lake"))]
pub(crate) fn export(
    _: &super::commands::index::Asked,
    _: averment_store::Question,
    _: &std::path::Path,
) -> Result<u64, Failure> {
    absent()
}

#[cfg(not(feature = "lake"))]
pub(crate) fn segments(_: &super::commands::index::Asked, _: &std::path::Path) -> Result<usize, Failure> {
    absent()
}

#[cfg(not(feature = "lake"))]
pub(crate) fn sql(_: &super::commands::index::Asked, _: &str, _: usize) -> Result<Answer, Failure> {
    absent()
}

/// Names of columns, and rows of texts; a value that is not there is none.
pub(crate) struct Answer {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
}
