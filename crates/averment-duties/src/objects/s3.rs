//! Stores that speak S3: names and objects listed, read and removed, and what a bucket says about itself.
//!
//! Start at [`Bucket::new`]. Paths are `/bucket/name`, which MinIO and others take too; signatures are made by the crate that the
//! AWS SDK signs with. Errors hold neither names of objects, which may be numbers of people, nor what a server said.
//!
//! Source: Amazon S3 API reference (`ListObjectsV2`, `ListObjectVersions`, `HeadObject`, `DeleteObjects`, `GetBucketEncryption`, `GetBucketLocation`).

mod sign;
mod xml;

use std::collections::BTreeSet;
use std::io::{Read as _, Write};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use rustls::pki_types::CertificateDer;
use ureq::http::{Method, Request, Response};
use ureq::{Agent, Body};

use super::{Copied, Listed, ObjectError, Objects};
use crate::web::{Origin, agent};
use sign::Key;

/// Largest object, and largest answer of the store itself.
const OBJECT_BYTES_MAX: u64 = 1 << 30;
/// How long an object may take, and until its answer begins.
const OBJECT_WITHIN: Duration = Duration::from_secs(3600);
const BEGUN_WITHIN: Duration = Duration::from_secs(30);
/// How much of an object is held at a time while it is copied.
const CHUNK_BYTES: usize = 1 << 16;
/// Most names of one removal, by the API.
const NAMES_MAX: usize = 1000;
/// Most pages of versions of one object.
const ROUNDS_MAX: usize = 1000;

/// How a store is reached.
#[derive(Clone)]
pub struct Access {
    /// `https://s3.eu-central-1.amazonaws.com`, `http://127.0.0.1:9000`.
    pub endpoint: String,
    /// Name of the bucket.
    pub bucket: String,
    /// Region that signatures name.
    pub region: String,
    /// Identifier of the access key.
    pub key_id: String,
    /// The secret.
    pub secret: String,
    /// Token of a session.
    pub token: Option<String>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Access({} at {})", self.bucket, self.endpoint)
    }
}

/// Why a store did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum S3Error {
    /// The endpoint is no URL, or the wire to it open to read.
    #[error("the endpoint of bucket `{0}` is neither `https` nor on this machine")]
    Endpoint(String),
    /// It cannot be asked.
    #[error("bucket `{0}` cannot be reached")]
    Unreachable(String),
    /// It answers with a fault.
    #[error("bucket `{bucket}` answers with status {status}")]
    Status {
        /// Which.
        bucket: String,
        /// As in RFC 9110.
        status: u16,
    },
    /// It does not list the versions that it keeps.
    #[error("bucket `{bucket}` does not list its versions (status {status})")]
    Versions {
        /// Which.
        bucket: String,
        /// As in RFC 9110.
        status: u16,
    },
    /// Its answer is not one of S3.
    #[error("bucket `{0}` does not answer as expected")]
    Answer(String),
    /// Some of the objects are still there.
    #[error("bucket `{bucket}` kept {kept} objects")]
    Kept {
        /// Which.
        bucket: String,
        /// How many.
        kept: usize,
    },
}

/// A bucket.
pub struct Bucket {
    access: Access,
    key: Key,
    agent: Agent,
    now: Box<dyn Fn() -> Timestamp + Send>,
}

