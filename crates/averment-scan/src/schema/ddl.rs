//! SQL dumps as tables: `CREATE TABLE`, `ALTER TABLE`, `COMMENT ON`, inline comments; everything else is passed over.
//!
//! Start at [`read`]. Dumps of `pg_dump`, `mysqldump`, `sqlite3 .dump`, and `structure.sql` of Rails. Nothing is executed; a
//! statement that is not understood is noted, and the next one is read.
//!
//! Invariant: one pass over the text, no recursion; what does not end (a string, a parenthesis) ends with the text.

mod create;
mod lexer;

use averment_register::Engine;

use self::create::Reader;
use self::lexer::{Dialect, Lexer, Token};
use super::Schema;
use crate::observation::Spot;
use crate::seen::Unread;

/// Tokens of one statement that are looked at: tables with more columns than that are nobody's.
const TOKENS_MAX: usize = 400_000;

/// Reads a dump. `file`: its name, for places.
pub(super) fn read(text: &[u8], file: &str) -> Schema {
    let dialect = Dialect::of(text);
    let mut schema = Schema::new(dialect.engine(), file);
    take(&mut schema, Lexer::new(text, dialect), dialect, file);
    schema.finish()
}

/// Changes the tables of a schema by statements that stand in a file of another kind. `line`: where, which is said of all.
pub(super) fn apply(schema: &mut Schema, text: &[u8], file: &str, line: u32) {
    let said = String::from_utf8_lossy(text).to_lowercase();
    if !["create", "alter", "drop", "rename", "comment", "into"]
        .iter()
        .any(|word| said.contains(word))
    {
        return;
    }
    let dialect = Dialect::of(text);
    let mut own = Schema {
        tables: std::mem::take(&mut schema.tables),
        ..Schema::new(dialect.engine(), file)
    };
    let known = own.tables.clone();
    take(&mut own, Lexer::new(text, dialect), dialect, file);
    let here = Spot {
        file: file.to_owned(),
        line: Some(line),
        column: None,
    };
    for table in own.tables.iter_mut().filter(|table| !known.contains(table)) {
        let before = known.iter().find(|before| before.name == table.name);
        if before.is_none_or(|before| before.spot != table.spot) {
            table.spot = here.clone();
        }
        let is_new = |name: &str| before.is_none_or(|before| before.column(name).is_none());
        let new = table.columns.iter_mut().filter(|column| is_new(&column.name));
        new.for_each(|column| column.spot = here.clone());
    }
    own.unread.iter_mut().for_each(|one| one.spot = here.clone());
    schema.tables = own.tables;
    schema.unread.extend(own.unread);
    for (reason, count) in own.left_out {
        *schema.left_out.entry(reason).or_default() += count;
    }
}

fn take(schema: &mut Schema, mut lexer: Lexer<'_>, dialect: Dialect, file: &str) {
    while let Some(first) = lexer.next() {
        if first.is_symbol(b';') {
            continue;
        }
        let line = first.line;
        let wanted = ["create", "alter", "comment", "drop", "copy", "rename", "select", "with"]
            .iter()
            .any(|word| first.is_word(word));
        let tokens = statement(&mut lexer, first, wanted);
        if tokens.len() >= TOKENS_MAX {
            schema.unread.push(unread(
                file,
                line,
                &format!("a statement that begins here has {TOKENS_MAX} words or more; the rest of it was not read"),
            ));
        }
        let copies = tokens.first().is_some_and(|token| token.is_word("copy"));
        if copies && tokens.iter().any(|token| token.is_word("stdin")) {
            lexer.skip_copied();
        }
        let mut reader = Reader { schema, file, dialect };
        reader.statement(&tokens, line);
    }
    if let Some(line) = lexer.open_string() {
        let because = "a string or a comment that begins here does not end";
        schema.unread.push(unread(file, line, because));
    }
}

fn unread(file: &str, line: u32, because: &str) -> Unread {
    Unread {
        spot: Spot {
            file: file.to_owned(),
            line: Some(line),
            column: None,
        },
        because: because.to_owned(),
    }
}

/// The tokens up to the next `;`; none but the first when nobody wants them.
fn statement<'a>(lexer: &mut Lexer<'a>, first: Token<'a>, wanted: bool) -> Vec<Token<'a>> {
    let mut tokens = vec![first];
    for token in lexer.by_ref() {
        if token.is_symbol(b';') {
            break;
        }
        if wanted && tokens.len() < TOKENS_MAX {
            tokens.push(token);
        }
    }
    tokens
}

impl Dialect {
    fn engine(self) -> Engine {
        match self {
            Self::Mysql => Engine::Mysql,
            Self::Mariadb => Engine::Mariadb,
            Self::Sqlite => Engine::Sqlite,
            Self::Postgres => Engine::Postgresql,
        }
    }
}
