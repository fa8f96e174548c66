//! One request: what was asked, by whom, and the connection that answers it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, FromRequest as _, Multipart, RawPathParams, Request};
use axum::http::{HeaderMap, Method, header};

use super::{Act, Answer, BODY_MAX_BYTES, Fault};
use crate::people::Person;
use crate::rules::{self, Sight};
use crate::settings::App;
use crate::store::Connection;
use crate::{activity, sessions};

/// A request, read whole.
pub(crate) struct Asked {
    path: String,
    parts: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    form: BTreeMap<String, String>,
    file: Option<Upload>,
    headers: HeaderMap,
    changes: bool,
    ip: Option<IpAddr>,
}

/// A file of a form.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// A request with who asks and what answers.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) db: &'a mut Connection,
    asked: Asked,
    viewer: Option<Person>,
}

/// Answers one request on this thread.
pub(crate) fn run(app: &App, asked: Asked, act: Act) -> Result<Answer, Fault> {
    if asked.comes_from_elsewhere(&app.url) {
        return Err(Fault::Forbidden);
    }
    let mut db = app.store.take()?;
    let viewer = match asked.token() {
        Some(token) => sessions::viewer(&mut db, &token, app.now())?,
        None => None,
    };
    let mut call = Call {
        app,
        db: &mut db,
        asked,
        viewer,
    };
    let answer = call.log_visit().and_then(|()| act(&mut call));
    // A connection whose statement failed is not used again: it may still be inside of a transaction.
    if !matches!(answer, Err(Fault::Store(_))) {
        app.store.give(db);
    }
    answer
}

impl Asked {
    pub(crate) async fn read(path: &RawPathParams, request: Request) -> Result<Self, Fault> {
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
        let kind = asked.header("content-type").unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            asked
                .read_parts(request)
                .await
                .ok_or(Fault::Wrong("the form cannot be read"))?;
        } else if asked.changes {
            let too_large = Fault::Wrong("the form is too large");
            let body = to_bytes(request.into_body(), BODY_MAX_BYTES)
                .await
                .map_err(|_| too_large)?;
            asked.form = if kind.starts_with("application/json") {
                json(&body)?
            } else {
                pairs(&body)
            };
        }
        Ok(asked)
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

    pub(crate) fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    /// The session: of a cookie, or as a bearer token for programs.
    fn token(&self) -> Option<String> {
        let bearer = self.header("authorization");
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned));
        bearer.or_else(|| self.cookie("session"))
    }

    fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.header(header::COOKIE.as_str())?;
        let mut cookies = cookies.split(';').filter_map(|cookie| cookie.trim().split_once('='));
        cookies
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.to_owned())
    }

    /// Whether a page of another site sends this form.
    fn comes_from_elsewhere(&self, own: &str) -> bool {
        self.changes && self.header("origin").is_some_and(|origin| origin != own)
    }
}

impl Call<'_> {
    /// Who is signed in.
    pub(crate) fn viewer(&self) -> Result<Person, Fault> {
        self.viewer.clone().ok_or(Fault::SignIn)
    }

    /// A number of the path.
    pub(crate) fn number(&self, name: &str) -> Result<i64, Fault> {
        self.part(name).parse().map_err(|_| Fault::NotFound)
    }

    /// A part of the path.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.asked.parts.get(name).map_or("", String::as_str)
    }

    /// What the query says.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.asked.query.get(name).map(String::as_str)
    }

    /// A field of the form, without spaces around it.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.asked.form.get(name).map_or("", |value| value.trim())
    }

    /// A field that must not be empty.
    pub(crate) fn needed(&self, name: &str) -> Result<String, Fault> {
        match self.field(name) {
            "" => Err(Fault::Wrong("a field is empty")),
            text => Ok(text.to_owned()),
        }
    }

    /// The file of the form.
    pub(crate) fn file(&self) -> Result<Upload, Fault> {
        self.asked
            .file
            .clone()
            .ok_or(Fault::Wrong("there is no file in the form"))
    }

    /// The session's token.
    pub(crate) fn token(&self) -> Option<String> {
        self.asked.token()
    }

    /// A cookie of the browser's.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.asked.cookie(name)
    }

    pub(crate) fn ip(&self) -> Option<String> {
        self.asked.ip.map(|ip| ip.to_string())
    }

    /// The reason that a member of staff gave, to be put behind links.
    pub(crate) fn with_reason(&self, path: &str) -> String {
        let reason = self.query("reason").map(|reason| {
            let reason: String = form_urlencoded::byte_serialize(reason.as_bytes()).collect();
            format!("?reason={reason}")
        });
        format!("{path}{}", reason.unwrap_or_default())
    }

    /// What the viewer may see of a person. What staff see is recorded with the reason, before it is shown.
    pub(crate) fn sight(&mut self, person: &Person) -> Result<Sight, Fault> {
        let viewer = self.viewer()?;
        let reason = self
            .query("reason")
            .map(str::to_owned)
            .or_else(|| self.asked.header("x-reason"));
        let reason = reason.filter(|reason| reason.trim().len() >= 5);
        let sight = rules::sees(self.db, &self.app.mistakes, &viewer, person, reason.as_deref())?;
        if let (crate::people::Relation::SupportStaff, Some(reason)) = (sight.relation, reason) {
            activity::staff_access(self.db, &viewer, person, &reason, self.app.now())?;
            self.app.vendors.alert("a member of staff looked at somebody");
        }
        Ok(sight)
    }

    /// The person, if the viewer may see anything of them.
    pub(crate) fn seen(&mut self, id: i64) -> Result<(Person, Sight), Fault> {
        let person = Person::find(self.db, id)?.ok_or(Fault::NotFound)?;
        let sight = self.sight(&person)?;
        if sight.any() {
            Ok((person, sight))
        } else {
            Err(Fault::NotFound)
        }
    }

    /// Puts down what somebody who is signed in did; of people who only look nothing is put down.
    pub(crate) fn log(&mut self, user: i64, action: &str) -> Result<(), Fault> {
        let agent = self.asked.header("user-agent");
        activity::log(self.db, Some(user), self.ip(), agent, action, self.app.now())?;
        Ok(())
    }

    fn log_visit(&mut self) -> Result<(), Fault> {
        let action = if self.asked.changes { "change" } else { "view" };
        // Numbers and tokens of the path stay out of the log: only the first part is put down.
        let place = self
            .asked
            .path
            .split('/')
            .find(|part| !part.is_empty())
            .unwrap_or("front")
            .to_owned();
        let action = format!("{action} {place}");
        match self.viewer.as_ref().map(|viewer| viewer.id) {
            Some(user) => self.log(user, &action),
            None => {
                let agent = self.asked.header("user-agent");
                activity::log_viewer(self.db, self.app, self.ip(), agent, &action)?;
                Ok(())
            }
        }
    }
}

fn pairs(text: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// A flat JSON object, as a form.
fn json(body: &[u8]) -> Result<BTreeMap<String, String>, Fault> {
    serde_json::from_slice(body).map_err(|_| Fault::Wrong("an object of texts was expected"))
}
