//! One's own data: seen, changed, copied, deleted.

use axum::http::header;

use super::{Answer, Call, Fault, html};
use crate::{accounts, secrets};

pub(crate) fn page(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let own = [
        ("full_name", "Name", "text", viewer.full_name.as_str()),
        ("email", "E-mail", "email", &viewer.email),
        (
            "birth_date",
            "Date of birth",
            "date",
            viewer.birth_date.as_deref().unwrap_or_default(),
        ),
    ];
    let mut body = html::form("/settings", "Save", &own);
    body += &html::form(
        "/settings/password",
        "Change password",
        &[("password", "New password", "password", "")],
    );
    body += &html::form(
        "/settings/picture",
        "Change picture",
        &[("file", "Picture (PNG)", "file", "")],
    );
    body += &choice(
        "/settings/directory",
        "Leave me out of the school's directory",
        viewer.directory_opt_out,
    );
    body += &choice(
        "/settings/gravatar",
        "Show my picture from Gravatar, which learns a digest of my e-mail",
        viewer.gravatar,
    );
    body += &html::form("/settings/export", "Copy of my data", &[]);
    body += &format!("<p>{}</p>", html::link("/settings/delete", "Delete my account"));
    Ok(Answer::unlisted("Settings", &body))
}

/// Something that is on or off, with a button for the other.
fn choice(path: &str, text: &str, on: bool) -> String {
    let (state, button, value) = if on {
        ("on", "Switch off", "no")
    } else {
        ("off", "Switch on", "yes")
    };
    let form = html::form(path, button, &[("on", "", "hidden", value)]);
    format!("<p>{text}: {state}</p>{form}")
}

pub(crate) fn change(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let (name, email) = (call.needed("full_name")?, call.needed("email")?);
    let born: Option<jiff::civil::Date> = match call.field("birth_date") {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| Fault::Wrong("a date of birth is written 2010-05-31"))?,
        ),
    };
    let taken = "select count(*) from users where email = $1 and id <> $2";
    if call.db.number(taken, &[email.as_str().into(), viewer.id.into()])? > 0 {
        return Err(Fault::Wrong("another account has this address"));
    }
    let lookup = accounts::email_lookup(call.app, &email);
    let sql = "update users set full_name = $2, email = $3, birth_date = $4, email_lookup = $5 where id = $1";
    call.db.run(
        sql,
        &[viewer.id.into(), name.into(), email.into(), born.into(), lookup.into()],
    )?;
    Ok(Answer::to("/settings"))
}

pub(crate) fn password(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let password = call.needed("password")?;
    if password.chars().count() < 10 {
        return Err(Fault::Wrong("a password has ten characters at least"));
    }
    let stored = accounts::stored_password(call.app, &password, secrets::hash_password);
    call.db.run(
        "update users set password_hash = $2 where id = $1",
        &[viewer.id.into(), stored.into()],
    )?;
    Ok(Answer::to("/settings"))
}

/// Opting out of directory information, 34 CFR 99.37(a)(2).
pub(crate) fn directory(call: &mut Call) -> Result<Answer, Fault> {
    switch(call, "update users set directory_opt_out = $2 where id = $1")
}

pub(crate) fn gravatar(call: &mut Call) -> Result<Answer, Fault> {
    switch(call, "update users set gravatar = $2 where id = $1")
}

fn switch(call: &mut Call, sql: &str) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let on = call.field("on") == "yes";
    call.db.run(sql, &[viewer.id.into(), on.into()])?;
    Ok(Answer::to("/settings"))
}

pub(crate) fn picture(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let upload = call.file()?;
    if !upload.bytes.starts_with(b"\x89PNG") {
        return Err(Fault::Wrong("a picture is a PNG file"));
    }
    let folder = call.app.folder.uploads(viewer.id);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("picture"), upload.bytes)?;
    let path = format!("uploads/{}/picture", viewer.id);
    call.db.run(
        "update users set picture = $2 where id = $1",
        &[viewer.id.into(), path.into()],
    )?;
    Ok(Answer::to("/settings"))
}

/// Makes the copy, keeps it for a week, and gives it.
pub(crate) fn export(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let copy = accounts::export(call.app, call.db, viewer.id)?;
    Ok(Answer::json(&copy))
}

pub(crate) fn delete_page(call: &mut Call) -> Result<Answer, Fault> {
    call.viewer()?;
    let text = "<p>Your data ends at once. The log of technical activity follows in 30 days.</p>";
    let form = html::form(
        "/settings/delete",
        "Delete my account",
        &[("sure", "Write <code>yes</code>", "text", "")],
    );
    Ok(Answer::unlisted("Delete my account", &format!("{text}{form}")))
}

pub(crate) fn delete(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    if call.field("sure") != "yes" {
        return Err(Fault::Wrong("write `yes` to delete the account"));
    }
    accounts::delete(call.app, call.db, viewer.id)?;
    Ok(Answer::to("/").with(
        header::SET_COOKIE,
        "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
    ))
}
