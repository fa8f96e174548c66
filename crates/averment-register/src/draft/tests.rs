//! A draft says that it is one, and becomes a register file when it is filled in.

use averment_catalog::catalog;

use super::{DraftError, recipient, register, school};
use crate::compile::{Compiled, compile};
use crate::source::Source;

fn with(file: &str, text: &str) -> Compiled {
    let mut source = register();
    source.insert(file, text);
    compile(&source)
}

fn codes(compiled: &Compiled, file: &str) -> Vec<&'static str> {
    let of_file = compiled.diagnostics.iter().filter(|finding| finding.file == file);
    of_file.map(|finding| finding.code).collect()
}

/// The draft as a person fills it in: sentences written, suggestions taken.
fn filled_in(text: &str) -> String {
    let taken = |line: &str| {
        let field = line.strip_prefix("# ").unwrap_or_default();
        let is_field = field.starts_with('[')
            || field.split(" = ").next().is_some_and(|key| !key.contains(' ')) && field.contains(" = ");
        if is_field {
            field.to_owned()
        } else {
            line.replace("\"\"", "\"As published.\"")
        }
    };
    text.lines().map(|line| taken(line) + "\n").collect()
}

#[test]
fn every_third_party_gives_a_draft_that_is_reported_until_it_is_filled_in() {
    for party in catalog().third_parties() {
        let draft = recipient(party.id.as_str()).unwrap();
        let found = with(&draft.file, &draft.text);
        assert!(found.charter.is_none());
        let mut found = codes(&found, &draft.file);
        found.sort_unstable();
        assert_eq!(
            found,
            ["empty-text", "empty-text", "missing-field", "missing-field"],
            "{}",
            draft.text
        );
        let text = filled_in(&draft.text);
        let whole = with(&draft.file, &text);
        let findings: String = whole.diagnostics.iter().map(|finding| finding.render("")).collect();
        let charter = whole.charter.ok_or_else(|| format!("{findings}\n{text}")).unwrap();
        let one = charter.content().recipients.values().next().unwrap();
        assert_eq!(one.discloses.len(), 1);
        assert!(!one.purposes.is_empty() && !one.planes.is_empty(), "{text}");
        assert!(
            draft
                .text
                .lines()
                .filter(|line| line.starts_with('#') && line.contains(": "))
                .all(|line| line.chars().count() <= 120),
            "{}",
            draft.text
        );
        let mut source = Source::default();
        source.insert(&draft.file, draft.text.as_str());
        assert!(crate::format::files(&source).left.is_empty());
    }
}

#[test]
fn what_rests_on_memory_is_marked() {
    let text = recipient("zendesk").unwrap().text;
    for expected in [
        "recipient = \"zendesk\"\n",
        "{subdomain}.zendesk.com (api, ingest, browser, app)\n",
        "#   contact.phone: json user.phone (sourced)\n",
        "text in json ticket.subject (sourced)",
        "planes = [\"gateway\", \"browser\"]\n",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let memory = catalog()
        .third_parties()
        .filter(|party| recipient(party.id.as_str()).unwrap().text.contains("(from memory)"));
    assert!(memory.count() > 5);
}

#[test]
fn a_new_register_and_a_new_school_say_what_is_missing() {
    let fresh = compile(&register());
    assert_eq!(
        codes(&fresh, "organisation.toml"),
        ["no-recipient", "organisation-unknown"]
    );
    let draft = school("westfield").unwrap();
    let mut source = register();
    source.insert(&draft.file, draft.text.as_str());
    assert_eq!(codes(&compile(&source), &draft.file), ["empty-text"]);
    let zendesk = recipient("zendesk").unwrap();
    source.insert(&draft.file, filled_in(&draft.text));
    source.insert(&zendesk.file, filled_in(&zendesk.text));
    let organisation = filled_in(source.get("organisation.toml").unwrap());
    source.insert("organisation.toml", organisation);
    let list = filled_in(source.get("claims/list.toml").unwrap());
    source.insert("claims/list.toml", list);
    let whole = compile(&source);
    let findings: String = whole.diagnostics.iter().map(|finding| finding.render("")).collect();
    assert!(whole.charter.is_some(), "{findings}");
    assert!(matches!(school("../x"), Err(DraftError::SchoolId { .. })));
}

#[test]
fn an_unknown_name_gives_the_nearest() {
    let near = |id: &str| match recipient(id) {
        Err(DraftError::UnknownThirdParty { near, .. }) => near,
        other => panic!("{other:?}"),
    };
    assert_eq!(near("zendsk").first().map(String::as_str), Some("zendesk"));
    assert!(
        near("gogle").iter().any(|id| id.contains("google")),
        "{:?}",
        near("gogle")
    );
    assert!(near("Google").len() > 1, "{:?}", near("Google"));
    assert!(near("").is_empty() && near("qqqqqqqqqqqqqqqqqqqqqqqqqq").is_empty());
    assert!(near("../../etc/passwd").is_empty());
    assert!(!near("mind").contains(&"remind".to_owned()), "{:?}", near("mind"));
    assert!(near("Remind").contains(&"remind".to_owned()));
    assert!(
        near("instructure").contains(&"canvas".to_owned()),
        "{:?}",
        near("instructure")
    );
}
