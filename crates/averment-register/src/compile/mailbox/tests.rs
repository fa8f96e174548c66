use crate::{Source, compile};

/// Codes of what is found about a mailbox of `lantern.example`.
fn found(mailbox: &str, more: &str) -> Vec<&'static str> {
    found_at("lantern.example", mailbox, more)
}

/// The same where `domain` is the organisation's own.
fn found_at(domain: &str, mailbox: &str, more: &str) -> Vec<&'static str> {
    let mut source = Source::default();
    source.insert(
        "organisation.toml",
        format!("organisation = \"Lantern\"\n[about]\nown_domains = [\"{domain}\"]\nown_mailboxes = [\"{mailbox}\"]\n"),
    );
    source.insert(
        "controllers/birch.toml",
        format!("controller = \"birch\"\nname = \"Birch School\"\n{more}"),
    );
    let compiled = compile(&source);
    let of_mailboxes = compiled.diagnostics.iter().map(|finding| finding.code);
    of_mailboxes.filter(|code| code.starts_with("own-mailbox")).collect()
}

#[test]
fn a_mailbox_is_an_address_at_a_domain_of_ones_own() {
    for mailbox in [
        "news@lantern.example",
        "no-reply@mail.lantern.example",
        "a.b_1@lantern.example",
    ] {
        assert!(found(mailbox, "").is_empty(), "{mailbox}");
    }
    for mailbox in [
        "news",
        "@lantern.example",
        "News@lantern.example",
        "news+x@lantern.example",
        ".news@lantern.example",
        "ne..ws@lantern.example",
        "news@*.lantern.example",
        "news@lantern",
        "news@lantern.example:25",
        "a@b@lantern.example",
        "news@otherlantern.example",
        "news@elsewhere.example",
    ] {
        assert_eq!(found(mailbox, ""), ["own-mailbox"], "{mailbox}");
    }
}

#[test]
fn where_everybody_may_have_one_nobody_has_a_mailbox_of_ones_own() {
    for domain in ["gmail.com", "outlook.com", "web.de"] {
        let mailboxes = [format!("lantern@{domain}"), format!("news@mail.{domain}")];
        for mailbox in mailboxes {
            assert_eq!(found_at(domain, &mailbox, ""), ["own-mailbox"], "{mailbox}");
        }
    }
    assert!(found_at("notgmail.com", "news@notgmail.com", "").is_empty());
}

#[test]
fn a_mailbox_where_a_school_is_written_to_is_told() {
    let told = |contact: &str| found("news@lantern.example", &format!("contact = \"{contact}\"\n"));
    for contact in [
        "Office@Lantern.example",
        "Office <office@lantern.example>",
        "desk@birch.example, office@lantern.example.",
        "office@schools.lantern.example",
        "mailto:office@lantern.example?subject=privacy",
    ] {
        assert_eq!(told(contact), ["own-mailbox-at-school"], "{contact}");
    }
    let above = "contact = \"office@lantern.example\"\n";
    assert_eq!(found("news@mail.lantern.example", above), ["own-mailbox-at-school"]);
    for contact in [
        "office@birch.example",
        "office@otherlantern.example",
        "https://lantern.example/office",
    ] {
        assert!(told(contact).is_empty(), "{contact}");
    }
}

#[test]
fn a_charter_without_mailboxes_says_nothing_of_them() {
    let mut source = Source::default();
    let about = "organisation = \"Lantern\"\n[about]\nown_domains = [\"lantern.example\"]\n";
    source.insert("organisation.toml", about);
    let before = compile(&source).charter.map(|charter| charter.digest().to_string());
    source.insert("organisation.toml", format!("{about}own_mailboxes = []\n"));
    let after = compile(&source).charter.map(|charter| charter.digest().to_string());
    assert!(before.is_some() && before == after);
}
