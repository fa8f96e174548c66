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
    /// What it says, in a sentence or two.
    pub(crate) doc: &'static str,
}

impl Field {
    const fn says(self, doc: &'static str) -> Self {
        Self { doc, ..self }
    }
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
    /// A table of texts under names that people choose.
    Texts,
    /// A table of tables under names that people choose.
    Named(&'static Shape),
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
            Self::Texts => "a table of texts",
            Self::Named(_) => "a table of tables",
            Self::Rows(_) => "rows of tables",
        }
    }
}

const fn needed(name: &'static str, holds: Holds) -> Field {
    Field {
        name,
        holds,
        needed: true,
        doc: "",
    }
}

const fn may(name: &'static str, holds: Holds) -> Field {
    Field {
        name,
        holds,
        needed: false,
        doc: "",
    }
}

/// Modes of a recipient.
pub(crate) const MODES: &[&str] = &["report", "enforce"];
/// What happens to unreadable bodies.
pub(crate) const UNREADABLE: &[&str] = &["refuse", "forward"];
/// What becomes of pseudonyms in answers.
pub(crate) const PSEUDONYMS_IN_ANSWERS: &[&str] = &["keep", "turn_back"];
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
        needed("organisation", Holds::Text).says("Name of the organisation that makes the statements."),
        may("about", Holds::Table(&ABOUT))
            .says("More about the organisation, for the forms that schools and authorities ask for."),
        may("defaults", Holds::Table(&DEFAULTS)).says("What holds where a recipient does not say."),
        may("documents", Holds::Rows(&DOCUMENT)).says("Published documents that `said` refers to."),
        may("suppressions", Holds::Rows(&SUPPRESSION))
            .says("Findings of `averment check` that are accepted for a time."),
    ],
};

static ABOUT: Shape = Shape {
    of: "`[about]`",
    fields: &[
        may("role", Holds::Word(ROLES)).says("The part the organisation plays for schools."),
        may("contact", Holds::Text).says("How to reach it about privacy."),
        may("address", Holds::Text).says("Its business address."),
        may("country", Holds::Text).says("Country it is established in."),
        may("data_protection_officer", Holds::Text).says("Its data protection officer, GDPR Art. 37."),
        may("representative", Holds::Text).says("Its representative in the European Union, GDPR Art. 27."),
        may("page", Holds::Text).says("Address of the page that the register is published on."),
        may("own_domains", Holds::List).says(
            "Domains of the organisation itself, each with everything below it: scans report what goes to others.",
        ),
        may("own_mailboxes", Holds::List).says(
            "Mailboxes of the organisation itself, in lower case, such as the one that news go out from: such an address is nobody's.",
        ),
        may("language", Holds::Text).says("Language of the published sentences, BCP 47; English when not said."),
        may("notice", Holds::Period).says("Time between the notice of a new recipient and its first use."),
        may("updated", Holds::Date).says("Date of the statements."),
    ],
};

static DEFAULTS: Shape = Shape {
    of: "`[defaults]`",
    fields: &[
        may("mode", Holds::Word(MODES)).says("Mode of recipients that do not say: `report` forwards and records, `enforce` refuses what is not declared."),
        may("unknown_hosts", Holds::Word(MODES)).says("What happens to requests to hosts that no recipient declares."),
    ],
};

static DOCUMENT: Shape = Shape {
    of: "a `[[documents]]` row",
    fields: &[
        needed("id", Holds::Text).says("Its file name, as `said` names it."),
        needed("title", Holds::Text).says("Its title."),
        may("url", Holds::Text).says("Where it is published."),
        may("read", Holds::Date).says("When it was read."),
    ],
};

static SUPPRESSION: Shape = Shape {
    of: "a `[[suppressions]]` row",
    fields: &[
        needed("rule", Holds::Text).says("Name of the rule, as `averment check` prints it."),
        may("file", Holds::Text).says("Register file it is about; all files when left out."),
        needed("reason", Holds::Text).says("Why the finding is accepted."),
        needed("until", Holds::Date).says("Last day on which it is."),
    ],
};

