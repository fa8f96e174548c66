use super::*;

#[test]
fn what_is_dropped_is_given_back() {
    let gauge = Gauge::default();
    let first = gauge.take(3, 4).unwrap();
    assert!(gauge.take(2, 4).is_none());
    let mut second = gauge.take(1, 4).unwrap();
    assert!(!second.grow(1, 4) && !second.grow(usize::MAX, usize::MAX));
    drop(first);
    assert!(second.grow(3, 4));
    drop(second);
    assert!(gauge.take(4, 4).is_some());
}

/// Of one service to one recipient.
fn party(load: &Load, service: &str) -> Party {
    Party {
        recipient: load.recipients.of("desk"),
        service: Some(load.services.of(service)),
    }
}

fn settings() -> Settings {
    let limits =
        "[limits]\nrequests_max = 8\nrecipient_requests_max = 6\nbodies_max_bytes = 80\nslow_streams_max = 4\n";
    Settings::parse(limits).unwrap()
}

#[test]
fn what_is_bound_to_bytes_is_given_back_with_the_last_copy() {
    let (load, settings) = (Load::default(), settings());
    let mut held = Allowance::new(&load, &settings, &party(&load, "mailer"));
    assert!(held.grow(4));
    let bytes = held.bind(Bytes::from_static(b"four"));
    let copy = bytes.slice(1..);
    drop(bytes);
    assert!(load.body_bytes.take(77, 80).is_none());
    drop(copy);
    assert!(load.body_bytes.take(80, 80).is_some());
}

#[test]
fn nobody_takes_all_bytes_and_all_slow_places() {
    let (load, settings) = (Load::default(), settings());
    let allowance = |service: &str| Allowance::new(&load, &settings, &party(&load, service));
    // Of each service the half, of each recipient three quarters, as of requests.
    let (mut mailer, mut nightly) = (allowance("mailer"), allowance("nightly"));
    assert!(mailer.grow(40) && !mailer.grow(1) && nightly.grow(20) && !nightly.grow(1));
    assert!(mailer.fit(39) && nightly.fit(21) && !nightly.fit(22));
    let mut slow: Vec<Allowance> = ["mailer", "mailer", "nightly"].map(allowance).into();
    assert!(slow.iter_mut().all(Allowance::become_slow));
    assert!(!mailer.become_slow() && !nightly.become_slow());
    slow.remove(0);
    assert!(nightly.become_slow());
}

#[test]
fn a_request_that_finds_no_place_in_one_count_takes_none_in_the_others() {
    let (load, settings) = (Load::default(), settings());
    let enter = |service: &str| party(&load, service).enter(&load, &settings.limits);
    let mailer: Vec<_> = (0..4).map(|_| enter("mailer").unwrap()).collect();
    assert!(enter("mailer").is_err());
    let nightly = (enter("nightly").unwrap(), enter("nightly").unwrap());
    assert!(enter("nightly").is_err());
    drop((mailer, nightly));
    assert!(load.requests.take(8, 8).is_some());
}
