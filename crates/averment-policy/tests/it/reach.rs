//! How a message would reach its recipient: in clear, or on a port that nothing declares.

use averment_detect::Inspection;
use averment_policy::{Action, Facts, Observation, Reach, Stop, decide};

use crate::world::charter;

fn decided(mode: &str, host: &str, reach: Reach) -> (Option<Stop>, Action, Action) {
    let facts = Facts {
        reach,
        ..Facts::default()
    };
    let observation = Observation {
        host,
        inspection: &Inspection::default(),
    };
    let decision = decide(&charter("report", mode, ""), &observation, &facts);
    let verdict = decision.verdict();
    (verdict.stopped, verdict.judged, verdict.action)
}

#[test]
fn what_is_not_declared_is_refused_and_in_report_mode_said_to_be() {
    let (forward, refuse) = (Action::Forward, Action::Refuse);
    for (mode, reach, expected) in [
        ("enforce", Reach::Declared, (None, forward, forward)),
        ("enforce", Reach::InClear, (Some(Stop::InClear), refuse, refuse)),
        ("enforce", Reach::OtherPort, (Some(Stop::Port), refuse, refuse)),
        ("report", Reach::InClear, (Some(Stop::InClear), refuse, forward)),
        ("report", Reach::OtherPort, (Some(Stop::Port), refuse, forward)),
    ] {
        assert_eq!(decided(mode, "desk.example", reach), expected, "{mode} {reach:?}");
    }
    // Of a host that nobody declares nothing is declared that this could go against.
    assert_eq!(
        decided("enforce", "nobody.example", Reach::InClear),
        (None, refuse, forward)
    );
}