/// `recipients/<id>.toml`.
pub(crate) static RECIPIENT: Shape = Shape {
    of: "a recipient's file",
    fields: &[
        needed("recipient", Holds::Text).says("Identifier; the file has the same name."),
        may("name", Holds::Text).says("Name as published; the catalog's product name when left out."),
        may("operator", Holds::Text).says("Legal entity that runs it, where it is another name than the brand's."),
        may("third_parties", Holds::List).says("Third parties of the catalog that it stands for; the one of the same identifier when left out, none when empty."),
        needed("purpose", Holds::Text).says("The published sentence on why it gets data, word for word."),
        may("purposes", Holds::List).says("The same in the catalog's words."),
        needed("information", Holds::Text).says("The published sentence on what it gets, word for word."),
        needed("planes", Holds::Words(PLANES)).says("Where flows to it can be seen."),
        needed("role", Holds::Word(ROLES)).says("The part it plays, GDPR Art. 4(7), 4(8), 26, 28."),
        needed("student_records", Holds::Word(STUDENT_RECORDS)).says("What the published document says about student records at this recipient."),
        may("mode", Holds::Word(MODES)).says("`report` forwards and records, `enforce` refuses what is not declared; that of `[defaults]` when left out."),
        may("unreadable", Holds::Word(UNREADABLE)).says("What happens to bodies that cannot be read, in enforce mode; `forward` is a published exception that costs the grade."),
        may("pseudonyms_in_answers", Holds::Word(PSEUDONYMS_IN_ANSWERS)).says("What becomes of this recipient's pseudonyms in its answers: `turn_back` gives the sender what stood in their place in the same request."),
        may("hosts", Holds::List).says("Hosts besides those of the catalog; `*.` stands for one or more labels, `{x}` for a label or a part of one."),
        may("through", Holds::List).says("Recipients of this register that pass data on to it."),
        may("runs_on", Holds::List).says("Recipients of this register that hold what it stores."),
        may("countries", Holds::List).says("Where it processes."),
        may("own_use", Holds::List).says("What it does with data for itself."),
        may("address", Holds::Text).says("Its business address."),
        may("website", Holds::Text).says("Its page on privacy."),
        may("announced", Holds::Date).says("When schools were told of it."),
        may("effective", Holds::Date).says("First day of use."),
        may("retired", Holds::Date).says("First day without it."),
        may("said", Holds::Table(&SAID)).says("Where the row was published."),
        may("contract", Holds::Table(&CONTRACT)).says("What was agreed with it, GDPR Art. 28(3)."),
        may("discloses", Holds::Rows(&DISCLOSES)).says("What it may get; what no row declares is not let out."),
        may("receives", Holds::Rows(&RECEIVES)).says("What comes in from it, such as a sign-on or a roster."),
        may("transfers", Holds::Rows(&TRANSFER)).says("Transfers to third countries, GDPR Art. 44-49."),
        may("onward", Holds::Rows(&ONWARD)).says("Parties that get data from it and have no file of their own."),
        may("claims", Holds::Rows(&CLAIM)).says("Statements about it."),
    ],
};

pub(crate) static SAID: Shape = Shape {
    of: "`said`",
    fields: &[
        needed("document", Holds::Text).says("Identifier of a document in `organisation.toml`."),
        needed("line", Holds::Count).says("Line in it, from 1."),
    ],
};

static CONTRACT: Shape = Shape {
    of: "`[contract]`",
    fields: &[
        may("document", Holds::Text).says("Where it can be read, or its number."),
        may("signed", Holds::Date).says("Its first day."),
        may("until", Holds::Date).says("Its last day."),
        may("terms", Holds::List).says("What it says."),
        may("deletion", Holds::Period).says("Time to delete at its end."),
        may("breach_notice", Holds::Period).says("Time to tell of a breach."),
    ],
};

pub(crate) static DISCLOSES: Shape = Shape {
    of: "a `[[discloses]]` row",
    fields: &[
        needed("elements", Holds::Names).says("Data elements, or categories such as `contact`."),
        needed("subjects", Holds::Names).says("Whose data; `student` covers students of every age."),
        may("when", Holds::Text).says("When it happens; `always` when left out."),
        may("treatment", Holds::Word(TREATMENTS))
            .says("What the gate does to the elements first; `pass` when left out."),
        may("territories", Holds::List).says("Only of people in these countries; everywhere when left out."),
        may("basis", Holds::List).says("What the disclosure rests on."),
    ],
};

static RECEIVES: Shape = Shape {
    of: "a `[[receives]]` row",
    fields: &[
        needed("elements", Holds::Names).says("Data elements, or categories."),
        needed("subjects", Holds::Names).says("Whose data."),
        may("when", Holds::Text).says("When it happens; `always` when left out."),
    ],
};

