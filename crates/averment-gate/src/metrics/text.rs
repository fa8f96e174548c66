//! The numbers as text, for Prometheus and whatever reads its format.
//!
//! Source: Prometheus text exposition format, version 0.0.4.

use std::fmt::Write as _;
use std::sync::PoisonError;

use averment_store::Stats;
use jiff::Timestamp;

use super::histogram::{BOUNDS, Histogram};
use super::{Metrics, Step};

/// What is true at this moment and not counted.
pub(crate) struct Now {
    pub(crate) at: Timestamp,
    pub(crate) version: &'static str,
    pub(crate) charter: String,
    pub(crate) people: u64,
    pub(crate) identifiers: u64,
    pub(crate) people_loaded_at: Option<Timestamp>,
    pub(crate) ledger: Stats,
    pub(crate) is_ledger_writable: bool,
    pub(crate) is_ready: bool,
    pub(crate) tunnels: u64,
    pub(crate) cut_off_all: bool,
    pub(crate) cut_off: Vec<String>,
}

impl Metrics {
    /// All of them.
    pub(crate) fn text(&self, now: &Now) -> String {
        let mut text = Text(String::new());
        self.messages(&mut text);
        self.times(&mut text);
        self.states(&mut text, now);
        text.0
    }

    fn messages(&self, text: &mut Text) {
        text.head("averment_messages_total", "counter", "Messages on record, by verdict.");
        for (labels, count) in self.messages.all() {
            let labels = [
                ("recipient", labels.recipient.as_str()),
                ("action", labels.action),
                ("judged", labels.judged),
                ("mode", labels.mode),
                ("service", labels.service.as_str()),
            ];
            text.row("averment_messages_total", &labels, count);
        }
        text.head(
            "averment_body_bytes_total",
            "counter",
            "Body bytes of messages on record.",
        );
        for (recipient, bytes) in self.body_bytes.all() {
            text.row("averment_body_bytes_total", &[("recipient", &recipient)], bytes);
        }
        text.head(
            "averment_rulings_total",
            "counter",
            "Findings, by reason and treatment.",
        );
        for ((recipient, reason, treatment), count) in self.rulings.all() {
            let labels = [
                ("recipient", recipient.as_str()),
                ("reason", reason),
                ("treatment", treatment),
            ];
            text.row("averment_rulings_total", &labels, count);
        }
        text.head("averment_unreadable_total", "counter", "Places that could not be read.");
        for ((recipient, because), count) in self.unreadable.all() {
            let labels = [("recipient", recipient.as_str()), ("because", because)];
            text.row("averment_unreadable_total", &labels, count);
        }
        text.head(
            "averment_problems_total",
            "counter",
            "Answers of the gate's own, refusals among them.",
        );
        for (problem, count) in self.problems.all() {
            text.row("averment_problems_total", &[("problem", problem)], count);
        }
        let abandoned = self.abandoned.all().first().map_or(0, |(_, count)| *count);
        text.head(
            "averment_abandoned_total",
            "counter",
            "Requests whose caller went away before the answer.",
        );
        text.row("averment_abandoned_total", &[], abandoned);
        self.tunnels(text);
        self.witnesses(text);
        self.retention(text);
    }

    fn retention(&self, text: &mut Text) {
        text.head(
            "averment_retention_runs_total",
            "counter",
            "Runs of what goes by itself when it is due, by result.",
        );
        for (result, count) in self.retention.all() {
            text.row("averment_retention_runs_total", &[("result", result)], count);
        }
    }

    fn tunnels(&self, text: &mut Text) {
        text.head(
            "averment_tunnels_failed_total",
            "counter",
            "Tunnels that came to nothing, by recipient and reason.",
        );
        for ((recipient, reason), count) in self.tunnels_failed.all() {
            let labels = [("recipient", recipient.as_str()), ("reason", reason)];
            text.row("averment_tunnels_failed_total", &labels, count);
        }
    }

