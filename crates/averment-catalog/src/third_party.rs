//! What a third party looks like on the wire and in a published list: one embedded TOML file each.
//!
//! Facts change: every file carries its [`Certainty`], single facts that differ from it are in `uncertain`, and what
//! rests on memory stays marked wherever it is shown.

use serde::{Deserialize, Serialize};

use crate::erasure::Erasure;
use crate::{ElementId, ThirdPartyId};

/// How a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Read in a named source or captured from the real client.
    Sourced,
    /// General knowledge: check before relying on it.
    Memory,
}

/// How data gets to a third party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// API calls by servers.
    Server,
    /// Script, pixel, frame or image in a page.
    Browser,
    /// A desktop or mobile program.
    ClientApp,
    /// They connect to the platform.
    Inbound,
    /// Staff type or upload it.
    Manual,
}

/// What a host is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostUse {
    /// Server-side API.
    Api,
    /// Takes events or uploads.
    Ingest,
    /// Contacted by visitors' browsers.
    Browser,
    /// Application that staff use.
    App,
}

/// One host pattern. `*.` at the front matches one or more labels; `{name}` matches one label or a part of one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// The pattern.
    pub pattern: String,
    /// What for.
    pub uses: Vec<HostUse>,
    /// Region that the host serves, when it is a regional one.
    pub region: Option<String>,
}

/// A cookie that a third party's code sets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cookie {
    /// Name; `*` stands for any suffix.
    pub name: String,
    /// `first-party` or the third party's domain.
    pub on: String,
    /// How long it lives.
    pub life: String,
}

/// How requests are authenticated.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authentication {
    /// `header`, `query`, `path`, `body` or `cookie`.
    #[serde(rename = "in")]
    pub place: String,
    /// Name of the header, parameter or field.
    pub name: String,
    /// What it holds.
    pub scheme: String,
}

/// One request that the official clients make.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// HTTP method.
    pub method: String,
    /// Host, a pattern as in [`Host`].
    pub host: String,
    /// Path with `{parameters}`.
    pub path: String,
    /// What for.
    pub purpose: String,
}

/// Where personal data is found in a third party's requests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// `json`, `form`, `query`, `path`, `header`, `multipart`, `xml`, `grpc`, `websocket`, `bytes` or `cookie`.
    #[serde(rename = "in")]
    pub place: String,
    /// `a.b`, `a[].b`, `a.*` (any key) or `**` (anywhere).
    pub path: String,
    /// The element it holds; absent where the field may hold anything.
    pub element: Option<ElementId>,
    /// What a field without an element holds: `free_text`, `custom`, `file`.
    pub holds: Option<String>,
}

/// A request that erases, redacts or exports a person's data at the third party.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightsRequest {
    /// `delete`, `anonymize`, `redact`, `export` or `status`.
    pub operation: String,
    /// HTTP method.
    pub method: String,
    /// Host pattern.
    pub host: String,
    /// Path with `{parameters}`.
    pub path: String,
    /// The answer comes later.
    #[serde(rename = "async", default)]
    pub asynchronous: bool,
    /// What to know.
    #[serde(default)]
    pub note: String,
}

/// Packages whose presence in a code base shows use.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Packages {
    /// npm package names.
    pub npm: Vec<String>,
    /// PyPI package names.
    pub pypi: Vec<String>,
    /// Ruby gems.
    pub gem: Vec<String>,
    /// Rust crates.
    #[serde(rename = "crate")]
    pub crates: Vec<String>,
    /// Go modules; a module stands for those below it.
    pub go: Vec<String>,
    /// Maven coordinates `group:artifact`, or `group` for all of a group.
    pub maven: Vec<String>,
    /// Composer packages `vendor/name`.
    pub composer: Vec<String>,
    /// NuGet packages.
    pub nuget: Vec<String>,
    /// CocoaPods; one stands for its subspecs (`Firebase` for `Firebase/Messaging`).
    pub pod: Vec<String>,
    /// Repositories of Swift packages, `owner/name`.
    pub swift: Vec<String>,
    /// Packages of pub.dev, and what Dart imports of them.
    #[serde(rename = "pub")]
    pub dart: Vec<String>,
    /// Plugins of Gradle by their id; one stands for those below it.
    pub gradle: Vec<String>,
    /// Anything else: modules, coordinates, scripts.
    pub other: Vec<String>,
}

