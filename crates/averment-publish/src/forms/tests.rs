use averment_claims::{Fold, grade};
use averment_register::{Source, compile};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::{Meta, Site};

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().expect("a time")
}

fn charter(files: &[(&str, &str)]) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Lernwerk (fictional)\"\n");
    for (name, text) in files {
        source.insert(*name, *text);
    }
    compile(&source).charter.expect("the register compiles")
}

fn example(name: &str) -> Charter {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let source = Source::read(&folder).expect("the example is there");
    compile(&source).charter.expect("the example compiles")
}

fn made(charter: &Charter) -> BTreeMap<String, String> {
    let shared = Arc::new(charter.clone());
    let fold = Fold::new(shared);
    let graded = grade(charter, &fold.evidence(now()), now());
    let meta = Meta {
        generated_at: now(),
        live: false,
        notice: None,
        history: averment_claims::History::keeping(20),
        watched: fold.watched(now()),
    };
    let files = Site::new(charter, &graded, &meta, None).files().into_iter();
    let schools = files.filter(|(name, _)| name.starts_with("schools/"));
    schools
        .map(|(name, bytes)| (name, String::from_utf8(bytes).expect("text")))
        .collect()
}

const DESK: &str = r#"
recipient = "desk"
name = "Desk"
third_parties = []
purpose = "Answers questions."
purposes = ["service.support"]
information = "Name and address."
planes = ["gateway"]
role = "processor"
student_records = "possible"
hosts = ["desk.example"]
countries = ["US", "JP"]
own_use = ["none"]
[contract]
terms = ["flow_down", "written_assurance"]
[[discloses]]
elements = ["identity.name"]
subjects = ["student"]
[[discloses]]
elements = ["staff"]
subjects = ["teacher"]
[[discloses]]
elements = ["edu.iep_504"]
subjects = ["student"]
treatment = "drop"
[[transfers]]
to = "US"
safeguard = "standard_clauses"
until = 2027-01-01
"#;

#[test]
fn every_document_stands_in_three_forms_and_names_charter_and_date() {
    for name in ["codeorg", "cocalc", "thinglink"] {
        let charter = example(name);
        let files = made(&charter);
        let schools = charter.content().controllers.len();
        assert_eq!(files.len(), 3 * (8 + 2 * schools), "{name}");
        for (file, text) in &files {
            assert!(
                text.contains(&charter.digest().to_string()) || file.contains("meadow"),
                "{file}"
            );
            assert!(text.contains("2026"), "{file}");
        }
    }
}

#[test]
fn what_the_register_does_not_say_is_printed_as_missing() {
    let files = made(&charter(&[("recipients/desk.toml", DESK)]));
    let record = &files["schools/record-of-processing-processor.html"];
    assert!(record.contains("What is missing"));
    for item in [
        "(a) representative in the Union",
        "(a) data protection officer",
        "(d) measures of security",
    ] {
        assert!(record.contains(item), "{item}");
    }
    assert!(files["schools/record-of-processing-processor.md"].contains(NOT_DECLARED));
    assert!(files["schools/record-of-processing-processor.csv"].contains(NOT_DECLARED));
}

#[test]
fn a_transfer_without_a_safeguard_is_told() {
    let files = made(&charter(&[("recipients/desk.toml", DESK)]));
    let record = &files["schools/record-of-processing-controller.csv"];
    assert!(
        record.contains("Desk,United States,\"standard contractual clauses, GDPR Art. 46(2)(c)\",until 2027-01-01")
    );
    assert!(record.contains("Desk,Japan,no safeguard declared"));
}

#[test]
fn ticks_are_the_elements_of_students_that_leave_and_no_others() {
    let charter = charter(&[("recipients/desk.toml", DESK)]);
    let form = ndpa::schedule(&Register::new(&charter, &[]), None);
    let ticked: Vec<&str> = form.tables[0]
        .rows
        .iter()
        .filter(|row| row[3] == "yes")
        .map(|row| row[0].as_str())
        .collect();
    // Names of students; what staff are is nobody's student data, and what is dropped does not leave.
    assert_eq!(ticked, ["SIDN-4", "SNAM-1"]);
}

#[test]
fn a_school_gets_the_schedule_of_its_own_variant() {
    let school = "controller = \"west\"\nname = \"West\"\noff = [\"desk\"]\n[agreement]\nform = \"ndpa\"\nsigned = 2026-01-01\ndeletion = \"P60D\"\n";
    let charter = charter(&[("recipients/desk.toml", DESK), ("controllers/west.toml", school)]);
    let files = made(&charter);
    assert!(files["schools/schedule-of-data.csv"].contains("rows to tick,,2 of"));
    assert!(files["schools/schedule-of-data-west.csv"].contains("NONE-1"));
    assert!(files["schools/schedule-of-data-west.csv"].contains("rows to tick,,1 of"));
    assert!(files["schools/new-york-supplemental-information-west.md"].contains("Deleted within 60 days of its end."));
}

#[test]
fn texts_of_the_register_are_text_in_every_form() {
    let nasty = DESK.replace("name = \"Desk\"", "name = \"=cmd()<script>|`x`\"");
    for (file, text) in made(&charter(&[("recipients/desk.toml", nasty.as_str())])) {
        let csv = file.ends_with(".csv");
        assert!(csv || !text.contains("<script>"), "{file}");
        assert!(!text.contains("\n=cmd") && !text.contains(",=cmd"), "{file}");
    }
}
