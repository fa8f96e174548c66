use averment_register::{Source, compile};
use http::HeaderValue;

use super::*;

fn settings(required: bool) -> Settings {
    // SHA-256 of `right`.
    Settings::parse(&format!(
        "services_required = {required}\n[[services]]\nname = \"mailer\"\n\
         token_sha256 = \"{}\"\n[[services]]\nname = \"other\"\n",
        hex(&Sha256::digest("right")).to_uppercase()
    ))
    .unwrap()
}

fn named(field: &str) -> Result<Option<String>, Kind> {
    let mut headers = HeaderMap::new();
    headers.insert(PROXY_AUTHORIZATION, HeaderValue::from_str(field).unwrap());
    let settings = settings(false);
    let found = identify(&headers, None, &settings);
    found
        .map(|service| service.map(|service| service.name.clone()))
        .map_err(|_| Kind::CallerUnknown)
}

fn basic(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

#[test]
fn a_token_names_its_service() {
    assert_eq!(named(&basic("anything:right")), Ok(Some("mailer".to_owned())));
    assert_eq!(
        named(&basic(":right").replace("Basic", "bAsIc")),
        Ok(Some("mailer".to_owned()))
    );
    for wrong in ["x:wrong", "x:right ", "x:", "right", "x:Right"] {
        assert_eq!(named(&basic(wrong)), Err(Kind::CallerUnknown), "{wrong}");
    }
    for field in ["Bearer right", "Basic", "Basic !!!", "Basic cmlnaHQ"] {
        assert_eq!(named(field), Err(Kind::CallerUnknown), "{field}");
    }
    assert_eq!(
        identify(&HeaderMap::new(), None, &settings(false))
            .ok()
            .flatten()
            .map(|s| &s.name),
        None
    );
}

#[test]
fn a_token_for_somebody_else_is_passed_over_where_no_service_is_declared() {
    let mut headers = HeaderMap::new();
    headers.insert(PROXY_AUTHORIZATION, HeaderValue::from_static("Basic eDp5"));
    assert!(identify(&headers, None, &Settings::default()).is_ok_and(|service| service.is_none()));
}

#[test]
fn a_context_holds_words_of_the_register_only() {
    let row = |when: &str| {
        format!("[[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\nwhen = \"{when}\"\n")
    };
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Example\"\n".to_owned());
    source.insert(
        "recipients/desk.toml",
        "recipient = \"desk\"\nthird_parties = []\npurpose = \"To test.\"\ninformation = \"What tests need.\"\n\
         planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"desk.example\"]\n"
            .to_owned()
            + &row("subject_chooses")
            + &row("act:adds-avatar")
            + &row("consent:photo"),
    );
    let charter = compile(&source).charter.unwrap();
    let read = |text: &str| {
        let mut sender = Sender::default();
        read_context(text, &charter, &mut sender).map(|()| sender)
    };
    let sender = read("when=subject_chooses; when = act:adds-avatar ;purpose=service.support;").unwrap();
    assert_eq!(
        (sender.when.len(), sender.purpose.unwrap().as_str()),
        (2, "service.support")
    );
    assert_eq!(read("").unwrap(), Sender::default());
    for wrong in [
        "when=always-and-ever",
        "when=on_support_request",
        "when=act:ada-brook",
        "when=consent:photo",
        "purpose=ada.brook",
        "purpose=service.support; purpose=service.support",
        "who=ada",
        "ada",
    ] {
        let error = read(wrong).unwrap_err();
        assert!(!error.contains("ada"), "{error}");
    }
}
