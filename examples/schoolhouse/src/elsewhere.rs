//! Accounts that people have elsewhere, and sign up with: authorization code flow with PKCE (RFC 6749 section 4.1, RFC 7636).
//!
//! Start at [`begin`] and [`finish`]. The browser is led to the provider with nothing of the person. What the provider says of
//! them (OpenID Connect Core 1.0 section 5.3; Facebook says `id` for `sub`) the platform's server asks for, the way that everything
//! goes to vendors.

use serde_json::Value;

use crate::mistakes::Mistake;
use crate::oidc::attempt::Attempt;
use crate::people::Person;
use crate::settings::App;
use crate::store::Connection;
use crate::web::Fault;
use crate::{accounts, secrets};

/// What the platform is called at providers, and the fictional word that shows that it is the one.
const CLIENT: (&str, &str) = ("schoolhouse", "example-secret");

/// Where people have accounts, as it is published.
pub(crate) struct Provider {
    /// In addresses of ours and in files.
    pub(crate) name: &'static str,
    /// On pages.
    pub(crate) label: &'static str,
    /// Where the browser goes.
    page: &'static str,
    /// Where a code becomes a token.
    tokens: &'static str,
    /// Whether the code goes there in the address and not in a form.
    by_address: bool,
    /// Where it says whose the account is.
    profile: &'static str,
    scope: &'static str,
    /// What it calls the number of the account.
    subject: &'static str,
}

static PROVIDERS: [Provider; 3] = [
    Provider {
        name: "google",
        label: "Google",
        page: "https://accounts.google.com/o/oauth2/v2/auth",
        tokens: "https://oauth2.googleapis.com/token",
        by_address: false,
        profile: "https://openidconnect.googleapis.com/v1/userinfo",
        scope: "openid profile email",
        subject: "sub",
    },
    Provider {
        name: "microsoft",
        label: "Microsoft",
        page: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        tokens: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        by_address: false,
        profile: "https://graph.microsoft.com/oidc/userinfo",
        scope: "openid profile email",
        subject: "sub",
    },
    Provider {
        name: "facebook",
        label: "Facebook",
        page: "https://www.facebook.com/v19.0/dialog/oauth",
        tokens: "https://graph.facebook.com/v19.0/oauth/access_token",
        by_address: true,
        profile: "https://graph.facebook.com/v19.0/me?fields=id,name,email",
        scope: "public_profile,email",
        subject: "id",
    },
];

/// The provider of this name.
pub(crate) fn provider(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.name == name)
}

/// Where the browser goes first, and the state of the attempt. `viewer`: who is signed in here already.
pub(crate) fn begin(
    app: &App,
    db: &mut Connection,
    provider: &Provider,
    viewer: Option<&Person>,
) -> Result<(String, String), Fault> {
    let attempt = Attempt::begin(app, db, provider.name)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", CLIENT.0)
        .append_pair("redirect_uri", &back(app, provider))
        .append_pair("scope", provider.scope)
        .append_pair("state", &attempt.state)
        .append_pair("code_challenge", &secrets::challenge(&attempt.verifier))
        .append_pair("code_challenge_method", "S256");
    if let Some(viewer) = viewer.filter(|_| app.mistakes.has(Mistake::SignUpTellsAddress)) {
        query.append_pair("login_hint", &viewer.email);
    }
    let page = app.vendors.at(provider.page);
    Ok((format!("{page}?{}", query.finish()), attempt.state))
}

/// Back from the provider: the number of the person whose account it is, who has one here from now on.
pub(crate) fn finish(
    app: &App,
    db: &mut Connection,
    provider: &Provider,
    state: &str,
    code: &str,
) -> Result<i64, Fault> {
    let attempt = Attempt::end(app, db, provider.name, state)?;
    let refused = Fault::Wrong("the provider does not take the code");
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT.0),
        ("client_secret", CLIENT.1),
        ("redirect_uri", &back(app, provider)),
        ("code", code),
        ("code_verifier", &attempt.verifier),
    ];
    let tokens = match provider.by_address {
        true => app
            .vendors
            .ask(provider.name, &with_query(provider.tokens, &form), None),
        false => app.vendors.form_to(provider.name, provider.tokens, &form),
    };
    let tokens = tokens.ok_or(refused)?;
    let token = tokens["access_token"].as_str();
    let token = token.ok_or(Fault::Wrong("the provider gives no token"))?;
    let profile = app.vendors.ask(provider.name, provider.profile, Some(token));
    let profile = profile.ok_or(Fault::Wrong("the provider does not say whose the account is"))?;
    account(app, db, provider, &profile)
}

/// The account here of somebody with this profile; made where there is none. It belongs to no school. No account that somebody
/// has already is theirs because of an e-mail address that the provider tells.
fn account(app: &App, db: &mut Connection, provider: &Provider, profile: &Value) -> Result<i64, Fault> {
    let word = |name: &str| profile[name].as_str().filter(|word| !word.trim().is_empty());
    let subject = word(provider.subject).ok_or(Fault::Wrong("the provider does not say which account it is"))?;
    let subject = format!("{}:{subject}", provider.name);
    let known = "select id from users where oidc_subject = $1 and school_id is null";
    if let Some(row) = db.row(known, &[subject.as_str().into()])? {
        return Ok(row.number("id")?);
    }
    let email = word("email").filter(|_| profile["email_verified"] != false);
    let email = email.ok_or(Fault::Wrong("the provider knows no e-mail address of yours"))?;
    let taken = "select count(*) from users where lower(email) = lower($1)";
    if db.number(taken, &[email.into()])? > 0 {
        return Err(Fault::Wrong(
            "somebody here has this e-mail address: sign in with the password",
        ));
    }
    let username: String = secrets::digest(&subject).chars().take(10).collect();
    let person = accounts::New {
        username: &format!("{}-{username}", provider.name),
        full_name: word("name").unwrap_or("Somebody"),
        email,
        subject: &subject,
    };
    person.insert(app, db)
}

fn with_query(address: &str, fields: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    format!("{address}?{query}")
}

fn back(app: &App, provider: &Provider) -> String {
    format!("{}/sign-up/{}/back", app.url, provider.name)
}
