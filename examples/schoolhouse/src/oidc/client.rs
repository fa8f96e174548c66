//! The platform's side of a sign-in by OIDC.

use serde_json::Value;

use super::attempt::Attempt;
use super::{CLIENT, token};
use crate::secrets;
use crate::settings::App;
use crate::store::Connection;
use crate::vendors::agent;
use crate::web::Fault;

/// Where these attempts lead.
const SCHOOL: &str = "school";

/// Where the browser goes first: the server's page, with a state, a nonce and a challenge of this attempt. And the state.
pub(crate) fn begin(app: &App, db: &mut Connection) -> Result<(String, String), Fault> {
    let discovered = discovered(app)?;
    let attempt = Attempt::begin(app, db, SCHOOL)?;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("scope", "openid")
        .append_pair("client_id", CLIENT)
        .append_pair("redirect_uri", &callback(app))
        .append_pair("state", &attempt.state)
        .append_pair("nonce", &attempt.nonce)
        .append_pair("code_challenge", &secrets::challenge(&attempt.verifier))
        .append_pair("code_challenge_method", "S256")
        .finish();
    let page = address(&discovered, "authorization_endpoint")?;
    Ok((format!("{page}?{query}"), attempt.state))
}

/// What comes back: a code, for which the server gives a token; the number of the person whom it names, who is of a school.
pub(crate) fn finish(app: &App, db: &mut Connection, state: &str, code: &str) -> Result<i64, Fault> {
    let attempt = Attempt::end(app, db, SCHOOL, state)?;
    let discovered = discovered(app)?;
    let token = exchanged(app, &discovered, code, &attempt.verifier)?;
    let keys = got(&address(&discovered, "jwks_uri")?)?;
    let expected = token::Expected {
        issuer: app.issuer.as_deref().unwrap_or_default(),
        audience: CLIENT,
        nonce: &attempt.nonce,
        now: app.now().as_second(),
    };
    let subject = token::subject(&token, &keys, &expected).map_err(Fault::Wrong)?;
    let known = "select id from users where oidc_subject = $1 and school_id is not null";
    let row = db.row(known, &[subject.into()])?;
    let row = row.ok_or(Fault::Wrong("nobody here belongs to this account of your school"))?;
    Ok(row.number("id")?)
}

/// The server's description of itself, OpenID Connect Discovery 1.0 section 4. It must call itself what it was asked as.
fn discovered(app: &App) -> Result<Value, Fault> {
    let issuer = app.issuer.as_deref().ok_or(Fault::NotFound)?;
    let found = got(&format!("{issuer}/.well-known/openid-configuration"))?;
    if found["issuer"] != issuer {
        return Err(Fault::Wrong("the server of the school calls itself something else"));
    }
    Ok(found)
}

/// The ID token for a code, with the verifier that only this platform knows.
fn exchanged(app: &App, discovered: &Value, code: &str, verifier: &str) -> Result<String, Fault> {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("redirect_uri", &callback(app)),
        ("code", code),
        ("code_verifier", verifier),
    ];
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = agent().post(address(discovered, "token_endpoint")?);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let refused = |_| Fault::Wrong("the server of the school does not take the code");
    let text = request
        .send(body)
        .map_err(refused)?
        .body_mut()
        .read_to_string()
        .map_err(refused)?;
    let answer: Value =
        serde_json::from_str(&text).map_err(|_| Fault::Wrong("the server of the school answers no JSON"))?;
    let token = answer["id_token"].as_str();
    token
        .map(str::to_owned)
        .ok_or(Fault::Wrong("the server of the school gives no ID token"))
}

fn got(address: &str) -> Result<Value, Fault> {
    let silent = |_| Fault::Wrong("the server of the school does not answer");
    let text = agent()
        .get(address)
        .call()
        .map_err(silent)?
        .body_mut()
        .read_to_string()
        .map_err(silent)?;
    serde_json::from_str(&text).map_err(|_| Fault::Wrong("the server of the school answers no JSON"))
}

fn address(discovered: &Value, name: &str) -> Result<String, Fault> {
    let address = discovered[name].as_str();
    address
        .map(str::to_owned)
        .ok_or(Fault::Wrong("the server of the school does not say where to go"))
}

fn callback(app: &App) -> String {
    format!("{}/sign-in/oidc/callback", app.url)
}
