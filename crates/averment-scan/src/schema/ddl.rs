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
    let mut lexer = Lexer::new(text, dialect);
    while let Some(first) = lexer.next() {
        if first.is_symbol(b';') {
            continue;
        }
        let line = first.line;
        let wanted = ["create", "alter", "comment", "drop", "copy"]
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
        let mut reader = Reader {
            schema: &mut schema,
            file,
        };
        reader.statement(&tokens, line);
    }
    if let Some(line) = lexer.open_string() {
        let because = "a string or a comment that begins here does not end";
        schema.unread.push(unread(file, line, because));
    }
    schema.finish()
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
