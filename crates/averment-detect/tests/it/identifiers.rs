//! One normal form for loading and for looking.

use averment_catalog::catalog;
use averment_detect::Form;
use averment_detect::normalise::{IdentifierKind, NotMatchable, email, identifiers, name, phone, word};

#[test]
fn elements_of_identifiers_are_in_the_catalog() {
    for kind in IdentifierKind::ALL {
        assert!(catalog().element(&kind.element()).is_some(), "{kind:?}");
    }
}

#[test]
fn spellings_of_an_address_are_one() {
    for text in [
        "ADA@School.Example",
        " <ada@school.example>",
        "mailto:ada@school.example",
        "ａｄａ＠school.example",
        "a\u{200b}da@school\u{ad}.example.",
    ] {
        assert_eq!(email(text).as_deref(), Some("ada@school.example"), "{text:?}");
    }
    for text in ["", "ada", "@school.example", "ada@", "a b@school.example"] {
        assert_eq!(email(text), None, "{text:?}");
    }
}

#[test]
fn spellings_of_a_name_are_one() {
    let names = [
        "Núñez-Ortega, José",
        "josé núñez-ortega",
        "JOSE NUNEZ ORTEGA",
        "Jose\u{301} Nun\u{303}ez Ortega",
    ];
    for text in names {
        assert_eq!(name(text), "jose nunez ortega", "{text:?}");
    }
    assert_eq!(word(" ＡＤＡ_L "), "ada_l");
}

#[test]
fn spellings_of_a_number_are_one() {
    for text in [
        "+44 20 7946 0018",
        "0044 20 7946 0018",
        "+44 (0)20 7946-0018",
        "442079460018",
    ] {
        assert_eq!(phone(text).as_deref(), Some("442079460018"), "{text:?}");
    }
    assert_eq!(phone("911"), None);
}

#[test]
fn what_would_match_by_chance_is_refused_with_a_reason() {
    let reason = |kind, text| identifiers(kind, text).unwrap_err();
    assert_eq!(reason(IdentifierKind::Username, "al"), NotMatchable::TooShort);
    assert_eq!(reason(IdentifierKind::StudentId, "2041"), NotMatchable::TooFewDigits);
    assert_eq!(reason(IdentifierKind::FullName, "Ada"), NotMatchable::OneWord);
    assert_eq!(
        reason(IdentifierKind::FullName, "Ada Ada Ada Ada Ada Ada"),
        NotMatchable::TooManyWords
    );
    assert_eq!(
        reason(IdentifierKind::Email, "ada at school"),
        NotMatchable::NotAnAddress
    );
    assert_eq!(reason(IdentifierKind::Phone, "555"), NotMatchable::NotANumber);
    assert_eq!(reason(IdentifierKind::Username, "a/b/c"), NotMatchable::Characters);
    assert_eq!(reason(IdentifierKind::Username, "  "), NotMatchable::Empty);
}

#[test]
fn a_user_name_that_is_an_address_is_looked_for_as_one() {
    let pairs = identifiers(IdentifierKind::Username, "Ada@School.example").unwrap();
    assert_eq!(pairs, [(Form::Email, "ada@school.example".to_owned())]);
}
