use super::*;

fn report(number: u64) -> PolicyReport {
    PolicyReport {
        directive: "img-src".to_owned(),
        blocked: format!("https://px{number}.little-tracker.com"),
        document: "https://learn.birch-school.org/".to_owned(),
        disposition: "enforce".to_owned(),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn equal_reports_are_one_row_with_its_first_and_last_time() {
    let place = tempfile::tempdir().unwrap();
    let (folder, _) = DataFolder::open_unlocked(&place.path().join("data"), &place.path().join("keys")).unwrap();
    assert!(PolicyReports::read(&folder).unwrap().is_none());
    let (morning, noon) = (at("2026-11-22T08:00:00Z"), at("2026-11-22T12:00:00Z"));
    PolicyReports::open(&folder)
        .unwrap()
        .add(&[report(1), report(2), report(1)], morning)
        .unwrap();
    PolicyReports::open(&folder).unwrap().add(&[report(1)], noon).unwrap();
    let all = PolicyReports::read(&folder).unwrap().unwrap().all().unwrap();
    assert_eq!(all.iter().map(|row| row.count).collect::<Vec<_>>(), [3, 1]);
    assert_eq!((all[0].first_at, all[0].last_at), (morning, noon));
}

#[test]
fn more_different_reports_than_fit_are_counted_and_not_kept() {
    let place = tempfile::tempdir().unwrap();
    let (folder, _) = DataFolder::open_unlocked(&place.path().join("data"), &place.path().join("keys")).unwrap();
    let mut reports = PolicyReports::open(&folder).unwrap();
    let many: Vec<PolicyReport> = (0..ROWS_MAX + 5).map(report).collect();
    reports.add(&many, at("2026-11-22T08:00:00Z")).unwrap();
    reports.add(&[report(0)], at("2026-11-22T08:00:00Z")).unwrap();
    assert_eq!(
        (reports.all().unwrap().len() as u64, reports.not_kept().unwrap()),
        (ROWS_MAX, 5)
    );
}

#[test]
fn what_is_not_reported_again_goes() {
    let place = tempfile::tempdir().unwrap();
    let (folder, _) = DataFolder::open_unlocked(&place.path().join("data"), &place.path().join("keys")).unwrap();
    let mut reports = PolicyReports::open(&folder).unwrap();
    reports
        .add(&[report(1), report(2)], at("2026-01-01T08:00:00Z"))
        .unwrap();
    reports.add(&[report(2)], at("2026-03-01T08:00:00Z")).unwrap();
    reports.add(&[report(3)], at("2026-04-05T08:00:00Z")).unwrap();
    let all = reports.all().unwrap();
    let blocked: Vec<&str> = all.iter().map(|row| row.report.blocked.as_str()).collect();
    assert_eq!(
        blocked,
        ["https://px2.little-tracker.com", "https://px3.little-tracker.com"]
    );
}
