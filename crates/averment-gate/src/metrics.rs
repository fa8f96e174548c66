//! What is counted while the gate runs: messages by verdict, time by step, what could not be read, what was not answered.
//!
//! Start at [`Metrics::request`]. The numbers are read at the admin address ([`Metrics::text`]) in the text format of
//! Prometheus; the same calls make the spans that a trace is built from.
//!
//! Invariant: labels and span fields are words of the register and of this program. No value, host, path or person is in
//! them, and their number is bounded by the register.

mod count;
mod histogram;
mod text;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use averment_detect::Inspection;
use averment_policy::Verdict;
use jiff::Timestamp;
use tracing::Instrument as _;

use crate::problem::Problem;
use count::Counts;
use histogram::Histogram;
pub(crate) use text::Now;

/// A part of the way that takes time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// Until the body is there.
    Read,
    /// Looking and deciding.
    Inspect,
    /// Until the intent is on disk.
    Record,
    /// From handing over until the head of the answer.
    Send,
}

impl Step {
    const ALL: [Self; 4] = [Self::Read, Self::Inspect, Self::Record, Self::Send];

    fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Inspect => "inspect",
            Self::Record => "record",
            Self::Send => "send",
        }
    }
}

/// What a message is counted under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Labels {
    recipient: String,
    action: &'static str,
    judged: &'static str,
    mode: &'static str,
    service: String,
}

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    started_at: Timestamp,
    charter_at: Mutex<Timestamp>,
    messages: Counts<Labels>,
    body_bytes: Counts<String>,
    /// By recipient, reason and treatment.
    rulings: Counts<(String, &'static str, &'static str)>,
    /// By recipient and why.
    unreadable: Counts<(String, &'static str)>,
    problems: Counts<&'static str>,
    abandoned: Counts<()>,
    steps: [Histogram; Step::ALL.len()],
    whole: Mutex<BTreeMap<String, Histogram>>,
}

tokio::task_local! {
    /// Recipient and service of the request that is under way, as soon as they are known.
    static UNDER_WAY: RefCell<UnderWay>;
}

#[derive(Default)]
struct UnderWay {
    recipient: Option<String>,
    service: Option<String>,
}

/// The recipient's label where no recipient declares the host.
const UNKNOWN: &str = "unknown";
/// The service's label where the caller did not say who it is.
const UNNAMED: &str = "unnamed";

impl Metrics {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            started_at: now,
            charter_at: Mutex::new(now),
            messages: Counts::default(),
            body_bytes: Counts::default(),
            rulings: Counts::default(),
            unreadable: Counts::default(),
            problems: Counts::default(),
            abandoned: Counts::default(),
            steps: std::array::from_fn(|_| Histogram::default()),
            whole: Mutex::default(),
        }
    }

    /// Times one request to its answer's head, counts the problem that it ends with, and opens its span. A request whose
    /// caller goes away is counted as abandoned.
    pub(crate) async fn request<T>(&self, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        use tracing::field::Empty;
        let span = tracing::info_span!(
            target: "averment_gate::trace", "request",
            id = Empty, recipient = Empty, mode = Empty, action = Empty, judged = Empty, service = Empty, problem = Empty,
            body_bytes = Empty,
        );
        let timed = async move {
            let watched = Watched::new(self);
            let answer = work.await.inspect_err(|problem| self.problem(problem.slug()));
            let recipient = UNDER_WAY.with(|under_way| under_way.borrow().recipient.clone());
            watched.answered(recipient.as_deref());
            answer
        };
        UNDER_WAY.scope(RefCell::default(), timed).instrument(span).await
    }

    /// Times one step and opens its span.
    pub(crate) async fn step<T>(&self, step: Step, work: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let span = tracing::info_span!(target: "averment_gate::trace", "step", step = step.as_str());
        let done = work.instrument(span).await;
        self.steps[step as usize].add(begun.elapsed());
        done
    }

    /// Says which of the configured services the request under way comes from.
    #[expect(dead_code, reason = "for the place where callers are recognised")]
    pub(crate) fn service(&self, name: &str) {
        _ = UNDER_WAY.try_with(|under_way| under_way.borrow_mut().service = Some(name.to_owned()));
    }

    /// Counts a message that is on record. `id`: its identifier in the ledger.
    pub(crate) fn judged(&self, id: &str, verdict: &Verdict, inspection: &Inspection, body_bytes: usize) {
        let recipient = verdict.recipient.as_ref().map_or(UNKNOWN, |id| id.as_str());
        let service = under_way(recipient);
        span(id, recipient, verdict, &service, body_bytes);
        self.body_bytes.add(recipient.to_owned(), body_bytes as u64);
        for ruling in &verdict.rulings {
            let key = (recipient.to_owned(), ruling.reason.as_str(), ruling.treatment.as_str());
            self.rulings.add(key, 1);
        }
        for hole in &inspection.unreadable {
            self.unreadable
                .add((recipient.to_owned(), count::because(hole.because)), 1);
        }
        let labels = Labels {
            recipient: recipient.to_owned(),
            action: verdict.action.as_str(),
            judged: verdict.judged.as_str(),
            mode: verdict.mode.as_str(),
            service,
        };
        self.messages.add(labels, 1);
    }

    /// Counts an answer of the gate's own.
    fn problem(&self, slug: &'static str) {
        tracing::Span::current().record("problem", slug);
        self.problems.add(slug, 1);
    }

    /// Remembers since when the charter is in force.
    pub(crate) fn charter_taken(&self, now: Timestamp) {
        *self.charter_at.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

/// Remembers the recipient of the request under way; gives its service.
fn under_way(recipient: &str) -> String {
    let service = UNDER_WAY.try_with(|under_way| {
        let mut under_way = under_way.borrow_mut();
        under_way.recipient = Some(recipient.to_owned());
        under_way.service.clone()
    });
    service.ok().flatten().unwrap_or_else(|| UNNAMED.to_owned())
}

fn span(id: &str, recipient: &str, verdict: &Verdict, service: &str, body_bytes: usize) {
    let span = tracing::Span::current();
    span.record("id", id)
        .record("recipient", recipient)
        .record("mode", verdict.mode.as_str())
        .record("action", verdict.action.as_str())
        .record("judged", verdict.judged.as_str())
        .record("service", service)
        .record("body_bytes", body_bytes as u64);
}

/// A request whose answer is not there yet.
struct Watched<'a> {
    metrics: &'a Metrics,
    begun: Instant,
    is_answered: bool,
}

impl<'a> Watched<'a> {
    fn new(metrics: &'a Metrics) -> Self {
        Self {
            metrics,
            begun: Instant::now(),
            is_answered: false,
        }
    }

    fn answered(mut self, recipient: Option<&str>) {
        self.is_answered = true;
        let mut whole = self.metrics.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = whole.entry(recipient.unwrap_or(UNKNOWN).to_owned()).or_default();
        histogram.add(self.begun.elapsed());
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.metrics.abandoned.add((), 1);
        }
    }
}

#[cfg(test)]
mod tests;
