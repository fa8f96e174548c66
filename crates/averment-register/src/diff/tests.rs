//! Which way single claims go.

use super::change::Direction::{self, Mixed, Narrower, Other, PromisesLess, PromisesMore, Wider};
use super::{Change, diff};
use crate::charter::Charter;
use crate::{Source, compile};

/// A register of one recipient with this claim about the list, or none.
fn charter(claim: &str) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Lantern\"\n");
    let desk = "recipient = \"desk\"\nthird_parties = []\npurpose = \"To help.\"\ninformation = \"An address.\"\n\
                planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\n";
    source.insert("recipients/desk.toml", desk);
    if !claim.is_empty() {
        let (kind, rest) = claim.split_once(' ').unwrap_or((claim, ""));
        let rest = rest.replace("; ", "\n");
        source.insert(
            "claims/list.toml",
            format!("[[claims]]\nsentence = \"So.\"\nkind = \"{kind}\"\n{rest}\n"),
        );
    }
    let compiled = compile(&source);
    let findings: String = compiled.diagnostics.iter().map(|finding| finding.render("")).collect();
    compiled.charter.ok_or(findings).expect("a register that compiles")
}

fn change(old: &str, new: &str) -> Change {
    let (old, new) = (charter(old), charter(new));
    let there = diff(&old, &new);
    assert_eq!(there.inverse(), diff(&new, &old));
    let [change] = &there.changes[..] else {
        unreachable!("{:#?}", there.changes)
    };
    change.clone()
}

/// Both ways: the second direction is that of the way back.
fn ways(old: &str, new: &str) -> (Direction, Direction) {
    (change(old, new).direction, change(new, old).direction)
}

const LESS: (Direction, Direction) = (PromisesLess, PromisesMore);
const WIDER: (Direction, Direction) = (Wider, Narrower);
const NEITHER: (Direction, Direction) = (Other, Other);
const BOTH: (Direction, Direction) = (Mixed, Mixed);

#[test]
fn a_claim_that_goes_takes_its_promise_with_it() {
    for claim in [
        "list_complete",
        "encrypted_at_rest",
        "not_stored elements = [\"edu\"]",
        "contract_says term = \"no_sale\"",
    ] {
        assert_eq!(ways(claim, ""), LESS, "{claim}");
    }
    assert_eq!(ways("", "contract_says term = \"unilateral_change\""), LESS);
    assert_eq!(ways("", "collects elements = [\"edu\"]"), WIDER);
    assert_eq!(ways("", "visible_to elements = [\"edu\"]; viewers = [\"peer\"]"), WIDER);
    assert_eq!(ways("statement", ""), (PromisesLess, Other));
}

#[test]
fn every_kind_knows_what_is_less() {
    let rows = [
        ("never_shares", "never_shares elements = [\"contact\"]"),
        ("list_complete", "list_complete unless = [\"consent\"]"),
        ("aggregates_only", "aggregates_only subjects = [\"student\"]"),
        (
            "not_stored elements = [\"edu\"]",
            "not_stored elements = [\"edu.school\"]",
        ),
        (
            "stored_as elements = [\"edu\"]; form = \"bcrypt\"",
            "stored_as elements = [\"edu.school\"]; form = \"bcrypt\"",
        ),
        ("stored_in places = [\"EU\"]", "stored_in places = [\"EEA\"]"),
        ("encrypted_in_transit", "encrypted_in_transit elements = [\"edu\"]"),
        (
            "encrypted_at_rest elements = [\"edu\", \"contact\"]",
            "encrypted_at_rest elements = [\"edu\"]",
        ),
        ("retained_for duration = \"P30D\"", "retained_for duration = \"P90D\""),
        (
            "erased_on after = \"request\"",
            "erased_on after = \"request\"; duration = \"P1D\"",
        ),
        (
            "erased_on after = \"request\"",
            "erased_on after = \"request\"; except = [\"edu.school\"]",
        ),
        (
            "hidden_from viewers = [\"public\", \"peer\"]",
            "hidden_from viewers = [\"peer\"]",
        ),
        (
            "hidden_from viewers = [\"peer\"]",
            "hidden_from viewers = [\"peer\"]; unless = [\"consent\"]",
        ),
        (
            "hidden_from viewers = [\"peer\"]",
            "hidden_from viewers = [\"peer\"]; elements = [\"edu\"]",
        ),
        (
            "needs_consent consent = \"photo\"; giver = \"guardian\"",
            "needs_consent consent = \"photo\"; giver = \"guardian\"; subjects = [\"student\"]",
        ),
        (
            "exempt_from activity = \"marketing\"; subjects = [\"student\"]",
            "exempt_from activity = \"marketing\"; subjects = [\"student.under13\"]",
        ),
        (
            "performed_every activity = \"backup\"; period = \"P1D\"",
            "performed_every activity = \"backup\"; period = \"P7D\"",
        ),
        (
            "performed_every activity = \"backup\"",
            "performed_every activity = \"backup\"; period = \"P7D\"",
        ),
        (
            "holds_certificate certificate = \"soc2\"; until = 2028-01-01",
            "holds_certificate certificate = \"soc2\"; until = 2027-01-01",
        ),
        (
            "complies_with regimes = [\"ferpa\", \"coppa\"]",
            "complies_with regimes = [\"ferpa\"]",
        ),
        ("acts_as role = \"processor\"", "acts_as role = \"controller\""),
    ];
    for (more, less) in rows {
        assert_eq!(ways(more, less), LESS, "{more} / {less}");
    }
}

