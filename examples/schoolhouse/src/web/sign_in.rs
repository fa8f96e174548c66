//! Signing in: with a password, or by the school's OIDC server.

use axum::http::header;

use super::{Answer, Call, Fault, html};
use crate::guesses::Guesses;
use crate::people::Person;
use crate::{oidc, sessions};

pub(crate) fn form(call: &mut Call) -> Result<Answer, Fault> {
    let fields = [
        ("username", "User name", "text", ""),
        ("password", "Password", "password", ""),
    ];
    let mut body = html::form("/sign-in", "Sign in", &fields);
    if call.app.issuer.is_some() {
        body += &format!("<p>{}</p>", html::link("/sign-in/oidc", "Sign in with your school"));
    }
    if !call.app.loaded.accounts.is_empty() {
        body += &format!("<p>{}</p>", html::link("/sign-up", "Sign up"));
    }
    Ok(Answer::html("Sign in", &body))
}

pub(crate) fn with_password(call: &mut Call) -> Result<Answer, Fault> {
    let person = by_password(call)?;
    begun(call, person.id)
}

/// Who has the user name and the password of the form.
pub(super) fn by_password(call: &mut Call) -> Result<Person, Fault> {
    let (username, password) = (call.needed("username")?, call.needed("password")?);
    if let Some(person) = sessions::check(call.db, &username, &password)? {
        return Ok(person);
    }
    Guesses::wrong(call.app, call.db, &username, call.ip().as_deref())?;
    Err(Fault::Wrong("user name or password is wrong"))
}

/// To the OIDC server, with a state that this browser carries too: nobody can be signed in with somebody else's answer.
pub(crate) fn to_oidc(call: &mut Call) -> Result<Answer, Fault> {
    let (address, state) = oidc::client::begin(call.app, call.db)?;
    let cookie = format!(
        "attempt={state}; Path=/sign-in/; Max-Age=600; HttpOnly; SameSite=Lax{}",
        secure(call)
    );
    Ok(Answer::to(&address).with(header::SET_COOKIE, &cookie))
}

/// Back from the OIDC server: the code becomes a token, the token a person.
pub(crate) fn from_oidc(call: &mut Call) -> Result<Answer, Fault> {
    let state = call.query("state").unwrap_or_default().to_owned();
    let code = call.query("code").unwrap_or_default().to_owned();
    if call.cookie("attempt").as_deref() != Some(&state) {
        return Err(Fault::Wrong("this sign-in did not begin in this browser"));
    }
    let user = oidc::client::finish(call.app, call.db, &state, &code)?;
    begun(call, user)
}

pub(crate) fn out(call: &mut Call) -> Result<Answer, Fault> {
    if let Some(token) = call.token() {
        sessions::end(call.db, &token)?;
    }
    Ok(Answer::to("/").with(
        header::SET_COOKIE,
        "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
    ))
}

/// A session in a cookie; cookies are `Secure` wherever the platform is reached by TLS.
pub(super) fn begun(call: &mut Call, user: i64) -> Result<Answer, Fault> {
    let token = sessions::begin(call.db, user, call.app.now())?;
    call.log(user, "sign in")?;
    let cookie = format!("session={token}; Path=/; HttpOnly; SameSite=Lax{}", secure(call));
    Ok(Answer::to("/home").with(header::SET_COOKIE, &cookie))
}

pub(super) fn secure(call: &Call) -> &'static str {
    if call.app.url.starts_with("https:") {
        "; Secure"
    } else {
        ""
    }
}
