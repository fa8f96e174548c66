//! Statements as changes of the tables known so far.

use super::lexer::{Dialect, Token, What};
use crate::observation::Spot;
use crate::schema::{Column, Reference, Schema, Table};
use crate::seen::Unread;

/// Words that end the type of a column.
const AFTER_TYPE: [&str; 24] = [
    "not",
    "null",
    "default",
    "primary",
    "unique",
    "references",
    "check",
    "constraint",
    "collate",
    "comment",
    "auto_increment",
    "autoincrement",
    "generated",
    "on",
    "key",
    "charset",
    "stored",
    "virtual",
    "as",
    "identity",
    "invisible",
    "first",
    "after",
    "using",
];

/// Where names without schema are looked for first, so that it is left out of names.
const FIRST_SCHEMAS: [&str; 3] = ["public", "main", "dbo"];

/// Each table is looked for by its name among those before.
const TABLES_MAX: usize = 10_000;

/// Each column is looked for by its name among those before. No table of PostgreSQL, MariaDB or MySQL can have so many.
const COLUMNS_MAX: usize = 5_000;

pub(super) struct Reader<'a> {
    pub(super) schema: &'a mut Schema,
    pub(super) file: &'a str,
    pub(super) dialect: Dialect,
}

/// The tokens of one statement while they are read.
struct Cursor<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
}

impl<'t, 'a> Cursor<'t, 'a> {
    fn new(tokens: &'t [Token<'a>]) -> Self {
        Self { tokens, at: 0 }
    }

    fn peek(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.at)
    }

    fn take(&mut self) -> Option<&'t Token<'a>> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is_word(word))
    }

    /// Passes over the words when all of them stand here.
    fn words(&mut self, words: &[&str]) -> bool {
        let there = words.iter().enumerate().all(|(index, word)| {
            self.tokens
                .get(self.at + index)
                .is_some_and(|token| token.is_word(word))
        });
        if there {
            self.at += words.len();
        }
        there
    }

    fn symbol(&mut self, symbol: u8) -> bool {
        let there = self.peek().is_some_and(|token| token.is_symbol(symbol));
        self.at += usize::from(there);
        there
    }

    /// `schema.name`, without a schema that is looked in first.
    fn table_name(&mut self) -> Option<String> {
        let mut parts = vec![self.take()?.name()?.to_owned()];
        while self.symbol(b'.') {
            parts.push(self.take()?.name()?.to_owned());
        }
        if parts.len() > 1 && FIRST_SCHEMAS.contains(&parts[0].as_str()) {
            parts.remove(0);
        }
        Some(parts.join("."))
    }

    /// The tokens between the parenthesis that stands here and its end.
    fn group(&mut self) -> Option<&'t [Token<'a>]> {
        if !self.symbol(b'(') {
            return None;
        }
        let start = self.at;
        let mut depth = 1_usize;
        while let Some(token) = self.take() {
            depth += usize::from(token.is_symbol(b'('));
            depth -= usize::from(token.is_symbol(b')'));
            if depth == 0 {
                return Some(&self.tokens[start..self.at - 1]);
            }
        }
        Some(&self.tokens[start..])
    }

    fn rest(&self) -> &'t [Token<'a>] {
        &self.tokens[self.at.min(self.tokens.len())..]
    }
}

/// The parts between commas that stand in no parenthesis.
fn parts<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut found = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (index, token) in tokens.iter().enumerate() {
        depth += usize::from(token.is_symbol(b'('));
        depth = depth.saturating_sub(usize::from(token.is_symbol(b')')));
        if depth == 0 && token.is_symbol(b',') {
            found.push(&tokens[start..index]);
            start = index + 1;
        }
    }
    found.push(&tokens[start..]);
    found
}

