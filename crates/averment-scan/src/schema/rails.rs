//! Rails: `schema.rb`, and migrations where no schema was kept.
//!
//! Start at [`read`]. Ruby is not run: lines of the shape `t.string "email", comment: "…"` are looked for. Migrations are taken
//! in the order of their names, what undoes them (`def down`) left out. SQL that they execute is read as SQL.
//!
//! Invariant: a call that may make a table or a column and is not understood is unread, with its place.

mod line;

use averment_register::Engine;

use self::line::{Call, Line};
use super::{Column, Reference, Schema, Table, ddl};
use crate::observation::Spot;
use crate::seen::Unread;

/// Calls on a table that make no column.
const NOT_COLUMNS: [&str; 14] = [
    "index",
    "remove_index",
    "foreign_key",
    "check_constraint",
    "remove",
    "remove_timestamps",
    "rename",
    "change",
    "change_default",
    "change_null",
    "exclusion_constraint",
    "unique_constraint",
    "remove_references",
    "remove_belongs_to",
];

/// What calls outside of tables are about that make none.
const NO_TABLES: [&str; 18] = [
    "_index",
    "_key",
    "_constraint",
    "_enum",
    "_schema",
    "_view",
    "_function",
    "_trigger",
    "_extension",
    "_policy",
    "_role",
    "_type",
    "_domain",
    "_sequence",
    "_database",
    "_hypertable",
    "_check",
    "_comment",
];

/// Types of columns, besides those that end in the name of another.
const TYPES: [&str; 40] = [
    "bigint",
    "binary",
    "bit",
    "bit_varying",
    "boolean",
    "box",
    "char",
    "cidr",
    "circle",
    "column",
    "date",
    "datetime",
    "decimal",
    "enum",
    "float",
    "double",
    "geography",
    "geometry",
    "hstore",
    "inet",
    "interval",
    "json",
    "jsonb",
    "line",
    "lseg",
    "ltree",
    "macaddr",
    "money",
    "numeric",
    "oid",
    "path",
    "primary_key",
    "time",
    "uuid",
    "virtual",
    "xml",
    "year",
    "set",
    "tsvector",
    "tsquery",
];

/// Columns of an attachment, as kt-paperclip makes them.
const ATTACHMENT: [(&str, &str); 4] = [
    ("file_name", "string"),
    ("content_type", "string"),
    ("file_size", "bigint"),
    ("updated_at", "datetime"),
];

/// Reads files in the order of their names: one `schema.rb`, or migrations.
pub(super) fn read(files: &[(String, String)]) -> Schema {
    let source = files.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let mut schema = Schema::new(Engine::Postgresql, source);
    for (name, text) in files {
        let mut reader = Reader {
            schema: &mut schema,
            file: name,
            block: None,
            undoing: None,
        };
        for line in line::logical(text) {
            reader.line(&line);
        }
    }
    schema.finish()
}

struct Reader<'a> {
    schema: &'a mut Schema,
    file: &'a str,
    /// The table whose block is open, the name of its variable, and how far it is indented.
    block: Option<(String, String, usize)>,
    /// How far the `def down` that is open is indented.
    undoing: Option<usize>,
}

