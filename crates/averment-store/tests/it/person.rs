//! What left about one person.

use averment_ledger::{Deed, Outcome};
use averment_store::{Fate, People, PersonError, person_entries};

use crate::fixture::*;

#[tokio::test]
async fn every_message_about_a_person_is_found_with_its_fate() {
    let home = Home::new();
    let (journal, _, folder, keys) = home.journal();
    let mut people = People::open(&folder, &keys).unwrap();
    let csv = "id,role,username\ns-1,student,starfox77\ns-2,student,lundtheo\n";
    people.load_csv(csv.as_bytes(), "people.csv", noon()).unwrap();
    let snapshot = people.snapshot(noon()).unwrap();
    let (about, nobody) = (inspection(vec![finding("contact.email", 3)]), inspection(Vec::new()));
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(
            journal
                .intent(permit(&about), &record(&about, &snapshot))
                .await
                .unwrap()
                .id()
                .to_owned(),
        );
        journal
            .intent(permit(&nobody), &record(&nobody, &snapshot))
            .await
            .unwrap();
    }
    for (id, result) in ids.iter().zip(["answered", "not_sent", "may_have_left"]) {
        let outcome = Outcome {
            id: id.clone(),
            result: result.into(),
            ..Outcome::default()
        };
        journal.note(Deed::Outcome(outcome)).unwrap();
    }
    let barred = inspection(vec![finding("contact.phone", 3)]);
    journal
        .refusal(&refused(&barred), &record(&barred, &snapshot))
        .await
        .unwrap();
    journal.close().unwrap();
    let found = person_entries(&folder, &keys, &people, "s-1").unwrap();
    let fates: Vec<_> = found.iter().map(|entry| entry.fate).collect();
    assert_eq!(
        fates,
        [
            Fate::Left,
            Fate::NotSent,
            Fate::MayHaveLeft,
            Fate::MayHaveLeft,
            Fate::Refused
        ]
    );
    assert_eq!(
        found.iter().map(|entry| entry.index).collect::<Vec<_>>()[..4],
        [1, 3, 5, 7]
    );
    assert_eq!(
        (found[0].recipient.as_deref(), found[0].findings[0].treated.as_str()),
        (Some("desk"), "mask")
    );
    assert_eq!(person_entries(&folder, &keys, &people, "s-2").unwrap(), []);
    assert!(matches!(
        person_entries(&folder, &keys, &people, "s-3"),
        Err(PersonError::Unknown)
    ));
}