static TRANSFER: Shape = Shape {
    of: "a `[[transfers]]` row",
    fields: &[
        needed("to", Holds::Text).says("The country."),
        needed("safeguard", Holds::Text).says("What the transfer rests on."),
        may("instrument", Holds::Text).says("The decision or set of clauses by name."),
        may("until", Holds::Date).says("Its last day."),
    ],
};

static ONWARD: Shape = Shape {
    of: "an `[[onward]]` row",
    fields: &[
        needed("name", Holds::Text).says("Its name."),
        may("purpose", Holds::Text).says("Why it gets data."),
        may("elements", Holds::List).says("What it gets."),
        may("country", Holds::Text).says("Where it is."),
    ],
};

pub(crate) static CLAIM: Shape = Shape {
    of: "a `[[claims]]` row",
    fields: &[
        needed("kind", Holds::Text).says("What the claim says; decides which other fields it takes."),
        may("id", Holds::Text).says("Identifier within the file; made from the kind when left out."),
        may("elements", Holds::Names).says("Data elements the claim is about, or categories."),
        may("subjects", Holds::Names).says("Whose data the claim is about."),
        may("except", Holds::Names).says("Elements that are left out."),
        may("when", Holds::Text).says("When it happens."),
        may("unless", Holds::Names).says("When it does not hold."),
        may("form", Holds::Text).says("Form in which the elements are stored."),
        may("places", Holds::Names).says("Where the elements are stored."),
        may("duration", Holds::Period).says("How long."),
        may("after", Holds::Text).says("What starts the clock; `collection` when a `retained_for` claim does not say."),
        may("viewers", Holds::Names).says("Who sees the elements, or does not, by their relation to the subject."),
        may("off_by", Holds::Text).says("Who can switch it off."),
        may("consent", Holds::Text).says("What the consent is for, as in `consent:<kind>`."),
        may("giver", Holds::Text).says("Who gives the consent."),
        may("activity", Holds::Text).says("What is done, or never done."),
        may("period", Holds::Period).says("How often; all the time when left out."),
        may("certificate", Holds::Text).says("The certificate."),
        may("until", Holds::Date).says("Its last day."),
        may("regimes", Holds::Names).says("The laws that are met."),
        may("role", Holds::Word(ROLES)).says("The part that is played."),
        may("date", Holds::Date).says("First day without the recipient."),
        may("term", Holds::Text).says("What the contract says."),
        may("host", Holds::Text).says("The only host that is embedded."),
        may("offer", Holds::Text).says("What people are offered."),
        may("url", Holds::Text).says("Where it is offered."),
        needed("sentence", Holds::Text).says("The published sentence, word for word."),
        may("said", Holds::Table(&SAID)).says("Where it was published."),
        may("evidence", Holds::Table(&EVIDENCE)).says("What has to be shown for the claim from time to time."),
    ],
};

static EVIDENCE: Shape = Shape {
    of: "`evidence`",
    fields: &[
        needed("owner", Holds::Text).says("Who has to show it: a role or an address."),
        needed("every", Holds::Period).says("How often."),
        may("document", Holds::Text).says("What shows it: a report, a certificate, a log."),
    ],
};

/// `claims/*.toml`.
pub(crate) static CLAIMS: Shape = Shape {
    of: "a claims file",
    fields: &[may("claims", Holds::Rows(&CLAIM)).says("Statements about the list as a whole.")],
};

/// `controllers/<id>.toml`.
pub(crate) static CONTROLLER: Shape = Shape {
    of: "a controller's file",
    fields: &[
        needed("controller", Holds::Text).says("Identifier; the file has the same name."),
        needed("name", Holds::Text).says("Name of the school or district."),
        may("contact", Holds::Text).says("How to reach it."),
        may("country", Holds::Text).says("Its country."),
        may("zone", Holds::Text).says("The time zone that its days are of: `America/Chicago`."),
        may("off", Holds::List).says("Recipients that are switched off for it."),
        may("directory_information", Holds::List)
            .says("What it has designated as directory information, 34 CFR 99.37(a)."),
        may("agreement", Holds::Table(&AGREEMENT)).says("The agreement with it."),
        may("removes", Holds::Rows(&REMOVES)).says("What does not leave for it."),
        may("shortens", Holds::Rows(&SHORTENS)).says("Periods that are shorter for it."),
        may("hides", Holds::Rows(&HIDES)).says("What fewer viewers see of its people."),
    ],
};

