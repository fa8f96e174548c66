//! Where the walk is: the part, the names on the way, the encodings undone.
//!
//! Invariant: a name that is not the catalog's or ours becomes `*`, because it may be somebody's user name.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use averment_catalog::catalog;

use crate::matcher::Hint;
use crate::{Layer, Part, Place};

/// Fields that may hold a telephone number.
const CORRESPONDENT_FIELDS: [&str; 3] = ["to", "from", "cell"];

/// Fields of what has no look of its own.
const BIRTH_FIELDS: [&str; 8] = [
    "birthdate",
    "birth_date",
    "date_of_birth",
    "dob",
    "birthday",
    "birthDate",
    "dateOfBirth",
    "birth_day",
];
const PASSWORD_FIELDS: [&str; 6] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "new_password",
    "password_confirmation",
];
const INTERNET_FIELDS: [&str; 9] = [
    "ip",
    "ip_address",
    "ipaddress",
    "client_ip",
    "remote_addr",
    "x-forwarded-for",
    "x-real-ip",
    "true-client-ip",
    "forwarded",
];
const ADDRESS_FIELDS: [&str; 8] = [
    "address",
    "address1",
    "address_line1",
    "street_address",
    "street",
    "postal_address",
    "home_address",
    "streetAddress",
];

const CARD_FIELDS: [&str; 8] = [
    "card",
    "card_number",
    "cardnumber",
    "cardNumber",
    "credit_card",
    "creditCard",
    "cc_number",
    "pan",
];

/// Objects in which an internet address is a machine's.
const MACHINES: [&str; 10] = [
    "server", "host", "upstream", "database", "dns", "gateway", "node", "nodes", "servers", "hosts",
];

/// Longest name that is repeated in a pointer.
const NAME_MAX: usize = 40;

/// Field names that many services use, beside those of the catalog.
const COMMON: &str = "account address attributes bcc body caption cc cell city code comment comments content context \
    country created_at custom data date description device_id display_name distinct_id email emails event events \
    external_id family_name fax file filename first_name firstname from from_email full_name fullname given_name group \
    guardian_email guardian_name guardian_phone id identifier identity input ip item items key label last_name lastname \
    link list login mail message messages metadata mobile msisdn name nickname note notes number object page parent \
    password path payload person phone phone_number phonenumber project properties props q query recipient recipients \
    ref reply_to role school screen_name search sender session_id sms state status student student_id subject tag tags \
    tel telephone text ticket time timestamp title to token traits type url user user_id user_name user_properties \
    userid username users value values version zip \
    customerId displayName distinctId emailAddress externalId firstName fullName lastName phoneNumber screenName \
    sessionId studentId userId userName userProperties Body Email From Name Phone Subject Text To";

/// Header names of the IANA registry, and a few that browsers and services send. Another one may be somebody's name.
const HEADERS: &str = "accept accept-charset accept-encoding accept-language access-control-request-headers \
    access-control-request-method api-key apikey authorization baggage cache-control client-id connection \
    content-digest content-disposition content-encoding content-language content-length content-location \
    content-range content-type correlation-id date device-memory digest dnt downlink dpop expect forwarded from host \
    idempotency-key if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive last-modified \
    link location max-forwards newrelic origin pragma prefer priority proxy-authorization proxy-connection purpose \
    range referer repr-digest request-id rtt save-data sec-ch-ua sec-ch-ua-arch sec-ch-ua-mobile sec-ch-ua-model \
    sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-gpc sec-websocket-extensions \
    sec-websocket-key sec-websocket-protocol sec-websocket-version sentry-trace server-timing service-worker \
    signature signature-input soapaction te traceparent tracestate trailer transfer-encoding upgrade \
    true-client-ip upgrade-insecure-requests user-agent via want-digest warning \
    x-forwarded-for";

/// Words that `x-` headers are made of.
const HEADER_WORDS: &str = "account action agent amz amzn api app application auth authorization aws b3 body bucket \
    callback cf client cloud cluster content context correlation count country csrf custom data date datadog debug \
    device digest domain email encoding end environment event expires extra fb fingerprint forwarded from geo github \
    goog google hash header host http https hub id ip job key lang language length level locale mail message meta \
    metadata method ms name namespace newrelic nonce note operation org original parent path phone platform port \
    priority project proto protocol proxy query ray real recipient region release remote reply request requested \
    resource response retry role root route runtime school scheme sdk sec secret security sender sequence server \
    service session sha256 shard signature site slack source span stage state student subject tag target team tenant \
    test ticket time timeout timestamp title token topic trace tracking transaction twilio type uri url user username \
    value version via web webhook with workspace xsrf zone";

/// Fields whose bare digits are a telephone number.
///
/// Not [`CORRESPONDENT_FIELDS`]: they hold times, levels and squares of a board, too.
const PHONE_FIELDS: [&str; 10] = [
    "phone",
    "tel",
    "mobile",
    "sms",
    "fax",
    "msisdn",
    "telephone",
    "phone_number",
    "phonenumber",
    "guardian_phone",
];

