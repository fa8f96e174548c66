//! Rows in, files and answers out; and another engine reads the same files.

use std::path::Path;

use averment_lake::segment::{About, about, write};
use averment_lake::{Answer, LakeError, Row, sql};

fn row(entry: u64) -> Row {
    Row {
        entry,
        at_us: 1_772_366_400_000_000 + entry as i64 * 1_000_000,
        request: format!("{entry:032x}"),
        recipient: (!entry.is_multiple_of(7)).then(|| ["desk", "form", "mail"][(entry % 3) as usize].to_owned()),
        party: Some("api.desk.example".to_owned()),
        plane: "gateway".to_owned(),
        mode: Some("enforce".to_owned()),
        action: "forward".to_owned(),
        fate: if entry.is_multiple_of(5) { "refused" } else { "left" }.to_owned(),
        person: Some(format!("reference-{entry}")),
        subject: Some("student.under13".to_owned()),
        school: Some("Harbour School".to_owned()),
        element: "contact.email".to_owned(),
        count: 2,
        treated: "pass".to_owned(),
        treatment: "pass".to_owned(),
        reason: "declared".to_owned(),
        rule: Some("desk/discloses-1".to_owned()),
        basis: Some("ferpa.school_official".to_owned()),
        record_required: Some(entry.is_multiple_of(2)),
        consent_version: entry.is_multiple_of(11).then_some(entry),
        charter: "sha256:00".to_owned(),
        ..Row::default()
    }
}

fn said(state: u64) -> About {
    About {
        origin: "averment.local/log/0".to_owned(),
        entries: 30_000,
        root: "AAAA".to_owned(),
        state: state.to_string(),
    }
}

/// A folder of two segments with 30,000 rows.
fn lake() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [("0001.parquet", 0..20_000, 1), ("0002.parquet", 20_000..30_000, 2)];
    for (name, entries, directory) in files {
        let count = entries.end - entries.start;
        let written = write(&folder.path().join(name), entries.map(row).map(Ok), &said(directory)).expect("written");
        assert_eq!(written, count);
    }
    folder
}

fn ask(folder: &Path, query: &str) -> Result<Answer, LakeError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(sql(folder, query, 1_000))
}

fn texts(answer: &Answer) -> Vec<String> {
    let line = |row: &Vec<Option<String>>| {
        let values = row.iter().map(|value| value.as_deref().unwrap_or("-"));
        values.collect::<Vec<_>>().join(" ")
    };
    answer.rows.iter().map(line).collect()
}

#[test]
fn a_question_is_answered_over_all_segments() {
    let lake = lake();
    let counts = "select recipient, fate, count(*) as messages from disclosures
                  where at >= timestamp '2026-03-01T12:00:00Z' group by recipient, fate order by 1, 2";
    let answer = ask(lake.path(), counts).unwrap();
    assert_eq!(answer.columns, ["recipient", "fate", "messages"]);
    let expected = |wanted: Option<&str>, fate: &str| {
        let rows = (0..30_000).map(row);
        let alike = rows.filter(|row| row.recipient.as_deref() == wanted && row.fate == fate);
        format!("{} {fate} {}", wanted.unwrap_or("-"), alike.count())
    };
    let names = [Some("desk"), Some("form"), Some("mail"), None];
    let all: Vec<_> = names
        .iter()
        .flat_map(|name| ["left", "refused"].map(|fate| expected(*name, fate)))
        .collect();
    assert_eq!(texts(&answer), all);
}

#[test]
fn a_query_only_reads_and_only_the_table() {
    let lake = lake();
    let secret = lake.path().join("secret.csv");
    std::fs::write(&secret, "a\n1\n").unwrap();
    let out = lake.path().join("out.csv");
    let refused = [
        format!("copy disclosures to '{}'", out.display()),
        format!("create external table t stored as csv location '{}'", secret.display()),
        format!("select * from '{}'", secret.display()),
        "insert into disclosures select * from disclosures".to_owned(),
        "set datafusion.execution.batch_size = 1".to_owned(),
        "drop table disclosures".to_owned(),
        "select nothing from disclosures".to_owned(),
        "not sql".to_owned(),
    ];
    for query in refused {
        assert!(matches!(ask(lake.path(), &query), Err(LakeError::Query(_))), "{query}");
    }
    assert!(!out.exists());
    assert_eq!(
        ask(lake.path(), "select * from disclosures").unwrap().rows.len(),
        1_000,
        "rows are bounded"
    );
}

#[test]
fn a_segment_says_what_it_was_made_from_and_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let lake = lake();
    let path = lake.path().join("0001.parquet");
    assert_eq!(about(&path).unwrap(), Some(said(1)));
    assert_eq!(about(&lake.path().join("none.parquet")).unwrap(), None);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let broken = write(&lake.path().join("gone/0001.parquet"), [Ok(row(1))], &said(1));
    assert!(matches!(broken, Err(LakeError::File { .. })));
}
