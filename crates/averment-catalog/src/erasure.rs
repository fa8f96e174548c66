//! How a person is erased at a third party: the `[erasure]` table of its file, a program in rows that needs no Rust.
//!
//! Start at [`Erasure`]. A row names requests and what their answers mean; who runs it fills in the person's identifiers,
//! the operator's settings and secrets, and believes nothing but a look that finds nobody.
//!
//! Templates: `{email}` stands for a value, `{email:quoted}` for one inside quotes of a query language (`\`, `'` and `"`
//! escaped), `{email:lower}` for one in lower case, `{email:lower_quoted}` for both, `{{` and `}}` for braces. Values are escaped for the place where they stand (path, query, form, JSON).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Certainty;

/// How erasure is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By requests.
    Api,
    /// There is no API for it: somebody does it.
    ByHand,
    /// Nothing about a person is kept there.
    KeepsNothing,
}

/// What a person is known by at a third party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// E-mail address.
    Email,
    /// The platform's own key of the account, or the pseudonym that the third party gets in its place.
    UserId,
    /// Telephone number as the third party has it.
    Phone,
}

impl Identifier {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Email, Self::UserId, Self::Phone];

    /// As templates name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::UserId => "user_id",
            Self::Phone => "phone",
        }
    }

    /// In words.
    pub fn says(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::UserId => "account number",
            Self::Phone => "telephone number",
        }
    }
}

/// Where a request shows who asks. Templates may name settings and secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "scheme", rename_all = "snake_case", deny_unknown_fields)]
pub enum Login {
    /// `Authorization: Bearer …`, RFC 6750.
    Bearer {
        /// The token.
        token: String,
    },
    /// `Authorization: Basic …`, RFC 7617.
    Basic {
        /// User name.
        user: String,
        /// Password; may be empty.
        password: String,
    },
    /// A header of its own.
    Header {
        /// Name.
        name: String,
        /// Value.
        value: String,
    },
    /// A parameter of the query.
    Query {
        /// Name.
        name: String,
        /// Value.
        value: String,
    },
    /// Basic, with the HMAC-SHA-1 of the request in hexadecimal as password, as Duo wants it: the header `Date`, method, host,
    /// path and the sorted parameters of query or form, a line each.
    SignedBasic {
        /// User name.
        user: String,
        /// The secret that signs.
        secret: String,
    },
}

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "RFC 9110 and RFC 5789 say what they are")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What a step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// Looks the person's records up.
    Find,
    /// Deletes, or orders a deletion.
    Delete,
    /// Looks again: must find nothing, or the third party's own job must be done.
    Confirm,
    /// Asks what is known to be there: shows that looks are answered at all.
    Control,
}

/// What a confirming look goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LooksAt {
    /// The person's records.
    #[default]
    Record,
    /// What the third party says about its own job.
    Job,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// It did at once what was asked.
    Done,
    /// It took the order and needs time.
    Accepted,
    /// There is no such record.
    Absent,
    /// There is such a record.
    Present,
    /// The step's `finds` says what is there.
    Listed,
    /// The job is not done yet.
    Pending,
    /// Again later.
    Retry,
    /// It will not be done so.
    Refused,
}

/// One answer that the third party documents; the first that fits counts. What fits none is never done: 408, 425, 429 and
/// 5xx are tried again, all else is refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Statuses.
    pub status: Vec<u16>,
    /// A member of the JSON body that must be there: `error.code`, `data.0.status`, `errors.*.code`; `.` for the body itself,
    /// which may then also be a single word of plain text.
    #[serde(default)]
    pub at: String,
    /// Texts (numbers and booleans as text), one of which it must be; any, when there are none.
    #[serde(default)]
    pub is: Vec<String>,
    /// What it means.
    pub means: Means,
}

/// What is read out of an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finds {
    /// Where the list, or the one object, is in the body; empty for the body itself.
    #[serde(default)]
    pub list: String,
    /// Only items whose members (templates too) equal these templates, letter case aside: a search may bring somebody else.
    #[serde(default, rename = "where")]
    pub only: BTreeMap<String, String>,
    /// The member of an item that is its key; empty for the item itself.
    #[serde(default)]
    pub key: String,
    /// The name by which templates of later steps call the key; none when it is only of interest whether one is there.
    #[serde(default, rename = "as")]
    pub name: String,
}

/// One request for each value of what its templates name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Name, unique in the row.
    pub id: String,
    /// What it is for.
    pub does: Does,
    /// In words, with the verb first: `deletes the customer`.
    pub says: String,
    /// Another step whose request, answers and `finds` it repeats.
    #[serde(default)]
    pub like: String,
    /// `https` address before the path, when it is not the row's.
    #[serde(default)]
    pub base: String,
    /// Other addresses than `base`, by region.
    #[serde(default)]
    pub regions: BTreeMap<String, String>,
    /// HTTP method.
    #[serde(default)]
    pub method: Option<Method>,
    /// Path, a template.
    #[serde(default)]
    pub path: String,
    /// Parameters of the query, templates.
    #[serde(default)]
    pub query: Vec<(String, String)>,
    /// Headers, templates.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON body; its texts are templates.
    #[serde(default)]
    pub json: Option<toml::Value>,
    /// Form body, RFC 1866; templates.
    #[serde(default)]
    pub form: Vec<(String, String)>,
    /// Header that takes a key by which the third party knows a repeated request.
    #[serde(default)]
    pub idempotency_header: String,
    /// What is read out of the answer.
    #[serde(default)]
    pub finds: Option<Finds>,
    /// What answers mean.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// What a confirming look goes by.
    #[serde(default)]
    pub looks_at: LooksAt,
    /// Who asks, when it is not as in the row.
    #[serde(default)]
    pub authentication: Vec<Login>,
    /// How it is known, when it is not as the row.
    #[serde(default)]
    pub certainty: Option<Certainty>,
}

/// How a person is erased at a third party.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// How it is asked for.
    pub way: Way,
    /// How the row is known.
    pub certainty: Certainty,
    /// Where it was read.
    pub sources: Vec<String>,
    /// `https` address before the paths; its host is one of the third party's. May name settings.
    #[serde(default)]
    pub base: String,
    /// Other addresses, by region.
    #[serde(default)]
    pub regions: BTreeMap<String, String>,
    /// What the operator has to set, and what it is.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Secrets by name, and what they are.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Who asks.
    #[serde(default)]
    pub authentication: Vec<Login>,
    /// The longest that the third party says it takes until nothing is found any more; ISO 8601, a day is 24 hours.
    #[serde(default)]
    pub takes: String,
    /// The requests, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What else happens.
    #[serde(default)]
    pub side_effects: Vec<String>,
    /// What stays there.
    #[serde(default)]
    pub keeps: Vec<String>,
    /// How it is done by hand: all of it without an API, or when no access is set.
    #[serde(default)]
    pub by_hand: String,
    /// What the requests leave to be done by hand.
    #[serde(default)]
    pub rest_by_hand: String,
}

impl Erasure {
    /// How its least certain part is known.
    pub fn least_certain(&self) -> Certainty {
        let steps = self.steps.iter().filter_map(|step| step.certainty);
        let any_memory = steps.chain([self.certainty]).any(|known| known == Certainty::Memory);
        if any_memory {
            Certainty::Memory
        } else {
            Certainty::Sourced
        }
    }
}
