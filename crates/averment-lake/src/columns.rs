//! Rows as columns: names and types of the table, and batches of it.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, RecordBatch, StringBuilder, StringDictionaryBuilder, TimestampMicrosecondBuilder,
    UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef, TimeUnit};

use crate::row::Row;

/// Whether a column may be without a value.
type Optional = bool;

/// A column of text that repeats: recipients, elements, reasons.
struct Word {
    name: &'static str,
    optional: Optional,
    of: fn(&Row) -> Option<&str>,
}

const fn word(name: &'static str, optional: Optional, of: fn(&Row) -> Option<&str>) -> Word {
    Word { name, optional, of }
}

const WORDS: [Word; 19] = [
    word("plane", false, |row| Some(&row.plane)),
    word("recipient", true, |row| row.recipient.as_deref()),
    word("party", true, |row| row.party.as_deref()),
    word("charter", false, |row| Some(&row.charter)),
    word("mode", true, |row| row.mode.as_deref()),
    word("action", false, |row| Some(&row.action)),
    word("judged", true, |row| row.judged.as_deref()),
    word("fate", false, |row| Some(&row.fate)),
    word("subject", true, |row| row.subject.as_deref()),
    word("school", true, |row| row.school.as_deref()),
    word("element", false, |row| Some(&row.element)),
    word("treated", false, |row| Some(&row.treated)),
    word("treatment", false, |row| Some(&row.treatment)),
    word("reason", false, |row| Some(&row.reason)),
    word("rule", true, |row| row.rule.as_deref()),
    word("basis", true, |row| row.basis.as_deref()),
    word("service", true, |row| row.service.as_deref()),
    word("purpose", true, |row| row.purpose.as_deref()),
    word("part_of", true, |row| row.part_of.as_deref()),
];

/// The table's columns, in their order.
pub(crate) fn schema() -> SchemaRef {
    let dictionary = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let mut fields = vec![
        Field::new("entry", DataType::UInt64, false),
        Field::new("at", utc, false),
        Field::new("request", DataType::Utf8, false),
        Field::new("person", DataType::Utf8, true),
    ];
    fields.extend(
        WORDS
            .iter()
            .map(|word| Field::new(word.name, dictionary(), word.optional)),
    );
    fields.extend([
        Field::new("void", DataType::Boolean, false),
        Field::new("count", DataType::UInt64, false),
        Field::new("record_required", DataType::Boolean, true),
        Field::new("consent_version", DataType::UInt64, true),
    ]);
    Arc::new(Schema::new(fields))
}

/// Rows on their way into columns.
#[derive(Default)]
pub(crate) struct Columns {
    rows: usize,
    entry: UInt64Builder,
    at: TimestampMicrosecondBuilder,
    request: StringBuilder,
    person: StringBuilder,
    words: [StringDictionaryBuilder<Int32Type>; WORDS.len()],
    void: BooleanBuilder,
    count: UInt64Builder,
    record_required: BooleanBuilder,
    consent_version: UInt64Builder,
}

impl Columns {
    /// How many rows were taken since the last batch.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    pub(crate) fn push(&mut self, row: &Row) {
        self.rows += 1;
        self.entry.append_value(row.entry);
        self.at.append_value(row.at_us);
        self.request.append_value(&row.request);
        self.person.append_option(row.person.as_deref());
        for (column, word) in self.words.iter_mut().zip(&WORDS) {
            column.append_option((word.of)(row));
        }
        self.void.append_value(row.void);
        self.count.append_value(row.count);
        self.record_required.append_option(row.record_required);
        self.consent_version.append_option(row.consent_version);
    }

    /// The rows taken since the last batch.
    pub(crate) fn batch(&mut self, schema: &SchemaRef) -> Result<RecordBatch, arrow::error::ArrowError> {
        self.rows = 0;
        let at = std::mem::take(&mut self.at).finish().with_timezone("UTC");
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.entry.finish()),
            Arc::new(at),
            Arc::new(self.request.finish()),
            Arc::new(self.person.finish()),
        ];
        columns.extend(self.words.iter_mut().map(|word| Arc::new(word.finish()) as ArrayRef));
        columns.extend([
            Arc::new(self.void.finish()) as ArrayRef,
            Arc::new(self.count.finish()),
            Arc::new(self.record_required.finish()),
            Arc::new(self.consent_version.finish()),
        ]);
        RecordBatch::try_new(Arc::clone(schema), columns)
    }
}
