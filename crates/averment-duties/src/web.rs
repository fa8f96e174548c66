//! A visitor of pages: requests with cookies, redirects followed by hand, answers with bounds.
//!
//! Start at [`Visitor::new`]. Only origins that were named are asked: a redirect elsewhere ends there. Errors never repeat an
//! address, which may hold a secret.

mod form;
mod origin;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use ureq::Agent;
use ureq::http::{Method, Request, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

pub use form::Form;
pub(crate) use form::{attribute, escaped};
pub use origin::{Origin, resolve};

/// Longest time for an answer, its largest size, and most redirects.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
const ANSWER_BYTES_MAX: u64 = 16 << 20;
const REDIRECTS_MAX: usize = 10;

/// Somebody who opens pages.
pub struct Visitor {
    agent: Agent,
    /// Origins that may be asked.
    origins: Vec<Origin>,
    /// By host, then by name.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Sent to the first origin with every request.
    headers: Vec<(String, String)>,
}

/// A page as it came.
#[derive(Clone)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Where it came from, after redirects.
    pub url: Uri,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body of the last, and of every redirect before it what its headers say.
    pub body: Vec<u8>,
    /// Headers of redirects on the way.
    pub passed: Vec<(String, String)>,
}

/// What is sent.
#[derive(Debug, Clone, Default)]
pub enum Sent {
    /// Nothing.
    #[default]
    Nothing,
    /// Fields of a form.
    Form(Vec<(String, String)>),
    /// JSON.
    Json(String),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebError {
    /// No URL, or one of another origin than those named.
    #[error("leads to another origin than those that are named")]
    Elsewhere,
    /// It does not come in time.
    #[error("does not answer within {} seconds", ANSWER_WITHIN.as_secs())]
    Late,
    /// Nobody is there.
    #[error("cannot be reached")]
    Unreachable,
    /// Its certificate does not hold.
    #[error("is not who it says")]
    NotItself,
    /// Too many redirects.
    #[error("redirects more than {REDIRECTS_MAX} times")]
    Circles,
    /// The answer is too long, or no HTTP.
    #[error("gives no answer that can be read")]
    Unreadable,
}

/// An agent that follows nothing, believes the system's roots and `trust`, and takes every status for an answer.
pub fn agent(trust: &[CertificateDer<'static>]) -> Agent {
    let system = rustls_native_certs::load_native_certs().certs;
    let roots = system.into_iter().chain(trust.to_vec());
    let roots: Vec<Certificate<'static>> = roots.map(|der| Certificate::from_der(&der).to_owned()).collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(ANSWER_WITHIN));
    config.build().into()
}

impl Visitor {
    /// Somebody without cookies, who may ask `origins`.
    pub fn new(origins: Vec<Origin>, trust: &[CertificateDer<'static>]) -> Self {
        Self {
            agent: agent(trust),
            origins,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// Sends this with every request to the first origin.
    pub fn with_header(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Has this cookie for the first origin.
    pub fn with_cookie(&mut self, name: &str, value: &str) {
        if let Some(origin) = self.origins.first() {
            let cookies = self.cookies.entry(origin.host.clone()).or_default();
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Opens a page of the first origin by its path.
    ///
    /// # Errors
    /// [`WebError`].
    pub fn open(&mut self, path: &str) -> Result<Answer, WebError> {
        self.send("GET", path, &Sent::Nothing)
    }

    /// As [`Self::open`], but a redirect is an answer.
    ///
    /// # Errors
    /// [`WebError`].
    pub fn once_without_following(&mut self, path: &str) -> Result<Answer, WebError> {
        let first = self.origins.first().ok_or(WebError::Elsewhere)?;
        let url = resolve(&first.uri(), path).ok_or(WebError::Elsewhere)?;
        self.once("GET", &url, &Sent::Nothing)
    }

    /// Sends a request to the first origin, and follows where it leads.
    ///
    /// # Errors
    /// [`WebError`].
    pub fn send(&mut self, method: &str, path: &str, sent: &Sent) -> Result<Answer, WebError> {
        let first = self.origins.first().ok_or(WebError::Elsewhere)?;
        let url = resolve(&first.uri(), path).ok_or(WebError::Elsewhere)?;
        self.follow(method, url, sent.clone())
    }

    /// Sends a form that was found on a page.
    ///
    /// # Errors
    /// [`WebError`].
    pub fn submit(&mut self, page: &Answer, form: &Form, fields: Vec<(String, String)>) -> Result<Answer, WebError> {
        let url = resolve(&page.url, &form.action).ok_or(WebError::Elsewhere)?;
        self.follow("POST", url, Sent::Form(fields))
    }

    fn follow(&mut self, method: &str, mut url: Uri, mut sent: Sent) -> Result<Answer, WebError> {
        let mut method = method.to_owned();
        let mut passed = Vec::new();
        for _ in 0..=REDIRECTS_MAX {
            let mut answer = self.once(&method, &url, &sent)?;
            let target = answer
                .header("location")
                .filter(|_| (300..400).contains(&answer.status));
            let Some(next) = target.map(|target| resolve(&url, target)) else {
                answer.passed = passed;
                return Ok(answer);
            };
            // RFC 9110 section 15.4: 307 and 308 repeat the request, the others ask anew.
            if !matches!(answer.status, 307 | 308) {
                "GET".clone_into(&mut method);
                sent = Sent::Nothing;
            }
            passed.append(&mut answer.headers);
            url = next.ok_or(WebError::Elsewhere)?;
        }
        Err(WebError::Circles)
    }

    fn once(&mut self, method: &str, url: &Uri, sent: &Sent) -> Result<Answer, WebError> {
        let origin = Origin::of(url).filter(|origin| self.origins.contains(origin));
        let origin = origin.ok_or(WebError::Elsewhere)?;
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).map_err(|_| WebError::Unreadable)?)
            .uri(url.clone());
        if self.origins.first() == Some(&origin) {
            for (name, value) in &self.headers {
                request = request.header(name, value);
            }
        }
        if let Some(cookies) = self.cookies.get(&origin.host).filter(|cookies| !cookies.is_empty()) {
            let all: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", all.join("; "));
        }
        let answer = self.run(request, sent)?;
        let answer = read(answer, url)?;
        self.keep_cookies(&origin, &answer);
        Ok(answer)
    }

    fn run(
        &self,
        request: ureq::http::request::Builder,
        sent: &Sent,
    ) -> Result<ureq::http::Response<ureq::Body>, WebError> {
        let unreadable = |_| WebError::Unreadable;
        let answer = match sent {
            Sent::Nothing => self.agent.run(request.body(()).map_err(unreadable)?),
            Sent::Form(fields) => {
                let request = request.header("content-type", "application/x-www-form-urlencoded");
                self.agent.run(request.body(form::encoded(fields)).map_err(unreadable)?)
            }
            Sent::Json(text) => {
                let request = request.header("content-type", "application/json");
                self.agent.run(request.body(text.clone()).map_err(unreadable)?)
            }
        };
        answer.map_err(told)
    }

    /// RFC 6265 as far as signing in needs it: names and values by host, and that they end.
    fn keep_cookies(&mut self, origin: &Origin, answer: &Answer) {
        let cookies = self.cookies.entry(origin.host.clone()).or_default();
        for (_, value) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (pair, attributes) = value.split_once(';').unwrap_or((value, ""));
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let ended = attributes.to_ascii_lowercase().contains("max-age=0");
            match ended || value.is_empty() {
                true => _ = cookies.remove(name.trim()),
                false => _ = cookies.insert(name.trim().to_owned(), value.trim().to_owned()),
            }
        }
    }
}

fn read(answer: ureq::http::Response<ureq::Body>, url: &Uri) -> Result<Answer, WebError> {
    let status = answer.status().as_u16();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    let mut body = Vec::new();
    let reader = answer.into_body().into_reader();
    reader
        .take(ANSWER_BYTES_MAX + 1)
        .read_to_end(&mut body)
        .map_err(|_| WebError::Unreadable)?;
    if body.len() as u64 > ANSWER_BYTES_MAX {
        return Err(WebError::Unreadable);
    }
    Ok(Answer {
        status,
        url: url.clone(),
        headers,
        body,
        passed: Vec::new(),
    })
}

fn told(error: ureq::Error) -> WebError {
    match error {
        ureq::Error::Timeout(_) => WebError::Late,
        ureq::Error::HostNotFound | ureq::Error::Io(_) | ureq::Error::ConnectionFailed => WebError::Unreachable,
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => WebError::NotItself,
        _ => WebError::Unreadable,
    }
}

impl Answer {
    /// The first header of this name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({}, <{} bytes>)", self.status, self.body.len())
    }
}

#[cfg(test)]
mod tests;
