//! Numbers by recipient, read from the text of metrics or counted from entries.

use std::collections::BTreeMap;
use std::time::Duration;

use averment_ledger::Deed;

/// The recipient's name where no recipient declares the host, as in metrics.
const UNKNOWN: &str = "unknown";

/// Everything in the table.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) rows: BTreeMap<String, Row>,
    /// `ready` or `not ready`; none from a ledger.
    pub(super) state: Option<&'static str>,
    pub(super) people: u64,
    pub(super) tunnels: u64,
    /// Tunnels that came to nothing.
    pub(super) failed: u64,
    pub(super) problems: u64,
}

/// One recipient.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Row {
    pub(super) messages: u64,
    pub(super) left: u64,
    pub(super) changed: u64,
    pub(super) refused: u64,
    /// Left in report mode and would be refused in enforce mode.
    pub(super) would_refuse: u64,
    pub(super) unreadable: u64,
    /// Upper end in seconds and how many were not longer, in order.
    times: Vec<(f64, u64)>,
}

impl Row {
    /// Messages per second since `before`.
    pub(super) fn rate(&self, before: Option<&Self>, time: Duration) -> f64 {
        let more = self.messages.saturating_sub(before.map_or(0, |row| row.messages));
        more as f64 / time.as_secs_f64().max(f64::EPSILON)
    }

    /// How many were timed.
    pub(super) fn count(&self) -> u64 {
        self.times.last().map_or(0, |(_, count)| *count)
    }

    /// The time that a share of all did not exceed, in milliseconds: the end of the bucket that it falls in.
    pub(super) fn quantile(&self, share: f64) -> String {
        let wanted = share * self.count() as f64;
        let found = self.times.iter().find(|(_, count)| *count as f64 >= wanted);
        match found {
            Some((bound, _)) if bound.is_finite() => format!("≤ {}", bound * 1000.0),
            Some(_) => "> 60000".to_owned(),
            None => "-".to_owned(),
        }
    }

    fn add(&mut self, action: &str, judged: &str, count: u64) {
        self.messages += count;
        match action {
            "forward" => self.left += count,
            "rewrite" => self.changed += count,
            _ => self.refused += count,
        }
        if action != "refuse" && judged == "refuse" {
            self.would_refuse += count;
        }
    }
}

impl Counts {
    /// From the text of an admin address; lines that are not understood are passed over.
    pub(super) fn from_metrics(text: &str) -> Self {
        let mut counts = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, labels, value)) = parse(line) {
                counts.add(name, &labels, value);
            }
        }
        counts
    }

    fn add(&mut self, name: &str, labels: &BTreeMap<&str, &str>, value: f64) {
        let count = value as u64;
        let label = |name: &str| labels.get(name).copied().unwrap_or_default();
        match name {
            "averment_ready" => self.state = Some(if count == 1 { "ready" } else { "not ready" }),
            "averment_directory_people" => self.people = count,
            "averment_tunnels_open" => self.tunnels = count,
            "averment_tunnels_failed_total" => self.failed += count,
            "averment_problems_total" => self.problems += count,
            "averment_messages_total" => self
                .row(label("recipient"))
                .add(label("action"), label("judged"), count),
            "averment_unreadable_total" => self.row(label("recipient")).unreadable += count,
            "averment_request_seconds_bucket" => {
                let bound = label("le").replace("+Inf", "inf").parse().unwrap_or(f64::INFINITY);
                self.row(label("recipient")).times.push((bound, count));
            }
            _ => {}
        }
    }

    fn row(&mut self, recipient: &str) -> &mut Row {
        self.rows.entry(recipient.to_owned()).or_default()
    }

    /// Counts one entry.
    pub(super) fn take(&mut self, deed: &Deed) {
        let (Deed::Intent(message) | Deed::Refusal(message)) = deed else {
            return;
        };
        let row = self.row(message.recipient.as_deref().unwrap_or(UNKNOWN));
        row.add(&message.action, &message.judged, 1);
        row.unreadable += message.unreadable.len() as u64;
    }
}

/// Name, labels and value. Labels of ours hold no escapes but in names that nobody gives.
fn parse(line: &str) -> Option<(&str, BTreeMap<&str, &str>, f64)> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}')?),
        None => (series, ""),
    };
    let pairs = labels
        .split("\",")
        .filter_map(|pair| pair.trim_end_matches('"').split_once("=\""));
    Some((name, pairs.collect(), value.parse().ok()?))
}
