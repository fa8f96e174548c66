use super::*;
use crate::import::words::words as words_of;

fn of_row(name: &str, prose: &str) -> Vec<String> {
    third_parties(name, prose).iter().map(ToString::to_string).collect()
}

fn spoken(text: &str) -> Vec<&'static str> {
    let words = words_of(text);
    let of = |party: &&ThirdParty| words.iter().any(|word| spoken_of(party, text, word));
    catalog()
        .third_parties()
        .filter(of)
        .map(|party| party.id.as_str())
        .collect()
}

#[test]
fn a_row_whose_name_is_a_common_word_means_the_third_party() {
    for name in ["Clever", "Clever, Inc.", "clever", "Clever SSO"] {
        assert_eq!(of_row(name, ""), ["clever"], "{name}");
        assert!(exact(name).is_some(), "{name}");
    }
    assert_eq!(of_row("Seesaw Learning, Inc.", ""), ["seesaw"]);
}

#[test]
fn a_longer_name_that_begins_with_a_common_word_is_somebody_elses() {
    for name in [
        "Clever Prototypes",
        "Remind parents of meetings",
        "Flip cards",
        "Canvas prints",
    ] {
        assert_eq!(of_row(name, ""), [""; 0], "{name}");
    }
    // A name that is no word of the language still stands for what lies behind it; a product before its vendor.
    assert_eq!(of_row("Twilio Lookup", ""), ["twilio"]);
    assert_eq!(of_row("Twilio Verify", ""), ["twilio-verify"]);
}

#[test]
fn a_common_word_with_a_typing_mistake_is_that_word() {
    assert_eq!(of_row("Normative", ""), [""; 0]);
    assert_eq!(of_row("Informative", ""), [""; 0]);
    assert_eq!(of_row("Salesforse", ""), ["salesforce"]);
}

#[test]
fn in_running_text_a_common_word_is_meant_only_as_a_company() {
    for name in ["Clever", "Remind", "Canvas"] {
        assert_eq!(in_text(name), None, "{name}");
    }
    assert!(in_text("Clever, Inc.").is_some());
    assert!(in_text("Clever Inc").is_some());
    assert!(in_text("Twilio").is_some());
}

#[test]
fn a_sentence_that_holds_a_common_word_speaks_of_nobody() {
    for text in [
        "We remind parents by e-mail",
        "Students flip cards on a blank canvas",
        "Clever students use a blackboard",
        "a clever incident plan",
    ] {
        assert_eq!(spoken(text), [""; 0], "{text}");
    }
    assert_eq!(spoken("Accounts come from Clever, Inc. each night"), ["clever"]);
    assert_eq!(spoken("Messages are sent by Twilio"), ["twilio"]);
    assert_eq!(spoken("Twilio's servers keep them"), ["twilio"]);
}
