//! What two of the mistakes leave in rows that are there already.

use crate::mistakes::Mistake;
use crate::settings::App;
use crate::store::{Connection, StoreError};
use crate::{accounts, seed};

/// Stores passwords and addresses of everybody as the mistakes that are on would have stored them.
pub(crate) fn rows(app: &App, db: &mut Connection) -> Result<(), StoreError> {
    for row in db.rows("select id, username, email from users order by id", &[])? {
        let id = row.number("id")?;
        if app.mistakes.has(Mistake::PlainTextPasswordColumn) {
            let password = seed::password(&row.text("username")?);
            db.run(
                "update users set password_hash = $2 where id = $1",
                &[id.into(), password.into()],
            )?;
        }
        if app.mistakes.has(Mistake::Md5OfEmailStored) {
            let digest = accounts::email_lookup(app, &row.text("email")?);
            db.run(
                "update users set email_lookup = $2 where id = $1",
                &[id.into(), digest.into()],
            )?;
        }
    }
    Ok(())
}
