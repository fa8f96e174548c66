use std::time::Duration;

use averment_store::Stats;

use super::{Metrics, Now, Step};
use crate::problem::Problem;

fn now() -> Now {
    Now {
        at: "2026-11-20T08:01:00Z".parse().unwrap(),
        version: "0.0.0",
        charter: "sha256:00".to_owned(),
        people: 1,
        identifiers: 2,
        people_loaded_at: Some("2026-11-20T08:00:00Z".parse().unwrap()),
        ledger: Stats { entries: 3, groups: 2 },
        is_ledger_writable: true,
        is_ready: true,
        tunnels: 0,
        cut_off_all: false,
        cut_off: vec!["a\"b\\c".to_owned()],
    }
}

#[test]
fn the_text_has_types_escapes_and_an_age() {
    let metrics = Metrics::new("2026-11-20T08:00:00Z".parse().unwrap());
    metrics.problem("refused");
    metrics.problem("refused");
    metrics.retention_ran("failed");
    let text = metrics.text(&now());
    let failed = "\naverment_retention_runs_total{result=\"failed\"} 1\n";
    assert!(text.contains(failed), "{text}");
    assert!(
        text.contains("\naverment_problems_total{problem=\"refused\"} 2\n"),
        "{text}"
    );
    assert!(text.contains("\naverment_directory_age_seconds 60\n"), "{text}");
    assert!(
        text.contains("averment_cut_off{recipient=\"a\\\"b\\\\c\"} 1\n"),
        "{text}"
    );
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name);
        assert!(text.contains(&format!("# TYPE {family} ")), "{line}");
        assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
    }
}

#[test]
fn buckets_hold_what_is_below_them() {
    let metrics = Metrics::new("2026-11-20T08:00:00Z".parse().unwrap());
    for milliseconds in [1, 3, 700] {
        metrics.steps[Step::Record as usize].add(Duration::from_millis(milliseconds));
    }
    let read = metrics.steps[Step::Record as usize].read();
    assert_eq!(read.up_to[..4], [0, 1, 1, 2]);
    assert_eq!((read.count, read.up_to[10]), (3, 3));
}

#[tokio::test]
async fn a_request_that_is_given_up_is_counted_as_abandoned() {
    let metrics = Metrics::new("2026-11-20T08:00:00Z".parse().unwrap());
    metrics.request(async { Ok(()) }).await.unwrap();
    let never = metrics.request(std::future::pending::<Result<(), Problem>>());
    assert!(tokio::time::timeout(Duration::from_millis(1), never).await.is_err());
    let text = metrics.text(&now());
    assert!(text.contains("averment_abandoned_total 1\n"), "{text}");
    assert!(
        text.contains("averment_request_seconds_count{recipient=\"unknown\"} 1\n"),
        "{text}"
    );
}
