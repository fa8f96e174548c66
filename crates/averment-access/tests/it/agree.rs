//! The table and the second evaluator give the same answers.

use averment_access::Access;
use proptest::prelude::*;

use crate::dice::Dice;
use crate::naive;

/// Questions asked of each register.
const QUESTIONS: usize = 400;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_table_agrees_with_the_sentences(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let charter = dice.charter();
        let access = Access::new(&charter).unwrap();
        for _ in 0..QUESTIONS {
            let (viewer, subject, context) = (dice.person(), dice.person(), dice.context());
            let element = dice.element();
            let decision = access.decide(&viewer, &subject, &context, &element);
            let naive = naive::may_see(&charter, &viewer, &subject, &context, &element);
            prop_assert_eq!(decision.is_allowed, naive, "{} of {:?} by {:?}", element, subject, viewer);
            let mut relations: Vec<&str> = decision.relations.iter().map(|relation| relation.as_str()).collect();
            let mut others = naive::relations(&viewer, &subject, &context);
            relations.sort_unstable();
            others.sort_unstable();
            prop_assert_eq!(relations, others);
        }
    }

    #[test]
    fn a_schools_variant_is_the_charter_narrowed_for_it(seed in any::<u64>()) {
        let charter = Dice(seed).charter();
        let access = Access::new(&charter).unwrap();
        for id in charter.content().controllers.keys() {
            let narrowed = Access::new(&charter.for_controller(id).unwrap()).unwrap();
            for viewer in averment_access::Viewer::ALL {
                for kind in averment_access::Kind::all() {
                    for all in [false, true] {
                        let facts = |access: &Access| access.rules().facts.set(
                            access.rules().facts.facts().iter().filter(|_| all));
                        let own = access.table(Some(id)).visible(viewer, kind, facts(&access));
                        let other = narrowed.table(Some(id)).visible(viewer, kind, facts(&narrowed));
                        prop_assert_eq!(own, other);
                    }
                }
            }
        }
    }

    #[test]
    fn more_facts_never_show_less(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        let access = Access::new(&dice.charter()).unwrap();
        let facts = access.rules().facts.facts();
        for (_, table) in access.tables() {
            for viewer in averment_access::Viewer::ALL {
                let few: Vec<_> = facts.iter().filter(|_| dice.next().is_multiple_of(2)).collect();
                let more: Vec<_> = facts.iter().filter(|fact| few.contains(fact) || dice.next().is_multiple_of(2)).collect();
                for kind in averment_access::Kind::all() {
                    let set = |facts: &[&averment_access::Fact]| access.rules().facts.set(facts.iter().copied());
                    let less = table.visible(viewer, kind, set(&few));
                    prop_assert!(table.visible(viewer, kind, set(&more)).contains(&less));
                }
            }
        }
    }
}
