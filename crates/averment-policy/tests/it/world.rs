//! Small registers and findings, built from text.

use averment_catalog::{ElementId, SubjectId};
use averment_detect::{Finding, Inspection, KnownBy, Part, PersonNumber, Place, Unreadable, UnreadableBecause, Whose};
use averment_register::{Charter, Source, compile};

/// Compiles one recipient `desk` on `desk.example`, with `body` appended to its file.
pub(crate) fn charter(unknown_hosts: &str, mode: &str, body: &str) -> Charter {
    charter_with(&Parts {
        unknown_hosts,
        mode,
        recipient: body,
        ..Parts::default()
    })
}

/// What a register is made of.
#[derive(Default)]
pub(crate) struct Parts<'a> {
    pub(crate) unknown_hosts: &'a str,
    /// Of every recipient.
    pub(crate) mode: &'a str,
    /// The rest of the file of `desk` on `desk.example`.
    pub(crate) recipient: &'a str,
    /// The same of `help`, which shares the host; none when empty.
    pub(crate) other: &'a str,
    /// The file of claims about the list as a whole.
    pub(crate) list: &'a str,
    /// What `westfield` asks for; nothing when empty.
    pub(crate) school: &'a str,
}

/// Compiles a register of `parts`.
pub(crate) fn charter_with(parts: &Parts<'_>) -> Charter {
    let Parts {
        unknown_hosts,
        mode,
        list,
        school,
        ..
    } = parts;
    let organisation =
        format!("organisation = \"Example Platform\"\n[defaults]\nunknown_hosts = \"{unknown_hosts}\"\n");
    let at_the_desk = |id, body| recipient_file(id, &format!("mode = \"{mode}\"\nhosts = [\"desk.example\"]\n{body}"));
    let mut files = vec![
        ("organisation.toml", organisation),
        ("claims/list.toml", (*list).to_owned()),
        ("recipients/desk.toml", at_the_desk("desk", parts.recipient)),
    ];
    if !parts.other.is_empty() {
        files.push(("recipients/help.toml", at_the_desk("help", parts.other)));
    }
    if !school.is_empty() {
        let own = format!("controller = \"westfield\"\nname = \"Westfield (fictional)\"\n{school}");
        files.push(("controllers/westfield.toml", own));
    }
    charter_of_files(files)
}

/// Compiles a register of several recipients, each with its own part of a file.
pub(crate) fn charter_of(unknown_hosts: &str, recipients: &[(&str, &str)], list: &str) -> Charter {
    let organisation =
        format!("organisation = \"Example Platform\"\n[defaults]\nunknown_hosts = \"{unknown_hosts}\"\n");
    let own = [
        ("organisation.toml".to_owned(), organisation),
        ("claims/list.toml".to_owned(), list.to_owned()),
    ];
    let recipients = recipients
        .iter()
        .map(|(id, body)| (format!("recipients/{id}.toml"), recipient_file(id, body)));
    charter_of_files(own.into_iter().chain(recipients))
}

/// The file of a recipient that the catalog does not know, with `body` appended.
pub(crate) fn recipient_file(id: &str, body: &str) -> String {
    let purposes = if body.contains("purposes = ") {
        ""
    } else {
        "purposes = [\"service.support\"]\n"
    };
    let head = format!(
        "recipient = \"{id}\"\nthird_parties = []\npurpose = \"To help.\"\n{purposes}\
         information = \"An address.\"\nplanes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\n"
    );
    head + body
}

/// Compiles a register of these files.
#[expect(
    clippy::panic,
    reason = "a test's own register that does not compile is a mistake in the test"
)]
pub(crate) fn charter_of_files(files: impl IntoIterator<Item = (impl Into<String>, String)>) -> Charter {
    let mut source = Source::default();
    files.into_iter().for_each(|(name, text)| source.insert(name, text));
    let compiled = compile(&source);
    let findings: String = compiled.diagnostics.iter().map(|d| d.render("")).collect();
    compiled
        .charter
        .unwrap_or_else(|| panic!("the register does not compile:\n{findings}"))
}

/// `contact.email student.under13#1`, or `contact.email unknown`.
pub(crate) fn finding(text: &str) -> Finding {
    let (element, whose) = text.split_once(' ').expect("element and whose");
    let whose = match whose.split_once('#') {
        Some((subject, number)) => Whose::Person {
            number: PersonNumber(number.parse().expect("a number")),
            subject: SubjectId::new(subject).expect("a subject"),
        },
        None => Whose::Unknown,
    };
    let place = Place {
        part: Part::Body,
        pointer: String::new(),
    };
    let element = ElementId::new(element).expect("an element");
    Finding {
        element,
        whose,
        known_by: KnownBy::Exact,
        place,
        layers: Vec::new(),
        span: 0..1,
    }
}

pub(crate) fn inspection(findings: impl IntoIterator<Item = Finding>, unreadable: bool) -> Inspection {
    let place = Place {
        part: Part::Body,
        pointer: String::new(),
    };
    let hole = Unreadable {
        place,
        because: UnreadableBecause::Malformed,
    };
    Inspection {
        findings: findings.into_iter().collect(),
        unreadable: unreadable.then_some(hole).into_iter().collect(),
        bytes_read: 1,
        own_mailboxes: 0,
    }
}
