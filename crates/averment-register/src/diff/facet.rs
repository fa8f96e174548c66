//! What is compared one value or one list at a time: a row per field, with what it is called and which way is wider.
//!
//! A row without a reader in `gather` is unused, and the compiler says so.

use super::change::Direction::{self, Mixed, Narrower, Other, PromisesLess, PromisesMore, Wider};
use super::duty::{Duty, STORED};

/// A field with one value.
#[derive(Debug, PartialEq)]
pub(crate) struct Scalar {
    /// Its name in the register.
    pub(crate) word: &'static str,
    /// What it is called inside a sentence.
    pub(crate) label: &'static str,
    /// Which way a higher rank goes.
    pub(crate) up: Direction,
    /// Which way another value of the same rank goes.
    pub(crate) same: Direction,
    /// The rank of saying nothing; none where saying something is neither more nor less.
    pub(crate) absent: Option<i64>,
    /// Whether the value is a published sentence or title.
    pub(crate) quoted: bool,
    pub(crate) duties: &'static [Duty],
}

impl Scalar {
    pub(crate) fn direction(&self, old: Option<i64>, new: Option<i64>) -> Direction {
        let ranks = old.or(self.absent).zip(new.or(self.absent));
        match ranks.map(|(old, new)| new.cmp(&old)) {
            Some(std::cmp::Ordering::Greater) => self.up,
            Some(std::cmp::Ordering::Less) => self.up.reversed(),
            Some(std::cmp::Ordering::Equal) => self.same,
            None => Other,
        }
    }
}

/// A field with a list.
#[derive(Debug, PartialEq)]
pub(crate) struct Set {
    /// Its name in the register.
    pub(crate) word: &'static str,
    /// What a sentence says between the subject and the members that came.
    pub(crate) gains: &'static str,
    /// The same for those that went.
    pub(crate) loses: &'static str,
    /// Which way a further member goes.
    pub(crate) up: Direction,
    pub(crate) duties: &'static [Duty],
}

const fn ranked(word: &'static str, label: &'static str, up: Direction, absent: Option<i64>) -> Scalar {
    Scalar {
        word,
        label,
        up,
        same: Other,
        absent,
        quoted: false,
        duties: &[],
    }
}

const fn text(word: &'static str, label: &'static str) -> Scalar {
    ranked(word, label, Other, None)
}

const fn sentence(word: &'static str, label: &'static str) -> Scalar {
    Scalar {
        quoted: true,
        ..text(word, label)
    }
}

const fn set(
    word: &'static str,
    gains: &'static str,
    loses: &'static str,
    up: Direction,
    duties: &'static [Duty],
) -> Set {
    Set {
        word,
        gains,
        loses,
        up,
        duties,
    }
}

const NEVER: Option<i64> = Some(i64::MAX);
const NOTHING: Option<i64> = Some(0);
const RECIPIENT: &[Duty] = &[
    Duty::SubprocessorNotice,
    Duty::ConsentRenewal,
    Duty::PolicyChangeNotice,
    Duty::ImpactReview,
];
const POLICY: &[Duty] = &[Duty::PolicyChangeNotice];

// Who makes the statements.
pub(super) static ORGANISATION: Scalar = text("organisation", "its name");
pub(super) static OWN_ROLE: Scalar = Scalar {
    duties: POLICY,
    ..ranked("role", "its part for schools", PromisesLess, None)
};
pub(super) static VARIANT: Scalar = text("controller", "the school that it holds for");
pub(super) static CONTACT: Scalar = text("contact", "its contact for privacy");
pub(super) static ADDRESS: Scalar = text("address", "its address");
pub(super) static COUNTRY: Scalar = text("country", "its country");
pub(super) static ZONE: Scalar = text("zone", "its time zone");
pub(super) static OFFICER: Scalar = text("data_protection_officer", "its data protection officer");
pub(super) static OWN_MAILBOXES: Set = set(
    "own_mailboxes",
    "now takes as mailboxes of its own",
    "no longer takes as mailboxes of its own",
    Wider,
    &[],
);
pub(super) static REPRESENTATIVE: Scalar = text("representative", "its representative in the European Union");
pub(super) static PAGE: Scalar = text("page", "the page of its register");
pub(super) static LANGUAGE: Scalar = text("language", "the language of its statements");
pub(super) static UPDATED: Scalar = text("updated", "the date of its statements");
pub(super) static NOTICE: Scalar = Scalar {
    duties: POLICY,
    ..ranked("notice", "the time to object to a new recipient", PromisesMore, NOTHING)
};
pub(super) static UNKNOWN_HOSTS: Scalar = ranked(
    "unknown_hosts",
    "the mode for hosts that nobody declares",
    Wider,
    NOTHING,
);
pub(super) static DOCUMENTS: Set = set("documents", "now also publishes", "no longer publishes", Other, &[]);