/// An answer of the store.
struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Bucket {
    /// A bucket. `now`: the time that signatures name. `trust`: certificates besides the system's.
    ///
    /// # Errors
    /// [`S3Error::Endpoint`].
    pub fn new(
        access: Access,
        trust: &[CertificateDer<'static>],
        now: impl Fn() -> Timestamp + Send + 'static,
    ) -> Result<Self, S3Error> {
        let origin = access.endpoint.parse().ok().and_then(|url| Origin::of(&url));
        if !origin.is_some_and(|origin| origin.is_private()) {
            return Err(S3Error::Endpoint(access.bucket));
        }
        let key = Key::new(
            (&access.key_id, &access.secret, access.token.as_deref()),
            &access.region,
        );
        Ok(Self {
            access,
            key,
            agent: agent(trust),
            now: Box::new(now),
        })
    }

    /// Names that begin with `prefix`, in order, however many.
    ///
    /// # Errors
    /// [`S3Error`].
    pub fn list(&self, prefix: &str) -> Result<Vec<String>, S3Error> {
        Ok(self.details(prefix)?.into_iter().map(|listed| listed.name).collect())
    }

    /// The same with sizes and when each was last written.
    ///
    /// # Errors
    /// [`S3Error`].
    pub fn details(&self, prefix: &str) -> Result<Vec<Listed>, S3Error> {
        let mut found = Vec::new();
        let mut token: Option<String> = None;
        let mut seen = BTreeSet::new();
        loop {
            let mut query = vec![("encoding-type", "url".to_owned()), ("list-type", "2".to_owned())];
            query.push(("prefix", prefix.to_owned()));
            query.extend(token.clone().map(|token| ("continuation-token", token)));
            let answer = self.ask("GET", "", &query, Vec::new())?;
            let page = String::from_utf8(self.fine(answer)?).map_err(|_| self.answer())?;
            for one in xml::all(&page, "Contents") {
                found.push(listed(&one).ok_or_else(|| self.answer())?);
            }
            let more = xml::first(&page, "IsTruncated").ok_or_else(|| self.answer())? == "true";
            token = xml::first(&page, "NextContinuationToken").filter(|_| more);
            match &token {
                None if more => return Err(self.answer()),
                None => break,
                // A page that leads to itself would never end.
                Some(token) if !seen.insert(token.clone()) => return Err(self.answer()),
                Some(_) => {}
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// Every version of every object whose name begins with `prefix`, marks of removal among them, in the order of the names.
    ///
    /// # Errors
    /// [`S3Error::Versions`] where the bucket refuses to list them; [`S3Error`].
    pub fn versions(&self, prefix: &str) -> Result<Vec<Listed>, S3Error> {
        let mut found = Vec::new();
        let mut from: Option<(String, String)> = None;
        let mut seen = BTreeSet::new();
        loop {
            let page = self.page_of_versions(prefix, from.as_ref())?;
            let read = name_reader(&page);
            for (element, is_removal) in [("Version", false), ("DeleteMarker", true)] {
                for one in xml::all(&page, element) {
                    found.push(version(&one, is_removal, read).ok_or_else(|| self.answer())?);
                }
            }
            if xml::first(&page, "IsTruncated").ok_or_else(|| self.answer())? != "true" {
                break;
            }
            let key = xml::first(&page, "NextKeyMarker").ok_or_else(|| self.answer())?;
            let next = xml::first(&page, "NextVersionIdMarker").unwrap_or_default();
            let next = (read(&key), next);
            // A page that leads to itself would never end.
            if !seen.insert(next.clone()) {
                return Err(self.answer());
            }
            from = Some(next);
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    fn page_of_versions(&self, prefix: &str, from: Option<&(String, String)>) -> Result<String, S3Error> {
        let mut query = vec![
            ("prefix", prefix.to_owned()),
            ("versions", String::new()),
            ("encoding-type", "url".to_owned()),
        ];
        if let Some((name, version)) = from {
            query.push(("key-marker", name.clone()));
            query.extend((!version.is_empty()).then(|| ("version-id-marker", version.clone())));
        }
        let answer = self.ask("GET", "", &query, Vec::new())?;
        match answer.status {
            // There is no such bucket, or the store is at fault: that is nothing about versions.
            401 | 403 | 405 | 501 => Err(S3Error::Versions {
                bucket: self.access.bucket.clone(),
                status: answer.status,
            }),
            _ => String::from_utf8(self.fine(answer)?).map_err(|_| self.answer()),
        }
    }

    /// Copies an object as it comes, up to `bytes_max` bytes.
    ///
    /// # Errors
    /// [`S3Error`]; the outer one where `out` cannot be written.
    pub fn copy(&self, name: &str, bytes_max: u64, out: &mut dyn Write) -> std::io::Result<Result<Copied, S3Error>> {
        let answer = match self.send("GET", name, &[], Vec::new()) {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        match answer.status().as_u16() {
            404 => return Ok(Ok(Copied::Gone)),
            200 => {}
            status => {
                let bucket = self.access.bucket.clone();
                return Ok(Err(S3Error::Status { bucket, status }));
            }
        }
        let length = answer
            .headers()
            .get("content-length")
            .and_then(|text| text.to_str().ok());
        let length: Option<u64> = length.and_then(|text| text.parse().ok());
        let mut reader = answer.into_body().into_reader();
        let (mut chunk, mut copied) = (vec![0; CHUNK_BYTES], 0_u64);
        loop {
            let read = match reader.read(&mut chunk) {
                Ok(0) if length.is_none_or(|length| length == copied) => return Ok(Ok(Copied::Whole(copied))),
                // It broke off.
                Ok(0) | Err(_) => return Ok(Err(S3Error::Unreachable(self.access.bucket.clone()))),
                Ok(read) => read,
            };
            copied += read as u64;
            if copied > bytes_max {
                return Ok(Ok(Copied::TooLarge));
            }
            out.write_all(&chunk[..read])?;
        }
    }

    /// What an object holds; none where there is no such object.
    ///
    /// # Errors
    /// [`S3Error`].
    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>, S3Error> {
        self.get_by(name, &[])
    }

    fn get_by(&self, name: &str, query: &[(&str, String)]) -> Result<Option<Vec<u8>>, S3Error> {
        let answer = self.ask("GET", name, query, Vec::new())?;
        match answer.status {
            404 => Ok(None),
            _ => self.fine(answer).map(Some),
        }
    }

    /// When an object, or one version of it, was last written, to the second; none where there is no such.
    fn modified(&self, name: &str, version: Option<&str>) -> Result<Option<Timestamp>, S3Error> {
        let query = version.map(|version| ("versionId", version.to_owned()));
        let query: Vec<_> = query.into_iter().collect();
        let answer = self.send("HEAD", name, &query, Vec::new())?;
        match answer.status().as_u16() {
            404 => return Ok(None),
            200 => {}
            status => {
                let bucket = self.access.bucket.clone();
                return Err(S3Error::Status { bucket, status });
            }
        }
        let header = answer.headers().get("last-modified");
        let text = header
            .and_then(|text| text.to_str().ok())
            .ok_or_else(|| self.answer())?;
        let time = jiff::fmt::rfc2822::parse(text).map_err(|_| self.answer())?;
        Ok(Some(time.timestamp()))
    }

    /// Puts an object there.
    ///
    /// # Errors
    /// [`S3Error`].
    pub fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), S3Error> {
        let answer = self.ask("PUT", name, &[], bytes)?;
        self.fine(answer).map(drop)
    }

    /// Removes an object with every version that is kept of it; whether anything was there.
    ///
    /// # Errors
    /// [`S3Error`], also where one version stays.
    pub fn delete(&self, name: &str) -> Result<bool, S3Error> {
        let mut was_there = false;
        for _ in 0..ROUNDS_MAX {
            let versions = self.first_versions(name)?;
            if versions.is_empty() {
                return Ok(was_there);
            }
            was_there = true;
            for version in versions {
                self.delete_version(name, &version)?;
            }
        }
        let bucket = self.access.bucket.clone();
        Err(S3Error::Kept {
            bucket,
            kept: self.first_versions(name)?.len(),
        })
    }

    fn delete_version(&self, name: &str, version: &str) -> Result<(), S3Error> {
        let answer = self.ask("DELETE", name, &[("versionId", version.to_owned())], Vec::new())?;
        self.fine(answer).map(drop)
    }

    /// Removes objects, a thousand at a time. Versions that a bucket keeps stay: [`Self::delete`] removes those.
    ///
    /// # Errors
    /// [`S3Error::Kept`] where the store says that some are still there.
    pub fn delete_all(&self, names: &[String]) -> Result<(), S3Error> {
        for batch in names.chunks(NAMES_MAX) {
            let objects: String = batch
                .iter()
                .map(|name| format!("<Object><Key>{}</Key></Object>", xml::escaped(name)))
                .collect();
            let body = format!("<Delete><Quiet>true</Quiet>{objects}</Delete>").into_bytes();
            let answer = self.ask("POST", "", &[("delete", String::new())], body)?;
            let said = String::from_utf8(self.fine(answer)?).map_err(|_| self.answer())?;
            let kept = xml::all(&said, "Error").len();
            if kept > 0 {
                return Err(S3Error::Kept {
                    bucket: self.access.bucket.clone(),
                    kept,
                });
            }
        }
        Ok(())
    }

    /// How the bucket encrypts what comes in: `AES256`, `aws:kms`; none where it does not.
    ///
    /// # Errors
    /// [`S3Error`].
    pub fn encryption(&self) -> Result<Option<String>, S3Error> {
        let answer = self.ask("GET", "", &[("encryption", String::new())], Vec::new())?;
        if answer.status == 404 {
            return Ok(None);
        }
        let said = String::from_utf8(self.fine(answer)?).map_err(|_| self.answer())?;
        xml::first(&said, "SSEAlgorithm").map(Some).ok_or_else(|| self.answer())
    }

    /// The region in which the bucket says it is.
    ///
    /// # Errors
    /// [`S3Error`].
    pub fn location(&self) -> Result<String, S3Error> {
        let answer = self.ask("GET", "", &[("location", String::new())], Vec::new())?;
        let said = String::from_utf8(self.fine(answer)?).map_err(|_| self.answer())?;
        if !said.contains("LocationConstraint") {
            return Err(self.answer());
        }
        // The oldest regions have names of their own in this answer.
        let region = xml::first(&said, "LocationConstraint").unwrap_or_default();
        Ok(match region.as_str() {
            "" => "us-east-1".to_owned(),
            "EU" => "eu-west-1".to_owned(),
            _ => region,
        })
    }

    /// Identifiers of versions of an object, marks of removal among them, as many as are told at once; `null` where the bucket
    /// keeps none.
    fn first_versions(&self, name: &str) -> Result<Vec<String>, S3Error> {
        // The name itself comes before all that only begin alike, so that the first page has some of its versions if any.
        let page = self.page_of_versions(name, None)?;
        let read = name_reader(&page);
        let (versions, removals) = (xml::all(&page, "Version"), xml::all(&page, "DeleteMarker"));
        let all = versions.iter().chain(&removals);
        let of_this = all.filter(|part| xml::first(part, "Key").is_some_and(|key| read(&key) == name));
        Ok(of_this.filter_map(|part| xml::first(part, "VersionId")).collect())
    }

    fn send(
        &self,
        method: &str,
        name: &str,
        query: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<Response<Body>, S3Error> {
        let url = self.url(name, query);
        let mut headers = vec![("host", self.host())];
        if !body.is_empty() {
            // `DeleteObjects` wants a digest of what is sent.
            headers.push(("content-md5", STANDARD.encode(Md5::digest(&body))));
        }
        let signed = self.key.sign((method, &url), &headers, &body, (self.now)());
        let signed = signed.ok_or_else(|| self.answer())?;
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| self.answer())?;
        let mut request = Request::builder().method(method).uri(&url);
        for (name, value) in headers.iter().filter(|(name, _)| *name != "host") {
            request = request.header(*name, value);
        }
        for (name, value) in &signed {
            request = request.header(name, value);
        }
        let unreachable = |_| S3Error::Unreachable(self.access.bucket.clone());
        let answer = match body.is_empty() {
            true => self
                .agent
                .run(self.patient(request.body(()).map_err(|_| self.answer())?, name)),
            false => self.agent.run(request.body(body).map_err(|_| self.answer())?),
        };
        answer.map_err(unreachable)
    }

    /// An object may take its time, once its answer has begun.
    fn patient(&self, request: Request<()>, name: &str) -> Request<()> {
        let request = self.agent.configure_request(request);
        match name.is_empty() {
            true => request.build(),
            false => request
                .timeout_global(Some(OBJECT_WITHIN))
                .timeout_recv_response(Some(BEGUN_WITHIN))
                .build(),
        }
    }

    fn ask(&self, method: &str, name: &str, query: &[(&str, String)], body: Vec<u8>) -> Result<Answer, S3Error> {
        let answer = self.send(method, name, query, body)?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        let mut reader = answer.into_body().into_reader().take(OBJECT_BYTES_MAX + 1);
        let read = reader
            .read_to_end(&mut body)
            .map_err(|_| S3Error::Unreachable(self.access.bucket.clone()))?;
        match read as u64 > OBJECT_BYTES_MAX {
            true => Err(self.answer()),
            false => Ok(Answer { status, body }),
        }
    }

    /// Queries stand in the order of their names, as the signature wants it.
    fn url(&self, name: &str, query: &[(&str, String)]) -> String {
        let endpoint = self.access.endpoint.trim_end_matches('/');
        let mut url = format!(
            "{endpoint}/{}/{}",
            sign::escaped(&self.access.bucket),
            sign::escaped(name)
        );
        let mut pairs: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{name}={}", sign::escaped(value).replace('/', "%2F")))
            .collect();
        pairs.sort();
        if !pairs.is_empty() {
            url = format!("{url}?{}", pairs.join("&"));
        }
        url
    }

    fn host(&self) -> String {
        let endpoint = self.access.endpoint.split_once("://").map_or("", |(_, rest)| rest);
        endpoint.trim_end_matches('/').to_owned()
    }

    fn fine(&self, answer: Answer) -> Result<Vec<u8>, S3Error> {
        match answer.status {
            200..=299 => Ok(answer.body),
            status => Err(S3Error::Status {
                bucket: self.access.bucket.clone(),
                status,
            }),
        }
    }

    fn answer(&self) -> S3Error {
        S3Error::Answer(self.access.bucket.clone())
    }
}

impl Bucket {
    fn unusable(&self, error: S3Error) -> ObjectError {
        ObjectError::Store {
            place: self.access.bucket.clone(),
            source: std::io::Error::other(error),
        }
    }
}

impl Objects for Bucket {
    fn details(&mut self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        Self::details(self, prefix).map_err(|error| self.unusable(error))
    }

    fn versions(&mut self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        Self::versions(self, prefix).map_err(|error| self.unusable(error))
    }

    fn stat(&mut self, listed: &Listed) -> Result<Option<Timestamp>, ObjectError> {
        let modified = by_version(listed, |version| self.modified(&listed.name, version));
        modified.map_err(|error| self.unusable(error))
    }

    fn get_version(&mut self, listed: &Listed) -> Result<Option<Vec<u8>>, ObjectError> {
        if listed.bytes > super::IN_MEMORY_BYTES_MAX {
            return Err(ObjectError::TooLarge(self.place()));
        }
        let get = |version: Option<&str>| {
            let query = version.map(|version| ("versionId", version.to_owned()));
            let query: Vec<_> = query.into_iter().collect();
            self.get_by(&listed.name, &query)
        };
        by_version(listed, get).map_err(|error| self.unusable(error))
    }

    fn copy(&mut self, name: &str, bytes_max: u64, out: &mut dyn Write) -> Result<Copied, ObjectError> {
        let copied = Self::copy(self, name, bytes_max, out);
        let copied = copied.map_err(|source| ObjectError::Store {
            place: self.place(),
            source,
        })?;
        copied.map_err(|error| match error {
            // Every object would be answered so.
            S3Error::Status {
                status: 401 | 429 | 503,
                ..
            } => self.unusable(error),
            S3Error::Status { .. } => ObjectError::Object {
                place: self.place(),
                source: std::io::Error::other(error),
            },
            _ => self.unusable(error),
        })
    }

    fn place(&self) -> String {
        self.access.bucket.clone()
    }

    fn delete(&mut self, name: &str) -> Result<bool, ObjectError> {
        Self::delete(self, name).map_err(|error| self.unusable(error))
    }

    fn delete_version(&mut self, listed: &Listed) -> Result<bool, ObjectError> {
        let Some(version) = &listed.version else {
            return Objects::delete(self, &listed.name);
        };
        let gone = Self::delete_version(self, &listed.name, version);
        gone.map(|()| true).map_err(|error| self.unusable(error))
    }
}

/// An object of an answer to `ListObjectsV2`; none where it is not as expected.
fn listed(contents: &str) -> Option<Listed> {
    Some(Listed {
        name: sign::unescaped(&xml::first(contents, "Key")?),
        bytes: xml::first(contents, "Size")?.parse().ok()?,
        modified: xml::first(contents, "LastModified").and_then(|text| text.parse().ok()),
        is_link: false,
        version: None,
        is_removal: false,
    })
}

/// A version, or mark of removal, of an answer to `ListObjectVersions`; none where it is not as expected.
fn version(part: &str, is_removal: bool, read: fn(&str) -> String) -> Option<Listed> {
    let bytes = match is_removal {
        true => 0,
        false => xml::first(part, "Size")?.parse().ok()?,
    };
    Some(Listed {
        name: read(&xml::first(part, "Key")?),
        bytes,
        modified: xml::first(part, "LastModified").and_then(|text| text.parse().ok()),
        is_link: false,
        version: Some(xml::first(part, "VersionId")?),
        is_removal,
    })
}

/// How names stand in an answer to `ListObjectVersions`: not every store writes them as it was asked to.
fn name_reader(page: &str) -> fn(&str) -> String {
    match page.contains("<EncodingType>url</EncodingType>") {
        true => sign::unescaped,
        false => str::to_owned,
    }
}

/// Asks for a version. The one that is called `null` is the object itself for stores that keep none.
fn by_version<T>(
    listed: &Listed,
    ask: impl Fn(Option<&str>) -> Result<Option<T>, S3Error>,
) -> Result<Option<T>, S3Error> {
    let is_only = listed.version.as_deref() == Some("null");
    match ask(listed.version.as_deref()) {
        Ok(None) | Err(S3Error::Status { status: 400, .. }) if is_only => ask(None),
        found => found,
    }
}