/// One step of a pointer.
#[derive(Clone)]
pub(crate) enum Step {
    /// A field that the catalog or this program knows.
    Known(&'static str),
    /// A header of the message, by its harmless name.
    Header(Cow<'static, str>),
    /// Into an array.
    Items,
    /// A name that is not repeated.
    Other,
}

impl Step {
    /// The step for a field name as it stands in the message.
    pub(crate) fn field(name: &[u8]) -> Self {
        known(name).map_or(Self::Other, Self::Known)
    }

    /// The step for a header name.
    pub(crate) fn header(name: &str) -> Self {
        static NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| HEADERS.split_ascii_whitespace().collect());
        static WORDS: LazyLock<HashSet<&'static str>> =
            LazyLock::new(|| HEADER_WORDS.split_ascii_whitespace().collect());
        let own = |rest: &str| rest.split('-').all(|word| WORDS.contains(word));
        match NAMES.get(name) {
            Some(name) => Self::Header(Cow::Borrowed(name)),
            None if name.bytes().any(|b| b.is_ascii_uppercase()) => Self::header(&name.to_ascii_lowercase()),
            None if name.len() <= NAME_MAX && name.strip_prefix("x-").is_some_and(own) => {
                Self::Header(Cow::Owned(name.to_owned()))
            }
            None => Self::Other,
        }
    }

    /// What the name says about a value under it.
    pub(crate) fn hint(&self) -> Hint {
        match self {
            Self::Known(name) => hint_of(name.as_bytes()),
            Self::Header(name) => hint_of(name.as_bytes()),
            _ => Hint::None,
        }
    }
}

/// The fields that say something, and what.
const HINTED: [(Hint, &[&str]); 7] = [
    (Hint::Phone, &PHONE_FIELDS),
    (Hint::Correspondent, &CORRESPONDENT_FIELDS),
    (Hint::Birth, &BIRTH_FIELDS),
    (Hint::Password, &PASSWORD_FIELDS),
    (Hint::Internet, &INTERNET_FIELDS),
    (Hint::Address, &ADDRESS_FIELDS),
    (Hint::Card, &CARD_FIELDS),
];

/// For each length of a name the first letters of those fields, `a` lowest.
static STARTS: [u32; NAME_MAX + 1] = {
    let mut starts = [0; NAME_MAX + 1];
    let mut list = 0;
    while list < HINTED.len() {
        let mut at = 0;
        while at < HINTED[list].1.len() {
            let field = HINTED[list].1[at].as_bytes();
            starts[field.len()] |= 1 << (field[0].to_ascii_lowercase() - b'a');
            at += 1;
        }
        list += 1;
    }
    starts
};

/// What a field name says about a value under it.
pub(crate) fn hint_of(name: &[u8]) -> Hint {
    // Nearly every name ends here.
    let may_be = match name {
        [first, ..] if first.is_ascii_alphabetic() => {
            let starts = STARTS.get(name.len()).copied().unwrap_or_default();
            starts >> ((first | 0x20) - b'a') & 1 != 0
        }
        _ => false,
    };
    if !may_be {
        return Hint::None;
    }
    let is_in = |fields: &[&str]| fields.iter().any(|field| field.as_bytes().eq_ignore_ascii_case(name));
    let said = HINTED.iter().find(|(_, fields)| is_in(fields));
    said.filter(|_| known(name).is_some())
        .map_or(Hint::None, |(hint, _)| *hint)
}

/// The program's own copy of a field name that it knows.
pub(crate) fn known(name: &[u8]) -> Option<&'static str> {
    static NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(known_names);
    if name.len() > NAME_MAX {
        return None;
    }
    let name = std::str::from_utf8(name).ok()?;
    NAMES.get(name).copied()
}

fn known_names() -> HashSet<&'static str> {
    let mut names: HashSet<&'static str> = COMMON.split_ascii_whitespace().collect();
    for fields in [
        BIRTH_FIELDS.as_slice(),
        &PASSWORD_FIELDS,
        &INTERNET_FIELDS,
        &ADDRESS_FIELDS,
        &CARD_FIELDS,
        &MACHINES,
    ] {
        names.extend(fields);
    }
    for third_party in catalog().third_parties() {
        for field in third_party.fields.iter().filter(|field| !field.path.contains(' ')) {
            names.extend(field.path.split(['.', '[', ']', '/']).filter(|name| is_name(name)));
        }
        names.extend(
            third_party
                .authentication
                .iter()
                .map(|row| row.name.as_str())
                .filter(|name| is_name(name)),
        );
        names.extend(
            third_party
                .cookies
                .iter()
                .map(|row| row.name.as_str())
                .filter(|name| is_name(name)),
        );
    }
    names
}

fn is_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$');
    !text.is_empty() && text.len() <= NAME_MAX && text.bytes().all(allowed)
}

/// Where the walk is.
pub(crate) struct Trail {
    pub(crate) part: Part,
    pub(crate) steps: Vec<Step>,
    pub(crate) layers: Vec<Layer>,
}

impl Trail {
    pub(crate) fn new(part: Part) -> Self {
        Self {
            part,
            steps: Vec::new(),
            layers: Vec::new(),
        }
    }

    /// The field that this is in, where its name is a known one.
    pub(crate) fn field(&self) -> Option<&'static str> {
        match self.steps.iter().rev().find(|step| !matches!(step, Step::Items)) {
            Some(Step::Known(name)) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn hint(&self) -> Hint {
        let mut named = self.steps.iter().rev().filter(|step| !matches!(step, Step::Items));
        let hint = named.next().map_or(Hint::None, Step::hint);
        let machine = |step: &Step| matches!(step, Step::Known(name) if MACHINES.contains(name));
        if hint == Hint::Internet && named.next().is_some_and(machine) {
            Hint::None
        } else {
            hint
        }
    }

    pub(crate) fn place(&self) -> Place {
        let mut pointer = String::new();
        for step in &self.steps {
            let name = match step {
                Step::Known(name) => name,
                Step::Header(name) => name.as_ref(),
                Step::Other => "*",
                Step::Items => {
                    pointer.push_str("[]");
                    continue;
                }
            };
            if !pointer.is_empty() {
                pointer.push('.');
            }
            pointer.push_str(name);
        }
        Place {
            part: self.part,
            pointer,
        }
    }
}
