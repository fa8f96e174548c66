//! Where a schema and the data map part.
//!
//! Start at [`schema_drift`]. New tables and columns, and those of the map that are gone, are errors: a rule on a column that
//! is not there any more does nothing, and nobody is told.

use std::collections::BTreeSet;

use averment_catalog::ElementId;
use averment_register::{Charter, ColumnHolds, Severity, Store, StoreColumn, StoreId, StoreTable};

use super::sample::{ColumnSample, Samples};
use super::{Classified, MapCoverage, Marked, Schema, Table, What};
use crate::drift::{Drift, Rule};
use crate::observation::{Confidence, Spot};

/// Drift of a schema, with how much of it the map speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaDrift {
    /// Where they part.
    pub drift: Vec<Drift>,
    /// How much the map speaks of.
    pub coverage: MapCoverage,
}

/// Columns in hundred that two tables share when one looks like the other renamed.
const RENAMED_PERCENT: usize = 60;

/// Compares a schema with the store `id` of the data map; a store that the map does not have has no tables. `marked`: lines of
/// the map that nobody has checked, which count as guessed.
pub fn schema_drift(
    charter: &Charter,
    id: &StoreId,
    schema: &Schema,
    classified: &Classified,
    samples: &Samples,
    marked: &Marked,
) -> SchemaDrift {
    let store = charter.content().data.get(id);
    let look = Look {
        store,
        id,
        schema,
        classified,
        samples,
    };
    let mut drift = look.unmapped_tables();
    drift.extend(look.missing_tables());
    for table in &schema.tables {
        if let Some(mapped) = store.and_then(|store| store.table(&table.name)) {
            drift.extend(look.columns(table, mapped));
            drift.extend(look.other_elements(table, mapped));
        }
    }
    SchemaDrift {
        drift,
        coverage: MapCoverage::of(store, schema, classified, marked),
    }
}

struct Look<'a> {
    store: Option<&'a Store>,
    id: &'a StoreId,
    schema: &'a Schema,
    classified: &'a Classified,
    samples: &'a Samples,
}

