//! Every answer that the gate gives by itself: problem documents that say whose fault it is and whether to try again.
//!
//! Start at [`Problem`]; the table below is the whole list. Texts hold no values: hosts, sizes, names of the register.
//!
//! Source: RFC 9457.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, PROXY_AUTHENTICATE, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::body::Answer;

/// The header that names the ledger's identifier of a request.
pub(crate) const REQUEST_HEADER: HeaderName = HeaderName::from_static("averment-request");

/// When to try again after having been turned away: what is in work is done in well under a second.
const RETRY_AFTER_SECONDS: &str = "1";

/// What a caller is asked for: a service's token as password, RFC 7617.
const CHALLENGE: &str = "Basic realm=\"averment\"";

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Who sent the request.
    Caller,
    /// Whom it was for, or the way there.
    Recipient,
    /// This program or the machine that it runs on.
    Averment,
}

impl Fault {
    fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Recipient => "recipient",
            Self::Averment => "averment",
        }
    }
}

/// Whether to send it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Nothing was sent; another try may work.
    Safe,
    /// The recipient may have received it.
    Unsafe,
    /// Nothing was sent; the same request gets the same answer.
    Pointless,
}

impl Retry {
    fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Pointless => "pointless",
        }
    }
}

/// One row of the table.
struct Row {
    slug: &'static str,
    status: StatusCode,
    fault: Fault,
    retry: Retry,
    title: &'static str,
}

macro_rules! problems {
    ($($kind:ident $slug:literal $status:ident $fault:ident $retry:ident $title:literal)*) => {
        /// What kind of problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind { $(#[doc = $title] $kind,)* }

        impl Kind {
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$kind),*];

            fn row(self) -> Row {
                match self {
                    $(Self::$kind => Row {
                        slug: $slug, status: StatusCode::$status, fault: Fault::$fault, retry: Retry::$retry, title: $title,
                    },)*
                }
            }
        }
    };
}

problems! {
    Refused            "refused"              FORBIDDEN             Caller    Pointless "the register does not let this request out"
    CutOff             "cut-off"              SERVICE_UNAVAILABLE   Averment  Pointless "whoever runs the gate has cut this recipient off"
    NotForService      "not-for-service"      FORBIDDEN             Caller    Pointless "the gate's settings do not let this service send this"
    InClear            "in-clear"             FORBIDDEN             Caller    Pointless "the recipient is not sent to in clear: use `https`, or declare the host under `[[origins]]` of the gate's settings"
    PortUndeclared     "port-undeclared"      FORBIDDEN             Caller    Pointless "the recipient is not sent to on this port: use 443, or declare the host with it under `[[origins]]` of the gate's settings"
    AuthorityOutside   "authority-outside"    SERVICE_UNAVAILABLE   Averment  Pointless "the gate's authority may not speak for this host: whoever runs the gate renews it (`averment authority renew`), with `[authority]` of the settings where the register has but a pattern"
    CallerUnknown      "caller-unknown"       PROXY_AUTHENTICATION_REQUIRED Caller Pointless "the caller has not shown the token or certificate of a service"
    ContextMalformed   "context-malformed"    BAD_REQUEST           Caller    Pointless "the field `averment-context` cannot be read"
    RewriteImpossible  "rewrite-impossible"   FORBIDDEN             Caller    Pointless "the request must be changed before it may go out, and that cannot be done"
    AddressInside      "address-inside"       FORBIDDEN             Caller    Pointless "the host is at an address that the gate does not connect to"
    AmbiguousFraming   "ambiguous-framing"    BAD_REQUEST           Caller    Pointless "the request can be read in two ways"
    Malformed          "malformed"            BAD_REQUEST           Caller    Pointless "the request is malformed"
    BodyIncomplete     "body-incomplete"      BAD_REQUEST           Caller    Safe      "the request body ended early"
    NotForAProxy       "not-for-a-proxy"      BAD_REQUEST           Caller    Pointless "this is a proxy: requests go through it, not to it"
    BodyTimeout        "body-timeout"         REQUEST_TIMEOUT       Caller    Safe      "the request body took too long to arrive"
    TooLarge           "too-large"            PAYLOAD_TOO_LARGE     Caller    Pointless "the request body is larger than what can be inspected"
    Expectation        "expectation-failed"   EXPECTATION_FAILED    Caller    Pointless "only `100-continue` may be expected"
    Misdirected        "misdirected"          MISDIRECTED_REQUEST   Caller    Pointless "the request names another host than its connection"
    MethodUnknown      "method-unknown"       NOT_IMPLEMENTED       Caller    Pointless "the method is not one that the gate forwards"
    UpgradeNotRead     "upgrade-not-read"     NOT_IMPLEMENTED       Caller    Pointless "what follows this upgrade cannot be inspected"
    RouteUnknown       "route-unknown"        NOT_FOUND             Caller    Pointless "no route of the gate's settings has this path"
    Overloaded         "overloaded"           SERVICE_UNAVAILABLE   Averment  Safe      "more is in work than the gate's settings allow"
    DirectoryEmpty     "directory-empty"      SERVICE_UNAVAILABLE   Averment  Safe      "no people are loaded, so nobody could be recognised"
    DirectoryStale     "directory-stale"      SERVICE_UNAVAILABLE   Averment  Safe      "the people were loaded too long ago, so who came since would not be recognised"
    ClockSetBack       "clock-set-back"       SERVICE_UNAVAILABLE   Averment  Safe      "the clock runs behind what was already recorded, so nothing can be dated"
    LedgerUnavailable  "ledger-unavailable"   SERVICE_UNAVAILABLE   Averment  Safe      "the ledger cannot be written, so nothing goes out"
    LedgerStopped      "ledger-stopped"       SERVICE_UNAVAILABLE   Averment  Pointless "the ledger has failed, so nothing goes out until the gate is restarted"
    NotRecordable      "not-recordable"       SERVICE_UNAVAILABLE   Averment  Pointless "the ledger has no room for what was found in the request, so it does not go out"
    ConsentsUnavailable "consents-unavailable" SERVICE_UNAVAILABLE  Averment  Safe      "nobody could say who has consented or objected"
    CredentialUnusable "credential-unusable"  SERVICE_UNAVAILABLE   Averment  Pointless "the gate cannot use the credential that it holds for the recipient"
    InspectionFailed   "inspection-failed"    SERVICE_UNAVAILABLE   Averment  Pointless "the request could not be inspected"
    Unresolved         "unresolved"           BAD_GATEWAY           Recipient Safe      "the host's address could not be found"
    Unreachable        "unreachable"          BAD_GATEWAY           Recipient Safe      "no connection to the host could be made"
    Unverified         "unverified"           BAD_GATEWAY           Recipient Pointless "the host could not prove that it is the one it should be"
    Lost               "lost"                 BAD_GATEWAY           Recipient Unsafe    "the connection to the host was lost before it answered"
    NotSent            "not-sent"             BAD_GATEWAY           Recipient Safe      "the connection to the host closed before anything was sent"
    ConnectTimeout     "connect-timeout"      GATEWAY_TIMEOUT       Recipient Safe      "connecting to the host took too long"
    AnswerTimeout      "answer-timeout"       GATEWAY_TIMEOUT       Recipient Unsafe    "the host took too long to answer"
}

