//! The Cedar policies: they validate, and the engine decides as the table and the second evaluator do.

use averment_access::Access;
use averment_access::cedar::{Engine, policies};
use proptest::prelude::*;

use crate::dice::Dice;
use crate::naive;
use crate::world::{charter, example, held_to_file};

/// Questions asked of each register.
const QUESTIONS: usize = 100;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn three_evaluators_agree(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let charter = dice.charter();
        let access = Access::new(&charter).unwrap();
        let engine = Engine::new(access.rules()).unwrap();
        for _ in 0..QUESTIONS {
            let (viewer, subject, context) = (dice.person(), dice.person(), dice.context());
            let element = dice.element();
            let by_table = access.decide(&viewer, &subject, &context, &element).is_allowed;
            let by_cedar = engine.may_see(&viewer, &subject, &context, &element);
            let by_sentences = naive::may_see(&charter, &viewer, &subject, &context, &element);
            prop_assert_eq!(by_table, by_cedar, "{} of {:?} by {:?}", element, subject, viewer);
            prop_assert_eq!(by_table, by_sentences);
            let slice = engine.load(&viewer, &subject, &context).unwrap();
            prop_assert_eq!(by_table, slice.may_see(&element));
        }
    }
}

#[test]
fn policies_of_the_examples_validate_and_are_these() {
    for name in ["thinglink", "cocalc"] {
        let access = Access::new(&example(name)).unwrap();
        Engine::new(access.rules()).unwrap();
        held_to_file(&format!("{name}.cedar"), &policies(access.rules()));
    }
    held_to_file("access.cedarschema", &averment_access::cedar::schema());
}

#[test]
fn a_register_that_says_nothing_shows_nothing() {
    let access = Access::new(&charter("", &[])).unwrap();
    let engine = Engine::new(access.rules()).unwrap();
    let mut dice = Dice(7);
    for _ in 0..100 {
        assert!(!engine.may_see(&dice.person(), &dice.person(), &dice.context(), &dice.element()));
    }
}
