//! Proofs by the solver: what it proves, what it finds, and that a solver which does not answer proves nothing. `cargo xtask test`
//! installs Debian's package `cvc5`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use averment_access::Access;
use averment_access::cedar::{Asked, Solver, SymbolicError, Unanswered, policies, prove_symbolically};
use averment_access::prove::{Method, Proof, Verdict, prove};

use crate::dice::Dice;
use crate::world::{charter, example};

/// Registers that are thrown.
const REGISTERS: u64 = 12;

fn cvc5() -> Solver {
    Solver {
        program: "cvc5".into(),
        patience: Duration::from_secs(120),
    }
}

fn asked(access: &Access, policies: Option<&str>) -> Vec<Proof> {
    let asked = prove_symbolically(access, policies, &cvc5()).unwrap();
    asked.into_iter().map(|asked| asked.answer.unwrap()).collect()
}

/// A solver that does what the script says.
fn scripted(folder: &Path, script: &str, patience: Duration) -> Solver {
    let program = folder.join("solver");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    Solver { program, patience }
}

fn one_word(proof: &Proof) -> String {
    match &proof.verdict {
        Verdict::Fails(cases, _) => cases[0].words(),
        other => panic!("{}: {other:?}", proof.claim),
    }
}

const PEERS: &str = "[[claims]]\nkind = \"visible_to\"\nviewers = [\"peer\"]\nelements = [\"contact\"]\nid = \"peers\"\nsentence = \"A.\"\n\
    [[claims]]\nkind = \"hidden_from\"\nviewers = [\"other_student\"]\nelements = [\"contact\"]\nsubjects = [\"student.minor\"]\nid = \"not-elsewhere\"\nsentence = \"B.\"\n\
    [[claims]]\nkind = \"visible_to\"\nviewers = [\"teacher\"]\nelements = [\"edu\"]\nid = \"own\"\nsentence = \"C.\"\n\
    [[claims]]\nkind = \"hidden_from\"\nviewers = [\"other_teacher\"]\nelements = [\"edu\"]\nid = \"not-others\"\nsentence = \"D.\"\n";

#[test]
fn every_hidden_from_of_the_examples_is_proved_for_all_requests() {
    for name in ["thinglink", "cocalc"] {
        let access = Access::new(&example(name)).unwrap();
        let by_cases: Vec<Proof> = prove(&access)
            .into_iter()
            .filter(|proof| proof.kind == "hidden_from")
            .collect();
        let solved = asked(&access, None);
        assert!(!solved.is_empty() && solved.len() == by_cases.len());
        for (solved, by_cases) in solved.iter().zip(&by_cases) {
            assert_eq!(solved.claim, by_cases.claim);
            assert_eq!(solved.verdict, Verdict::Holds, "{name}: {}", solved.claim);
            assert!(solved.method == Method::Symbolic && solved.cases > 0);
        }
    }
}

#[test]
fn a_policy_that_forgets_the_school_is_found() {
    let access = Access::new(&charter(PEERS, &[])).unwrap();
    let text = policies(access.rules());
    assert!(
        asked(&access, Some(&text))
            .iter()
            .all(|proof| proof.verdict == Verdict::Holds)
    );
    let forgets = text.replace(" && principal.schools.containsAny(resource.schools)", "");
    assert_ne!(forgets, text);
    let proofs = asked(&access, Some(&forgets));
    assert_eq!(
        one_word(&proofs[0]),
        "students elsewhere see `contact.address.postal` of somebody of kind `student.minor`, posing as students of the same school or \
         teacher, which they are not (shown by `list/peers`)"
    );
    assert_eq!(proofs[1].verdict, Verdict::Holds);
    let forgets = text.replace(" && principal.classes.containsAny(resource.classes)", "");
    assert_ne!(forgets, text);
    let proofs = asked(&access, Some(&forgets));
    assert_eq!(proofs[0].verdict, Verdict::Holds);
    assert!(one_word(&proofs[1]).contains("posing as their own teachers, which they are not"));
}

#[test]
fn a_policy_that_one_added_by_hand_is_found() {
    let access = Access::new(&charter(PEERS, &[])).unwrap();
    let added = "@id(\"support\")\npermit (principal is Averment::OtherStudent, action == Averment::Action::\"see:contact.email\", resource)\n\
        when { context.support_request };\n";
    let without: String = policies(access.rules())
        .split_inclusive(";\n")
        .filter(|policy| !policy.contains("forbid"))
        .collect();
    let proofs = asked(&access, Some(&format!("{without}\n{added}")));
    assert!(one_word(&proofs[0]).starts_with("students elsewhere see `contact.email`"));
    assert!(one_word(&proofs[0]).ends_with("(shown by `support`)"));
    let Verdict::Fails(_, against) = proofs[0].verdict else {
        panic!("{proofs:?}")
    };
    assert_eq!(against, 1);
}

