//! What settles a value that several people have is declared, and kept.

use averment_detect::normalise::IdentifierKind;
use averment_store::Ambiguous;

use crate::fixture::*;
use crate::loaders::{CHANGES, Place, WHOLE};

const NAMESAKES: &str = "id,role,birth_year,email,full_name\n\
    s-1,student,2016,mira@school.example,Mira Oakley\nt-1,teacher,,m.oakley@school.example,Mira Oakley\n";

#[test]
fn a_teacher_with_a_pupils_name_counts_as_the_pupil_under_either_rule() {
    for rule in [None, Some(Ambiguous::Strictest), Some(Ambiguous::Refuse)] {
        let mut place = Place::new();
        place.people.declare_ambiguous(rule);
        let file = place.file("people.csv", NAMESAKES);
        place.load(&file, WHOLE).unwrap();
        let whose = place.whose(IdentifierKind::FullName, "Oakley, Mira").unwrap();
        assert_eq!(whose.1, "student.under13", "{rule:?}");
        let status = place.people.status(noon()).unwrap();
        assert_eq!(status.ambiguous, rule.unwrap_or_default());
    }
}

#[test]
fn declared_to_refuse_it_takes_no_second_owner_of_an_address() {
    let mut place = Place::new();
    place.people.declare_ambiguous(Some(Ambiguous::Refuse));
    let twice = NAMESAKES.replace("m.oakley@", "mira@");
    let file = place.file("people.csv", &twice);
    let text = place.load(&file, WHOLE).unwrap_err().to_string();
    assert!(
        text.contains("line 2 of") && text.contains("nothing was loaded"),
        "{text}"
    );
    assert!(!text.contains("mira@"));
    let file = place.file("people.csv", NAMESAKES);
    place.load(&file, WHOLE).unwrap();
    // Kept for whoever does not declare it, also against people who are there already.
    place.people.declare_ambiguous(None);
    let more = place.file(
        "more.csv",
        "id,role,email\ns-3,student,ash@school.example\ns-2,student,MIRA@school.example\n",
    );
    let text = place.load(&more, CHANGES).unwrap_err().to_string();
    assert!(text.contains("line 3 of"), "{text}");
    // The person's own address again is nobody else's.
    let same = place.file("same.csv", "id,role,email\ns-1,student,mira@school.example\n");
    place.load(&same, CHANGES).unwrap();
    place.people.declare_ambiguous(Some(Ambiguous::Strictest));
    place.load(&more, CHANGES).unwrap();
}
