//! How buckets are reached: the section `[buckets]`, by the store of the data map.

use averment_register::Store;
use jiff::Timestamp;
use serde::Deserialize;

use super::World;
use super::stores::all_certificates;
use crate::objects::s3::{Access, Bucket};
use crate::{Secret, Secrets};

/// How a bucket is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BucketAccess {
    /// `https://s3.eu-central-1.amazonaws.com`.
    pub endpoint: String,
    /// Name of the bucket.
    pub bucket: String,
    /// Region that signatures name; `us-east-1` when absent.
    pub region: Option<String>,
    /// Identifier of the access key.
    pub key_id: Secret,
    /// The secret.
    pub secret: Secret,
    /// Token of a session.
    pub token: Option<Secret>,
    /// PEM files with certificates to trust besides the system's.
    pub trust: Vec<std::path::PathBuf>,
}

impl BucketAccess {
    /// The bucket, with signatures of the time `now`.
    ///
    /// # Errors
    /// In a few words: a secret, a certificate or the endpoint cannot be used.
    pub fn open(&self, secrets: &dyn Secrets, now: Timestamp) -> Result<Bucket, String> {
        self.open_by(secrets, move || now)
    }

    /// The same by a clock, for work that takes longer than signatures hold.
    ///
    /// # Errors
    /// As [`BucketAccess::open`].
    pub fn open_by(
        &self,
        secrets: &dyn Secrets,
        now: impl Fn() -> Timestamp + Send + 'static,
    ) -> Result<Bucket, String> {
        let secret = |secret: &Secret| secrets.read(secret).map_err(|error| error.to_string());
        let trust = all_certificates(&self.trust)?;
        let reached = Access {
            endpoint: self.endpoint.clone(),
            bucket: self.bucket.clone(),
            region: self.region.clone().unwrap_or_else(|| "us-east-1".to_owned()),
            key_id: secret(&self.key_id)?,
            secret: secret(&self.secret)?,
            token: self.token.as_ref().map(secret).transpose()?,
        };
        Bucket::new(reached, &trust, now).map_err(|error| error.to_string())
    }
}

/// The bucket of a store; otherwise why it cannot be asked.
pub(super) fn bucket(world: &World<'_>, store: &Store) -> Result<Bucket, String> {
    let access = world.settings.buckets.get(&store.id);
    let access = access.ok_or_else(|| format!("nothing says how store `{}` is reached", store.id))?;
    access.open(world.secrets, world.now)
}
