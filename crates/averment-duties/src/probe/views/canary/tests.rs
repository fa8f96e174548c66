use super::*;

fn seen(element: &str, value: &str, text: &str) -> bool {
    let spelled = Spellings::of(&ElementId::new(element).unwrap(), value);
    spelled.is_some_and(|spelled| spelled.stand_in(&folded(text)))
}

#[test]
fn dates_are_known_however_they_are_written() {
    let born = "2012-03-09";
    for text in [
        "born 2012-03-09T00:00:00Z",
        "9.3.2012",
        "03/09/2012",
        "09/03/2012",
        "March 9, 2012",
        "9 Mar 2012",
        "{\"birth\":1331251200}",
        "20120309",
    ] {
        assert!(seen("demographic.date_of_birth", born, text), "{text}");
    }
    for text in ["2012-03-10", "9 March 2013", "12012-03-091"] {
        assert!(!seen("demographic.date_of_birth", born, text), "{text}");
    }
}

#[test]
fn names_are_known_in_any_order() {
    for text in [
        "Maya Lindqvist",
        "LINDQVIST, Maya",
        "maya-lindqvist",
        "<b>Lindqvist\n  Maya</b>",
    ] {
        assert!(seen("identity.name.full", "Maya Lindqvist", text), "{text}");
    }
    assert!(!seen("identity.name.full", "Maya Lindqvist", "Maya Lindqvistson"));
}

#[test]
fn addresses_numbers_and_words_are_known() {
    let address = "maya.lindqvist@birch.example";
    assert!(seen("contact.email", address, "mailto:Maya.Lindqvist@birch.example?x"));
    // printf maya.lindqvist@birch.example | md5sum
    let digest = digests(address)[0].clone();
    assert!(seen("contact.email", address, &format!("/avatar/{digest}?s=80")));
    assert!(seen("contact.phone", "+46 70 123 45 67", "call 070-123 45 67"));
    assert!(!seen("account.username", "maya7", "maya77"));
    for short in ["7", "no", "2012"] {
        assert!(
            Spellings::of(&ElementId::new("account.id").unwrap(), short).is_none(),
            "{short}"
        );
    }
}
