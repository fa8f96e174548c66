use super::super::database;
use super::*;

/// An answer takes as long as there is much in it only where no table is gone through from end to end.
#[test]
fn every_question_finds_its_messages_by_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let connection = database::anew(&folder.path().join("index.db")).unwrap();
    let questions = [
        Question {
            recipient: Some("desk".to_owned()),
            ..Question::default()
        },
        Question {
            element: "contact".parse().ok(),
            ..Question::default()
        },
        Question {
            school: Some("Birch Elementary".to_owned()),
            ..Question::default()
        },
        Question::default(),
    ];
    let expected = ["message_recipient", "element_at", "school_at", "message_at"];
    for (question, index) in questions.iter().zip(expected) {
        let (way, word) = question.way();
        let sql = format!("explain query plan {}", statement(way));
        let mut plan = connection.prepare(&sql).unwrap();
        let rows = plan
            .query_map(params![word, 0, 1, "[1]"], |row| row.get::<_, String>(3))
            .unwrap();
        let plan: Vec<String> = rows.map(Result::unwrap).collect();
        let scans: Vec<_> = plan
            .iter()
            .filter(|step| step.starts_with("SCAN") && !step.contains("json_each"))
            .collect();
        assert!(scans.is_empty(), "{plan:#?}");
        assert!(plan.iter().any(|step| step.contains(index)), "{index}: {plan:#?}");
        let is_sorted = plan.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
        assert!(!is_sorted || [OF_ELEMENT, OF_SCHOOL].contains(&way), "{plan:#?}");
    }
}
