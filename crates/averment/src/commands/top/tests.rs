use std::time::Duration;

use super::counts::Counts;
use super::{line, short};

const METRICS: &str = r#"# TYPE averment_messages_total counter
averment_messages_total{recipient="desk",action="forward",judged="forward",mode="report",service="unnamed"} 7
averment_messages_total{recipient="desk",action="forward",judged="refuse",mode="report",service="unnamed"} 2
averment_messages_total{recipient="desk",action="refuse",judged="refuse",mode="enforce",service="unnamed"} 1
averment_unreadable_total{recipient="desk",because="too_deep"} 3
averment_request_seconds_bucket{recipient="desk",le="0.005"} 5
averment_request_seconds_bucket{recipient="desk",le="0.01"} 9
averment_request_seconds_bucket{recipient="desk",le="+Inf"} 10
averment_tunnels_failed_total{recipient="desk",reason="distrusted"} 4
averment_tunnels_failed_total{recipient="unknown",reason="closed"} 1
averment_ready 1
nonsense
"#;

#[test]
fn the_text_of_metrics_becomes_rows() {
    let counts = Counts::from_metrics(METRICS);
    let desk = &counts.rows["desk"];
    assert_eq!(
        (
            desk.messages,
            desk.left,
            desk.refused,
            desk.would_refuse,
            desk.unreadable
        ),
        (10, 9, 1, 2, 3)
    );
    assert_eq!(
        (desk.quantile(0.5).as_str(), desk.quantile(0.99).as_str()),
        ("≤ 5", "> 60000")
    );
    assert_eq!((counts.state, counts.failed), (Some("ready"), 5));
    assert!((desk.rate(None, Duration::from_secs(2)) - 5.0).abs() < 0.001);
    assert!(line("desk", desk, Some(12345.6)).chars().count() <= 80);
}

#[test]
fn long_names_are_cut() {
    assert_eq!(short("seventeen-letters"), "seventeen-letters");
    assert_eq!(short("eighteen-letters-x"), "eighteen-letters…");
}