// A published document.
pub(super) static TITLE: Scalar = sentence("title", "its title");
pub(super) static URL: Scalar = text("url", "its address on the web");
pub(super) static READ: Scalar = text("read", "the day on which it was read");

// A recipient.
pub(super) static NAME: Scalar = text("name", "its name");
// Another company in the place of one that was named: the one gets more, the other gets less.
pub(super) static OPERATOR: Scalar = Scalar {
    same: Mixed,
    duties: &[Duty::SubprocessorNotice, Duty::PolicyChangeNotice],
    ..text("operator", "the company that runs it")
};
pub(super) static PURPOSE: Scalar = sentence("purpose", "the sentence on why");
pub(super) static INFORMATION: Scalar = sentence("information", "the sentence on what");
pub(super) static ROLE: Scalar = Scalar {
    duties: RECIPIENT,
    ..ranked("role", "its role", Wider, NOTHING)
};
pub(super) static STUDENT_RECORDS: Scalar = Scalar {
    duties: POLICY,
    ..ranked("student_records", "what it says about student records", Wider, NOTHING)
};
pub(super) static MODE: Scalar = ranked("mode", "its mode", Wider, NOTHING);
pub(super) static UNREADABLE: Scalar = ranked("unreadable", "what happens to what cannot be read", Wider, NOTHING);
pub(super) static PSEUDONYMS_IN_ANSWERS: Scalar =
    text("pseudonyms_in_answers", "what becomes of its pseudonyms in answers");
pub(super) static WEBSITE: Scalar = text("website", "its page on privacy");
pub(super) static ANNOUNCED: Scalar = text("announced", "the day on which schools were told");
pub(super) static EFFECTIVE: Scalar = text("effective", "its first day of use");
pub(super) static RETIRED: Scalar = ranked("retired", "the first day without it", Wider, NEVER);
pub(super) static NO_OWN_USE: Scalar = Scalar {
    duties: POLICY,
    ..ranked(
        "no_own_use",
        "the statement that it uses nothing for itself",
        PromisesLess,
        Some(1),
    )
};
pub(super) static CONTRACT_DOCUMENT: Scalar = text("contract.document", "its contract");
pub(super) static CONTRACT_SIGNED: Scalar = text("contract.signed", "the first day of its contract");
pub(super) static CONTRACT_UNTIL: Scalar = text("contract.until", "the last day of its contract");
pub(super) static CONTRACT_DELETION: Scalar = ranked(
    "contract.deletion",
    "the time that it has to delete at the end",
    PromisesLess,
    NEVER,
);
pub(super) static CONTRACT_BREACH: Scalar = ranked(
    "contract.breach_notice",
    "the time that it has to tell of a breach",
    PromisesLess,
    NEVER,
);
pub(super) static THIRD_PARTIES: Set = set(
    "third_parties",
    "now also stands for",
    "no longer stands for",
    Wider,
    &[Duty::SubprocessorNotice, Duty::PolicyChangeNotice],
);
pub(super) static PURPOSES: Set = set(
    "purposes",
    "is now also used for",
    "is no longer used for",
    Wider,
    RECIPIENT,
);
pub(super) static PLANES: Set = set(
    "planes",
    "now also gets data by way of",
    "no longer gets data by way of",
    Wider,
    POLICY,
);
pub(super) static HOSTS: Set = set("hosts", "is now also reached at", "is no longer reached at", Wider, &[]);
pub(super) static THROUGH: Set = set(
    "through",
    "now also gets data through",
    "no longer gets data through",
    Wider,
    RECIPIENT,
);
pub(super) static RUNS_ON: Set = set("runs_on", "now also runs on", "no longer runs on", Wider, RECIPIENT);
pub(super) static ONWARD: Set = set(
    "onward",
    "now also passes data on to",
    "no longer passes data on to",
    Wider,
    RECIPIENT,
);
pub(super) static COUNTRIES: Set = set(
    "countries",
    "now also processes data in",
    "no longer processes data in",
    Wider,
    &[Duty::SubprocessorNotice, Duty::PolicyChangeNotice, Duty::ImpactReview],
);
pub(super) static TRANSFERS: Set = set(
    "transfers",
    "now transfers data to",
    "no longer transfers data to",
    Wider,
    &[Duty::SubprocessorNotice, Duty::PolicyChangeNotice, Duty::ImpactReview],
);
pub(super) static OWN_USE: Set = set(
    "own_use",
    "now uses data for itself:",
    "no longer uses data for itself:",
    Wider,
    RECIPIENT,
);
pub(super) static TERMS: Set = set(
    "contract.terms",
    "has a contract that now says:",
    "has a contract that no longer says:",
    PromisesMore,
    &[],
);
pub(super) static BAD_TERMS: Set = set(
    "contract.unilateral_change",
    "has a contract under which it now",
    "has a contract under which it no longer",
    PromisesLess,
    &[],
);

