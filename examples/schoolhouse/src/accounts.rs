//! What happens to a whole account: its copy, its end, and the columns that are made out of others.

use std::io::Write as _;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, json};

use crate::mistakes::Mistake;
use crate::secrets;
use crate::settings::App;
use crate::store::{Connection, StoreError, Value};
use crate::web::Fault;

/// What goes with an account, in the order that the foreign keys ask for. Orders stay, without the person.
const END: [&str; 19] = [
    "delete from comments where author_id = $1 or project_id in (select id from projects where user_id = $1)",
    "delete from files where project_id in (select id from projects where user_id = $1)",
    "delete from project_views where project_id in (select id from projects where user_id = $1)",
    "delete from search_documents where user_id = $1",
    "delete from projects where user_id = $1",
    "delete from messages where sender_id = $1 or recipient_id = $1",
    "delete from enrolments where student_id = $1",
    "update classes set teacher_id = null where teacher_id = $1",
    "delete from guardianships where guardian_id = $1 or student_id = $1",
    "update consents set given_by = null where given_by = $1",
    "delete from consents where user_id = $1",
    "delete from staff_accesses where staff_id = $1 or user_id = $1",
    "delete from vendor_records where user_id = $1",
    "delete from jobs where user_id = $1",
    "delete from support_requests where user_id = $1",
    "update orders set payer_name = null, payer_email = null where user_id = $1",
    "update orders set user_id = null where user_id = $1",
    "delete from sessions where user_id = $1",
    "delete from users where id = $1",
];

/// What a person's own copy holds: table and the rows of theirs. Digests, hashes and paths stay out of it.
const COPY: [(&str, &str); 14] = [
    (
        "account",
        "select id, role, username, full_name, email, birth_date, grade_level, directory_opt_out, gravatar, marketing, \
         created_at, last_seen_at from users where id = $1",
    ),
    (
        "consents",
        "select kind, given_at, withdrawn_at from consents where user_id = $1 order by id",
    ),
    (
        "classes",
        "select classes.name, enrolments.grade, enrolments.enrolled_at from enrolments \
         join classes on classes.id = enrolments.class_id where student_id = $1 order by enrolments.id",
    ),
    (
        "projects",
        "select id, title, body, created_at, updated_at from projects where user_id = $1 order by id",
    ),
    (
        "files",
        "select files.id, files.name, files.media_type, files.bytes from files \
         join projects on projects.id = files.project_id where projects.user_id = $1 order by files.id",
    ),
    (
        "comments",
        "select project_id, body, created_at from comments where author_id = $1 order by id",
    ),
    (
        "messages_sent",
        "select body, sent_at from messages where sender_id = $1 order by id",
    ),
    (
        "messages_received",
        "select body, sent_at from messages where recipient_id = $1 order by id",
    ),
    (
        "activity",
        "select ip, user_agent, action, at from activity_log where user_id = $1 order by id",
    ),
    (
        "sessions",
        "select created_at, last_used_at from sessions where user_id = $1 order by created_at",
    ),
    (
        "orders",
        "select product, amount_cents, currency, paid_at from orders where user_id = $1 order by id",
    ),
    (
        "support_requests",
        "select email, body, created_at from support_requests where user_id = $1 order by id",
    ),
    (
        "looked_at_by_staff",
        "select reason, at from staff_accesses where user_id = $1 order by id",
    ),
    (
        "vendors",
        "select vendor, external_id, created_at from vendor_records where user_id = $1 order by id",
    ),
];

/// Somebody who signs up for themselves, with an account that they have elsewhere: an adult who belongs to no school.
pub(crate) struct New<'a> {
    pub(crate) username: &'a str,
    pub(crate) full_name: &'a str,
    pub(crate) email: &'a str,
    /// What the account elsewhere is known by.
    pub(crate) subject: &'a str,
}

impl New<'_> {
    /// Makes the account; its number. No password opens it.
    pub(crate) fn insert(&self, app: &App, db: &mut Connection) -> Result<i64, Fault> {
        let sql = "insert into users (role, username, full_name, email, email_lookup, password_hash, directory_opt_out, \
                   gravatar, marketing, oidc_subject, created_at, last_seen_at) \
                   values ('teacher', $1, $2, $3, $4, $5, $6, $6, $6, $7, $8, $8)";
        let values: [Value; 8] = [
            self.username.into(),
            self.full_name.into(),
            self.email.into(),
            email_lookup(app, self.email).into(),
            stored_password(app, &secrets::token(), secrets::hash_password).into(),
            false.into(),
            self.subject.into(),
            app.now().into(),
        ];
        db.run(sql, &values)?;
        Ok(db.number("select id from users where username = $1", &[self.username.into()])?)
    }
}

/// What an e-mail address is found by.
pub(crate) fn email_lookup(app: &App, email: &str) -> String {
    match app.mistakes.has(Mistake::Md5OfEmailStored) {
        true => secrets::md5(email),
        false => secrets::lookup(&app.lookup_key, email),
    }
}

/// A password as this platform stores it: by `hash`, unless that mistake is on.
pub(crate) fn stored_password(app: &App, password: &str, hash: fn(&str) -> String) -> String {
    match app.mistakes.has(Mistake::PlainTextPasswordColumn) {
        true => password.to_owned(),
        false => hash(password),
    }
}

/// A person's own copy. It is also kept in `exports/{user}/`, but for the log: that would outlive its ninety days there.
pub(crate) fn export(app: &App, db: &mut Connection, user: i64) -> Result<serde_json::Value, Fault> {
    let mut copy = Map::new();
    for (name, sql) in COPY {
        let rows = db.rows(sql, &[user.into()])?;
        copy.insert(name.to_owned(), rows.iter().map(crate::store::Row::json).collect());
    }
    copy.insert("made_at".to_owned(), json!(app.now().to_string()));
    let mut kept = copy.clone();
    kept.remove("activity");
    let folder = app.folder.exports(user);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("copy.json"), serde_json::Value::Object(kept).to_string())?;
    Ok(serde_json::Value::Object(copy))
}

/// Ends an account: rows in one transaction, then files. The log stays for 30 days, by the number of the person only.
pub(crate) fn delete(app: &App, db: &mut Connection, user: i64) -> Result<(), Fault> {
    let now = app.now();
    // First outside of the database: a backup that is restored later has to know.
    let mut list = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(app.folder.deletions())?;
    writeln!(list, "{user} {now}")?;
    list.sync_all()?;
    if app.mistakes.has(Mistake::DeletedAccountKeepsRows) {
        db.whole(|db| {
            db.run("delete from sessions where user_id = $1", &[user.into()])?;
            record(db, user, now)
        })?;
        return Ok(());
    }
    end(app, db, user, now)
}

/// Ends an account as [`delete`] does, without putting it down outside of the database.
pub(crate) fn end(app: &App, db: &mut Connection, user: i64, at: Timestamp) -> Result<(), Fault> {
    db.whole(|db| {
        for sql in END {
            db.run(sql, &[user.into()])?;
        }
        record(db, user, at)
    })?;
    db.settle()?;
    for folder in [
        app.folder.uploads(user),
        app.folder.exports(user),
        app.folder.outbox(user),
    ] {
        remove(&folder)?;
    }
    Ok(())
}

fn record(db: &mut Connection, user: i64, at: Timestamp) -> Result<(), StoreError> {
    let sql = "insert into account_deletions (user_id, deleted_at) values ($1, $2) on conflict do nothing";
    db.run(sql, &[user.into(), at.into()])?;
    Ok(())
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
