//! Rows that are there already, as the mistakes that are on would have left them; what a mistake left goes when it is off.
//!
//! Only what somebody would have to do first is done here, by the same functions that do it when somebody does.

use crate::mistakes::Mistake;
use crate::settings::App;
use crate::store::{Connection, Row, StoreError};
use crate::web::Fault;
use crate::{accounts, activity, secrets, seed};

/// Whom a viewer's address stands for: an address of documentation, RFC 5737.
const VIEWER: &str = "198.51.100.23";

/// Who leaves when accounts that were deleted keep their rows.
const LEAVES: &str = "olle";

/// Spoils or mends the rows, before anybody is served.
pub(crate) fn rows(app: &App, db: &mut Connection) -> Result<(), Fault> {
    for row in db.rows(
        "select id, username, email, email_lookup, password_hash from users order by id",
        &[],
    )? {
        lookup(app, db, &row)?;
        password(app, db, &row)?;
    }
    visit(app, db)?;
    leave(app, db)
}

fn lookup(app: &App, db: &mut Connection, row: &Row) -> Result<(), StoreError> {
    let wanted = accounts::email_lookup(app, &row.text("email")?);
    if row.text("email_lookup")? != wanted {
        let sql = "update users set email_lookup = $2 where id = $1";
        db.run(sql, &[row.number("id")?.into(), wanted.into()])?;
    }
    Ok(())
}

/// A password that somebody chose cannot be had back from its hash: only those of the seed become plain.
fn password(app: &App, db: &mut Connection, row: &Row) -> Result<(), StoreError> {
    let (stored, seeded) = (row.text("password_hash")?, seed::password(&row.text("username")?));
    let plain = !stored.starts_with("$argon2");
    let wanted = match app.mistakes.has(Mistake::PlainTextPasswordColumn) {
        true if !plain && secrets::is_password(&seeded, &stored) => seeded,
        false if plain => secrets::hash_seeded(&stored),
        _ => return Ok(()),
    };
    db.run(
        "update users set password_hash = $2 where id = $1",
        &[row.number("id")?.into(), wanted.into()],
    )?;
    Ok(())
}

/// Somebody looks at what is shared by link; what is put down of viewers otherwise goes.
fn visit(app: &App, db: &mut Connection) -> Result<(), StoreError> {
    db.run("delete from activity_log where user_id is null", &[])?;
    db.run("delete from project_views where source not in ('school', 'link')", &[])?;
    let agent = Some("Mozilla/5.0 (example)".to_owned());
    activity::log_viewer(db, app, Some(VIEWER.to_owned()), agent, "view share")?;
    let shared = db.row("select id from projects where link_token is not null order by id", &[])?;
    match shared {
        Some(project) if app.mistakes.has(Mistake::IpInStatistics) => {
            activity::count_view(db, app, project.number("id")?, "link", Some(VIEWER.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Somebody deleted their account; once.
fn leave(app: &App, db: &mut Connection) -> Result<(), Fault> {
    let sql = "select id from users where username = $1 and id not in (select user_id from account_deletions)";
    match db.row(sql, &[LEAVES.into()])? {
        Some(row) if app.mistakes.has(Mistake::DeletedAccountKeepsRows) => accounts::delete(app, db, row.number("id")?),
        _ => Ok(()),
    }
}
