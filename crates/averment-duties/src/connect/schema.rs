//! What a database says about itself: tables, columns, keys.

use super::{Database, DatabaseError, Text};

/// The tables of a database, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// In the order of their names. Of the schema that is looked in first they have no schema in their name.
    pub tables: Vec<Table>,
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Name.
    pub name: String,
    /// In the order of the table.
    pub columns: Vec<Column>,
    /// Columns of the primary key, in its order; none where there is none.
    pub primary: Vec<String>,
    /// What it refers to.
    pub references: Vec<ForeignKey>,
    /// Columns that an index begins with.
    pub indexed: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Its type as the database writes it: `character varying(80)`.
    pub kind: String,
    /// Whether it may be `null`.
    pub nullable: bool,
}

/// Columns that refer to those of another table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Columns here.
    pub columns: Vec<String>,
    /// The other table.
    pub table: String,
    /// Its columns, in the same order.
    pub targets: Vec<String>,
    /// What the database does to rows here when the row there goes.
    pub on_delete: OnDelete,
}

/// What a database does to rows that refer to one that goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// It refuses.
    Refuse,
    /// They go, too.
    Cascade,
    /// Their columns become `null` or what they are by default.
    SetNull,
}

impl OnDelete {
    /// From the words of the standard.
    pub(super) fn of(rule: &str) -> Self {
        match rule.to_ascii_uppercase().as_str() {
            "CASCADE" => Self::Cascade,
            "SET NULL" | "SET DEFAULT" => Self::SetNull,
            _ => Self::Refuse,
        }
    }
}

/// Puts together what a server says in rows of text.
#[derive(Default)]
pub(super) struct Builder {
    schema: Schema,
    /// Place and name of the columns of the last table's primary key.
    primary: Vec<(u32, String)>,
    /// Table and name of the last foreign key.
    key: (String, String),
}

impl Builder {
    /// A column, in the order of tables: table, column, type, whether it may be `null`, place in the primary key from 1 or
    /// 0, whether an index begins with it.
    fn column(&mut self, row: &[Text]) {
        let [table, column, kind, nullable, place, indexed] = fields(row);
        if self.schema.tables.last().is_none_or(|last| last.name != table) {
            self.end_table();
            self.schema.tables.push(Table {
                name: table,
                ..Table::default()
            });
        }
        let table = self.schema.tables.last_mut().expect("pushed above");
        let yes = |word: &str| ["1", "true"].contains(&word);
        if let Some(place) = place.parse().ok().filter(|place| *place > 0) {
            self.primary.push((place, column.clone()));
        }
        if yes(&indexed) {
            table.indexed.push(column.clone());
        }
        table.columns.push(Column {
            name: column,
            kind,
            nullable: yes(&nullable),
        });
    }

    fn end_table(&mut self) {
        self.primary.sort();
        let primary = self.primary.drain(..).map(|(_, name)| name);
        if let Some(table) = self.schema.tables.last_mut() {
            table.primary = primary.collect();
        }
    }

    /// A column of a foreign key, in the order of keys: table, key, column, the other table, its column, what happens on
    /// delete. After all columns.
    fn reference(&mut self, row: &[Text]) {
        let [table, key, here, other, there, rule] = fields(row);
        let Some(found) = self.schema.tables.iter_mut().find(|one| one.name == table) else {
            return;
        };
        if (&table, &key) != (&self.key.0, &self.key.1) {
            found.references.push(ForeignKey {
                columns: Vec::new(),
                table: other,
                targets: Vec::new(),
                on_delete: OnDelete::of(&rule),
            });
            self.key = (table, key);
        }
        let key = found.references.last_mut().expect("pushed above");
        key.columns.push(here);
        key.targets.push(there);
    }

    /// Asks a server: `columns` as [`Builder::column`] takes them, `references` as [`Builder::reference`] does.
    pub(super) fn ask(server: &mut dyn Database, columns: &str, references: &str) -> Result<Schema, DatabaseError> {
        let mut builder = Self::default();
        server.all(columns, &[])?.iter().for_each(|row| builder.column(row));
        builder.end_table();
        server
            .all(references, &[])?
            .iter()
            .for_each(|row| builder.reference(row));
        let mut schema = builder.schema;
        schema.tables.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(schema)
    }
}

fn fields<const N: usize>(row: &[Text]) -> [String; N] {
    let mut row = row.iter();
    std::array::from_fn(|_| row.next().cloned().flatten().unwrap_or_default())
}

impl Schema {
    /// The table of this name, whatever its case.
    pub fn table(&self, name: &str) -> Option<&Table> {
        let exact = self.tables.iter().find(|table| table.name == name);
        exact.or_else(|| self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name)))
    }
}

impl Table {
    /// The column of this name, whatever its case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        let exact = self.columns.iter().find(|column| column.name == name);
        exact.or_else(|| {
            self.columns
                .iter()
                .find(|column| column.name.eq_ignore_ascii_case(name))
        })
    }
}

impl Column {
    /// Whether it holds bytes.
    pub fn is_bytes(&self) -> bool {
        let kind = self.kind.to_ascii_lowercase();
        ["bytea", "blob", "binary"].iter().any(|word| kind.contains(word))
    }

    /// Whether it holds numbers.
    pub fn is_number(&self) -> bool {
        let kind = self.kind.to_ascii_lowercase();
        let words = [
            "int", "serial", "numeric", "decimal", "real", "double", "float", "number",
        ];
        words.iter().any(|word| kind.contains(word)) && !kind.contains("interval") && !kind.contains("point")
    }
}