    fn witnesses(&self, text: &mut Text) {
        text.head(
            "averment_witness_requests_total",
            "counter",
            "Cosignatures asked for, by witness and result.",
        );
        for ((witness, result), count) in self.witnesses.all() {
            let labels = [("witness", witness.as_str()), ("result", result)];
            text.row("averment_witness_requests_total", &labels, count);
        }
    }

    fn times(&self, text: &mut Text) {
        text.head(
            "averment_step_seconds",
            "histogram",
            "Time by step; `record` is the ledger's.",
        );
        for step in Step::ALL {
            text.histogram(
                "averment_step_seconds",
                ("step", step.as_str()),
                &self.steps[step as usize],
            );
        }
        text.head(
            "averment_request_seconds",
            "histogram",
            "Time until the head of the answer.",
        );
        let whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        for (recipient, histogram) in whole.iter() {
            text.histogram("averment_request_seconds", ("recipient", recipient), histogram);
        }
    }

    fn states(&self, text: &mut Text, now: &Now) {
        let charter_at = *self.charter_at.lock().unwrap_or_else(PoisonError::into_inner);
        text.head("averment_build_info", "gauge", "Version of the program.");
        text.row("averment_build_info", &[("version", now.version)], 1);
        text.head("averment_charter_info", "gauge", "Digest of the charter in force.");
        text.row("averment_charter_info", &[("digest", &now.charter)], 1);
        let states: [(&str, &str, i64); 11] = [
            (
                "averment_ready",
                "Whether messages can go out.",
                i64::from(now.is_ready),
            ),
            (
                "averment_started_seconds",
                "Start, Unix time.",
                self.started_at.as_second(),
            ),
            (
                "averment_charter_loaded_seconds",
                "Charter in force since, Unix time.",
                charter_at.as_second(),
            ),
            (
                "averment_directory_people",
                "People in the directory.",
                count(now.people),
            ),
            (
                "averment_directory_identifiers",
                "Identifiers in the directory.",
                count(now.identifiers),
            ),
            (
                "averment_directory_age_seconds",
                "Time since people were loaded; -1 when they never were.",
                now.people_loaded_at
                    .map_or(-1, |loaded| now.at.as_second() - loaded.as_second()),
            ),
            (
                "averment_ledger_entries",
                "Entries written since the start.",
                count(now.ledger.entries),
            ),
            (
                "averment_ledger_groups",
                "Groups, and with that syncs, since the start.",
                count(now.ledger.groups),
            ),
            (
                "averment_ledger_writable",
                "Whether the ledger takes entries.",
                i64::from(now.is_ledger_writable),
            ),
            (
                "averment_tunnels_open",
                "Tunnels that callers hold open.",
                count(now.tunnels),
            ),
            (
                "averment_cut_off_all",
                "Whether everybody is cut off.",
                i64::from(now.cut_off_all),
            ),
        ];
        for (name, help, value) in states {
            text.head(name, "gauge", help);
            text.row(name, &[], value);
        }
        text.head("averment_cut_off", "gauge", "Recipients that are cut off.");
        for recipient in &now.cut_off {
            text.row("averment_cut_off", &[("recipient", recipient)], 1);
        }
    }
}

fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Text in the making. Writing to a string cannot fail.
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn row(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (number, (label, word)) in labels.iter().enumerate() {
            let before = if number == 0 { '{' } else { ',' };
            _ = write!(self.0, "{before}{label}=\"{}\"", escaped(word));
        }
        let after = if labels.is_empty() { "" } else { "}" };
        _ = writeln!(self.0, "{after} {value}");
    }

    fn histogram(&mut self, name: &str, label: (&str, &str), histogram: &Histogram) {
        let read = histogram.read();
        let bucket = format!("{name}_bucket");
        for (bound, count) in BOUNDS.iter().zip(read.up_to) {
            self.row(&bucket, &[label, ("le", &bound.to_string())], count);
        }
        self.row(&bucket, &[label, ("le", "+Inf")], read.count);
        self.row(&format!("{name}_sum"), &[label], read.sum_seconds);
        self.row(&format!("{name}_count"), &[label], read.count);
    }
}

fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
