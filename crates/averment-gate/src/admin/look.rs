//! What operators may see: readiness, numbers, who is cut off.

use averment_store::JournalError;
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::{Map, Value, json};

use super::answer::{Problem, json, text};
use crate::directory::Unusable;
use crate::gate::Shared;
use crate::metrics::Now;
use crate::settings::CutOff;
use crate::terms::Terms;

/// 200 when messages can go out, 503 with why not. Says nothing about recipients being reachable.
pub(super) fn ready(shared: &Shared) -> Result<Response<Full<Bytes>>, Problem> {
    let terms = shared.terms();
    let state = state(shared, &terms);
    let why_not = why_not(shared, &terms);
    if why_not.is_empty() {
        return Ok(json(format!("{:#}\n", Value::Object(state))));
    }
    let problem = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "admin-not-ready",
        "nothing goes out now",
        why_not.join("; "),
    );
    Err(problem.with(state))
}

fn state(shared: &Shared, terms: &Terms) -> Map<String, Value> {
    let directory = &terms.snapshot.directory;
    let ledger = shared
        .journal
        .failure()
        .map_or_else(|| "writable".to_owned(), |failure| failure.to_string());
    let state = json!({
        "charter": terms.charter.digest().to_string(),
        "recipients": terms.charter.content().recipients.len(),
        "ledger": ledger,
        "people": directory.people(),
        "people_loaded_at": terms.snapshot.loaded_at.map(|at| at.to_string()),
        "cut_off": cut_off_members(&terms.settings.cut_off),
    });
    match state {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Why nothing goes out, or ought not to; empty when everything is in order.
fn why_not(shared: &Shared, terms: &Terms) -> Vec<&'static str> {
    let mut why = Vec::new();
    match shared.journal.failure() {
        Some(JournalError::Closed) => why.push("the ledger is closed"),
        Some(_) => why.push("the ledger cannot be written: restart the gate"),
        None => {}
    }
    match shared.directory_usable(terms) {
        Ok(()) if shared.journal.check_clock().is_err() => why.push("the clock runs behind the ledger"),
        Ok(()) => {}
        Err(Unusable::Empty) => why.push("no people are loaded"),
        Err(Unusable::Stale) => why.push("the directory of people is older than `directory_max_age_hours`"),
        Err(Unusable::ClockSetBack) => why.push("the clock was set back"),
    }
    if terms.cuts_off_all() {
        why.push("everybody is cut off");
    }
    why
}

/// Everything that is counted.
pub(super) fn metrics(shared: &Shared, version: &'static str) -> Response<Full<Bytes>> {
    let terms = shared.terms();
    let directory = &terms.snapshot.directory;
    let cut_off = &terms.settings.cut_off;
    let now = Now {
        at: shared.clock.now(),
        version,
        charter: terms.charter.digest().to_string(),
        people: directory.people() as u64,
        identifiers: directory.identifiers() as u64,
        people_loaded_at: terms.snapshot.loaded_at,
        ledger: shared.journal.stats(),
        is_ledger_writable: shared.journal.failure().is_none(),
        is_ready: why_not(shared, &terms).is_empty(),
        tunnels: shared.flows.tunnels() as u64,
        cut_off_all: cut_off.all,
        cut_off: cut_off.recipients.iter().map(ToString::to_string).collect(),
    };
    text(shared.metrics.text(&now))
}

/// Who is cut off, by the settings or from here.
pub(super) fn cut_off(shared: &Shared) -> Response<Full<Bytes>> {
    json(format!("{:#}\n", cut_off_members(&shared.terms().settings.cut_off)))
}

fn cut_off_members(cut_off: &CutOff) -> Value {
    json!({ "all": cut_off.all, "recipients": cut_off.recipients })
}
