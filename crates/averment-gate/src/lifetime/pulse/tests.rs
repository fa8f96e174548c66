use super::*;

const MINUTE: Duration = Duration::from_secs(60);

/// One that has not beaten for a minute.
fn still(whole: Option<&Arc<Pulse>>) -> Arc<Pulse> {
    Arc::new(Pulse {
        begun: Instant::now() - MINUTE,
        last_ms: AtomicU64::new(0),
        at_work: AtomicUsize::new(0),
        whole: whole.cloned(),
    })
}

fn is_still(pulse: &Pulse) -> bool {
    pulse.silence() >= MINUTE
}

#[test]
fn a_request_beats_for_its_connection_and_not_the_other_way_round() {
    let connection = still(None);
    let (one, other) = (still(Some(&connection)), still(Some(&connection)));
    assert!(is_still(&connection) && is_still(&one));
    one.beat();
    assert!(!is_still(&connection) && !is_still(&one) && is_still(&other));
}

#[tokio::test]
async fn work_is_no_silence_and_time_counts_from_its_end() {
    let pulse = still(None);
    pulse.silent(MINUTE).await;
    let work = pulse.work();
    assert_eq!(pulse.silence(), Duration::ZERO);
    drop(work);
    assert!(!is_still(&pulse));
}
