//! `averment access prove`: by a solver where one is, case by case where it gives no answer, and what the grades say of either.
//! Without the feature `symbolic` the program says that it has no part for the solver.

use crate::world::{Place, root};

fn example(name: &str) -> String {
    root().join("examples").join(name).display().to_string()
}

/// One line, however it was broken.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(not(feature = "symbolic"))]
#[test]
fn a_program_without_the_solvers_part_proves_case_by_case_and_says_so() {
    let place = Place::new();
    let prove = ["access", "prove", &example("cocalc")];
    let ran = place.run(&prove).expect(0);
    assert!(
        words(&ran.stdout).contains("holds hidden_from list/hidden-from (enumerated,"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stderr
            .contains("note: proved case by case: this program was built without"),
        "{}",
        ran.stderr
    );
    let alone = place.run(&[&prove[..], &["--by", "solver"]].concat()).expect(2);
    assert!(words(&alone.stderr).contains("--features symbolic"), "{}", alone.stderr);
}

#[test]
fn policies_of_another_program_are_for_the_solver_alone() {
    let place = Place::new();
    std::fs::write(place.path("own.cedar"), "").expect("a file");
    let prove = [
        "access",
        "prove",
        &example("cocalc"),
        "--by",
        "cases",
        "--policies",
        "own.cedar",
    ];
    let ran = place.run(&prove).expect(2);
    assert!(ran.stderr.contains("by the solver alone"), "{}", ran.stderr);
}

#[cfg(feature = "symbolic")]
mod symbolic {
    use std::os::unix::fs::PermissionsExt as _;

    use super::{example, words};
    use crate::world::Place;

    #[test]
    fn every_hidden_from_of_the_examples_is_proved_for_all_requests() {
        let place = Place::new();
        for name in ["thinglink", "cocalc", "schoolhouse/register"] {
            let said = place
                .run(&["access", "prove", &example(name), "--by", "solver"])
                .expect(0)
                .stdout;
            let hidden: Vec<&str> = said.lines().filter(|line| line.contains("hidden_from")).collect();
            assert!(!hidden.is_empty());
            for line in hidden {
                assert!(
                    line.starts_with("holds") && line.contains("(symbolic, all requests,"),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn a_policy_that_forgets_the_school_is_found() {
        let place = Place::new();
        let register = example("schoolhouse/register");
        place.run(&["access", "cedar", &register, "--out", "cedar"]).expect(0);
        let prove = ["access", "prove", &register, "--policies", "cedar/access.cedar"];
        place.run(&prove).expect(0);
        let policies = std::fs::read_to_string(place.path("cedar/access.cedar")).expect("policies");
        let forgets = policies.replace(" && principal.schools.containsAny(resource.schools)", "");
        assert_ne!(forgets, policies);
        std::fs::write(place.path("cedar/access.cedar"), forgets).expect("a file");
        let said = place.run(&prove).expect(1).stdout;
        let said = words(&said);
        assert!(said.contains("fails hidden_from list/other-schools"), "{said}");
        assert!(
            said.contains("posing as students of the same school or teacher, which they are not"),
            "{said}"
        );
    }

    #[test]
    fn the_grade_says_how_it_was_proved_and_a_solver_that_hangs_proves_nothing() {
        let place = Place::new();
        let register = example("cocalc");
        let hangs = "#!/bin/sh\nexec sleep 1000\n";
        std::fs::write(place.path("hangs"), hangs).expect("a file");
        std::fs::set_permissions(place.path("hangs"), std::fs::Permissions::from_mode(0o755)).expect("a mode");
        let reasons = || words(&place.run(&["claims", &register]).stdout);
        let prove = ["access", "prove", &register, "--record"];
        let hung = [&prove[..], &["--solver", "./hangs", "--within", "1"]].concat();
        let said = words(&place.run(&hung).expect(0).stdout);
        assert!(said.contains("(enumerated,") && !said.contains("symbolic"), "{said}");
        assert!(
            said.contains("not by the solver: the solver gave no answer in time (1 s) and was ended"),
            "{said}"
        );
        assert!(reasons().contains("proved case by case"), "{}", reasons());
        assert!(!reasons().contains("by a solver"), "{}", reasons());
        place.run(&prove).expect(0);
        assert!(
            reasons().contains("proved for all requests by a solver"),
            "{}",
            reasons()
        );
        let absent = place.run(&[&prove[..], &["--solver", "./nothing"]].concat()).expect(0);
        assert!(
            absent
                .stderr
                .contains("note: proved case by case: the solver `./nothing` cannot be started"),
            "{}",
            absent.stderr
        );
    }
}
