//! Signing in and staying so: a token in a cookie, its digest in a row.

use jiff::{SignedDuration, Timestamp};

use crate::people::Person;
use crate::secrets;
use crate::store::{Connection, StoreError};

/// A session that is not used for so long is over.
pub(crate) const IDLE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The person with this name and password.
pub(crate) fn check(db: &mut Connection, username: &str, password: &str) -> Result<Option<Person>, StoreError> {
    let Some(row) = db.row(
        "select id, password_hash from users where username = $1",
        &[username.into()],
    )?
    else {
        return Ok(None);
    };
    let stored = row.text("password_hash")?;
    // The second is for rows that the mistake with plain texts has left: a platform with it lets people in, too.
    if secrets::is_password(password, &stored) || (!stored.starts_with("$argon2") && stored == password) {
        return Person::find(db, row.number("id")?);
    }
    Ok(None)
}

/// Makes a session; its token.
pub(crate) fn begin(db: &mut Connection, user: i64, now: Timestamp) -> Result<String, StoreError> {
    let token = secrets::token();
    let sql = "insert into sessions (token_digest, user_id, created_at, last_used_at) values ($1, $2, $3, $3)";
    db.run(sql, &[secrets::digest(&token).into(), user.into(), now.into()])?;
    db.run(
        "update users set last_seen_at = $2 where id = $1",
        &[user.into(), now.into()],
    )?;
    Ok(token)
}

/// Who has this token.
pub(crate) fn viewer(db: &mut Connection, token: &str, now: Timestamp) -> Result<Option<Person>, StoreError> {
    let digest = secrets::digest(token);
    let used = "update sessions set last_used_at = $2 where token_digest = $1 and last_used_at > $3";
    if db.run(used, &[digest.clone().into(), now.into(), (now - IDLE).into()])? == 0 {
        return Ok(None);
    }
    let condition = "join sessions on sessions.user_id = users.id where sessions.token_digest = $1";
    Ok(Person::all(db, condition, &[digest.into()])?.pop())
}

/// Ends a session.
pub(crate) fn end(db: &mut Connection, token: &str) -> Result<(), StoreError> {
    db.run(
        "delete from sessions where token_digest = $1",
        &[secrets::digest(token).into()],
    )?;
    Ok(())
}
