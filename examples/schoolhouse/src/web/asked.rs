//! What a request says, read whole before anything is done.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, FromRequest as _, Multipart, RawPathParams, Request};
use axum::http::{HeaderMap, Method, header};

use super::{BODY_MAX_BYTES, Fault};

/// A request, read whole.
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) parts: BTreeMap<String, String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) form: BTreeMap<String, String>,
    pub(super) file: Option<Upload>,
    headers: HeaderMap,
    pub(super) changes: bool,
    pub(super) ip: Option<IpAddr>,
}

/// A file of a form.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

impl Asked {
    pub(super) async fn read(path: &RawPathParams, request: Request) -> Result<Self, Fault> {
        let parts = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut asked = Self {
            path: request.uri().path().to_owned(),
            parts: parts.collect(),
            query: pairs(request.uri().query().unwrap_or_default().as_bytes()),
            form: BTreeMap::new(),
            file: None,
            headers: request.headers().clone(),
            changes: request.method() != Method::GET && request.method() != Method::HEAD,
            ip: request
                .extensions()
                .get::<ConnectInfo<SocketAddr>>()
                .map(|from| from.0.ip()),
        };
        asked.read_body(request).await?;
        Ok(asked)
    }

    /// The body, as what it says it is: a form, a form with files, or a flat JSON object.
    async fn read_body(&mut self, request: Request) -> Result<(), Fault> {
        let kind = self.header("content-type").unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            return self
                .read_parts(request)
                .await
                .ok_or(Fault::Wrong("the form cannot be read"));
        }
        if self.changes {
            let too_large = Fault::Wrong("the form is too large");
            let body = to_bytes(request.into_body(), BODY_MAX_BYTES)
                .await
                .map_err(|_| too_large)?;
            self.form = if kind.starts_with("application/json") {
                json(&body)?
            } else {
                pairs(&body)
            };
        }
        Ok(())
    }

    async fn read_parts(&mut self, request: Request) -> Option<()> {
        let mut form = Multipart::from_request(request, &()).await.ok()?;
        while let Some(part) = form.next_field().await.ok()? {
            let name = part.name()?.to_owned();
            match part.file_name().map(str::to_owned) {
                None => drop(self.form.insert(name, part.text().await.ok()?)),
                Some(file) => {
                    let media_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
                    let bytes = part.bytes().await.ok()?.to_vec();
                    self.file = Some(Upload {
                        name: file,
                        media_type,
                        bytes,
                    });
                }
            }
        }
        Some(())
    }

    pub(super) fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }

    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    /// The session: of a cookie, or as a bearer token for programs.
    pub(super) fn token(&self) -> Option<String> {
        let bearer = self.header("authorization");
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned));
        bearer.or_else(|| self.cookie("session"))
    }

    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.header(header::COOKIE.as_str())?;
        let mut cookies = cookies.split(';').filter_map(|cookie| cookie.trim().split_once('='));
        cookies
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.to_owned())
    }

    /// Whether a page of another site sends this form.
    pub(super) fn comes_from_elsewhere(&self, own: &str) -> bool {
        self.changes && self.header("origin").is_some_and(|origin| origin != own)
    }
}

fn pairs(text: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// A flat JSON object, as a form.
fn json(body: &[u8]) -> Result<BTreeMap<String, String>, Fault> {
    serde_json::from_slice(body).map_err(|_| Fault::Wrong("an object of texts was expected"))
}
