//! What was found in a message, and what could not be read. Findings hold no values.

use averment_catalog::{ElementId, SubjectId};
use serde::{Deserialize, Serialize};

/// A person of the directory, by number. The number means nothing outside one data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PersonNumber(pub u32);

/// Whose data element was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// A person of the directory.
    Person {
        /// Which.
        number: PersonNumber,
        /// What kind of data subject; unknown age is `student.under13`.
        subject: SubjectId,
    },
    /// Somebody who is not in the directory.
    Unknown,
}

/// How an element was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// The normalised value is an identifier of the directory.
    Exact,
    /// It has the shape of one (an e-mail address, a telephone number).
    Pattern,
}

/// The part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Name of the host: server name indication, `Host` header, request target.
    Authority,
    /// Path of the request target.
    Path,
    /// Query of the request target.
    Query,
    /// A header that is not a cookie.
    Header,
    /// A cookie.
    Cookie,
    /// The body.
    Body,
}

impl Part {
    /// The word used in entries and refusals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }
}

/// Where an element was found: the part, and a pointer into it that holds no values.
///
/// The pointer is made of names that the catalog or this program knows (`events[].user_properties.email`), array steps
/// `[]`, and `*` for every other name: a key may itself be somebody's user name, so unknown names are not repeated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The part.
    pub part: Part,
    /// The pointer; empty for the part as a whole.
    pub pointer: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.part.as_str())?;
        if self.pointer.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.pointer)
        }
    }
}

/// One encoding that had to be undone on the way to a finding, outermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// RFC 1952.
    Gzip,
    /// RFC 1950 or RFC 1951.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
    /// `%41`, and `+` for a space in forms.
    Percent,
    /// A JSON document.
    Json,
    /// A form (`application/x-www-form-urlencoded`).
    Form,
    /// `multipart/*`.
    Multipart,
    /// RFC 4648, either alphabet.
    Base64,
    /// RFC 4648 section 8: two digits a byte.
    Hex,
    /// RFC 4648 section 6.
    Base32,
    /// `&#64;`, `&amp;`: character references of HTML and XML.
    References,
    /// RFC 2045 section 6.7.
    QuotedPrintable,
    /// RFC 2047: `=?utf-8?Q?…?=`.
    EncodedWord,
    /// A character set other than UTF-8.
    Charset,
    /// XML or HTML.
    Markup,
    /// RFC 4180.
    Table,
    /// `text/event-stream`.
    EventStream,
    /// MessagePack.
    Msgpack,
    /// RFC 8949.
    Cbor,
    /// A protocol buffers message.
    Protobuf,
    /// Frames of gRPC or gRPC-web.
    Grpc,
    /// A zip archive, office documents among them.
    Zip,
    /// What an image says beside its pixels.
    Image,
    /// Bytes as a list of numbers: `[97,100,97]`, `61 64 61`.
    Numbers,
    /// The alphabet of Bitcoin.
    Base58,
    /// RFC 1924, ASCII85 or Z85: five characters for four bytes.
    Base85,
    /// Lines between `begin` and `end`.
    Uuencode,
    /// Mail, or an HTTP message, in a body.
    Message,
    /// The BSON specification.
    Bson,
    /// A binary property list.
    Plist,
    /// Rich text.
    Rtf,
    /// ISO 32000.
    Pdf,
}

impl Layer {
    /// The word used in entries and refusals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "brotli",
            Self::Zstd => "zstd",
            Self::Percent => "percent",
            Self::Json => "json",
            Self::Form => "form",
            Self::Multipart => "multipart",
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Base32 => "base32",
            Self::References => "references",
            Self::QuotedPrintable => "quoted-printable",
            Self::EncodedWord => "encoded-word",
            Self::Charset => "charset",
            Self::Markup => "markup",
            Self::Table => "table",
            Self::EventStream => "event-stream",
            Self::Msgpack => "msgpack",
            Self::Cbor => "cbor",
            Self::Protobuf => "protobuf",
            Self::Grpc => "grpc",
            Self::Zip => "zip",
            Self::Image => "image",
            Self::Numbers => "numbers",
            Self::Base58 => "base58",
            Self::Base85 => "base85",
            Self::Uuencode => "uuencode",
            Self::Message => "message",
            Self::Bson => "bson",
            Self::Plist => "plist",
            Self::Rtf => "rtf",
            Self::Pdf => "pdf",
        }
    }
}

/// One data element at one place of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which element.
    pub element: ElementId,
    /// Whose.
    pub whose: Whose,
    /// How recognised.
    pub known_by: KnownBy,
    /// Where.
    pub place: Place,
    /// Encodings undone on the way, outermost first.
    pub layers: Vec<Layer>,
    /// Byte range in the innermost decoded text.
    pub span: std::ops::Range<usize>,
}

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnreadableBecause {
    /// Larger than a limit allows.
    TooLarge,
    /// More layers or deeper nesting than a limit allows.
    TooDeep,
    /// More parts than a limit allows.
    TooMany,
    /// It says that it is something which it is not (broken JSON, a cut gzip stream).
    Malformed,
    /// A format or encoding that this program cannot decode.
    UnknownFormat,
    /// Its encryption was not opened, because the operator says so.
    PassThrough,
}

impl UnreadableBecause {
    /// The words used in refusals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "larger than the limit",
            Self::TooDeep => "more layers or deeper nesting than the limit",
            Self::TooMany => "more parts than the limit",
            Self::Malformed => "not what its type or encoding says",
            Self::UnknownFormat => "in a format that cannot be decoded",
            Self::PassThrough => "encrypted, and passed through as it is",
        }
    }
}

/// A place that could not be read, so nothing may be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Where.
    pub place: Place,
    /// Why.
    pub because: UnreadableBecause,
}

/// What looking at a message gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// What was found, in the order of the message.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Bytes looked at, decoded ones included.
    pub bytes_read: u64,
    /// How often a mailbox of the platform's own was met that is therefore no finding, see [`Look::own`](crate::Look); once in
    /// each reading of a place.
    pub own_mailboxes: u32,
}
