//! Sentences that hold, and sentences that cannot.

use averment_access::Access;
use averment_access::prove::{Method, Proof, Verdict, prove};

use crate::world::{charter, example};

fn proofs(claims: &str) -> Vec<Proof> {
    prove(&Access::new(&charter(claims, &[])).unwrap())
}

#[test]
fn every_sentence_of_the_examples_holds() {
    for name in ["thinglink", "cocalc"] {
        let proofs = prove(&Access::new(&example(name)).unwrap());
        assert!(proofs.iter().any(|proof| proof.kind == "hidden_from"));
        for proof in proofs {
            assert_eq!(proof.verdict, Verdict::Holds, "{name}: {}", proof.claim);
            assert!(proof.cases > 0 && proof.method == Method::Enumerated, "{}", proof.claim);
        }
    }
}

#[test]
fn peers_are_anybody_too() {
    let proofs = proofs(
        "[[claims]]\nkind = \"hidden_from\"\nviewers = [\"peer\"]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\nid = \"not-peers\"\nsentence = \"A.\"\n\
         [[claims]]\nkind = \"visible_to\"\nviewers = [\"public\"]\nelements = [\"contact\"]\nwhen = \"subject_chooses\"\nid = \"open\"\nsentence = \"B.\"\n",
    );
    let Verdict::Fails(cases, _) = &proofs[0].verdict else {
        panic!("{proofs:?}")
    };
    assert_eq!(
        cases[0].words(),
        "students of the same school or teacher see `contact.email` of somebody of kind `student`, when the person chose so, \
         since they are anybody as well (shown by `list/open`)"
    );
    assert_eq!(proofs[1].verdict, Verdict::Holds);
}

#[test]
fn what_is_shown_and_hidden_at_once_is_a_promise_that_fails() {
    let proofs = proofs(
        "[[claims]]\nkind = \"hidden_from\"\nviewers = [\"teacher\"]\nelements = [\"edu\"]\nid = \"a\"\nsentence = \"A.\"\n\
         [[claims]]\nkind = \"visible_to\"\nviewers = [\"teacher\"]\nelements = [\"edu.grade_level\"]\nid = \"b\"\nsentence = \"B.\"\n",
    );
    assert_eq!(proofs[0].verdict, Verdict::Holds);
    let Verdict::Fails(cases, against) = &proofs[1].verdict else {
        panic!("{proofs:?}")
    };
    assert!(*against >= 1);
    assert!(
        cases[0]
            .words()
            .starts_with("their own teachers do not see `edu.grade_level`"),
        "{}",
        cases[0].words()
    );
    assert!(cases[0].words().ends_with("(hidden by `list/a`)"));
}

#[test]
fn hidden_from_without_elements_promises_all_that_nothing_shows() {
    let holds = proofs(
        "[[claims]]\nkind = \"hidden_from\"\nviewers = [\"peer\"]\nid = \"a\"\nsentence = \"A.\"\n\
         [[claims]]\nkind = \"visible_to\"\nviewers = [\"peer\"]\nelements = [\"content\"]\nid = \"b\"\nsentence = \"B.\"\n",
    );
    assert!(holds.iter().all(|proof| proof.verdict == Verdict::Holds));
    let fails = proofs(
        "[[claims]]\nkind = \"hidden_from\"\nviewers = [\"peer\"]\nid = \"a\"\nsentence = \"A.\"\n\
         [[claims]]\nkind = \"visible_to\"\nviewers = [\"public\"]\nelements = [\"content\"]\nid = \"b\"\nsentence = \"B.\"\n",
    );
    assert!(matches!(fails[0].verdict, Verdict::Fails(..)));
}

#[test]
fn what_depends_on_too_much_is_not_called_proved() {
    let claim = |number: usize| {
        format!(
            "[[claims]]\nkind = \"visible_to\"\nviewers = [\"peer\"]\nelements = [\"identity\"]\nwhen = \"consent:k{number}\"\nid = \"c{number}\"\nsentence = \"S.\"\n"
        )
    };
    let text: String = (0..20).map(claim).collect();
    assert!(
        proofs(&text)
            .iter()
            .all(|proof| matches!(proof.verdict, Verdict::Undecided(_)))
    );
}