static AGREEMENT: Shape = Shape {
    of: "`[agreement]`",
    fields: &[
        needed("form", Holds::Text).says("Its form."),
        may("document", Holds::Text).says("Where it can be read, or its number."),
        may("signed", Holds::Date).says("Its first day."),
        may("until", Holds::Date).says("Its last day."),
        may("breach_notice", Holds::Period).says("Time to tell the school of a breach."),
        may("deletion", Holds::Period).says("Time to delete at its end."),
        may("notice", Holds::Period).says("Time between the notice of a new recipient and its first use."),
    ],
};

static REMOVES: Shape = Shape {
    of: "a `[[removes]]` row",
    fields: &[
        needed("elements", Holds::Names).says("Data elements that do not leave, or categories."),
        may("subjects", Holds::List).says("Whose; everybody's when left out."),
        may("recipients", Holds::List).says("To which recipients; to none when left out."),
    ],
};

static SHORTENS: Shape = Shape {
    of: "a `[[shortens]]` row",
    fields: &[
        needed("claim", Holds::Text).says("Identifier of a `retained_for` or `erased_on` claim, such as `list/logs`."),
        needed("duration", Holds::Period).says("The time that holds for this school."),
    ],
};

static HIDES: Shape = Shape {
    of: "a `[[hides]]` row",
    fields: &[
        needed("elements", Holds::Names).says("Data elements that are hidden, or categories."),
        needed("viewers", Holds::Names).says("From whom."),
    ],
};

/// `data/<store>.toml`.
pub(crate) static DATA: Shape = Shape {
    of: "a data file",
    fields: &[
        needed("store", Holds::Text).says("Identifier; the file has the same name."),
        needed("engine", Holds::Word(&crate::charter::Engine::WORDS)).says("What keeps the data."),
        may("owner", Holds::Word(&crate::charter::Owner::WORDS))
            .says("On whose behalf data are kept, and so who decides when they go; `person` when left out."),
        may("region", Holds::Text).says("Where it runs, in the words of whoever runs it."),
        may("countries", Holds::List).says("In which countries it stores."),
        may("runs_on", Holds::List).says("Recipients of this register that run it."),
        may("sensitive", Holds::List).says("Data elements that ask for more care than personal data in general."),
        may("tables", Holds::Rows(&DATA_TABLE)).says("Its tables, or what names of objects begin with."),
    ],
};

pub(crate) static DATA_TABLE: Shape = Shape {
    of: "a `[[tables]]` row",
    fields: &[
        may("table", Holds::Text)
            .says("Name of the table, with its schema where it is not the one that is looked in first."),
        may("prefix", Holds::Text).says("What the names of objects begin with; `{x}` for a part that differs."),
        may("subjects", Holds::List).says("Whose data it holds."),
        may("owner", Holds::Word(&crate::charter::Owner::WORDS))
            .says("On whose behalf, where it is another than the store's."),
        may("key", Holds::Text).says("The column, or the `{x}` of the prefix, that names the person."),
        may("none", Holds::Text).says("Why nothing in it is personal."),
        may("elements", Holds::List).says("Data elements that the objects hold, or categories."),
        may("belongs_to", Holds::Texts).says("Columns that lead to the person: column to `table.column`."),
        may("others", Holds::Texts)
            .says("Columns that name other people than the one it belongs to: column to `table.column`."),
        may("role", Holds::Text).says("The column that says what kind of person a row is about."),
        may("roles", Holds::Texts).says("What its values mean: value to kind of data subject."),
        may("times", Holds::Texts).says(
            "When something happened: trigger to a column, or to `table.column` of another row of the same person.",
        ),
        may("on_erase", Holds::Word(&crate::charter::OnErase::WORDS))
            .says("What becomes of the rows or objects of an erased person: `delete` when absent, or `keep`."),
        may("keep", Holds::Text).says("Why they stay."),
        may("columns", Holds::Named(&DATA_COLUMN)).says("What each column holds."),
    ],
};

pub(crate) static DATA_COLUMN: Shape = Shape {
    of: "a column",
    fields: &[
        may("element", Holds::Text).says("The data element that it holds, or a category."),
        may("holds", Holds::Word(&crate::charter::ColumnHolds::WORDS))
            .says("`free_text`: anything that people write; `secret`: a password hash, a token, a key."),
        may("none", Holds::Text).says("Why it is not personal."),
        may("on_erase", Holds::Word(&crate::charter::OnErase::WORDS)).says(
            "What becomes of it in a row that stays when the person is erased; emptied when absent and personal.",
        ),
        may("keep", Holds::Text).says("Why it stays."),
    ],
};
