//! Signing up with an account that somebody has elsewhere.

use axum::http::header;

use super::{Answer, Call, Fault, html, sign_in};
use crate::elsewhere::{self, Provider, provider};

pub(crate) fn page(call: &mut Call) -> Result<Answer, Fault> {
    let offered = call.app.loaded.accounts.iter().filter_map(|name| provider(name));
    let links = offered.map(|one| {
        html::link(
            &format!("/sign-up/{}", one.name),
            &format!("Sign up with {}", one.label),
        )
    });
    let links: Vec<String> = links.collect();
    let body = match links.is_empty() {
        true => "<p>Your school gives you an account.</p>".to_owned(),
        false => format!("<p>For yourself, without a school:</p>{}", html::list(links)),
    };
    Ok(Answer::html("Sign up", &body))
}

/// To the provider, with a state that this browser carries too.
pub(crate) fn to_provider(call: &mut Call) -> Result<Answer, Fault> {
    let provider = offered(call)?;
    let viewer = call.viewer().ok();
    let (address, state) = elsewhere::begin(call.app, call.db, provider, viewer.as_ref())?;
    let cookie = format!(
        "attempt={state}; Path=/sign-up/; Max-Age=600; HttpOnly; SameSite=Lax{}",
        sign_in::secure(call)
    );
    Ok(Answer::to(&address).with(header::SET_COOKIE, &cookie))
}

/// Back from the provider.
pub(crate) fn from_provider(call: &mut Call) -> Result<Answer, Fault> {
    let provider = offered(call)?;
    let state = call.query("state").unwrap_or_default().to_owned();
    let code = call.query("code").unwrap_or_default().to_owned();
    if call.cookie("attempt").as_deref() != Some(&state) {
        return Err(Fault::Wrong("this sign-up did not begin in this browser"));
    }
    let user = elsewhere::finish(call.app, call.db, provider, &state, &code)?;
    sign_in::begun(call, user)
}

fn offered(call: &Call) -> Result<&'static Provider, Fault> {
    let name = call.part("provider");
    let is_offered = call.app.loaded.accounts.iter().any(|offered| offered == name);
    provider(name).filter(|_| is_offered).ok_or(Fault::NotFound)
}