impl Reader<'_> {
    fn line(&mut self, line: &Line) {
        let number = line.number;
        let indent = line.text.len() - line.text.trim_start().len();
        let words = line.text.trim();
        if words == "end" || words == "}" {
            if self.block.as_ref().is_some_and(|(.., open)| *open == indent) {
                self.block = None;
            }
            if self.undoing == Some(indent) {
                self.undoing = None;
            }
            return;
        }
        if words == "def down" || words.starts_with("dir.down") {
            self.undoing = Some(indent);
        }
        if self.undoing.is_some() {
            return;
        }
        let call = line::call(words);
        match (&self.block, call) {
            (Some((table, variable, _)), Some(call)) if call.receiver.as_deref() == Some(variable) => {
                let table = table.clone();
                self.in_block(&table, &call, number);
            }
            (Some((_, variable, _)), _) if mentions(words, variable) => {
                self.unread(number, "makes columns in a way that is not read");
            }
            (_, Some(call)) if call.receiver.is_none() => match call.method.as_str() {
                "execute" => self.execute(&call, line),
                _ => self.outside(&call, number, indent),
            },
            _ if words.contains(".execute(") || words.contains(".execute ") => {
                self.unread(number, "executes SQL over a connection of its own");
            }
            _ => {}
        }
    }

    fn unread(&mut self, number: u32, because: &str) {
        let spot = self.spot(number);
        let because = because.to_owned();
        self.schema.unread.push(Unread { spot, because });
    }

    /// Statements in SQL, which change the same tables.
    fn execute(&mut self, call: &Call, line: &Line) {
        let behind = line
            .text
            .trim_start()
            .trim_start_matches("execute")
            .trim_start_matches([' ', '(']);
        let said = behind.starts_with(['"', '\'']).then(|| call.arguments.join(" "));
        match line.heredoc.clone().or(said).filter(|text| !text.contains("#{")) {
            Some(sql) => ddl::apply(self.schema, sql.as_bytes(), self.file, line.number),
            None => self.unread(line.number, "executes SQL that a program computes"),
        }
    }

    fn spot(&self, number: u32) -> Spot {
        Spot {
            file: self.file.to_owned(),
            line: Some(number),
            column: None,
        }
    }

    fn table(&mut self, name: &str) -> Option<&mut Table> {
        self.schema.tables.iter_mut().find(|table| table.name == name)
    }

    fn outside(&mut self, call: &Call, number: u32, indent: usize) {
        let argument = |index: usize| call.arguments.get(index).map(String::as_str).unwrap_or_default();
        match call.method.as_str() {
            "create_table" => self.create(call, number),
            "create_join_table" => self.join(call, number),
            "change_table" => {}
            "add_column" if argument(2).is_empty() => self.unread(number, "adds a column that a program computes"),
            "add_column" => {
                let column = column(argument(1), argument(2), call, self.spot(number));
                self.put(argument(0), column);
            }
            "add_columns" => {
                for name in call.arguments.iter().skip(1) {
                    let kind = call.option("type").unwrap_or_default();
                    self.put(argument(0), column(name, kind, call, self.spot(number)));
                }
            }
            "change_column" => {
                let kind = argument(2).to_owned();
                if let Some(column) = self.table(argument(0)).and_then(|table| table.column_mut(argument(1))) {
                    column.kind = kind;
                }
            }
            "add_reference" | "add_belongs_to" => self.reference(argument(0), argument(1), call, number),
            "add_timestamps" => self.timestamps(argument(0), number),
            "remove_column" | "remove_columns" => self.remove(argument(0), call.arguments.get(1..).unwrap_or_default()),
            "rename_column" => self.rename(argument(0), argument(1), argument(2)),
            "drop_table" => self.schema.tables.retain(|table| !call.arguments.contains(&table.name)),
            "rename_table" => self.schema.rename_table(argument(0), argument(1)),
            "change_column_comment" | "change_table_comment" => self.comment(call),
            "add_foreign_key" => self.foreign_key(argument(0), argument(1), call),
            "create_view" if call.option("materialized").is_some_and(|value| value != "false") => {
                self.unread(number, "makes a materialised view, whose columns are not written there");
            }
            "create_view" => *self.schema.left_out.entry("view".to_owned()).or_default() += 1,
            method if may_make_columns(method) => {
                self.unread(
                    number,
                    &format!("`{method}` may make tables or columns, and is not read"),
                );
            }
            _ => {}
        }
        let opens = matches!(
            call.method.as_str(),
            "create_table" | "change_table" | "create_join_table"
        );
        if let Some(variable) = call.block.as_ref().filter(|_| opens) {
            let name = match call.method.as_str() {
                "create_join_table" => join_name(call),
                _ => argument(0).to_owned(),
            };
            self.block = Some((name, variable.clone(), indent));
        }
    }

    fn create(&mut self, call: &Call, number: u32) {
        let name = call.arguments.first().cloned().unwrap_or_default();
        if name.is_empty() || call.option("as").is_some() {
            return self.unread(number, "makes a table whose name or columns are not written there");
        }
        let spot = self.spot(number);
        let mut table = Table {
            name,
            comment: call.option("comment").map(str::to_owned),
            spot: spot.clone(),
            ..Table::default()
        };
        // A list of key columns, which are written as columns.
        let several = call.option("primary_key") == Some("");
        if call.option("id") != Some("false") && !several {
            table.columns.push(Column {
                name: call.option("primary_key").unwrap_or("id").to_owned(),
                kind: call.option("id").unwrap_or("bigint").to_owned(),
                is_key: true,
                spot,
                ..Column::default()
            });
        }
        self.schema.tables.retain(|known| known.name != table.name);
        self.schema.tables.push(table);
    }

    fn join(&mut self, call: &Call, number: u32) {
        let spot = self.spot(number);
        let columns = call.arguments.iter().map(|table| Column {
            name: format!("{}_id", singular(table)),
            kind: "bigint".to_owned(),
            references: Some(Reference {
                table: table.clone(),
                column: None,
            }),
            spot: spot.clone(),
            ..Column::default()
        });
        let table = Table {
            name: join_name(call),
            columns: columns.collect(),
            spot: spot.clone(),
            ..Table::default()
        };
        self.schema.tables.push(table);
    }

    fn in_block(&mut self, table: &str, call: &Call, number: u32) {
        let argument = |index: usize| call.arguments.get(index).map(String::as_str).unwrap_or_default();
        match call.method.as_str() {
            "timestamps" => self.timestamps(table, number),
            "references" | "belongs_to" => {
                for name in &call.arguments {
                    self.reference(table, name, call, number);
                }
            }
            "column" => {
                let column = column(argument(0), argument(1), call, self.spot(number));
                self.put(table, column);
            }
            "remove" => self.remove(table, &call.arguments),
            "rename" => self.rename(table, argument(0), argument(1)),
            "attachment" => {
                for name in &call.arguments {
                    for (end, kind) in ATTACHMENT {
                        self.put(table, column(&format!("{name}_{end}"), kind, call, self.spot(number)));
                    }
                }
            }
            method if NOT_COLUMNS.contains(&method) => {}
            method if call.arguments.is_empty() => {
                self.unread(
                    number,
                    &format!("`{method}` may make columns of `{table}`, and is not read"),
                );
            }
            method => {
                if !is_type(method) {
                    self.unread(
                        number,
                        &format!("`{method}` is no type that is known; which columns of `{table}` it makes is a guess"),
                    );
                }
                for name in &call.arguments {
                    let column = column(name, method, call, self.spot(number));
                    self.put(table, column);
                }
            }
        }
    }

    fn put(&mut self, table: &str, column: Column) {
        if column.name.is_empty() {
            return;
        }
        match self.table(table) {
            Some(table) => {
                table.columns.retain(|known| known.name != column.name);
                table.columns.push(column);
            }
            None => {
                let because = format!("adds `{}` to `{table}`, which nothing before it makes", column.name);
                self.unread(column.spot.line.unwrap_or_default(), &because);
            }
        }
    }

    fn timestamps(&mut self, table: &str, number: u32) {
        for name in ["created_at", "updated_at"] {
            let kind = "datetime".to_owned();
            self.put(
                table,
                Column {
                    name: name.to_owned(),
                    kind,
                    spot: self.spot(number),
                    ..Column::default()
                },
            );
        }
    }

    fn reference(&mut self, table: &str, name: &str, call: &Call, number: u32) {
        let polymorphic = call.option("polymorphic").is_some_and(|value| value != "false");
        let target = call
            .option("to_table")
            .map(str::to_owned)
            .unwrap_or_else(|| plural(name));
        let id = Column {
            name: format!("{name}_id"),
            references: (!polymorphic).then_some(Reference {
                table: target,
                column: None,
            }),
            ..column(name, call.option("type").unwrap_or("bigint"), call, self.spot(number))
        };
        self.put(table, id);
        if polymorphic {
            let kind = column(&format!("{name}_type"), "string", call, self.spot(number));
            self.put(table, kind);
        }
    }

    fn remove(&mut self, table: &str, names: &[String]) {
        if let Some(table) = self.table(table) {
            table.columns.retain(|column| !names.contains(&column.name));
        }
    }

    fn rename(&mut self, table: &str, old: &str, new: &str) {
        if let Some(column) = self.table(table).and_then(|table| table.column_mut(old)) {
            column.name = new.to_owned();
        }
    }

    fn comment(&mut self, call: &Call) {
        let [table, rest @ ..] = call.arguments.as_slice() else {
            return;
        };
        let Some(table) = self.table(table) else { return };
        match rest {
            [comment] => table.comment = Some(comment.clone()),
            [column, comment] => {
                if let Some(column) = table.column_mut(column) {
                    column.comment = Some(comment.clone());
                }
            }
            _ => {}
        }
    }

    fn foreign_key(&mut self, from: &str, to: &str, call: &Call) {
        let name = call
            .option("column")
            .map(str::to_owned)
            .unwrap_or_else(|| format!("{}_id", singular(to)));
        let column = call.option("primary_key").map(str::to_owned);
        let reference = Reference {
            table: to.to_owned(),
            column,
        };
        if let Some(column) = self.table(from).and_then(|table| table.column_mut(&name)) {
            column.references = Some(reference);
        }
    }
}

