//! Passwords that somebody guesses at: so many wrong ones within a short time are told to staff, by itself.
//!
//! Start at [`Guesses::wrong`]. Who tried is remembered as a digest, in memory alone and no longer than it counts.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::mistakes::Mistake;
use crate::secrets;
use crate::settings::App;
use crate::store::{Connection, StoreError};

/// So many wrong passwords for one name, or from one address, are no slips any more.
pub(crate) const MANY: usize = 10;
/// Within so long.
const WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// More names and addresses than these at a time are an attack, whoever they are.
const NAMES_MAX: usize = 10_000;

/// What staff are told; it names nobody.
const ALERT: &str = "passwords are guessed at";

/// Wrong passwords of the last minutes, by what they were tried for and from.
#[derive(Default)]
pub(crate) struct Guesses(Mutex<BTreeMap<String, Vec<Timestamp>>>);

impl Guesses {
    /// Takes a wrong password for a name, from an address; whether that makes it too many now.
    fn are_many(&self, username: &str, ip: Option<&str>, now: Timestamp) -> bool {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.retain(|_, times| times.last().is_some_and(|last| *last > now - WITHIN));
        let from = ip.map(|ip| format!("from {ip}"));
        let keys = [Some(format!("for {username}")), from];
        let mut many = wrong.len() > NAMES_MAX;
        for key in keys.into_iter().flatten() {
            let times = wrong.entry(secrets::digest(&key)).or_default();
            times.retain(|time| *time > now - WITHIN);
            times.push(now);
            // Told once: the next alert takes as many again.
            if times.len() >= MANY {
                times.clear();
                many = true;
            }
        }
        if wrong.len() > NAMES_MAX {
            wrong.clear();
        }
        many
    }

    /// Takes a wrong password; of too many staff are told, and a row is kept of whether that went out.
    pub(crate) fn wrong(app: &App, db: &mut Connection, username: &str, ip: Option<&str>) -> Result<(), StoreError> {
        if !app.guesses.are_many(username, ip, app.now()) {
            return Ok(());
        }
        // The mistake: nobody is told, and the row says that they were.
        let outcome = match app.mistakes.has(Mistake::GuessesUnnoticed) || app.vendors.alert(ALERT) {
            true => "told",
            false => "failed",
        };
        let sql = "insert into jobs (kind, payload, outcome, created_at, done_at) values ('alert', $1, $2, $3, $3)";
        let payload = format!("{{\"alert\":\"{ALERT}\"}}");
        db.run(sql, &[payload.into(), outcome.into(), app.now().into()])?;
        Ok(())
    }
}

/// Alerts that staff were told since `since`.
pub(crate) fn alerts(db: &mut Connection, since: Timestamp) -> Result<i64, StoreError> {
    let sql = "select count(*) from jobs where kind = 'alert' and outcome = 'told' and created_at >= $1";
    db.number(sql, &[since.into()])
}

/// Tries wrong passwords for somebody who is nobody at a platform that is served at `address`, and looks where staff are told, at
/// vendors that stand behind `vendors`, whether they were. Nothing of the platform's own is read: what it says of itself counts for
/// nothing. Answers how many alerts there were.
///
/// # Errors
/// When nobody was told, or something does not answer.
pub(crate) fn try_out(address: &str, vendors: &str) -> Result<usize, Box<dyn std::error::Error>> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(std::time::Duration::from_secs(30)))
        .build();
    let agent: ureq::Agent = agent.into();
    let before = told(&agent, vendors)?;
    let words =
        serde_json::json!({"username": format!("guess-{}", secrets::token()), "password": "guessed"}).to_string();
    for _ in 0..MANY {
        let request = agent.post(format!("{address}/api/sign-in"));
        let answer = request.header("content-type", "application/json").send(&words)?;
        if answer.status() != 400 {
            return Err(format!("the platform answers a wrong password with {}", answer.status()).into());
        }
    }
    match told(&agent, vendors)?.saturating_sub(before) {
        0 => Err("nobody was told that passwords are guessed at".into()),
        told => Ok(told),
    }
}

/// How often staff were told of guesses, by what arrived where they read.
fn told(agent: &ureq::Agent, vendors: &str) -> Result<usize, Box<dyn std::error::Error>> {
    let arrived = agent
        .get(format!("{vendors}/arrived"))
        .call()?
        .body_mut()
        .read_to_string()?;
    let arrived: Vec<serde_json::Value> = serde_json::from_str(&arrived)?;
    let is_told = |one: &&serde_json::Value| one["vendor"] == "slack" && one["body"]["text"] == ALERT;
    Ok(arrived.iter().filter(is_told).count())
}
