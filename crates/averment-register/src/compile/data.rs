//! One file of the data map to a store of the charter.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use averment_catalog::{SubjectId, Vocabulary, WordId};
use toml::Spanned;

use super::{At, Run, names, suggest};
use crate::charter::{OnErase, Store, StoreColumn, StoreId, StoreTable};
use crate::model::{DataColumn, DataFile, DataTableRow};

fn plain(links: &BTreeMap<Spanned<String>, Spanned<String>>) -> BTreeMap<String, String> {
    let links = links.iter();
    links
        .map(|(column, target)| (column.get_ref().clone(), target.get_ref().clone()))
        .collect()
}

impl Run {
    /// Compiles one file.
    pub(super) fn store(&mut self, at: At<'_>, file: &DataFile) {
        let Some(id) = self.store_id(at, file) else { return };
        let mut tables: BTreeMap<String, StoreTable> = BTreeMap::new();
        for row in &file.tables {
            let Some(name) = self.table_name(at, file, row) else {
                continue;
            };
            // Databases differ in whether case counts; two tables that differ in nothing else are one to most of them.
            if tables.contains_key(&name.get_ref().to_lowercase()) {
                let message = format!("`{}` stands in the data map twice", name.get_ref());
                self.findings
                    .error(at, Some(name.span()), "duplicate-table", message, None);
                continue;
            }
            let table = self.table(at, row.get_ref());
            tables.insert(name.get_ref().to_lowercase(), table);
        }
        for row in &file.tables {
            self.links(at, row.get_ref(), &tables);
        }
        let store = Store {
            id: id.clone(),
            engine: file.engine,
            owner: file.owner,
            region: file.region.clone(),
            countries: names::resolve(&mut self.findings, at, &file.countries, names::place),
            runs_on: self.recipient_names(at, &file.runs_on),
            sensitive: names::resolve(&mut self.findings, at, &file.sensitive, names::element),
            tables: tables.into_values().collect(),
        };
        self.data.insert(id, store);
    }

    fn store_id(&mut self, at: At<'_>, file: &DataFile) -> Option<StoreId> {
        let word = &file.store;
        let Some(id) = StoreId::new(word.get_ref())
            .ok()
            .filter(|id| !id.as_str().contains(['/', '.']))
        else {
            let message = format!("`{}` is not an identifier of a store", word.get_ref());
            let hint = "expected lower-case letters, digits, `-` and `_`";
            self.findings
                .error(at, Some(word.span()), "store-id", message, Some(hint.into()));
            return None;
        };
        if at.name != format!("data/{id}.toml") {
            let message = format!("the file of store `{id}` is named `{}`", at.name);
            let hint = Some(format!("expected `data/{id}.toml`"));
            self.findings.error(at, Some(word.span()), "file-name", message, hint);
        }
        Some(id)
    }

