//! The bundled example register: complete, without errors, and saying what it is there to show.

use std::path::Path;

use averment_catalog::Treatment;
use averment_register::{Charter, ClaimKind, Mode, RecipientId, Severity, Source, compile};

fn example() -> Charter {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/codeorg");
    let compiled = compile(&Source::read(&folder).unwrap());
    let errors = compiled
        .diagnostics
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    let errors: String = errors.map(|finding| finding.render("")).collect();
    assert!(errors.is_empty(), "{errors}");
    compiled.charter.unwrap()
}

#[test]
fn written_back_it_is_the_same_charter() {
    let charter = example();
    let again = compile(&charter.to_source()).charter.unwrap();
    assert_eq!(again.digest(), charter.digest());
}

#[test]
fn holds_44_recipients_and_30_that_get_no_student_records() {
    let charter = example();
    assert_eq!(charter.content().recipients.len(), 44);
    let never = |claim: &&averment_register::Claim| matches!(claim.kind, ClaimKind::NeverShares { .. });
    assert_eq!(charter.content().claims.values().filter(never).count(), 30);
    for recipient in charter.content().recipients.values() {
        assert!(
            !recipient.purposes.is_empty() && !recipient.planes.is_empty(),
            "{}",
            recipient.id
        );
        assert!(
            !recipient.third_parties.is_empty() && recipient.said.is_some(),
            "{}",
            recipient.id
        );
    }
}

#[test]
fn has_the_modes_and_treatments_of_the_walk_through() {
    let charter = example();
    let recipient = |id| charter.recipient(&RecipientId::new(id).unwrap()).unwrap();
    assert_eq!(recipient("amplitude").mode, Mode::Enforce);
    assert_eq!(recipient("twilio").mode, Mode::Enforce);
    assert_eq!(recipient("statsig").mode, Mode::Report);
    assert_eq!(charter.content().unknown_hosts, Mode::Enforce);
    let treatments = recipient("honeybadger").discloses.iter().map(|row| row.treatment);
    assert_eq!(
        treatments.collect::<Vec<_>>(),
        [Treatment::Pass, Treatment::Pass, Treatment::Mask]
    );
}

#[test]
fn the_hosts_of_the_walk_through_lead_to_their_recipients() {
    let charter = example();
    for (host, id) in [
        ("api2.amplitude.com", "amplitude"),
        ("api.twilio.com", "twilio"),
        ("lantern.zendesk.com", "zendesk"),
    ] {
        let found: Vec<&str> = charter
            .recipients_of_host(host)
            .iter()
            .map(|recipient| recipient.id.as_str())
            .collect();
        assert_eq!(found, [id], "{host}");
    }
    assert!(charter.recipients_of_host("unheard-of.example").is_empty());
}
