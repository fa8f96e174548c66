//! One normal form for loading and for looking.

use averment_catalog::catalog;
use averment_detect::Form;
use averment_detect::normalise::{
    IdentifierKind, NotMatchable, email, identifiers, name, national_forms, national_forms_in, phone, word,
};

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

#[test]
fn a_number_is_known_as_it_is_dialled_in_its_country() {
    for (country, written, expected) in [
        ("GB", "020 7946 0018", "442079460018"),
        ("SE", "08-555 010 00", "46855501000"),
        ("HU", "06 1 555 0100", "3615550100"),
        ("RU", "8 495 555-01-00", "74955550100"),
        ("DK", "32 55 01 00", "4532550100"),
        ("US", "(206) 555-0100", "12065550100"),
        ("US", "+44 20 7946 0018", "02079460018"),
        ("IT", "06 5550 1000", "390655501000"),
    ] {
        let forms = national_forms_in(written, Some(country));
        assert!(
            forms.iter().any(|form| form == expected),
            "{written} in {country}: {forms:?}"
        );
        let mut once = forms.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), forms.len(), "{written}");
    }
    for (written, expected) in [
        ("+36 1 555 0100", "0615550100"),
        ("+7 495 555 01 00", "84955550100"),
        ("+45 32 55 01 00", "32550100"),
    ] {
        assert!(national_forms(written).iter().any(|form| form == expected), "{written}");
    }
    assert_eq!(
        national_forms_in("020 7946 0018", Some("XX")),
        national_forms("020 7946 0018")
    );
}
