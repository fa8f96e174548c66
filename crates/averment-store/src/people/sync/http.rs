//! An HTTP API, page by page, each whole before the next is asked for.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use serde_json::Value;
use ureq::http::{Response, Uri, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::super::json;
use super::super::limited::Limited;
use super::super::read::Reading;
use super::super::report::LoadError;
use super::super::row::At;
use super::super::table::Wanted;
use super::SourceError;
use super::postgres::is_this_machine;

/// Most bytes of a page.
const PAGE_BYTES_MAX: u64 = 64 << 20;
/// Most pages: a page that names itself as the next would never end.
const PAGES_MAX: usize = 100_000;
/// Longest time for a page.
const PAGE_WITHIN: Duration = Duration::from_secs(120);

/// Reads all pages.
pub(super) fn read(
    reading: &mut Reading<'_>,
    url: &str,
    token: Option<&str>,
    trust: &[CertificateDer<'static>],
) -> Result<(), LoadError> {
    let agent = agent(trust);
    let mut page: Uri = url.parse().map_err(|_| http("has no URL that can be read"))?;
    check_way(&page)?;
    let mut people = 0;
    for _ in 0..PAGES_MAX {
        let (next, count) = read_page(reading, (&agent, token), &page, people)?;
        people += count;
        let Some(next) = next else { return Ok(()) };
        page = resolve(&page, &next)?;
    }
    Err(http(format!("has more than {PAGES_MAX} pages")).into())
}

/// The page after, and how many people this one had.
fn read_page(
    reading: &mut Reading<'_>,
    (agent, token): (&Agent, Option<&str>),
    page: &Uri,
    before: u64,
) -> Result<(Option<String>, u64), LoadError> {
    let mut request = agent
        .get(page.clone())
        .header(header::ACCEPT, "application/json, application/x-ndjson");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let answer = request.call().map_err(told)?;
    if answer.status() != 200 {
        let text = format!("answered with status {}, expected 200", answer.status().as_u16());
        return Err(http(text).into());
    }
    let linked = linked_next(&answer);
    let lines = is_lines(&answer);
    let mut body = Vec::new();
    let mut input = Limited::new(answer.into_body().into_reader(), PAGE_BYTES_MAX);
    input.read_to_end(&mut body).map_err(|source| LoadError::Read {
        source_name: "the API".to_owned(),
        source,
    })?;
    if lines {
        let had = reading.rows.people.len() + reading.rows.removed.len();
        json::read_lines(reading, body.as_slice(), "the API", Wanted::People)?;
        return Ok((
            linked,
            (reading.rows.people.len() + reading.rows.removed.len() - had) as u64,
        ));
    }
    let (people, next) = people_of(&body)?;
    for (person, number) in people.iter().zip(before + 1..) {
        match person {
            Value::Object(members) => json::read_object(reading, number, members, Wanted::People),
            _ => reading.fault(At::line(number), "expected an object for each person"),
        }
    }
    Ok((linked.or(next), people.len() as u64))
}

fn people_of(body: &[u8]) -> Result<(Vec<Value>, Option<String>), SourceError> {
    let expected = "answered with something else than JSON: expected an array, or an object with an array `people`";
    match serde_json::from_slice(body).map_err(|_| http(expected))? {
        Value::Array(people) => Ok((people, None)),
        Value::Object(mut members) => {
            let next = members.get("next").and_then(Value::as_str).map(str::to_owned);
            match members.remove("people") {
                Some(Value::Array(people)) => Ok((people, next)),
                _ => Err(http(expected)),
            }
        }
        _ => Err(http(expected)),
    }
}

/// RFC 8288: the link with the relation `next`.
fn linked_next(answer: &Response<Body>) -> Option<String> {
    let values = answer
        .headers()
        .get_all(header::LINK)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let links = values.flat_map(|value| value.split(",")).filter_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let relations = parameters
            .split(';')
            .filter_map(|parameter| parameter.trim().strip_prefix("rel="));
        let mut words = relations.flat_map(|words| words.trim_matches('"').split(' '));
        words
            .any(|word| word.eq_ignore_ascii_case("next"))
            .then(|| target.to_owned())
    });
    links.into_iter().next()
}

fn is_lines(answer: &Response<Body>) -> bool {
    let kind = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    [
        "application/x-ndjson",
        "application/jsonl",
        "application/json-lines",
        "application/x-jsonlines",
    ]
    .contains(&kind.as_str())
}

/// The next page, which must be where the first one was: the token goes nowhere else.
fn resolve(page: &Uri, next: &str) -> Result<Uri, SourceError> {
    let (scheme, authority) = (page.scheme_str().unwrap_or_default(), page.authority());
    let authority = authority.map(ToString::to_string).unwrap_or_default();
    let text = match next.as_bytes() {
        [b'/', b'/', ..] => format!("{scheme}:{next}"),
        [b'/', ..] => format!("{scheme}://{authority}{next}"),
        [b'?', ..] => format!("{scheme}://{authority}{}{next}", page.path()),
        _ => next.to_owned(),
    };
    let uri: Uri = text.parse().map_err(|_| http("names a next page that is no URL"))?;
    if uri.scheme() == page.scheme() && uri.authority() == page.authority() {
        Ok(uri)
    } else {
        Err(http("names a next page on another host"))
    }
}

fn check_way(page: &Uri) -> Result<(), SourceError> {
    let host = page.host().unwrap_or_default();
    match page.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if is_this_machine(host) => Ok(()),
        _ => Err(SourceError::TlsNeeded(host.to_owned())),
    }
}

/// No redirects: where people are read from is declared. No proxy: what passes it would be for others to see.
fn agent(trust: &[CertificateDer<'static>]) -> Agent {
    let roots: Vec<Certificate<'static>> = roots(trust).map(|der| Certificate::from_der(&der).to_owned()).collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(PAGE_WITHIN));
    config.build().into()
}

/// The system's roots and those named.
pub(super) fn roots(trust: &[CertificateDer<'static>]) -> impl Iterator<Item = CertificateDer<'static>> {
    let system = rustls_native_certs::load_native_certs().certs;
    system.into_iter().chain(trust.to_vec())
}

fn http(text: impl Into<String>) -> SourceError {
    SourceError::Http(text.into())
}

/// A URL may hold a secret, so no message of the client that may repeat it is told.
fn told(error: ureq::Error) -> SourceError {
    http(match error {
        ureq::Error::StatusCode(code) => format!("answered with status {code}"),
        ureq::Error::Timeout(_) => format!("did not answer within {} seconds", PAGE_WITHIN.as_secs()),
        ureq::Error::HostNotFound => "has a host that is not found".to_owned(),
        ureq::Error::Io(error) => format!("cannot be reached: {error}"),
        ureq::Error::Rustls(error) => format!("is not who it says: {error}"),
        ureq::Error::ConnectionFailed => "cannot be reached".to_owned(),
        _ => "did not answer as HTTP wants it".to_owned(),
    })
}
