//! Who sends: the service behind a token or a certificate, and what it says of its message in the context header.
//!
//! Start at [`Shared::caller`]. A token comes in `Proxy-Authorization: Basic`, with a `CONNECT` for everything in its
//! tunnel or with a single request; only its SHA-256 is in the settings. A certificate comes with the connection. Neither the
//! token nor the context header is sent on.
//!
//! Source: RFC 9110 11.7 (proxy authentication); RFC 7617 (Basic).

use std::collections::BTreeSet;
use std::sync::Arc;

use averment_catalog::{PurposeId, catalog};
use averment_policy::Sender;
use averment_register::{Charter, Condition};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{HeaderMap, HeaderName, PROXY_AUTHORIZATION};
use http::request;
use sha2::{Digest as _, Sha256};

use crate::front::Shown;
use crate::gate::Shared;
use crate::problem::{Kind, Problem};
use crate::settings::{Service, Settings, name_as_compared};

/// The header that says when and why a message is sent.
pub(crate) const CONTEXT_HEADER: HeaderName = HeaderName::from_static("averment-context");

/// The service that asked for the tunnel that a request came through.
#[derive(Debug, Clone)]
pub(crate) struct Introduced(Arc<str>);

impl Introduced {
    /// The service's name.
    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// The service as sender of what says nothing more about itself.
    pub(crate) fn sender(&self) -> Sender {
        Sender {
            service: Some(self.0.as_ref().to_owned()),
            ..Sender::default()
        }
    }
}

impl Shared {
    /// The service that `headers` or the connection's certificate prove, for a tunnel and everything in it.
    ///
    /// # Errors
    /// A wrong token, one of another service than the certificate's, or nothing where the settings ask for a service.
    pub(crate) fn introduced(&self, headers: &HeaderMap, shown: Option<&Shown>) -> Result<Option<Introduced>, Problem> {
        let terms = self.terms();
        let service = identify(headers, shown, &terms.settings)?;
        let introduced = service.map(|service| Introduced(service.name.as_str().into()));
        if introduced.is_none() && terms.settings.services_required {
            return Err(Problem::from(Kind::CallerUnknown));
        }
        Ok(introduced)
    }

    /// Who sends the request that `head` begins.
    ///
    /// # Errors
    /// A wrong token, none where the settings ask for one, or a context that cannot be read.
    pub(crate) fn caller(&self, head: &request::Parts) -> Result<Sender, Problem> {
        let introduced = match head.extensions.get::<Introduced>() {
            Some(introduced) => Some(introduced.clone()),
            None => self.introduced(&head.headers, head.extensions.get::<Shown>())?,
        };
        let mut sender = introduced.as_ref().map(Introduced::sender).unwrap_or_default();
        for value in head.headers.get_all(CONTEXT_HEADER) {
            let text = value
                .to_str()
                .map_err(|_| "expected visible ASCII characters".to_owned());
            let read = text.and_then(|text| read_context(text, &self.terms().charter, &mut sender));
            read.map_err(|expected| Problem::from(Kind::ContextMalformed).detail(expected))?;
        }
        Ok(sender)
    }
}

/// The service that a token in `headers` or `shown` belong to; both must name the same where both name one. Where no service
/// is declared nothing is looked at: a token that is meant for somebody else's proxy is then no mistake.
fn identify<'a>(
    headers: &HeaderMap,
    shown: Option<&Shown>,
    settings: &'a Settings,
) -> Result<Option<&'a Service>, Problem> {
    if settings.services.is_empty() {
        return Ok(None);
    }
    let by_certificate = shown.and_then(|shown| by_certificate(shown, settings));
    match (by_token(headers, settings)?, by_certificate) {
        (Some(one), Some(other)) if one.name != other.name => {
            Err(Problem::from(Kind::CallerUnknown).detail("the certificate is one service's and the token another's"))
        }
        (one, other) => Ok(one.or(other)),
    }
}

/// The one service that the certificate names. A certificate of two services is nobody's.
fn by_certificate<'a>(shown: &Shown, settings: &'a Settings) -> Option<&'a Service> {
    let is_of = |service: &&Service| {
        let named = service.certificate.as_ref().map(|name| name_as_compared(name));
        named.is_some_and(|name| shown.names.contains(&name))
            || service
                .certificate_sha256
                .as_ref()
                .is_some_and(|digest| digest.eq_ignore_ascii_case(&shown.sha256))
    };
    let mut services = settings.services.iter().filter(is_of);
    let (service, other) = (services.next(), services.next());
    service.filter(|_| other.is_none())
}

fn by_token<'a>(headers: &HeaderMap, settings: &'a Settings) -> Result<Option<&'a Service>, Problem> {
    let mut fields = headers.get_all(PROXY_AUTHORIZATION).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else {
        return Ok(None);
    };
    let token = token_of(field.as_bytes()).ok_or_else(|| Problem::from(Kind::CallerUnknown))?;
    let digest = hex(&Sha256::digest(token));
    // Every service is compared, each whole: the time tells nothing about any of them.
    let known = settings.services.iter().fold(None, |known, service| {
        let is_this = has_token(service, &digest);
        if is_this { Some(service) } else { known }
    });
    known.map(Some).ok_or_else(|| Problem::from(Kind::CallerUnknown))
}

/// The password of `Basic` credentials; the user name is free.
fn token_of(field: &[u8]) -> Option<Vec<u8>> {
    let (scheme, encoded) = field.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim_ascii()).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    Some(decoded[colon + 1..].to_vec()).filter(|token| !token.is_empty())
}

fn has_token(service: &Service, digest: &str) -> bool {
    service.token_sha256.as_ref().is_some_and(|declared| {
        let pairs = declared.bytes().zip(digest.bytes());
        let difference = pairs.fold(0, |sum, (a, b)| sum | (a.to_ascii_lowercase() ^ b));
        declared.len() == digest.len() && difference == 0
    })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads one context field (`when=subject_chooses; purpose=service.support`) into `sender`. Words are those of the
/// register and the catalog, so that nothing else gets into an entry.
///
/// # Errors
/// What was expected.
pub fn read_context(text: &str, charter: &Charter, sender: &mut Sender) -> Result<(), String> {
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name.trim() {
            "when" => {
                let condition = condition(value.trim(), charter)?;
                sender.when.insert(condition);
            }
            "purpose" if sender.purpose.is_none() => sender.purpose = Some(purpose(value.trim())?),
            "purpose" => return Err("expected one purpose".to_owned()),
            _ => return Err("expected `when=<condition>` and `purpose=<purpose>`, divided by `;`".to_owned()),
        }
    }
    Ok(())
}

fn condition(text: &str, charter: &Charter) -> Result<Condition, String> {
    let declared: BTreeSet<&Condition> = charter
        .content()
        .recipients
        .values()
        .flat_map(|recipient| recipient.discloses.iter().map(|row| &row.when))
        .collect();
    let condition: Option<Condition> = text.parse().ok();
    match condition {
        Some(Condition::Consent(_)) => {
            Err("a consent is not declared with a message: `averment consent give` records it".to_owned())
        }
        Some(condition) if declared.contains(&condition) => Ok(condition),
        _ => Err("expected for `when` a condition that a row of the register has".to_owned()),
    }
}

fn purpose(text: &str) -> Result<PurposeId, String> {
    let known = PurposeId::new(text).ok().filter(|id| catalog().purpose(id).is_some());
    known.ok_or_else(|| "expected for `purpose` one of the catalog".to_owned())
}

#[cfg(test)]
mod tests;
