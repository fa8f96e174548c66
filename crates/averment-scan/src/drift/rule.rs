//! The rules: what kinds of drift there are, and how each is explained.

use averment_register::Severity;
use serde::Serialize;

/// What kind of drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Somebody whom no recipient of the register declares.
    UndeclaredRecipient,
    /// A data element that a published sentence rules out.
    NeverShared,
    /// A data element that no row of the recipient declares.
    UndeclaredElement,
    /// People of a kind that no row of the recipient declares for the element.
    UndeclaredSubject,
    /// A data element that goes there only with a consent, of people who gave none.
    WithoutConsent,
    /// Retired, and still there.
    RetiredSeen,
    /// Embedded from another host than the one promised.
    WrongEmbedHost,
    /// Contacted without encryption.
    PlainHttp,
    /// Declared, and seen where the register does not say that it can be seen.
    OtherPlane,
    /// Declared for this plane, and not seen in the time looked at.
    NeverSeen,
    /// A table that the data map does not have.
    UnmappedTable,
    /// A column that the data map does not have.
    UnmappedColumn,
    /// A table or column of the data map that is not there any more.
    MissingColumn,
    /// A column whose content is another than the data map says.
    OtherElement,
    /// Messages, tickets or rows of a staff tool that hold data of students.
    PeopleInExport,
}

/// One row of the table of rules.
type Row = (Rule, &'static str, Severity, &'static str, &'static str);

use Severity::{Error, Note, Warning};

/// Name, worst severity, what it finds, how to mend it.
const ROWS: [Row; 15] = [
    (
        Rule::UndeclaredRecipient,
        "undeclared-recipient",
        Error,
        "A third party is contacted, embedded, allowed by a policy or set up, and no recipient of the register declares it.",
        "Declare it in `recipients/`, or take it out. `averment propose` drafts the row.",
    ),
    (
        Rule::NeverShared,
        "never-shared",
        Error,
        "A published sentence says that these data never go there, and they do.",
        "Stop sending it, or take the sentence back.",
    ),
    (
        Rule::UndeclaredElement,
        "undeclared-element",
        Error,
        "A declared recipient is passed a data element that none of its rows declares.",
        "Declare the element in a `[[discloses]]` row, or stop passing it.",
    ),
    (
        Rule::UndeclaredSubject,
        "undeclared-subject",
        Error,
        "A declared recipient is passed a declared element of people whom no row declares.",
        "Add the kind of people to the row, or stop passing their data.",
    ),
    (
        Rule::WithoutConsent,
        "without-consent",
        Error,
        "A published sentence says that these data go there only with a consent, and whoever they are of gave none.",
        "Stop sending it, or ask first and enter the consent.",
    ),
    (
        Rule::RetiredSeen,
        "retired-seen",
        Error,
        "The register says that the recipient is no longer used, and it is still there.",
        "Take it out, or take back that it is retired.",
    ),
    (
        Rule::WrongEmbedHost,
        "wrong-embed-host",
        Error,
        "A published sentence promises that only one host of the recipient is embedded, and another one is.",
        "Embed from the promised host.",
    ),
    (
        Rule::PlainHttp,
        "plain-http",
        Error,
        "A third party is contacted without encryption: whoever is on the way can read it.",
        "Use `https`.",
    ),
    (
        Rule::OtherPlane,
        "other-plane",
        Note,
        "A declared recipient is seen on a plane that its file does not name, so its claims are not graded there.",
        "Add the plane to `planes`.",
    ),
    (
        Rule::NeverSeen,
        "never-seen",
        Warning,
        "A recipient is declared for a plane that this look could see, and nothing of it was there.",
        "Retire it if it is no longer used; otherwise nothing has to be done.",
    ),
    (
        Rule::UnmappedTable,
        "unmapped-table",
        Error,
        "A table of the database is not in the data map.",
        "Add it to the data map; `averment scan schema` proposes the rows.",
    ),
    (
        Rule::UnmappedColumn,
        "unmapped-column",
        Error,
        "A column of the database is not in the data map.",
        "Add it to the data map; `averment scan schema` proposes the row.",
    ),
    (
        Rule::MissingColumn,
        "missing-column",
        Error,
        "The data map names a table or a column that is not there any more.",
        "Take it out of the data map, or give it its new name there.",
    ),
    (
        Rule::OtherElement,
        "other-element",
        Error,
        "A column holds another data element than the data map says.",
        "Correct the data map, or what is stored there.",
    ),
    (
        Rule::PeopleInExport,
        "people-in-export",
        Warning,
        "Messages, tickets or rows of a staff tool hold data of students.",
        "Delete them there, or declare the tool for these data.",
    ),
];

impl Rule {
    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.0)
    }

    /// Stable name: `undeclared-recipient`.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// How bad its drift is at worst.
    pub fn severity(self) -> Severity {
        self.row().2
    }

    /// What it finds.
    pub fn finds(self) -> &'static str {
        self.row().3
    }

    /// How to mend what it finds.
    pub fn mend(self) -> &'static str {
        self.row().4
    }

    /// The rule of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::all().find(|rule| rule.as_str() == name)
    }

    fn row(self) -> &'static Row {
        let found = ROWS.iter().find(|row| row.0 == self);
        found.expect("every rule has a row; a test holds the table to that")
    }
}
