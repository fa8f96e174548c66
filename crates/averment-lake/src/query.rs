//! SQL over segments: reading only. A query can neither write nor name a file.

use std::path::Path;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::execution::context::SQLOptions;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};

use crate::LakeError;

/// The table that queries ask.
pub const TABLE: &str = "disclosures";

/// An answer: names of columns, and rows of texts. A value that is not there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// As many texts in each as there are columns.
    pub rows: Vec<Vec<Option<String>>>,
}

/// Answers one `query` over the Parquet files in `folder`, at most `rows_max` rows of it.
///
/// # Errors
/// [`LakeError::Query`] says what is wrong with the query.
pub async fn sql(folder: &Path, query: &str, rows_max: usize) -> Result<Answer, LakeError> {
    // Words are kept in dictionaries in the files; a query compares them as texts.
    let config = SessionConfig::new().with_information_schema(true);
    let session = SessionContext::new_with_config(config);
    let options = ParquetReadOptions::default();
    let path = folder.to_str().ok_or(LakeError::Folder)?;
    session.register_parquet(TABLE, path, options).await?;
    let reading = SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false);
    let frame = session
        .sql_with_options(query, reading)
        .await
        .map_err(LakeError::Query)?;
    let schema = frame.schema().clone();
    let columns = schema.fields().iter().map(|field| field.name().clone()).collect();
    let batches = frame
        .limit(0, Some(rows_max))
        .map_err(LakeError::Query)?
        .collect()
        .await
        .map_err(LakeError::Query)?;
    let mut rows = Vec::new();
    for batch in &batches {
        take_rows(batch, &mut rows)?;
    }
    Ok(Answer { columns, rows })
}

fn take_rows(batch: &RecordBatch, rows: &mut Vec<Vec<Option<String>>>) -> Result<(), LakeError> {
    let options = FormatOptions::default();
    let columns = batch.columns().iter();
    let formatters: Vec<_> = columns
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<Result<_, _>>()?;
    for row in 0..batch.num_rows() {
        let values = formatters.iter().zip(batch.columns());
        let text = |(formatter, column): (&ArrayFormatter<'_>, &arrow::array::ArrayRef)| {
            (!column.is_null(row)).then(|| formatter.value(row).to_string())
        };
        rows.push(values.map(text).collect());
    }
    Ok(())
}