    /// The one name of a row: a table where the engine has tables, else a prefix.
    fn table_name<'a>(
        &mut self,
        at: At<'_>,
        file: &DataFile,
        row: &'a Spanned<DataTableRow>,
    ) -> Option<&'a Spanned<String>> {
        let engine = file.engine;
        let (wanted, field) = match engine.has_tables() {
            true => (&row.get_ref().table, "table"),
            false => (&row.get_ref().prefix, "prefix"),
        };
        let both = row.get_ref().table.is_some() && row.get_ref().prefix.is_some();
        if let Some(name) = wanted.as_ref().filter(|_| !both) {
            return Some(name);
        }
        let message = format!(
            "a `[[tables]]` row of a store of `{}` needs `{field}` and no other name",
            engine.as_str()
        );
        self.findings.error(at, Some(row.span()), "table-name", message, None);
        None
    }

    fn table(&mut self, at: At<'_>, row: &DataTableRow) -> StoreTable {
        let text = |field: &Option<Spanned<String>>| field.as_ref().map(|text| text.get_ref().clone());
        let personal = !row.columns.is_empty() || !row.elements.is_empty();
        if let Some(none) = row.none.as_ref().filter(|_| personal) {
            let message = "`none` says that nothing is personal, beside columns or elements".to_owned();
            let hint = Some("say it per column, or leave the columns out".to_owned());
            self.findings
                .error(at, Some(none.span()), "none-and-more", message, hint);
        }
        StoreTable {
            table: text(&row.table),
            prefix: text(&row.prefix),
            subjects: names::resolve(&mut self.findings, at, &row.subjects, names::subject),
            owner: row.owner,
            key: text(&row.key),
            none: text(&row.none),
            elements: names::resolve(&mut self.findings, at, &row.elements, names::element),
            belongs_to: plain(&row.belongs_to),
            others: plain(&row.others),
            role: text(&row.role),
            roles: self.roles(at, row),
            times: self.times(at, row),
            on_erase: self.row_on_erase(at, row),
            keep: text(&row.keep),
            columns: self.columns(at, row),
        }
    }

    fn roles(&mut self, at: At<'_>, row: &DataTableRow) -> BTreeMap<String, SubjectId> {
        if let Some((_, kind)) = row.roles.first_key_value().filter(|_| row.role.is_none()) {
            let message = "`roles` say what values mean, and `role` does not say of which column".to_owned();
            self.findings
                .error(at, Some(kind.span()), "roles-of-nothing", message, None);
        }
        let resolved = row.roles.iter().filter_map(|(value, kind)| {
            let kind = names::one(&mut self.findings, at, kind, names::subject)?;
            Some((value.clone(), kind))
        });
        resolved.collect()
    }

    fn times(&mut self, at: At<'_>, row: &DataTableRow) -> BTreeMap<WordId, String> {
        let resolved = row.times.iter().filter_map(|(trigger, column)| {
            let trigger = names::one(&mut self.findings, at, trigger, names::word(Vocabulary::Trigger))?;
            Some((trigger, column.get_ref().clone()))
        });
        resolved.collect()
    }

    /// Rows go or stay as a whole; that they stay needs a reason.
    fn row_on_erase(&mut self, at: At<'_>, row: &DataTableRow) -> Option<OnErase> {
        let said = row.on_erase.as_ref();
        let wrong = match (said.map(Spanned::get_ref), &row.keep) {
            (Some(OnErase::Keep), None) => said.map(|said| (said.span(), "`keep` needs the reason why the rows stay")),
            (Some(OnErase::Keep), Some(_)) | (None | Some(OnErase::Delete), None) => None,
            (Some(OnErase::Delete) | None, Some(keep)) => Some((
                keep.span(),
                "`keep` says why rows stay, and `on_erase` does not say that they do",
            )),
            (Some(_), _) => said.map(|said| {
                (
                    said.span(),
                    "rows are for `delete` or `keep`; the others are for columns",
                )
            }),
        };
        if let Some((span, message)) = wrong {
            self.findings
                .error(at, Some(span), "on-erase", message.to_owned(), None);
        }
        said.map(|said| *said.get_ref())
    }

    fn columns(&mut self, at: At<'_>, row: &DataTableRow) -> BTreeMap<String, StoreColumn> {
        let mut seen = BTreeSet::new();
        let mut columns = BTreeMap::new();
        for (name, column) in &row.columns {
            if !seen.insert(name.get_ref().to_lowercase()) {
                let message = format!("column `{}` stands there twice, in other case", name.get_ref());
                self.findings
                    .error(at, Some(name.span()), "duplicate-column", message, None);
            }
            let stays = row.on_erase.as_ref().map(Spanned::get_ref) == Some(&OnErase::Keep)
                || row
                    .others
                    .keys()
                    .any(|other| other.get_ref().eq_ignore_ascii_case(name.get_ref()));
            self.column_on_erase(at, column.get_ref(), stays);
            columns.insert(name.get_ref().clone(), self.column(at, name, column));
        }
        columns
    }

    fn column(&mut self, at: At<'_>, name: &Spanned<String>, column: &Spanned<DataColumn>) -> StoreColumn {
        let found = column.get_ref();
        let personal = found.element.is_some() || found.holds.is_some();
        let wrong = match (personal, found.none.is_some()) {
            (true, true) => Some(("none-and-more", "is said to be personal and not to be")),
            (false, false) => Some(("column-says-nothing", "says nothing")),
            _ => None,
        };
        if let Some((code, what)) = wrong {
            let message = format!("column `{}` {what}", name.get_ref());
            let hint = "expected `element`, `holds`, or `none` with the reason".to_owned();
            self.findings.error(at, Some(column.span()), code, message, Some(hint));
        }
        let element = found.element.as_ref();
        StoreColumn {
            element: element.and_then(|name| names::one(&mut self.findings, at, name, names::element)),
            holds: found.holds,
            none: found.none.clone(),
            on_erase: found.on_erase.as_ref().map(|said| *said.get_ref()),
            keep: found.keep.clone(),
        }
    }

    /// What becomes of a column is a question only where the row stays, or where the column names somebody else than the
    /// person whose row it is.
    fn column_on_erase(&mut self, at: At<'_>, column: &DataColumn, stays: bool) {
        let Some(said) = &column.on_erase else { return };
        let wrong = match said.get_ref() {
            OnErase::Delete => Some("`delete` is for rows; a column can be emptied by `null`"),
            _ if !stays => Some("the row goes with the person: expected `on_erase = \"keep\"` of the table"),
            OnErase::Keep if column.keep.is_none() => Some("`keep` needs the reason why the value stays"),
            _ => None,
        };
        if let Some(message) = wrong {
            self.findings
                .error(at, Some(said.span()), "on-erase", message.to_owned(), None);
        }
    }

    /// Whether `key` and `belongs_to` name what is there.
    fn links(&mut self, at: At<'_>, row: &DataTableRow, tables: &BTreeMap<String, StoreTable>) {
        let known = |name: &str| {
            row.columns
                .keys()
                .any(|known| known.get_ref().eq_ignore_ascii_case(name))
        };
        let names = || row.columns.keys().map(|name| name.get_ref().as_str());
        if let Some(key) = &row.key {
            match &row.prefix {
                Some(prefix) if !prefix.get_ref().contains(&format!("{{{}}}", key.get_ref())) => {
                    let message = format!("`{}` has no part `{{{}}}`", prefix.get_ref(), key.get_ref());
                    self.findings
                        .error(at, Some(key.span()), "unknown-column", message, None);
                }
                None if !known(key.get_ref()) => self.no_column(at, key, key.span(), names()),
                _ => {}
            }
        }
        for (column, target) in row.belongs_to.iter().chain(&row.others) {
            if !known(column.get_ref()) {
                self.no_column(at, column, column.span(), names());
            }
            self.target(at, target, tables);
        }
        let role = row.role.iter();
        for column in role.chain(row.times.values()).filter(|_| row.table.is_some()) {
            match column.get_ref().contains('.') {
                true => self.target(at, column, tables),
                false if known(column.get_ref()) => {}
                false => self.no_column(at, column, column.span(), names()),
            }
        }
    }

    fn no_column<'a>(
        &mut self,
        at: At<'_>,
        name: &Spanned<String>,
        span: Range<usize>,
        known: impl Iterator<Item = &'a str>,
    ) {
        let message = format!("column `{}` is not among the columns of the table", name.get_ref());
        let near = suggest::nearest(name.get_ref(), known).map(|near| format!("did you mean `{near}`?"));
        self.findings.error(at, Some(span), "unknown-column", message, near);
    }

    /// What a column leads to: `table.column` of the same store.
    fn target(&mut self, at: At<'_>, target: &Spanned<String>, tables: &BTreeMap<String, StoreTable>) {
        let (table, column) = target.get_ref().rsplit_once('.').unwrap_or((target.get_ref(), ""));
        let found = tables.get(&table.to_lowercase());
        let there = found.is_some_and(|table| table.none.is_some() || table.column(column).is_some());
        if !there {
            let message = format!("`{}` is not a column of this store", target.get_ref());
            let near = suggest::nearest(table, tables.values().map(StoreTable::name));
            let hint = near.filter(|near| *near != table).map_or_else(
                || "expected `table.column` of a table that the file has".to_owned(),
                |near| format!("did you mean table `{near}`?"),
            );
            self.findings
                .error(at, Some(target.span()), "unknown-column", message, Some(hint));
        }
    }
}
