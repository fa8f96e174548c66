//! What each file of a register may hold, as rows: field, what it holds, whether it is needed.
//!
//! Start at [`Shape`]. The reader checks files against these rows before the model is built, so that one run reports
//! every field of every file. Field names here and in the model are the same; a test compiles a file that uses all.

/// The fields of one table.
pub(super) struct Shape {
    /// What the table is called in messages.
    pub(super) of: &'static str,
    /// Its fields.
    pub(super) fields: &'static [Field],
}

/// One field.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    pub(super) needed: bool,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Holds {
    /// A text that is not empty.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of at least one of these words.
    Words(&'static [&'static str]),
    /// A list of at least one name.
    Names,
    /// A list of texts that may be empty.
    List,
    /// A whole number from 1.
    Count,
    /// A table.
    Table(&'static Shape),
    /// Rows `[[…]]`.
    Rows(&'static Shape),
}

impl Holds {
    /// What was expected, in words for a message.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Word(_) => "a word in quotes",
            Self::Words(_) => "a list of words",
            Self::Names | Self::List => "a list of names",
            Self::Count => "a whole number from 1",
            Self::Table(_) => "a table",
            Self::Rows(_) => "rows of tables",
        }
    }
}

const fn needed(name: &'static str, holds: Holds) -> Field {
    Field {
        name,
        holds,
        needed: true,
    }
}

const fn may(name: &'static str, holds: Holds) -> Field {
    Field {
        name,
        holds,
        needed: false,
    }
}

/// Modes of a recipient.
pub(super) const MODES: &[&str] = &["report", "enforce"];
/// What happens to unreadable bodies.
pub(super) const UNREADABLE: &[&str] = &["refuse", "forward"];
/// Parts a recipient plays.
pub(super) const ROLES: &[&str] = &["processor", "subprocessor", "controller", "conduit"];
/// What a document says about student records.
pub(super) const STUDENT_RECORDS: &[&str] = &["none", "technical", "content", "possible", "yes"];
/// Planes.
pub(super) const PLANES: &[&str] = &[
    "gateway",
    "browser",
    "vendor_form",
    "staff_tool",
    "infrastructure",
    "database",
    "mail",
];
/// Treatments.
pub(super) const TREATMENTS: &[&str] = &["pass", "generalise", "mask", "pseudonym", "hash", "drop", "block"];

/// `organisation.toml`.
pub(super) static ORGANISATION: Shape = Shape {
    of: "organisation.toml",
    fields: &[
        needed("organisation", Holds::Text),
        may("defaults", Holds::Table(&DEFAULTS)),
        may("documents", Holds::Rows(&DOCUMENT)),
    ],
};

static DEFAULTS: Shape = Shape {
    of: "`[defaults]`",
    fields: &[
        may("mode", Holds::Word(MODES)),
        may("unknown_hosts", Holds::Word(MODES)),
    ],
};

static DOCUMENT: Shape = Shape {
    of: "a `[[documents]]` row",
    fields: &[
        needed("id", Holds::Text),
        needed("title", Holds::Text),
        may("url", Holds::Text),
    ],
};

/// `recipients/<id>.toml`.
pub(super) static RECIPIENT: Shape = Shape {
    of: "a recipient's file",
    fields: &[
        needed("recipient", Holds::Text),
        may("name", Holds::Text),
        may("third_parties", Holds::List),
        needed("purpose", Holds::Text),
        may("purposes", Holds::List),
        needed("information", Holds::Text),
        needed("planes", Holds::Words(PLANES)),
        needed("role", Holds::Word(ROLES)),
        needed("student_records", Holds::Word(STUDENT_RECORDS)),
        may("mode", Holds::Word(MODES)),
        may("unreadable", Holds::Word(UNREADABLE)),
        may("hosts", Holds::List),
        may("said", Holds::Table(&SAID)),
        may("discloses", Holds::Rows(&DISCLOSES)),
        may("claims", Holds::Rows(&CLAIM)),
    ],
};

static SAID: Shape = Shape {
    of: "`said`",
    fields: &[needed("document", Holds::Text), needed("line", Holds::Count)],
};

static DISCLOSES: Shape = Shape {
    of: "a `[[discloses]]` row",
    fields: &[
        needed("elements", Holds::Names),
        needed("subjects", Holds::Names),
        may("when", Holds::Text),
        may("treatment", Holds::Word(TREATMENTS)),
    ],
};

static CLAIM: Shape = Shape {
    of: "a `[[claims]]` row",
    fields: &[
        needed("kind", Holds::Text),
        may("id", Holds::Text),
        needed("sentence", Holds::Text),
        may("elements", Holds::Names),
        may("subjects", Holds::Names),
        may("form", Holds::Text),
        may("term", Holds::Text),
        may("host", Holds::Text),
        may("said", Holds::Table(&SAID)),
    ],
};

/// `claims/*.toml`.
pub(super) static CLAIMS: Shape = Shape {
    of: "a claims file",
    fields: &[may("claims", Holds::Rows(&CLAIM))],
};
