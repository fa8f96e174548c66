//! Keys of recipients that the gate holds, so that programs need not: a header field, or an AWS signature. They are put
//! into a message after it was inspected and decided, in the place of what the caller sent there.
//!
//! Start at [`Credentials::read`] and [`Credentials::apply`].
//!
//! Absent: secrets in logs, entries, answers and `Debug`. A key that cannot be used stops its recipient's messages: they do
//! not go out with the caller's own.

mod aws;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use averment_register::RecipientId;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::host::{Destination, Scheme};
use crate::outgoing::Outgoing;
use crate::settings::Credential;

/// No secret is longer.
const SECRET_MAX_BYTES: u64 = 64 << 10;

/// Why a credential of the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// Its file cannot be read.
    #[error("cannot read the secret of recipient `{recipient}` in `{}`", path.display())]
    File {
        /// For whom.
        recipient: RecipientId,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file of a login cannot be read.
    #[error("cannot read the login in `{}`", path.display())]
    Login {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others can read it.
    #[error("secret file `{}` has mode {mode:03o}, expected 600: run `chmod 600` on it and consider who could read it", path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds something else.
    #[error("secret file `{}` holds something else: expected {expected}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What.
        expected: &'static str,
    },
    /// The field is not one that a credential can be in.
    #[error(
        "the credential of recipient `{recipient}` names the field `{name}`: expected one that is not about the connection"
    )]
    Field {
        /// For whom.
        recipient: RecipientId,
        /// What was found.
        name: String,
    },
}

/// Why a message cannot get its credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// The secret could not be read; the log says why.
    Secret,
    /// It would go out in clear.
    InClear,
    /// It is for other hosts of the recipient.
    OtherHost,
    /// The body is signed in pieces, which only its sender can do.
    InPieces,
    /// The body is too large to be read before it is sent, so nobody can sign it.
    Unending,
    /// The caller signed it in the query, which the recipient would hold against the gate's signature.
    InQuery,
}

impl Unusable {
    /// One sentence for whoever sent the message.
    pub(crate) fn detail(self) -> &'static str {
        match self {
            Self::Secret => "the gate holds a credential for this recipient and cannot use it; its log says why",
            Self::InClear => {
                "the gate holds a credential for this recipient and does not send it in clear: use `https`"
            }
            Self::OtherHost => {
                "the gate holds a credential for other hosts of this recipient: name this one in its `hosts`, or send there"
            }
            Self::InPieces => {
                "the gate signs for this recipient and cannot sign a body in pieces: send it with its whole digest"
            }
            Self::Unending => {
                "the gate signs for this recipient and signs no body that is sent while it is read: send less"
            }
            Self::InQuery => "the gate signs for this recipient: send it without a signature in the query",
        }
    }
}

/// What the gate holds for one recipient.
enum Held {
    Field {
        hosts: Vec<Destination>,
        name: HeaderName,
        value: HeaderValue,
    },
    Aws(aws::Key),
    Broken,
}

impl Held {
    /// Whether it is for `destination`; none where it is not bound to hosts. A signature holds for one host only.
    fn is_for(&self, destination: &Destination) -> Option<bool> {
        match self {
            Self::Field { hosts, .. } => Some(hosts.contains(destination)),
            Self::Aws(_) | Self::Broken => None,
        }
    }
}

/// The credentials of one settings file.
#[derive(Default)]
pub(crate) struct Credentials {
    held: BTreeMap<RecipientId, Vec<Held>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials(<of {} recipients>)", self.held.len())
    }
}

impl Credentials {
    /// Reads every secret file, and what is wrong with them. A recipient whose credential is wrong gets nothing.
    pub(crate) fn read(declared: &[Credential]) -> (Self, Vec<CredentialError>) {
        let (mut credentials, mut errors) = (Self::default(), Vec::new());
        for credential in declared {
            let (recipient, held) = match credential {
                Credential::Header { recipient, .. } => (recipient, field(credential)),
                Credential::Aws { recipient, .. } => (recipient, aws_key(credential)),
            };
            let held = held.unwrap_or_else(|error| {
                errors.push(error);
                Held::Broken
            });
            credentials.held.entry(recipient.clone()).or_default().push(held);
        }
        (credentials, errors)
    }

    /// Whether the gate signs what goes to `recipient`, in the place of the caller's AWS signature.
    pub(crate) fn sign_for(&self, recipient: &RecipientId) -> bool {
        let held = self.held.get(recipient).into_iter().flatten();
        held.into_iter().any(|held| matches!(held, Held::Aws(_)))
    }