/// The names in a list of columns.
fn names(tokens: &[Token<'_>]) -> Vec<String> {
    parts(tokens)
        .into_iter()
        .filter_map(|part| Some(part.first()?.name()?.to_owned()))
        .collect()
}

impl Reader<'_> {
    /// Takes one statement; what it does not understand changes nothing.
    pub(super) fn statement(&mut self, tokens: &[Token<'_>], line: u32) {
        let mut cursor = Cursor::new(tokens);
        if cursor.words(&["create"]) {
            self.create(cursor, line);
        } else if cursor.words(&["alter", "table"]) {
            self.alter(cursor);
        } else if cursor.words(&["comment", "on"]) {
            self.comment(cursor);
        } else if cursor.words(&["rename", "table"]) {
            self.rename(cursor);
        } else if cursor.is("select") || cursor.is("with") {
            self.select_into(cursor, line);
        } else if cursor.words(&["drop", "materialized", "view"]) || cursor.words(&["drop", "table"]) {
            _ = cursor.words(&["if", "exists"]);
            if let Some(name) = cursor.table_name() {
                self.schema
                    .tables
                    .retain(|table| !table.name.eq_ignore_ascii_case(&name));
            }
        }
    }

    fn create(&mut self, mut cursor: Cursor<'_, '_>, line: u32) {
        while [
            "or",
            "replace",
            "global",
            "local",
            "unlogged",
            "virtual",
            "foreign",
            "temp",
            "temporary",
        ]
        .iter()
        .any(|word| cursor.is(word))
        {
            let temporary = cursor.is("temp") || cursor.is("temporary");
            cursor.at += 1;
            if temporary {
                return;
            }
        }
        if cursor.is("view") {
            *self.schema.left_out.entry("view".to_owned()).or_default() += 1;
        }
        let is_materialised = cursor.words(&["materialized", "view"]);
        if !is_materialised && !cursor.words(&["table"]) {
            return;
        }
        _ = cursor.words(&["if", "not", "exists"]);
        let Some(name) = cursor.table_name() else { return };
        // Parts of a table: their rows are those of the whole.
        if cursor.words(&["partition", "of"]) {
            *self.schema.left_out.entry("partition".to_owned()).or_default() += 1;
            return;
        }
        let spot = Spot {
            file: self.file.to_owned(),
            line: Some(line),
            column: None,
        };
        let mut table = Table {
            name,
            is_materialised,
            spot,
            ..Table::default()
        };
        let query = cursor.tokens.iter().position(|token| token.is_word("select"));
        if cursor.words(&["like"]) {
            let other = cursor.table_name().unwrap_or_default();
            self.take_columns(&mut table, &other);
        } else if let Some(inside) = cursor.group() {
            for part in parts(inside) {
                self.item(&mut table, part);
            }
        }
        let all = cursor.tokens;
        self.after(&mut table, cursor);
        if let Some(query) = query.filter(|_| table.columns.is_empty()) {
            table.columns = self.selected(&all[query..], &table.spot).unwrap_or_default();
        }
        self.keep(table);
    }

    /// Takes a table in the place of the one of the same name.
    fn keep(&mut self, mut table: Table) {
        self.cut(&mut table);
        if table.columns.is_empty() {
            self.schema.unread.push(Unread {
                spot: table.spot,
                because: format!("the columns of `{}` are not written there", table.name),
            });
            return;
        }
        if self.schema.tables.len() >= TABLES_MAX {
            self.too_many(table.spot);
            return;
        }
        self.schema
            .tables
            .retain(|known| !known.name.eq_ignore_ascii_case(&table.name));
        self.schema.tables.push(table);
    }

    /// Told once a table.
    fn cut(&mut self, table: &mut Table) {
        if table.columns.len() <= COLUMNS_MAX {
            return;
        }
        table.columns.truncate(COLUMNS_MAX);
        let because = format!(
            "`{}` has more than {COLUMNS_MAX} columns; the others were not taken",
            table.name
        );
        let told = |one: &Unread| one.spot == table.spot && one.because == because;
        if !self.schema.unread.last().is_some_and(told) {
            let spot = table.spot.clone();
            self.schema.unread.push(Unread { spot, because });
        }
    }

    /// Told once.
    fn too_many(&mut self, spot: Spot) {
        let because = format!("more than {TABLES_MAX} tables; those from here on were not taken");
        if self.schema.unread.last().is_none_or(|last| last.because != because) {
            self.schema.unread.push(Unread { spot, because });
        }
    }

    /// What stands behind the columns: comment, parents.
    fn after(&self, table: &mut Table, mut cursor: Cursor<'_, '_>) {
        while let Some(token) = cursor.take() {
            if token.is_word("inherits") {
                for parent in cursor.group().map(parts).unwrap_or_default() {
                    if let Some(parent) = Cursor::new(parent).table_name() {
                        self.take_columns(table, &parent);
                    }
                }
            } else if token.is_word("comment") {
                _ = cursor.symbol(b'=');
                if let Some(text) = cursor.peek().and_then(Token::text) {
                    table.comment = said(text);
                }
            }
        }
    }

    fn take_columns(&self, table: &mut Table, other: &str) {
        let columns = self
            .schema
            .table(other)
            .map(|other| other.columns.clone())
            .unwrap_or_default();
        for column in columns {
            if table.columns.len() <= COLUMNS_MAX && table.column(&column.name).is_none() {
                table.columns.push(column);
            }
        }
    }

    /// A column or a constraint.
    fn item(&self, table: &mut Table, tokens: &[Token<'_>]) {
        let mut cursor = Cursor::new(tokens);
        if cursor.words(&["like"]) {
            let other = cursor.table_name().unwrap_or_default();
            self.take_columns(table, &other);
        } else if is_constraint(tokens) {
            constraint(table, tokens);
        } else {
            self.add(table, tokens);
        }
    }

    /// One column above the most is kept until the end of the statement, so that it is told.
    fn add(&self, table: &mut Table, tokens: &[Token<'_>]) {
        if table.columns.len() > COLUMNS_MAX {
            return;
        }
        if let Some(column) = self.column(table, tokens) {
            table
                .columns
                .retain(|known| !known.name.eq_ignore_ascii_case(&column.name));
            table.columns.push(column);
        }
    }

    fn column(&self, table: &Table, tokens: &[Token<'_>]) -> Option<Column> {
        let mut cursor = Cursor::new(tokens);
        let first = cursor.take()?;
        let mut column = Column {
            name: first.name()?.to_owned(),
            nullable: true,
            spot: Spot {
                line: Some(first.line),
                ..table.spot.clone()
            },
            ..Column::default()
        };
        column.kind = type_of(&mut cursor);
        while let Some(token) = cursor.take() {
            match &token.what {
                What::Word(word) => match word.to_ascii_lowercase().as_str() {
                    "not" if cursor.is("null") => column.nullable = false,
                    "primary" => (column.is_key, column.nullable) = (true, false),
                    "comment" => column.comment = cursor.peek().and_then(Token::text).and_then(said),
                    "references" => column.references = reference(&mut cursor),
                    _ => {}
                },
                What::Symbol(b'(') => {
                    cursor.at -= 1;
                    _ = cursor.group();
                }
                _ => {}
            }
        }
        Some(column)
    }

    /// `RENAME TABLE a TO b, c TO d`.
    fn rename(&mut self, cursor: Cursor<'_, '_>) {
        for part in parts(cursor.rest()) {
            let mut part = Cursor::new(part);
            let old = part.table_name();
            _ = part.words(&["to"]);
            if let (Some(old), Some(new)) = (old, part.table_name()) {
                self.schema.rename_table(&old, &new);
            }
        }
    }

    /// `SELECT … INTO a FROM …`, which makes a table where no program takes the rows. MySQL has variables there.
    fn select_into(&mut self, cursor: Cursor<'_, '_>, line: u32) {
        if self.dialect != Dialect::Postgres {
            return;
        }
        let (mut depth, mut into) = (0_usize, None);
        for (index, token) in cursor.tokens.iter().enumerate() {
            depth += usize::from(token.is_symbol(b'('));
            depth = depth.saturating_sub(usize::from(token.is_symbol(b')')));
            if ["insert", "merge"].iter().any(|word| token.is_word(word)) {
                return;
            }
            if depth == 0 && token.is_word("into") {
                into = Some(index);
                break;
            }
        }
        let Some(into) = into else { return };
        let mut target = Cursor::new(&cursor.tokens[into + 1..]);
        if target.is("temp") || target.is("temporary") {
            return;
        }
        _ = target.words(&["unlogged"]);
        _ = target.words(&["table"]);
        let Some(name) = target.table_name() else { return };
        let spot = Spot {
            file: self.file.to_owned(),
            line: Some(line),
            column: None,
        };
        let query = cursor.tokens.iter().position(|token| token.is_word("select"));
        let tokens: Vec<Token<'_>> = cursor.tokens[..into].iter().chain(target.rest()).cloned().collect();
        let columns = query.and_then(|query| self.selected(&tokens[query..], &spot));
        self.keep(Table {
            name,
            columns: columns.unwrap_or_default(),
            spot: spot.clone(),
            ..Table::default()
        });
    }

    /// What a plain query gives: columns by their names, with the types and the links of the tables that they are from. None
    /// where a name is not written.
    fn selected(&self, query: &[Token<'_>], spot: &Spot) -> Option<Vec<Column>> {
        let mut cursor = Cursor::new(query);
        _ = cursor.words(&["select"]) && cursor.words(&["all"]);
        if cursor.is("distinct") {
            return None;
        }
        let rest = cursor.rest();
        let mut depth = 0_usize;
        let from = rest.iter().position(|token| {
            depth += usize::from(token.is_symbol(b'('));
            depth = depth.saturating_sub(usize::from(token.is_symbol(b')')));
            depth == 0 && token.is_word("from")
        })?;
        let mut source = Cursor::new(&rest[from + 1..]);
        let first = source.table_name().and_then(|name| self.schema.table(&name));
        let mut columns: Vec<Column> = Vec::new();
        for part in parts(&rest[..from]) {
            let name = part.last()?.name();
            let has_alias = part.len() > 1 && part[part.len() - 2].is_word("as");
            let plain = part.iter().all(|token| token.name().is_some() || token.is_symbol(b'.'));
            match name {
                // All of the one table that is asked.
                None if part.len() == 1 && part[0].is_symbol(b'*') && !has_comma_or_join(source.rest()) => {
                    columns.extend(first?.columns.iter().cloned());
                }
                Some(name) if has_alias || plain && part.len() % 2 == 1 => {
                    let origin = if has_alias { &part[..part.len() - 2] } else { part };
                    columns.push(self.origin(origin, first, name));
                }
                _ => return None,
            }
        }
        columns.iter_mut().for_each(|column| {
            column.spot = spot.clone();
            column.is_key = false;
        });
        Some(columns)
    }

    /// The column that an expression is, under another name; one of no known type where it is more than a column.
    fn origin(&self, tokens: &[Token<'_>], first: Option<&Table>, name: &str) -> Column {
        let names: Vec<&str> = tokens.iter().filter_map(Token::name).collect();
        let plain = names.len() * 2 == tokens.len() + 1;
        let table = match names.as_slice() {
            [.., table, _] => self.schema.table(table).or(first),
            _ => first,
        };
        let known = names.last().filter(|_| plain).and_then(|column| table?.column(column));
        Column {
            name: name.to_owned(),
            ..known.cloned().unwrap_or_default()
        }
    }

    fn alter(&mut self, mut cursor: Cursor<'_, '_>) {
        _ = cursor.words(&["if", "exists"]);
        _ = cursor.words(&["only"]);
        let line = cursor.peek().map(|token| token.line);
        let Some(name) = cursor.table_name() else { return };
        if cursor.words(&["attach", "partition"]) {
            if let Some(part) = cursor.table_name() {
                self.attach(&part);
            }
            return;
        }
        if cursor.words(&["rename", "to"]) || cursor.words(&["rename", "as"]) {
            if let Some(new) = cursor.table_name() {
                self.schema.rename_table(&name, &new);
            }
            return;
        }
        let Some(index) = self
            .schema
            .tables
            .iter()
            .position(|table| table.name.eq_ignore_ascii_case(&name))
        else {
            if parts(cursor.rest()).into_iter().any(adds_column) {
                let spot = Spot {
                    file: self.file.to_owned(),
                    line,
                    column: None,
                };
                let because = format!("adds columns to `{name}`, which nothing before it makes");
                self.schema.unread.push(Unread { spot, because });
            }
            return;
        };
        let mut table = std::mem::take(&mut self.schema.tables[index]);
        for part in parts(cursor.rest()) {
            self.action(&mut table, part);
        }
        self.cut(&mut table);
        self.schema.tables[index] = table;
    }

    /// A table that becomes a part of another: its rows are those of the whole.
    fn attach(&mut self, part: &str) {
        let before = self.schema.tables.len();
        self.schema
            .tables
            .retain(|table| !table.name.eq_ignore_ascii_case(part));
        if self.schema.tables.len() < before {
            *self.schema.left_out.entry("partition".to_owned()).or_default() += 1;
        }
    }

    fn action(&self, table: &mut Table, tokens: &[Token<'_>]) {
        let mut cursor = Cursor::new(tokens);
        if cursor.words(&["add"]) {
            let column = cursor.words(&["column"]);
            _ = cursor.words(&["if", "not", "exists"]);
            match cursor.peek() {
                Some(token) if token.is_symbol(b'(') => {
                    for part in cursor.group().map(parts).unwrap_or_default() {
                        self.item(table, part);
                    }
                }
                Some(_) if column || !is_constraint(cursor.rest()) => {
                    self.add(table, cursor.rest());
                }
                _ => constraint(table, cursor.rest()),
            }
        } else if cursor.words(&["drop"]) {
            let column = cursor.words(&["column"]);
            _ = cursor.words(&["if", "exists"]);
            let constraint = ["constraint", "index", "key", "primary", "foreign", "check"];
            if column || !constraint.iter().any(|word| cursor.is(word)) {
                let name = cursor.take().and_then(Token::name).unwrap_or_default();
                table.columns.retain(|column| !column.name.eq_ignore_ascii_case(name));
            }
        } else if cursor.words(&["rename"]) {
            _ = cursor.words(&["column"]);
            let (old, new) = (
                cursor.take().and_then(Token::name),
                cursor.tokens.last().and_then(Token::name),
            );
            if let (Some(column), Some(new)) = (old.and_then(|old| table.column_mut(old)), new) {
                column.name = new.to_owned();
            }
        } else if cursor.words(&["modify"]) || cursor.words(&["change"]) {
            _ = cursor.words(&["column"]);
            let modify = tokens.first().is_some_and(|token| token.is_word("modify"));
            let old = cursor.peek().and_then(Token::name).unwrap_or_default().to_owned();
            cursor.at += usize::from(!modify);
            if let Some(column) = self.column(table, cursor.rest())
                && let Some(known) = table.column_mut(&old)
            {
                *known = Column {
                    is_key: known.is_key,
                    references: known.references.clone(),
                    ..column
                };
            }
        }
    }

    /// `COMMENT ON TABLE x IS '…'`, `COMMENT ON COLUMN x.y IS '…'`.
    fn comment(&mut self, mut cursor: Cursor<'_, '_>) {
        let column = cursor.is("column");
        if !column && !cursor.is("table") {
            return;
        }
        cursor.at += 1;
        let Some(name) = cursor.table_name() else { return };
        let text = if cursor.words(&["is"]) {
            cursor.take().and_then(Token::text).and_then(said)
        } else {
            None
        };
        let (table, column) = match (column, name.rsplit_once('.')) {
            (true, Some((table, column))) => (table, Some(column)),
            _ => (name.as_str(), None),
        };
        let known = self
            .schema
            .tables
            .iter_mut()
            .find(|known| known.name.eq_ignore_ascii_case(table));
        match (known, column) {
            (Some(table), None) => table.comment = text,
            (Some(table), Some(column)) => {
                if let Some(column) = table.column_mut(column) {
                    column.comment = text;
                }
            }
            _ => {}
        }
    }
}

/// Whether an action of `ALTER TABLE` adds a column.
fn adds_column(tokens: &[Token<'_>]) -> bool {
    let mut cursor = Cursor::new(tokens);
    cursor.words(&["add"]) && (cursor.is("column") || !is_constraint(cursor.rest()))
}

/// Whether more tables follow the first that a query asks.
fn has_comma_or_join(tokens: &[Token<'_>]) -> bool {
    tokens
        .iter()
        .any(|token| token.is_symbol(b',') || token.is_word("join"))
}

/// A comment that says something.
fn said(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whether a part of a table is no column: some dialects let columns have these names.
fn is_constraint(tokens: &[Token<'_>]) -> bool {
    let word = |index: usize, words: &[&str]| {
        tokens
            .get(index)
            .is_some_and(|token| words.iter().any(|word| token.is_word(word)))
    };
    let group = |index: usize| tokens.get(index).is_some_and(|token| token.is_symbol(b'('));
    let quoted = |index: usize| matches!(tokens.get(index).map(|token| &token.what), Some(What::Name(_)));
    word(0, &["constraint"]) && tokens.len() > 2
        || word(0, &["primary", "foreign"]) && word(1, &["key"])
        || word(0, &["check", "period"]) && (group(1) || word(1, &["for"]))
        || word(0, &["exclude"]) && (group(1) || word(1, &["using"]))
        || word(0, &["fulltext", "spatial"]) && (word(1, &["key", "index"]) || quoted(1) || group(1))
        || word(0, &["unique", "key", "index"])
            && (group(1) || quoted(1) || word(1, &["key", "index"]) || group(2))
            && !(word(0, &["key", "index"])
                && word(1, &["varchar", "char", "int", "decimal", "numeric", "bigint", "binary"]))
}

/// `PRIMARY KEY (…)`, `FOREIGN KEY (…) REFERENCES …`, each perhaps with a name before it.
fn constraint(table: &mut Table, tokens: &[Token<'_>]) {
    let mut cursor = Cursor::new(tokens);
    if cursor.words(&["constraint"]) && !cursor.is("primary") && !cursor.is("foreign") {
        cursor.at += 1;
    }
    if cursor.words(&["primary", "key"]) {
        let keys = cursor.group().map(names).unwrap_or_default();
        for key in &keys {
            if let Some(column) = table.column_mut(key) {
                column.nullable = false;
                column.is_key = keys.len() == 1;
            }
        }
    } else if cursor.words(&["foreign", "key"]) {
        while cursor.peek().is_some_and(|token| token.name().is_some()) {
            cursor.at += 1;
        }
        let columns = cursor.group().map(names).unwrap_or_default();
        if cursor.words(&["references"])
            && let Some(found) = reference(&mut cursor)
            && let [one] = columns.as_slice()
            && let Some(column) = table.column_mut(one)
        {
            column.references = Some(found);
        }
    }
}

fn reference(cursor: &mut Cursor<'_, '_>) -> Option<Reference> {
    let table = cursor.table_name()?;
    let columns = match cursor.peek() {
        Some(token) if token.is_symbol(b'(') => cursor.group().map(names).unwrap_or_default(),
        _ => Vec::new(),
    };
    Some(Reference {
        table,
        column: columns.into_iter().next(),
    })
}

/// The type that stands here; values in it (`enum('a')`) are left out.
fn type_of(cursor: &mut Cursor<'_, '_>) -> String {
    let mut kind = String::new();
    while let Some(token) = cursor.peek() {
        match &token.what {
            What::Word(word) => {
                let word = word.to_ascii_lowercase();
                let set =
                    word == "character" && cursor.tokens.get(cursor.at + 1).is_some_and(|next| next.is_word("set"));
                if set || AFTER_TYPE.contains(&word.as_str()) {
                    break;
                }
                if !kind.is_empty() && !kind.ends_with('(') {
                    kind.push(' ');
                }
                kind.push_str(&word);
                cursor.at += 1;
            }
            What::Name(name) => {
                kind.push_str(&name.to_ascii_lowercase());
                cursor.at += 1;
            }
            What::Symbol(b'(') => {
                let inside = cursor.group().unwrap_or_default();
                let numbers: Vec<&str> = inside.iter().filter_map(|token| token.name()).collect();
                if !numbers.is_empty() && numbers.len() <= 2 {
                    kind.push_str(&format!("({})", numbers.join(",")));
                }
            }
            What::Symbol(sign @ (b'[' | b']')) => {
                kind.push(char::from(*sign));
                cursor.at += 1;
            }
            What::Symbol(b'.') => {
                kind.push('.');
                cursor.at += 1;
            }
            _ => break,
        }
    }
    kind
}