impl Look<'_> {
    fn drift(&self, rule: Rule, severity: Severity, message: String, what: &str, spot: &Spot) -> Drift {
        Drift {
            rule,
            severity,
            party: None,
            message,
            hint: None,
            subject: format!("{} {what}", self.id),
            places: vec![spot.clone()],
            accepted: None,
        }
    }

    fn unmapped_tables(&self) -> Vec<Drift> {
        let open = self
            .schema
            .tables
            .iter()
            .filter(|table| self.store.is_none_or(|store| store.table(&table.name).is_none()));
        let mut found = Vec::new();
        for table in open {
            let (what, severity) = match (table.is_view, table.is_materialised) {
                // It shows what tables store.
                (true, _) => ("view", Severity::Warning),
                (false, true) => ("materialised view", Severity::Error),
                (false, false) => ("table", Severity::Error),
            };
            let renamed = self.missing().find(|mapped| is_renamed(table, mapped));
            let mut message = format!("{what} `{}` is not in the data map", table.name);
            if let Some(old) = renamed {
                message.push_str(&format!("; it looks like `{}` renamed", old.name()));
            }
            let personal = self.personal(table);
            let mut drift = self.drift(Rule::UnmappedTable, severity, message, &table.name, &table.spot);
            drift.hint = Some(match personal.is_empty() {
                true => "say in the data map what it holds, or why nothing in it is personal".to_owned(),
                false => format!(
                    "say in the data map what it holds; its names speak of {}",
                    listed(&personal)
                ),
            });
            found.push(drift);
        }
        found
    }

    /// Elements that the columns of a table probably hold.
    fn personal(&self, table: &Table) -> BTreeSet<String> {
        let guesses = self
            .classified
            .table(&table.name)
            .into_iter()
            .flat_map(|guess| guess.columns.values());
        let personal = guesses.filter_map(|guess| match &guess.what {
            What::Element(element) | What::FreeText(Some(element)) => Some(element.to_string()),
            What::FreeText(None) => Some("free text".to_owned()),
            What::Secret => Some("secrets".to_owned()),
            _ => None,
        });
        personal.collect()
    }

    /// Tables of the map that are not there.
    fn missing(&self) -> impl Iterator<Item = &StoreTable> {
        let tables = self.store.into_iter().flat_map(|store| &store.tables);
        tables.filter(|mapped| self.schema.table(mapped.name()).is_none())
    }

    fn missing_tables(&self) -> Vec<Drift> {
        let mut found = Vec::new();
        for mapped in self.missing() {
            let new = self
                .schema
                .tables
                .iter()
                .filter(|table| self.store.is_some_and(|store| store.table(&table.name).is_none()));
            let renamed = new.into_iter().find(|table| is_renamed(table, mapped));
            let mut message = format!("table `{}` of the data map is not there", mapped.name());
            if let Some(new) = renamed {
                message.push_str(&format!("; it looks renamed to `{}`", new.name));
            }
            let spot = Spot {
                file: self.schema.source.clone(),
                ..Spot::default()
            };
            let mut drift = self.drift(Rule::MissingColumn, Severity::Error, message, mapped.name(), &spot);
            drift.hint = Some("take it out of the data map, or mend its name".to_owned());
            found.push(drift);
        }
        found
    }

    /// Columns that only one of both has.
    fn columns(&self, table: &Table, mapped: &StoreTable) -> Vec<Drift> {
        if mapped.none.is_some() {
            return Vec::new();
        }
        let new: Vec<_> = table
            .columns
            .iter()
            .filter(|column| mapped.column(&column.name).is_none())
            .collect();
        let gone: Vec<(&String, &StoreColumn)> = mapped
            .columns
            .iter()
            .filter(|(name, _)| table.column(name).is_none())
            .collect();
        let new_names: Vec<&str> = new.iter().map(|column| column.name.as_str()).collect();
        let gone_names: Vec<&str> = gone.iter().map(|(name, _)| name.as_str()).collect();
        let mut found = Vec::new();
        for column in &new {
            let place = format!("{}.{}", table.name, column.name);
            let mut message = format!("column `{place}` is not in the data map");
            if let Some(old) = partner(&column.name, &new_names, &gone_names) {
                message.push_str(&format!("; it looks like `{old}` renamed"));
            }
            let mut drift = self.drift(Rule::UnmappedColumn, Severity::Error, message, &place, &column.spot);
            drift.hint = Some(self.hint(table, &column.name));
            found.push(drift);
        }
        for (name, _) in &gone {
            let place = format!("{}.{name}", table.name);
            let mut message = format!("column `{place}` of the data map is not there");
            if let Some(new) = partner(name, &gone_names, &new_names) {
                message.push_str(&format!("; it looks renamed to `{new}`"));
            }
            let mut drift = self.drift(Rule::MissingColumn, Severity::Error, message, &place, &table.spot);
            drift.hint = Some("take it out of the data map, or mend its name".to_owned());
            found.push(drift);
        }
        found
    }

    fn hint(&self, table: &Table, column: &str) -> String {
        let guess = self.classified.column(&table.name, column).map(|guess| &guess.what);
        match guess {
            Some(What::Element(element)) => {
                format!("it probably holds `{element}`: say so in the data map, or why it does not")
            }
            Some(What::FreeText(_)) => "people probably write in it: say `holds = \"free_text\"`".to_owned(),
            Some(What::Secret) => "it probably holds a secret: say `holds = \"secret\"`".to_owned(),
            Some(What::NotPersonal(reason)) => format!("probably not personal ({reason}): say so with `none`"),
            _ => "say in the data map what it holds, or why it is not personal".to_owned(),
        }
    }

    /// Columns whose values, or whose name, say something else than the map.
    fn other_elements(&self, table: &Table, mapped: &StoreTable) -> Vec<Drift> {
        let mut found = Vec::new();
        for column in &table.columns {
            let said = mapped.column(&column.name);
            if said.is_none() && mapped.none.is_none() {
                continue;
            }
            let place = format!("{}.{}", table.name, column.name);
            let sample = self.samples.of(&table.name, &column.name);
            let by_values = sample.and_then(|sample| differs(sample, said));
            let by_name = self
                .classified
                .column(&table.name, &column.name)
                .filter(|guess| guess.by != "values" && guess.confidence == Confidence::Certain);
            let (severity, message) = match (by_values, by_name.map(|guess| &guess.what)) {
                (Some((element, count, looked)), _) => (
                    Severity::Error,
                    format!(
                        "`{place}` is {} in the data map, and {count} of {looked} values are `{element}`",
                        words_of(said)
                    ),
                ),
                // Without values a name only asks for another look, and only where the map says that nothing is personal.
                (None, Some(What::Element(element)))
                    if said.is_none_or(|said| !said.is_personal()) && column.references.is_none() =>
                {
                    (
                        Severity::Warning,
                        format!(
                            "`{place}` is {} in the data map, and its name says `{element}`",
                            words_of(said)
                        ),
                    )
                }
                _ => continue,
            };
            let mut drift = self.drift(Rule::OtherElement, severity, message, &place, &column.spot);
            drift.hint = Some("mend the data map, or find out who writes there".to_owned());
            found.push(drift);
        }
        found
    }
}

