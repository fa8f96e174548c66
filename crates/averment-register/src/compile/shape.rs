//! What each file of a register may hold, as rows: field, what it holds, whether it is needed.
//!
//! Start at [`Shape`]. The reader checks files against these rows before the model is built, so that one run reports
//! every field of every file. Field names here and in the model are the same; a test compiles a file that uses all.

/// The fields of one table.
pub(crate) struct Shape {
    /// What the table is called in messages.
    pub(crate) of: &'static str,
    /// Its fields.
    pub(crate) fields: &'static [Field],
}

/// One field.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) holds: Holds,
    pub(crate) needed: bool,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(crate) enum Holds {
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
    /// A date: TOML's own (`2018-10-03`) or the same in quotes.
    Date,
    /// An ISO 8601 duration in quotes.
    Period,
    /// A table.
    Table(&'static Shape),
    /// Rows `[[…]]`.
    Rows(&'static Shape),
}

impl Holds {
    /// What was expected, in words for a message.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Word(_) => "a word in quotes",
            Self::Words(_) => "a list of words",
            Self::Names | Self::List => "a list of names",
            Self::Count => "a whole number from 1",
            Self::Date => "a date such as 2018-10-03",
            Self::Period => "an ISO 8601 duration in quotes, such as \"P90D\"",
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
pub(crate) const MODES: &[&str] = &["report", "enforce"];
/// What happens to unreadable bodies.
pub(crate) const UNREADABLE: &[&str] = &["refuse", "forward"];
/// Parts a recipient plays.
pub(crate) const ROLES: &[&str] = &["processor", "subprocessor", "controller", "joint_controller", "conduit"];
/// What a document says about student records.
pub(crate) const STUDENT_RECORDS: &[&str] = &["none", "technical", "content", "possible", "yes"];
/// Planes.
pub(crate) const PLANES: &[&str] = &[
    "gateway",
    "browser",
    "vendor_form",
    "staff_tool",
    "infrastructure",
    "database",
    "mail",
];
/// Treatments.
pub(crate) const TREATMENTS: &[&str] = &["pass", "generalise", "mask", "pseudonym", "hash", "drop", "block"];

/// `organisation.toml`.
pub(crate) static ORGANISATION: Shape = Shape {
    of: "organisation.toml",
    fields: &[
        needed("organisation", Holds::Text),
        may("about", Holds::Table(&ABOUT)),
        may("defaults", Holds::Table(&DEFAULTS)),
        may("documents", Holds::Rows(&DOCUMENT)),
        may("suppressions", Holds::Rows(&SUPPRESSION)),
    ],
};

static ABOUT: Shape = Shape {
    of: "`[about]`",
    fields: &[
        may("role", Holds::Word(ROLES)),
        may("contact", Holds::Text),
        may("address", Holds::Text),
        may("country", Holds::Text),
        may("data_protection_officer", Holds::Text),
        may("representative", Holds::Text),
        may("page", Holds::Text),
        may("language", Holds::Text),
        may("notice", Holds::Period),
        may("updated", Holds::Date),
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
        may("read", Holds::Date),
    ],
};

static SUPPRESSION: Shape = Shape {
    of: "a `[[suppressions]]` row",
    fields: &[
        needed("rule", Holds::Text),
        may("file", Holds::Text),
        needed("reason", Holds::Text),
        needed("until", Holds::Date),
    ],
};

/// `recipients/<id>.toml`.
pub(crate) static RECIPIENT: Shape = Shape {
    of: "a recipient's file",
    fields: &[
        needed("recipient", Holds::Text),
        may("name", Holds::Text),
        may("operator", Holds::Text),
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
        may("through", Holds::List),
        may("runs_on", Holds::List),
        may("countries", Holds::List),
        may("own_use", Holds::List),
        may("address", Holds::Text),
        may("website", Holds::Text),
        may("announced", Holds::Date),
        may("effective", Holds::Date),
        may("retired", Holds::Date),
        may("said", Holds::Table(&SAID)),
        may("contract", Holds::Table(&CONTRACT)),
        may("discloses", Holds::Rows(&DISCLOSES)),
        may("receives", Holds::Rows(&RECEIVES)),
        may("transfers", Holds::Rows(&TRANSFER)),
        may("onward", Holds::Rows(&ONWARD)),
        may("claims", Holds::Rows(&CLAIM)),
    ],
};

pub(crate) static SAID: Shape = Shape {
    of: "`said`",
    fields: &[needed("document", Holds::Text), needed("line", Holds::Count)],
};

static CONTRACT: Shape = Shape {
    of: "`[contract]`",
    fields: &[
        may("document", Holds::Text),
        may("signed", Holds::Date),
        may("until", Holds::Date),
        may("terms", Holds::List),
        may("deletion", Holds::Period),
        may("breach_notice", Holds::Period),
    ],
};

pub(crate) static DISCLOSES: Shape = Shape {
    of: "a `[[discloses]]` row",
    fields: &[
        needed("elements", Holds::Names),
        needed("subjects", Holds::Names),
        may("when", Holds::Text),
        may("treatment", Holds::Word(TREATMENTS)),
        may("territories", Holds::List),
        may("basis", Holds::List),
    ],
};

static RECEIVES: Shape = Shape {
    of: "a `[[receives]]` row",
    fields: &[
        needed("elements", Holds::Names),
        needed("subjects", Holds::Names),
        may("when", Holds::Text),
    ],
};

static TRANSFER: Shape = Shape {
    of: "a `[[transfers]]` row",
    fields: &[
        needed("to", Holds::Text),
        needed("safeguard", Holds::Text),
        may("instrument", Holds::Text),
        may("until", Holds::Date),
    ],
};

static ONWARD: Shape = Shape {
    of: "an `[[onward]]` row",
    fields: &[
        needed("name", Holds::Text),
        may("purpose", Holds::Text),
        may("elements", Holds::List),
        may("country", Holds::Text),
    ],
};

pub(crate) static CLAIM: Shape = Shape {
    of: "a `[[claims]]` row",
    fields: &[
        needed("kind", Holds::Text),
        may("id", Holds::Text),
        may("elements", Holds::Names),
        may("subjects", Holds::Names),
        may("except", Holds::Names),
        may("when", Holds::Text),
        may("unless", Holds::Names),
        may("form", Holds::Text),
        may("places", Holds::Names),
        may("duration", Holds::Period),
        may("after", Holds::Text),
        may("viewers", Holds::Names),
        may("off_by", Holds::Text),
        may("consent", Holds::Text),
        may("giver", Holds::Text),
        may("activity", Holds::Text),
        may("period", Holds::Period),
        may("certificate", Holds::Text),
        may("until", Holds::Date),
        may("regimes", Holds::Names),
        may("role", Holds::Word(ROLES)),
        may("date", Holds::Date),
        may("term", Holds::Text),
        may("host", Holds::Text),
        may("offer", Holds::Text),
        may("url", Holds::Text),
        needed("sentence", Holds::Text),
        may("said", Holds::Table(&SAID)),
        may("evidence", Holds::Table(&EVIDENCE)),
    ],
};

static EVIDENCE: Shape = Shape {
    of: "`evidence`",
    fields: &[
        needed("owner", Holds::Text),
        needed("every", Holds::Period),
        may("document", Holds::Text),
    ],
};

/// `claims/*.toml`.
pub(crate) static CLAIMS: Shape = Shape {
    of: "a claims file",
    fields: &[may("claims", Holds::Rows(&CLAIM))],
};

/// `controllers/<id>.toml`.
pub(crate) static CONTROLLER: Shape = Shape {
    of: "a controller's file",
    fields: &[
        needed("controller", Holds::Text),
        needed("name", Holds::Text),
        may("contact", Holds::Text),
        may("country", Holds::Text),
        may("off", Holds::List),
        may("directory_information", Holds::List),
        may("agreement", Holds::Table(&AGREEMENT)),
        may("removes", Holds::Rows(&REMOVES)),
        may("shortens", Holds::Rows(&SHORTENS)),
        may("hides", Holds::Rows(&HIDES)),
    ],
};

static AGREEMENT: Shape = Shape {
    of: "`[agreement]`",
    fields: &[
        needed("form", Holds::Text),
        may("document", Holds::Text),
        may("signed", Holds::Date),
        may("until", Holds::Date),
        may("breach_notice", Holds::Period),
        may("deletion", Holds::Period),
        may("notice", Holds::Period),
    ],
};

static REMOVES: Shape = Shape {
    of: "a `[[removes]]` row",
    fields: &[
        needed("elements", Holds::Names),
        may("subjects", Holds::List),
        may("recipients", Holds::List),
    ],
};

static SHORTENS: Shape = Shape {
    of: "a `[[shortens]]` row",
    fields: &[needed("claim", Holds::Text), needed("duration", Holds::Period)],
};

static HIDES: Shape = Shape {
    of: "a `[[hides]]` row",
    fields: &[needed("elements", Holds::Names), needed("viewers", Holds::Names)],
};
