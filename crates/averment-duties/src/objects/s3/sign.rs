//! Signatures of requests to S3, and how names stand in paths.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningParams, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use jiff::Timestamp;

/// An access key with the region that it signs for.
pub(super) struct Key {
    identity: Identity,
    region: String,
}

impl Key {
    /// Access key id, secret access key, session token.
    pub(super) fn new((id, secret, token): (&str, &str, Option<&str>), region: &str) -> Self {
        let credentials = Credentials::new(id, secret, token.map(str::to_owned), None, "averment");
        Self {
            identity: credentials.into(),
            region: region.to_owned(),
        }
    }

    /// The fields to add to a request; none when something in it cannot be signed.
    pub(super) fn sign(
        &self,
        (method, url): (&str, &str),
        headers: &[(&str, String)],
        body: &[u8],
        now: Timestamp,
    ) -> Option<Vec<(String, String)>> {
        // Names are escaped once in the path, and S3 takes it as it is.
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name("s3")
            .time(SystemTime::from(now))
            .settings(settings)
            .build()
            .ok()?;
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let request = SignableRequest::new(method, url, headers, SignableBody::Bytes(body)).ok()?;
        let (signed, _) = sign(request, &SigningParams::from(parameters)).ok()?.into_parts();
        let added = signed
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(added.collect())
    }
}

/// A name in a path: everything but unreserved characters and `/` is escaped.
pub(super) fn escaped(name: &str) -> String {
    let parts = name.split('/').map(crate::web::escaped);
    parts.collect::<Vec<_>>().join("/")
}

/// The names of a list that was asked for with escapes.
pub(super) fn unescaped(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match (bytes[at], digits.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (b'+', _) => {
                out.push(b' ');
                at += 1;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