/// What shows use in source code, templates and infrastructure files, where package, host and environment names do not say it
/// already. Names of npm packages and Go modules are also what code imports, and are not repeated here.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Code {
    /// Python modules as imported; one stands for those below it.
    pub python: Vec<String>,
    /// Ruby features as required.
    pub ruby: Vec<String>,
    /// Java and Kotlin packages; one stands for those below it.
    pub java: Vec<String>,
    /// PHP namespaces; one stands for those below it.
    pub php: Vec<String>,
    /// Modules as Swift and Objective-C import them.
    pub swift: Vec<String>,
    /// Names in `AndroidManifest.xml`, `Info.plist` and `*.entitlements` that only its users write there: `FacebookAppID`. One stands
    /// for those below it. Names of Java packages are found there as well, and are not repeated here.
    pub apps: Vec<String>,
    /// Classes, constructors and functions whose mention in live code is a use, as written there with `.` or `::`:
    /// `Twilio::REST::Client`, `grecaptcha.execute`. Never a word that other code uses as well.
    pub calls: Vec<String>,
    /// Products that a vendor's module opens by name: the module, and the first text that a call of it is given. `boto3 s3` is
    /// `boto3.client("s3")`.
    pub services: Vec<String>,
    /// Addresses without scheme that are this third party's although others share the host: `www.google.com/recaptcha`. The
    /// path is a prefix of whole segments.
    pub addresses: Vec<String>,
    /// Terraform providers and prefixes of resource types: `datadog`, `aws_ses_`. A prefix ends in `_`.
    pub terraform: Vec<String>,
    /// Actions of workflows: `getsentry/action-release`.
    pub actions: Vec<String>,
    /// Container images without tag: `datadog/agent`.
    pub images: Vec<String>,
}

/// A single fact that is less certain than its file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uncertain {
    /// Which field.
    pub field: String,
    /// How it is known.
    pub certainty: Certainty,
    /// Why.
    #[serde(default)]
    pub note: String,
}

/// One third party.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThirdParty {
    /// Our identifier.
    pub id: ThirdPartyId,
    /// Who runs it.
    pub company: String,
    /// What is used.
    pub product: String,
    /// Other names seen in documents and contracts.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its name is also a common word (`Clever`, `Segment`): a running text that holds the word does not speak of it.
    #[serde(default)]
    pub common_word: bool,
    /// The third party of which it is only a part: whoever declares that one has declared this one.
    #[serde(default)]
    pub part_of: Option<ThirdPartyId>,
    /// What kind of service it is.
    pub kinds: Vec<String>,
    /// How data gets there.
    pub flows: Vec<Flow>,
    /// A tool for staff; normally no flow from the product itself.
    #[serde(default)]
    pub staff_tool: bool,
    /// What that means in practice.
    #[serde(default)]
    pub staff_note: String,
    /// How the main facts are known.
    pub certainty: Certainty,
    /// When they were collected, `YYYY-MM`.
    pub collected: String,
    /// Hosts.
    #[serde(default)]
    pub hosts: Vec<Host>,
    /// Cookies.
    #[serde(default)]
    pub cookies: Vec<Cookie>,
    /// Authentication.
    #[serde(default)]
    pub authentication: Vec<Authentication>,
    /// Media types of requests.
    #[serde(default)]
    pub media_types: Vec<String>,
    /// What a filter has to undo.
    #[serde(default)]
    pub encodings: Vec<String>,
    /// How several records travel in one request.
    #[serde(default)]
    pub batch: String,
    /// What a signature covers, so what breaks when a gateway changes the request.
    #[serde(default)]
    pub signed: String,
    /// Requests.
    #[serde(default)]
    pub endpoints: Vec<Endpoint>,
    /// Where personal data is found.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Packages.
    #[serde(default)]
    pub packages: Packages,
    /// What shows use in code.
    #[serde(default)]
    pub code: Code,
    /// Environment or configuration names.
    #[serde(default)]
    pub env_keys: Vec<String>,
    /// Erasure and access requests.
    #[serde(default)]
    pub rights: Vec<RightsRequest>,
    /// What erasure does not cover.
    #[serde(default)]
    pub rights_note: String,
    /// How a person is erased there, as a program.
    #[serde(default)]
    pub erasure: Option<Erasure>,
    /// Address of the third party's own list of sub-processors.
    #[serde(default)]
    pub subprocessors: String,
    /// Single facts that are less certain.
    #[serde(default)]
    pub uncertain: Vec<Uncertain>,
    /// Anything else.
    #[serde(default)]
    pub note: String,
    /// What was read.
    pub sources: Vec<String>,
}
