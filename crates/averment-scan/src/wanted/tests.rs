use averment_register::{Source, compile};
use serde_json::{Value, json};

use super::*;

fn charter() -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Reading Room\"\n");
    let twilio = r#"
recipient = "twilio"
purpose = "To send a link."
information = "Telephone numbers."
planes = ["gateway"]
role = "processor"
student_records = "none"
[[discloses]]
elements = ["contact.phone"]
subjects = ["teacher"]
[[claims]]
kind = "never_shares"
sentence = "No names of students go there."
elements = ["identity.name"]
subjects = ["student"]
"#;
    source.insert("recipients/twilio.toml", twilio);
    compile(&source).charter.expect("a register")
}

fn look(party: &Value, tier: &str, passed: &[(&str, Option<&str>)]) -> Seen {
    let passed: Vec<Value> = passed
        .iter()
        .map(|(element, subject)| json!({ "element": element, "subject": subject, "spot": { "file": "a.rb", "line": 9 }, "confidence": "likely" }))
        .collect();
    let seen = json!({
        "look": "scan.code", "planes": ["gateway"], "from": "2026-11-01T08:00:00Z", "until": "2026-11-01T08:00:00Z",
        "observations": [{ "party": party, "plane": "gateway", "hosts": ["api.new-desk.org"], "passed": passed, "evidence": [{
            "how": "host", "what": "https://api.new-desk.org/v1", "spot": { "file": "a.rb", "line": 3 }, "tier": tier, "confidence": "certain" }] }],
        "coverage": { "read": 1, "live": 1, "bytes": 1 },
    });
    serde_json::from_value(seen).expect("what a look writes")
}

fn of(look: Seen, own: &[&str]) -> Option<Wanted> {
    let own = own.iter().map(|name| (*name).to_owned()).collect();
    wanted(&charter(), &[look.clone(), look], &own).into_values().next()
}

#[test]
fn somebody_unheard_of_is_wanted_with_hosts_elements_and_evidence() {
    let desk = json!({ "domain": "new-desk.org" });
    let found = of(look(&desk, "contacted", &[("contact.email", Some("student"))]), &[]).expect("it is wanted");
    assert_eq!(found.recipient, None);
    assert_eq!(found.hosts, BTreeSet::from(["api.new-desk.org".to_owned()]));
    assert_eq!(
        (found.evidence.len(), found.elements.len()),
        (1, 1),
        "the same look twice says nothing more"
    );
    assert_eq!(of(look(&desk, "linked", &[]), &[]), None);
    assert_eq!(of(look(&desk, "contacted", &[]), &["new-desk.org"]), None);
}

#[test]
fn of_a_declared_recipient_only_what_no_row_declares_is_wanted() {
    let twilio = json!({ "known": "twilio" });
    assert_eq!(
        of(look(&twilio, "contacted", &[("contact.phone", Some("teacher"))]), &[]),
        None
    );
    let found = of(look(&twilio, "contacted", &[("contact.email", Some("teacher"))]), &[]).expect("it is wanted");
    assert_eq!(found.recipient.map(|id| id.to_string()).as_deref(), Some("twilio"));
    assert!(found.hosts.is_empty() && found.evidence.is_empty() && found.elements.len() == 1);
}

#[test]
fn what_a_sentence_rules_out_is_told_and_not_wanted() {
    let twilio = json!({ "known": "twilio" });
    let found = of(
        look(&twilio, "contacted", &[("identity.name.full", Some("student"))]),
        &[],
    )
    .expect("it is told");
    assert!(found.elements.is_empty());
    let claims: Vec<String> = found.ruled_out.values().map(|(claim, _)| claim.to_string()).collect();
    assert_eq!(claims, ["twilio/never-shares"]);
}