#[test]
fn policies_that_do_not_fit_the_schema_are_refused() {
    let access = Access::new(&charter(PEERS, &[])).unwrap();
    for text in [
        "permit (principal, action, resource",
        "permit (principal is Averment::Nobody, action, resource);",
        "permit (principal, action, resource) when { resource.colour == \"blue\" };",
    ] {
        let error = prove_symbolically(&access, Some(text), &cvc5()).unwrap_err();
        assert!(matches!(error, SymbolicError::Policies(_)), "{error}");
    }
}

#[test]
fn a_contradiction_is_found_for_all_requests_and_told_in_words() {
    let text = "[[claims]]\nkind = \"hidden_from\"\nviewers = [\"peer\"]\nelements = [\"contact.email\"]\nid = \"a\"\nsentence = \"A.\"\n\
        [[claims]]\nkind = \"visible_to\"\nviewers = [\"public\"]\nelements = [\"contact\"]\nwhen = \"consent:open\"\nid = \"b\"\nsentence = \"B.\"\n";
    let access = Access::new(&charter(text, &[])).unwrap();
    let proofs = asked(&access, None);
    let words = one_word(&proofs[0]);
    assert!(
        words.contains("when a consent to `open` is in force, since they are anybody as well (shown by `list/b`)"),
        "{words}"
    );
    let by_cases = prove(&access).remove(0);
    assert_eq!(by_cases.with(proofs[0].clone()).method, Method::Symbolic);
}

#[test]
fn an_exception_is_part_of_the_sentence() {
    let text = "[[claims]]\nkind = \"hidden_from\"\nviewers = [\"peer\"]\nelements = [\"identity\", \"contact\"]\nunless = [\"directory_information\", \"emergency\"]\nid = \"a\"\nsentence = \"A.\"\n\
        [[claims]]\nkind = \"visible_to\"\nviewers = [\"peer\"]\nelements = [\"identity\"]\nid = \"b\"\nsentence = \"B.\"\n";
    let schools = [
        ("hill", "directory_information = [\"identity\"]\n"),
        ("lake", "[[hides]]\nelements = [\"identity\"]\nviewers = [\"peer\"]\n"),
    ];
    let access = Access::new(&charter(text, &schools)).unwrap();
    assert_eq!(asked(&access, None)[0].verdict, Verdict::Holds);
    let opens = policies(access.rules()).replace("resource.directory_information", "true");
    assert!(one_word(&asked(&access, Some(&opens))[0]).contains("at `hill`"));
}

#[test]
fn solver_and_cases_agree_about_registers_that_are_thrown() {
    let (mut held, mut failed) = (0, 0);
    for seed in 0..REGISTERS {
        let access = Access::new(&Dice(seed).charter()).unwrap();
        let by_cases = prove(&access);
        for solved in asked(&access, None) {
            let other = by_cases.iter().find(|proof| proof.claim == solved.claim).unwrap();
            match (&solved.verdict, &other.verdict) {
                (Verdict::Holds, Verdict::Holds) => held += 1,
                (Verdict::Fails(..), Verdict::Fails(..)) => failed += 1,
                _ => panic!("{seed}, {}: {:?} and {:?}", solved.claim, solved.verdict, other.verdict),
            }
        }
    }
    assert!(held > 0 && failed > 0, "{held} held, {failed} failed");
}

#[test]
fn a_solver_that_hangs_is_ended_and_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let hangs = format!("echo $$ > {}/pid\nexec sleep 1000", folder.path().display());
    let solver = scripted(folder.path(), &hangs, Duration::from_secs(2));
    let access = Access::new(&charter(PEERS, &[])).unwrap();
    let asked = prove_symbolically(&access, None, &solver).unwrap();
    assert_eq!(asked.len(), 2);
    for Asked { answer, .. } in asked {
        assert_eq!(answer, Err(Unanswered::Silent { seconds: 2 }));
    }
    let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists(), "it still runs");
}

#[test]
fn a_solver_that_says_something_else_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let access = Access::new(&charter(PEERS, &[])).unwrap();
    for script in [
        "exit 0",
        "exec cat",
        "while read line; do echo sat; done",
        "echo unknown; exec cat > /dev/null",
    ] {
        let solver = scripted(folder.path(), script, Duration::from_secs(20));
        for asked in prove_symbolically(&access, None, &solver).unwrap() {
            let answer = asked.answer.unwrap_err();
            assert!(
                matches!(answer, Unanswered::Failed(_) | Unanswered::Unknown),
                "{script}: {answer}"
            );
        }
    }
    let absent = Solver {
        program: folder.path().join("nothing"),
        patience: Duration::from_secs(1),
    };
    let error = prove_symbolically(&access, None, &absent).unwrap_err();
    assert!(matches!(error, SymbolicError::NoSolver { .. }), "{error}");
}
