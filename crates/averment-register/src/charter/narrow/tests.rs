//! A school's variant: what it takes out, and that what is written back is the same.

use super::*;
use crate::{Source, compile};

const ORGANISATION: &str = "organisation = \"Lantern\"\n";

const DESK: &str = r#"recipient = "desk"
third_parties = []
purpose = "To help."
information = "An address."
planes = ["gateway"]
role = "processor"
student_records = "possible"
unreadable = "forward"
hosts = ["desk.example"]
[[discloses]]
elements = ["location", "contact.email"]
subjects = ["student", "teacher"]
[[discloses]]
elements = ["contact.email"]
subjects = ["student"]
treatment = "mask"
"#;

const LIST: &str = r#"[[claims]]
id = "logs"
kind = "retained_for"
elements = ["tech.server_log"]
duration = "P90D"
sentence = "Logs are kept for 90 days."
[[claims]]
kind = "visible_to"
elements = ["identity.avatar", "account.username"]
viewers = ["peer", "teacher"]
sentence = "Class mates see pictures and names."
"#;

fn charter(school: &str) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", ORGANISATION);
    source.insert("recipients/desk.toml", DESK);
    source.insert("claims/list.toml", LIST);
    let head = "controller = \"westfield\"\nname = \"Westfield (fictional)\"\n";
    source.insert("controllers/westfield.toml", format!("{head}{school}"));
    source.insert(
        "controllers/other.toml",
        "controller = \"other\"\nname = \"Other (fictional)\"\n",
    );
    let compiled = compile(&source);
    let findings: String = compiled.diagnostics.iter().map(|finding| finding.render("")).collect();
    compiled.charter.ok_or(findings).expect("a register that compiles")
}

fn narrowed(school: &str) -> Charter {
    let id = ControllerId::new("westfield").expect("an identifier");
    let narrowed = charter(school).for_controller(&id).expect("a declared school");
    let again = compile(&narrowed.to_source())
        .charter
        .expect("what is written back compiles");
    let mut unmarked = narrowed.content().clone();
    unmarked.controller = None;
    assert_eq!(again.content(), &unmarked);
    assert_eq!(
        narrowed.for_controller(&id).expect("itself").digest(),
        narrowed.digest()
    );
    narrowed
}

fn rows(charter: &Charter) -> Vec<String> {
    let desk = charter.content().recipients.values().next().expect("the desk");
    let names = |set: Vec<&str>| set.join(" ");
    let row = |row: &Disclosure| {
        let elements = names(row.elements.iter().map(|id| id.as_str()).collect());
        let subjects = names(row.subjects.iter().map(|id| id.as_str()).collect());
        format!("{} {elements} of {subjects}: {}", row.rule, row.treatment.as_str())
    };
    desk.discloses.iter().map(row).collect()
}

#[test]
fn a_school_without_wishes_has_a_variant_that_names_it_and_no_other() {
    let (register, variant) = (charter(""), narrowed(""));
    assert_ne!(register.digest(), variant.digest());
    assert_eq!(rows(&register), rows(&variant));
    let schools: Vec<_> = variant.content().controllers.keys().map(ControllerId::as_str).collect();
    assert_eq!(schools, ["westfield"]);
    assert!(
        register
            .for_controller(&ControllerId::new("nobody").expect("an identifier"))
            .is_none()
    );
    assert!(
        variant
            .for_controller(&ControllerId::new("other").expect("an identifier"))
            .is_none()
    );
}

#[test]
fn a_recipient_that_is_off_keeps_its_hosts_and_refuses() {
    let variant = narrowed("off = [\"desk\"]\n");
    let desk = variant.recipients_of_host("desk.example")[0];
    assert!(desk.discloses.is_empty());
    assert_eq!((desk.mode, desk.unreadable), (Mode::Enforce, Unreadable::Refuse));
    assert!(desk.pseudonyms_in_answers.are_kept());
}

#[test]
fn what_is_removed_is_split_off() {
    let variant = narrowed("[[removes]]\nelements = [\"location.precise\"]\nsubjects = [\"student.under13\"]\n");
    assert_eq!(
        rows(&variant),
        [
            "desk/discloses-1 contact.email location.coarse of student teacher: pass",
            "desk/discloses-2 location.precise of student.eligible student.minor teacher: pass",
            "desk/discloses-3 contact.email of student: mask",
        ]
    );
    let variant = narrowed(
        "[[removes]]\nelements = [\"location\"]\n[[removes]]\nelements = [\"contact.email\"]\nsubjects = [\"teacher\"]\n",
    );
    assert_eq!(rows(&variant), ["desk/discloses-1 contact.email of student: pass"]);
    let elsewhere = "off = [\"desk\"]\n[[removes]]\nelements = [\"location\"]\nrecipients = [\"desk\"]\n";
    assert!(rows(&narrowed(elsewhere)).is_empty());
}

#[test]
fn a_time_is_shortened_and_a_longer_one_does_not_compile() {
    let variant = narrowed("[[shortens]]\nclaim = \"list/logs\"\nduration = \"P30D\"\n");
    let logs = &variant.content().claims[&ClaimId::new("list/logs").expect("an identifier")];
    assert!(matches!(&logs.kind, ClaimKind::RetainedFor { duration, .. } if duration.to_string() == "P30D"));
    let mut source = charter("").to_source();
    source.insert(
        "controllers/westfield.toml",
        "controller = \"westfield\"\nname = \"W\"\n[[shortens]]\nclaim = \"list/logs\"\nduration = \"P1Y\"\n",
    );
    let compiled = compile(&source);
    assert!(compiled.charter.is_none());
    assert_eq!(compiled.diagnostics[0].code, "longer-period");
}

#[test]
fn what_is_hidden_is_taken_out_and_said() {
    let variant = narrowed("[[hides]]\nelements = [\"identity\"]\nviewers = [\"peer\"]\n");
    let kinds: Vec<String> = variant
        .content()
        .claims
        .values()
        .filter_map(|claim| match &claim.kind {
            ClaimKind::VisibleTo { elements, viewers, .. } => Some(format!("{}: {elements:?} {viewers:?}", claim.id)),
            ClaimKind::HiddenFrom { .. } => Some(format!("{}: {}", claim.id, claim.sentence)),
            _ => None,
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "list/hidden-for-school: For Westfield (fictional), all identity data is hidden from students of the same \
             school or teacher.",
            "list/visible-to: {account.username} {peer, teacher}",
            "list/visible-to-2: {identity.avatar} {teacher}",
        ]
    );
}