fn words_of(said: Option<&StoreColumn>) -> String {
    let element = said.and_then(|said| said.element.as_ref());
    match (element, said.and_then(|said| said.holds)) {
        (Some(element), _) => format!("`{element}`"),
        (None, Some(ColumnHolds::FreeText)) => "free text".to_owned(),
        (None, Some(ColumnHolds::Secret)) => "a secret".to_owned(),
        (None, None) => "not personal".to_owned(),
    }
}

/// The element that most values are, where the map says another. In free text anything may stand; a secret in the clear is
/// what most values are not a hash of.
fn differs(sample: &ColumnSample, said: Option<&StoreColumn>) -> Option<(ElementId, u64, u64)> {
    let (element, count) = sample.mostly()?;
    let same = said.is_some_and(|said| {
        said.holds == Some(ColumnHolds::FreeText)
            || said
                .element
                .as_ref()
                .is_some_and(|said| said.covers(element) || alike(said, element))
    });
    (!same).then(|| (element.clone(), count, sample.looked))
}

/// Whether the values of two elements cannot be told apart: an e-mail address is one whosever it is, and some log in with it.
fn alike(said: &ElementId, found: &ElementId) -> bool {
    let last = |id: &ElementId| id.as_str().rsplit('.').next().unwrap_or_default().to_owned();
    last(said) == last(found)
        || said.as_str() == "account.username" && found.as_str() == "contact.email"
        || said.as_str() == "guardian.name" && found.as_str().starts_with("identity.name")
        || said.as_str().starts_with("identity.name") && found.as_str().starts_with("identity.name")
}

/// The name on the other side that this one looks renamed from or to: the only one there, or the most alike.
fn partner<'a>(name: &str, own: &[&str], other: &[&'a str]) -> Option<&'a str> {
    if let ([_], [one]) = (own, other) {
        return Some(one);
    }
    let shared = |one: &str| {
        let words: BTreeSet<String> = crate::words::split(one).into_iter().collect();
        crate::words::split(name)
            .iter()
            .filter(|word| words.contains(*word) && word.as_str() != "id")
            .count()
    };
    other
        .iter()
        .copied()
        .max_by_key(|one| shared(one))
        .filter(|one| shared(one) > 0)
}

fn is_renamed(table: &Table, mapped: &StoreTable) -> bool {
    let shared = mapped
        .columns
        .keys()
        .filter(|name| table.column(name).is_some())
        .count();
    let most = mapped.columns.len().max(table.columns.len());
    !mapped.columns.is_empty() && shared > 1 && shared * 100 >= most * RENAMED_PERCENT
}

fn listed(names: &BTreeSet<String>) -> String {
    let first: Vec<String> = names.iter().take(6).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(first.len());
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", first.join(", "))
}