#[test]
fn what_is_said_to_happen_gets_wider() {
    let rows = [
        ("collects elements = [\"edu.school\"]", "collects elements = [\"edu\"]"),
        (
            "collects elements = [\"edu\"]; when = \"incidental\"",
            "collects elements = [\"edu\"]",
        ),
        (
            "visible_to elements = [\"edu\"]; viewers = [\"peer\"]",
            "visible_to elements = [\"edu\"]; viewers = [\"peer\", \"public\"]",
        ),
        (
            "visible_to elements = [\"edu\"]; viewers = [\"peer\"]; off_by = \"school\"",
            "visible_to elements = [\"edu\"]; viewers = [\"peer\"]",
        ),
    ];
    for (narrow, wide) in rows {
        assert_eq!(ways(narrow, wide), WIDER, "{narrow} / {wide}");
    }
}

#[test]
fn another_promise_in_the_place_of_one_is_more_and_less() {
    let rows = [
        (
            "stored_as elements = [\"edu\"]; form = \"bcrypt\"",
            "stored_as elements = [\"edu\"]; form = \"md5\"",
        ),
        (
            "never_shares elements = [\"edu\"]",
            "never_shares elements = [\"contact\"]",
        ),
        (
            "retained_for duration = \"P1D\"; after = \"request\"",
            "retained_for duration = \"P1D\"; after = \"last_use\"",
        ),
        ("offers offer = \"opt_out\"", "offers offer = \"opt_in\""),
        (
            "contract_says term = \"no_sale\"",
            "contract_says term = \"no_training\"",
        ),
        (
            "collects elements = [\"edu\"]; when = \"incidental\"",
            "collects elements = [\"edu\"]; when = \"subject_chooses\"",
        ),
    ];
    for (one, other) in rows {
        assert_eq!(ways(one, other), BOTH, "{one} / {other}");
    }
    let url = "offers offer = \"opt_out\"; url = \"https://lantern.example\"";
    assert_eq!(ways("offers offer = \"opt_out\"", url), NEITHER);
}

#[test]
fn a_category_means_its_elements_in_claims_too() {
    let whole = charter("not_stored elements = [\"location\"]");
    let parts = charter("not_stored elements = [\"location.precise\", \"location.coarse\"]");
    assert!(whole.digest() != parts.digest() && diff(&whole, &parts).is_empty());
}

#[test]
fn evidence_that_is_shown_less_often_is_less() {
    let every = |period| format!("encrypted_at_rest evidence = {{ owner = \"security\", every = \"{period}\" }}");
    assert_eq!(ways(&every("P1M"), &every("P1Y")), LESS);
    assert_eq!(ways(&every("P1Y"), "encrypted_at_rest"), LESS);
}
