//! What settles a value that several people have: declared with a load, kept with the directory.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::read::Rows;
use super::report::LoadError;
use super::{PeopleError, packed};

/// A rule for values that several people have. Neither lets more out than the other: a value that is in the directory is
/// always looked for, and always counts as the strictest of those who have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ambiguous {
    /// It counts as the strictest person's.
    #[default]
    Strictest,
    /// As [`Self::Strictest`]; and an address, user name, number or account that two people have, which should be one
    /// person's own, lets the load fail. Names may be shared.
    Refuse,
}

impl Ambiguous {
    /// The word in commands and in the directory.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strictest => "strictest",
            Self::Refuse => "refuse",
        }
    }
}

/// The rule of the directory.
pub(super) fn rule(connection: &Connection) -> Result<Ambiguous, PeopleError> {
    let sql = "select value from note where name = 'ambiguous'";
    let word: Option<String> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    match word.as_deref() {
        None | Some("strictest") => Ok(Ambiguous::Strictest),
        Some("refuse") => Ok(Ambiguous::Refuse),
        Some(_) => Err(PeopleError::Damaged {
            what: "a rule for ambiguous values is not known",
        }),
    }
}

/// Keeps `rule` when one is declared; then fails when the rule of the directory is broken by what was just put.
pub(super) fn check(
    transaction: &Transaction<'_>,
    declared: Option<Ambiguous>,
    (rows, source_name): (&Rows, &str),
) -> Result<(), LoadError> {
    if let Some(rule) = declared {
        let sql = "insert or replace into note values ('ambiguous', ?1)";
        transaction.execute(sql, [rule.as_str()]).map_err(PeopleError::from)?;
    }
    if rule(transaction)? == Ambiguous::Strictest {
        return Ok(());
    }
    let lines = shared_lines(transaction, rows)?;
    let Some(first) = lines.first() else { return Ok(()) };
    Err(LoadError::Shared {
        source_name: source_name.to_owned(),
        line: *first,
        total: lines.len() as u64,
    })
}

/// Lines with an identifier that somebody else in the directory has, too; sorted.
fn shared_lines(transaction: &Transaction<'_>, rows: &Rows) -> Result<Vec<u64>, PeopleError> {
    // Of each identifier of the source: the line, and who else was met with it.
    let mut met: HashMap<[u8; 24], (u64, Option<i64>)> = HashMap::new();
    let mut lines = Vec::new();
    for person in &rows.people {
        for one in checked_own(&person.known_by)? {
            met.entry(one).or_insert((person.line, None));
        }
    }
    let mut all = transaction.prepare("select person, identifiers from known_by")?;
    let mut people = all.query([])?;
    while let Some(row) = people.next()? {
        let number: i64 = row.get(0)?;
        let identifiers = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        for one in checked_own(identifiers)? {
            match met.get_mut(&one) {
                Some((line, Some(other))) if *other != number => lines.push(*line),
                Some((_, holder)) => *holder = Some(number),
                None => {}
            }
        }
    }
    lines.sort_unstable();
    lines.dedup();
    Ok(lines)
}

/// The digests of what should be one person's alone.
fn checked_own(identifiers: &[u8]) -> Result<impl Iterator<Item = [u8; 24]>, PeopleError> {
    use averment_detect::normalise::IdentifierKind::FullName;
    let all = packed::checked(identifiers)?;
    let own = all.filter(|one| packed::is_own(one.kind()) && one.kind() != FullName);
    Ok(own.map(|one| *one.bytes()[1..].first_chunk().expect("24 bytes follow the code")))
}