/// One problem document.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: Option<String>,
    request: Option<String>,
    more: Map<String, Value>,
    closes: bool,
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self {
            kind,
            detail: None,
            request: None,
            more: Map::new(),
            closes: false,
        }
    }
}

impl Problem {
    /// Says more, without values.
    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// Names the ledger entry.
    pub(crate) fn request(self, id: String) -> Self {
        Self {
            request: Some(id),
            ..self
        }
    }

    /// Adds members of its own.
    pub(crate) fn with(self, more: Map<String, Value>) -> Self {
        Self { more, ..self }
    }

    /// Closes the connection after the answer.
    pub(crate) fn closing(self) -> Self {
        Self { closes: true, ..self }
    }

    /// Whether certainly no byte of the request reached the recipient.
    pub(crate) fn is_unsent(&self) -> bool {
        self.kind.row().retry != Retry::Unsafe
    }

    /// What kind it is.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Kind and entry in a few bytes, for where there is no room for a document.
    pub(crate) fn in_short(&self) -> String {
        match &self.request {
            Some(id) => format!("{} {REQUEST_HEADER}: {id}", self.slug()),
            None => self.slug().to_owned(),
        }
    }

    /// The identifier of its kind, for logs.
    pub(crate) fn slug(&self) -> &'static str {
        self.kind.row().slug
    }

    /// The answer on the wire.
    pub(crate) fn into_response(self) -> Response<Answer> {
        let row = self.kind.row();
        let body = Bytes::from(self.document(&row));
        let mut response = Response::new(Answer::own(body));
        *response.status_mut() = row.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(id) = self.request.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
            headers.insert(REQUEST_HEADER, id);
        }
        if self.kind == Kind::Overloaded {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        if self.kind == Kind::CallerUnknown {
            headers.insert(PROXY_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The answer as HTTP/1.1, for a connection that nobody serves.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let document = self.document(&self.kind.row());
        let head = self.into_response();
        let mut bytes = format!("HTTP/1.1 {}\r\n", head.status()).into_bytes();
        for (name, value) in head.headers() {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n{document}", document.len()).as_bytes());
        bytes
    }

    fn document(&self, row: &Row) -> String {
        let mut members = json!({
            "type": format!("urn:averment:problem:{}", row.slug),
            "title": row.title,
            "status": row.status.as_u16(),
            "fault": row.fault.as_str(),
            "retry": row.retry.as_str(),
        });
        if let Some(detail) = &self.detail {
            members["detail"] = Value::from(detail.as_str());
        }
        if let Some(id) = &self.request {
            members["request"] = Value::from(id.as_str());
        }
        for (name, value) in &self.more {
            members[name.as_str()] = value.clone();
        }
        format!("{members:#}\n")
    }
}

#[cfg(test)]
mod tests;