    /// Puts what is held for `recipient` into `message`.
    ///
    /// # Errors
    /// [`Unusable`]; the message must then not go out.
    pub(crate) fn apply(
        &self,
        recipient: Option<&RecipientId>,
        mut message: Outgoing,
        now: Timestamp,
    ) -> Result<Outgoing, Unusable> {
        let Some(all) = recipient.and_then(|id| self.held.get(id)) else {
            return Ok(message);
        };
        if message.destination.scheme == Scheme::Http {
            return Err(Unusable::InClear);
        }
        let fields_here: Vec<bool> = all
            .iter()
            .filter_map(|held| held.is_for(&message.destination))
            .collect();
        if !fields_here.is_empty() && !fields_here.contains(&true) {
            return Err(Unusable::OtherHost);
        }
        // A signature comes last: it is over the other fields too.
        let (signing, fields): (Vec<_>, Vec<_>) = all.iter().partition(|held| matches!(held, Held::Aws(_)));
        for held in fields.into_iter().chain(signing) {
            match held {
                Held::Broken => return Err(Unusable::Secret),
                Held::Field { name, value, .. } if held.is_for(&message.destination) == Some(true) => {
                    message.set_field(name, value.clone());
                }
                Held::Field { .. } => {}
                Held::Aws(key) => key.sign(&mut message, now)?,
            }
        }
        Ok(message)
    }
}

fn field(credential: &Credential) -> Result<Held, CredentialError> {
    let Credential::Header {
        recipient,
        hosts,
        name,
        prefix,
        secret_file,
    } = credential
    else {
        return Ok(Held::Broken);
    };
    let refused = || CredentialError::Field {
        recipient: recipient.clone(),
        name: name.clone(),
    };
    let name: HeaderName = name.parse().map_err(|_| refused())?;
    let about_connection = [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION].contains(&name);
    if about_connection || name.as_str().starts_with("proxy-") || name.as_str().starts_with("averment-") {
        return Err(refused());
    }
    let secret = secret_of(recipient, secret_file)?;
    let text = Zeroizing::new(format!("{prefix}{}", &*secret));
    let mut value = HeaderValue::from_str(&text).map_err(|_| CredentialError::Content {
        path: secret_file.clone(),
        expected: "one line that can stand in a header field",
    })?;
    value.set_sensitive(true);
    let hosts = hosts.iter().filter_map(|host| Destination::parse(Scheme::Https, host));
    Ok(Held::Field {
        hosts: hosts.collect(),
        name,
        value,
    })
}

fn aws_key(credential: &Credential) -> Result<Held, CredentialError> {
    let Credential::Aws {
        recipient,
        region,
        service,
        secret_file,
    } = credential
    else {
        return Ok(Held::Broken);
    };
    let secret = secret_of(recipient, secret_file)?;
    let mut lines = secret.lines().map(str::trim);
    let (id, key, token) = (lines.next(), lines.next(), lines.next());
    match (id, key, lines.next()) {
        (Some(id), Some(key), None) if !id.is_empty() && !key.is_empty() => {
            let token = token.filter(|token| !token.is_empty());
            Ok(Held::Aws(aws::Key::new((id, key, token), region, service)))
        }
        _ => Err(CredentialError::Content {
            path: secret_file.clone(),
            expected: "the access key id, the secret access key and, where there is one, the session token, one a line",
        }),
    }
}

/// The text of a file that only its owner may read, without the newline at its end.
fn secret_of(recipient: &RecipientId, path: &Path) -> Result<Zeroizing<String>, CredentialError> {
    read_secret(path, |source| CredentialError::File {
        recipient: recipient.clone(),
        path: path.to_owned(),
        source,
    })
}

/// What a file holds that only its owner may read; the newline at its end does not count.
pub(crate) fn read_secret(
    path: &Path,
    file_error: impl Fn(std::io::Error) -> CredentialError,
) -> Result<Zeroizing<String>, CredentialError> {
    let file = File::open(path).map_err(&file_error)?;
    let mode = file.metadata().map_err(&file_error)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        let path = path.to_owned();
        return Err(CredentialError::Mode { path, mode });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(SECRET_MAX_BYTES)
        .read_to_string(&mut text)
        .map_err(file_error)?;
    let trimmed = text.trim_end_matches(['\r', '\n']);
    if trimmed.is_empty() {
        return Err(CredentialError::Content {
            path: path.to_owned(),
            expected: "a secret",
        });
    }
    Ok(Zeroizing::new(trimmed.to_owned()))
}

#[cfg(test)]
mod tests;