// What has to be shown for a claim.
pub(super) static EVIDENCE: Scalar = ranked("evidence", "what has to be shown for it", PromisesLess, NEVER);

// A school.
pub(super) static OFF: Set = set("off", "has switched off", "has switched on again", Narrower, &[]);
pub(super) static DIRECTORY: Set = set(
    "directory_information",
    "now designates as directory information",
    "no longer designates as directory information",
    Wider,
    &[],
);
pub(super) static SHORTENS: Scalar = ranked("shortens", "its own time for a claim", PromisesLess, NEVER);
pub(super) static AGREEMENT_FORM: Scalar = text("agreement.form", "the form of its agreement");
pub(super) static AGREEMENT_DOCUMENT: Scalar = text("agreement.document", "its agreement");
pub(super) static AGREEMENT_SIGNED: Scalar = text("agreement.signed", "the first day of its agreement");
pub(super) static AGREEMENT_UNTIL: Scalar = text("agreement.until", "the last day of its agreement");
pub(super) static AGREEMENT_BREACH: Scalar = ranked(
    "agreement.breach_notice",
    "the time in which it is told of a breach",
    PromisesLess,
    NEVER,
);
pub(super) static AGREEMENT_DELETION: Scalar = ranked(
    "agreement.deletion",
    "the time to delete at the end",
    PromisesLess,
    NEVER,
);
pub(super) static AGREEMENT_NOTICE: Scalar = ranked(
    "agreement.notice",
    "its time to object to a new recipient",
    PromisesMore,
    NOTHING,
);

// A store of the data map.
pub(super) static ENGINE: Scalar = text("engine", "what keeps its data");
pub(super) static OWNER: Scalar = text("owner", "on whose behalf it keeps data");
pub(super) static REGION: Scalar = text("region", "where it runs");
pub(super) static STORE_COUNTRIES: Set = set("countries", "now stores in", "no longer stores in", Wider, STORED);
pub(super) static STORE_RUNS_ON: Set = set("runs_on", "is now run by", "is no longer run by", Wider, STORED);
pub(super) static SENSITIVE: Set = set(
    "sensitive",
    "now asks for more care of",
    "no longer asks for more care of",
    PromisesMore,
    &[],
);
pub(super) static PERSONAL: Set = set("columns", "now holds", "no longer holds", Wider, STORED);
pub(super) static NOT_PERSONAL: Set = set(
    "none",
    "now says that nothing is personal in",
    "no longer says that nothing is personal in",
    Other,
    &[],
);
pub(super) static STORED_OF: Set = set(
    "subjects",
    "now holds data of",
    "no longer holds data of",
    Wider,
    STORED,
);
pub(super) static LINKS: Set = set("tables", "now has", "no longer has", Other, &[]);
