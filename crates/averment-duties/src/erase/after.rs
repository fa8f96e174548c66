//! What engines keep of rows that went: write-ahead logs, free pages, dead rows.

use averment_register::Engine;

use super::sql;
use super::stores::{Kept, Opened};
use crate::connect::{Database, DatabaseError, Next};

/// What was done about it in one store, and what was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// Which.
    pub store: String,
    /// In a few words.
    pub done: Vec<String>,
    /// What is not confirmed, in a few words.
    pub left: Vec<String>,
}

/// Cleans up after rows of the tables `touched` went.
pub(super) fn clean(opened: &mut Opened, touched: &[String]) -> Cleaned {
    let mut cleaned = Cleaned {
        store: opened.store.id.to_string(),
        done: Vec::new(),
        left: Vec::new(),
    };
    let Kept::Tables { database, .. } = &mut opened.kept else {
        if opened.store.engine == Engine::Files && !touched.is_empty() {
            let left = "blocks of the disk on which removed files lay are free and not overwritten";
            cleaned.left.push(left.to_owned());
        }
        return cleaned;
    };
    if touched.is_empty() {
        return cleaned;
    }
    match opened.store.engine {
        Engine::Sqlite => sqlite(database.as_mut(), &mut cleaned),
        Engine::Postgresql => postgres(database.as_mut(), touched, &mut cleaned),
        _ => cleaned.left.push(
            "InnoDB purges removed rows later by itself, and does not overwrite free places in its pages".to_owned(),
        ),
    }
    cleaned
}

/// Deleted bytes were overwritten when they went; the write-ahead log and what indexes and free pages held is left.
fn sqlite(database: &mut dyn Database, cleaned: &mut Cleaned) {
    let steps: [(&str, &str); 3] = [
        ("vacuum", "the file was written anew"),
        ("pragma wal_checkpoint(truncate)", "the write-ahead log was emptied"),
        ("pragma freelist_count", "no free page is left"),
    ];
    for (statement, done) in steps {
        let mut answer = None;
        let ran = sql::again(|| {
            database.rows(statement, &[], &mut |row| {
                answer = row.first().cloned().flatten();
                Ok(Next::Row)
            })
        });
        // A checkpoint that a reader kept from finishing, and a count of pages, answer with something else than 0.
        match (ran, answer.as_deref()) {
            (Ok(()), None | Some("0")) => cleaned.done.push(done.to_owned()),
            _ => cleaned
                .left
                .push(format!("`{statement}` did not succeed while others use the file")),
        }
    }
}

fn postgres(database: &mut dyn Database, touched: &[String], cleaned: &mut Cleaned) {
    let mut vacuumed = 0;
    for table in touched {
        let statement = format!("vacuum {}", database.dialect().table(table));
        let done: Result<u64, DatabaseError> = sql::again(|| database.change(&statement, &[]));
        vacuumed += u64::from(done.is_ok());
    }
    if vacuumed < touched.len() as u64 {
        let left = touched.len() as u64 - vacuumed;
        cleaned
            .left
            .push(format!("dead rows of {left} tables were not vacuumed"));
    }
    cleaned
        .done
        .push(format!("dead rows of {vacuumed} tables were vacuumed"));
    let left = "the server's write-ahead log, and free places in its pages, hold old bytes until they are written over";
    cleaned.left.push(left.to_owned());
}
