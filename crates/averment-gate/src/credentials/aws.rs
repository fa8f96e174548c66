//! AWS Signature Version 4 over what goes out, by the crate that the AWS SDK signs with.
//!
//! Source: AWS Signature Version 4 for API requests; for S3 its variant (single encoding, no normalised path).

use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningParams, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::Unusable;
use crate::outgoing::Outgoing;

/// What a caller's own signature consists of; it makes way.
const REPLACED: [HeaderName; 4] = [
    AUTHORIZATION,
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-content-sha256"),
    HeaderName::from_static("x-amz-security-token"),
];

/// Fields that the signature is over, besides `x-amz-*`. The others may be changed on the way, and nothing rests on them.
const SIGNED: [&str; 5] = ["content-md5", "content-type", "date", "host", "range"];

/// How the digest field begins when the body holds signatures of its own pieces.
const IN_PIECES: &[u8] = b"STREAMING-";

/// One access key, with what it signs for.
pub(super) struct Key {
    identity: Identity,
    region: String,
    service: String,
}

impl Key {
    /// `key`: access key id, secret access key, session token.
    pub(super) fn new((id, key, token): (&str, &str, Option<&str>), region: &str, service: &str) -> Self {
        let credentials = AwsCredentials::new(id, key, token.map(str::to_owned), None, "averment");
        Self {
            identity: credentials.into(),
            region: region.to_owned(),
            service: service.to_owned(),
        }
    }

    /// Signs `message` as of `now`, in the place of any signature that it has.
    pub(super) fn sign(&self, message: &mut Outgoing, now: Timestamp) -> Result<(), Unusable> {
        if message
            .field("x-amz-content-sha256")
            .is_some_and(|value| value.as_bytes().starts_with(IN_PIECES))
        {
            return Err(Unusable::InPieces);
        }
        if message.target.to_ascii_lowercase().contains("x-amz-signature=") {
            return Err(Unusable::InQuery);
        }
        REPLACED.iter().for_each(|name| message.remove_field(name));
        for (name, value) in self.signature(message, now).ok_or(Unusable::Secret)? {
            message.set_field(&name, value);
        }
        Ok(())
    }

    /// The fields to add; none when something in the request cannot be signed.
    fn signature(&self, message: &Outgoing, now: Timestamp) -> Option<Vec<(HeaderName, HeaderValue)>> {
        let fields: Vec<(&str, &str)> = message
            .fields()
            .filter(|(name, _)| name.as_str().starts_with("x-amz-") || SIGNED.contains(&name.as_str()))
            .map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect::<Option<_>>()?;
        let uri = if self.is_s3() {
            with_escaped_path(message)
        } else {
            message.uri()
        };
        let body = SignableBody::Bytes(&message.body);
        let request = SignableRequest::new(message.method.as_str(), uri.as_str(), fields.into_iter(), body).ok()?;
        let (signed, _) = sign(request, &self.parameters(now)?).ok()?.into_parts();
        let added = signed.headers().map(|(name, value)| {
            let value = HeaderValue::from_str(value).ok()?;
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
        });
        added.collect()
    }

    fn is_s3(&self) -> bool {
        self.service == "s3"
    }

    fn parameters(&self, now: Timestamp) -> Option<SigningParams<'_>> {
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        if self.is_s3() {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(&self.service)
            .time(SystemTime::from(now))
            .settings(settings)
            .build();
        parameters.ok().map(SigningParams::from)
    }
}

/// The address as S3 writes it down for itself: everything in the path but unreserved characters, `/` and escapes is
/// escaped, whatever the caller sent.
fn with_escaped_path(message: &Outgoing) -> String {
    let (path, query) = message
        .target
        .split_once('?')
        .map_or((message.target.as_str(), None), |(path, query)| (path, Some(query)));
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
    let mut target = String::new();
    for byte in path.bytes() {
        if stays(byte) {
            target.push(char::from(byte));
        } else {
            target.push_str(&format!("%{byte:02X}"));
        }
    }
    if let Some(query) = query {
        target.push('?');
        target.push_str(query);
    }
    format!("{}{target}", message.origin())
}