/// Whether a line calls something on the variable of a block, in the midst of other words.
fn mentions(words: &str, variable: &str) -> bool {
    let at_word =
        |at: usize| !words[..at].ends_with(|letter: char| letter.is_alphanumeric() || "_.@:\"'".contains(letter));
    !words.starts_with('#') && words.match_indices(&format!("{variable}.")).any(|(at, _)| at_word(at))
}

/// Whether a call outside of tables may make some, by its name.
fn may_make_columns(method: &str) -> bool {
    let known = NO_TABLES.iter().any(|known| method.contains(known)) || method.starts_with("remove_");
    let makes = method.starts_with("create_") && method.contains("table") || method.starts_with("add_");
    !known && (makes || ["copy_table", "clone_table", "duplicate_table"].contains(&method))
}

/// Whether a call in the block of a table names a type.
fn is_type(method: &str) -> bool {
    let method = method.strip_prefix("unsigned_").unwrap_or(method);
    let ends = [
        "text", "int", "integer", "blob", "range", "serial", "point", "polygon", "string", "vector",
    ];
    TYPES.contains(&method) || ends.iter().any(|end| method.ends_with(end)) || method.starts_with("timestamp")
}

fn column(name: &str, kind: &str, call: &Call, spot: Spot) -> Column {
    let array = if call.option("array") == Some("true") { "[]" } else { "" };
    Column {
        name: name.to_owned(),
        kind: format!("{kind}{array}"),
        comment: call.option("comment").map(str::to_owned),
        nullable: call.option("null") != Some("false"),
        is_key: kind == "primary_key",
        spot,
        ..Column::default()
    }
}

