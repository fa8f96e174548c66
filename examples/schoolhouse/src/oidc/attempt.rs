//! An attempt to sign in at somebody else's server, between leaving and coming back.

use jiff::SignedDuration;

use crate::secrets;
use crate::settings::App;
use crate::store::Connection;
use crate::web::Fault;

/// How long somebody may take at the server.
const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// What is known of it when somebody comes back.
pub(crate) struct Attempt {
    /// What the server gives back as it is.
    pub(crate) state: String,
    /// What an ID token has to repeat.
    pub(crate) nonce: String,
    /// What a code is worth nothing without, RFC 7636.
    pub(crate) verifier: String,
}

impl Attempt {
    /// Begins one. `of`: where it leads; one that leads there ends nowhere else.
    pub(crate) fn begin(app: &App, db: &mut Connection, of: &str) -> Result<Self, Fault> {
        let attempt = Self {
            state: format!("{of}.{}", secrets::token()),
            nonce: secrets::token(),
            verifier: secrets::token(),
        };
        let sql = "insert into sign_in_attempts (state, nonce, verifier, created_at) values ($1, $2, $3, $4)";
        let values = [
            attempt.state.as_str().into(),
            attempt.nonce.as_str().into(),
            attempt.verifier.as_str().into(),
            app.now().into(),
        ];
        db.run(sql, &values)?;
        Ok(attempt)
    }

    /// Ends the one of this state. Once only: a second answer with the same state finds nothing.
    pub(crate) fn end(app: &App, db: &mut Connection, of: &str, state: &str) -> Result<Self, Fault> {
        let unknown = Fault::Wrong("this sign-in did not begin here, or took too long");
        if state.split_once('.').is_none_or(|(leads, _)| leads != of) {
            return Err(unknown);
        }
        let sql = "select nonce, verifier from sign_in_attempts where state = $1 and created_at > $2";
        let row = db
            .row(sql, &[state.into(), (app.now() - LASTS).into()])?
            .ok_or(unknown)?;
        db.run("delete from sign_in_attempts where state = $1", &[state.into()])?;
        Ok(Self {
            state: state.to_owned(),
            nonce: row.text("nonce")?,
            verifier: row.text("verifier")?,
        })
    }
}