fn join_name(call: &Call) -> String {
    let mut names = call.arguments.clone();
    names.sort();
    call.option("table_name").map_or_else(|| names.join("_"), str::to_owned)
}

/// The plural that Rails makes of most names.
pub(super) fn plural(name: &str) -> String {
    let consonant = |word: &str| !word.ends_with(['a', 'e', 'i', 'o', 'u']);
    match name {
        "person" => "people".to_owned(),
        "child" => "children".to_owned(),
        _ => match name.strip_suffix('y') {
            Some(stem) if consonant(stem) => format!("{stem}ies"),
            _ if name.ends_with(['s', 'x']) || name.ends_with("ch") || name.ends_with("sh") => format!("{name}es"),
            _ => format!("{name}s"),
        },
    }
}

/// The singular of most names that Rails makes plurals of.
pub(super) fn singular(name: &str) -> String {
    match name {
        "people" => return "person".to_owned(),
        "children" => return "child".to_owned(),
        _ => {}
    }
    let cut = |suffix: &str, with: &str| name.strip_suffix(suffix).map(|stem| format!("{stem}{with}"));
    cut("ies", "y")
        .or_else(|| cut("sses", "ss"))
        .or_else(|| cut("ches", "ch"))
        .or_else(|| cut("xes", "x"))
        .or_else(|| if name.ends_with("ss") { None } else { cut("s", "") })
        .unwrap_or_else(|| name.to_owned())
}
