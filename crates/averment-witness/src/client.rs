//! A log asks a witness to sign its newest checkpoint.
//!
//! Start at [`Asked::cosign`].

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use averment_ledger::{
    AddCheckpoint, AnswerError, Cosignature, CosignerKey, Nodes, NoteError, TileError, VerifierKey,
    WITNESS_ANSWER_BYTES_MAX, WitnessAnswer, consistency_from_tiles, read_answer,
};
use rustls::pki_types::CertificateDer;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Longest time for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Why a witness did not sign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// It cannot be named so.
    #[error("expected an `https` URL, or `http` for this machine, without query")]
    Url,
    /// No answer came.
    #[error("the witness {0}")]
    NotReached(String),
    /// An answer came that is of no use.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The checkpoint is not the log's.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// It signed more entries than there are.
    #[error(
        "the witness has signed a checkpoint of {signed} entries, this log has {found}: it was cut back, or its key signs elsewhere"
    )]
    Ahead {
        /// Entries that it signed.
        signed: u64,
        /// Entries in the log.
        found: u64,
    },
    /// Its size changed between two requests.
    #[error(
        "the witness changed its mind about the size that it signed last: another program sends checkpoints of this log"
    )]
    Moved,
    /// No proof can be made.
    #[error("cannot make a consistency proof")]
    Proof(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A witness that a log asks.
#[derive(Debug)]
pub struct Asked {
    agent: Agent,
    url: String,
    key: CosignerKey,
    /// Size of the log's checkpoint that it signed last, as far as known.
    size: u64,
}

impl Asked {
    /// The witness at `url`, the prefix of its addresses. `trust`: roots besides the system's.
    ///
    /// # Errors
    /// [`AskError::Url`].
    pub fn new(url: &str, key: CosignerKey, trust: &[CertificateDer<'static>]) -> Result<Self, AskError> {
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let parsed: Uri = url.parse().map_err(|_| AskError::Url)?;
        let is_here = matches!(parsed.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let is_private = parsed.scheme_str() == Some("https") || (parsed.scheme_str() == Some("http") && is_here);
        if !is_private || parsed.query().is_some() {
            return Err(AskError::Url);
        }
        let (agent, size) = (agent(trust), 0);
        Ok(Self { agent, url, key, size })
    }

    /// Its public key.
    pub fn key(&self) -> &CosignerKey {
        &self.key
    }

    /// Takes for known that it has signed the checkpoint of this size.
    pub fn has_signed(&mut self, size: u64) {
        self.size = size;
    }

    /// Asks for a cosignature of the checkpoint `note` of the log with `key`; waits for the answer, ten seconds at most.
    /// `nodes`: its tiles.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn cosign<N: Nodes>(&mut self, note: &str, key: &VerifierKey, nodes: &N) -> Result<Cosignature, AskError> {
        let found = averment_ledger::TreeHead::parse(key.open(note)?)?.size;
        // What it signed last may not be what was thought; it says so once.
        for _ in 0..2 {
            match self.ask(note, self.size.min(found), found, nodes)? {
                WitnessAnswer::Cosigned(cosignature) => {
                    self.size = found;
                    return Ok(cosignature);
                }
                WitnessAnswer::Behind(signed) if signed > found => {
                    return Err(AskError::Ahead { signed, found });
                }
                WitnessAnswer::Behind(signed) => self.size = signed,
            }
        }
        Err(AskError::Moved)
    }

    fn ask<N: Nodes>(&self, note: &str, old_size: u64, size: u64, nodes: &N) -> Result<WitnessAnswer, AskError> {
        let proof = match old_size {
            0 => Vec::new(),
            _ => consistency_from_tiles(nodes, old_size, size)
                .map_err(|error: TileError<N::Error>| AskError::Proof(error.into()))?,
        };
        let note = note.to_owned();
        let request = AddCheckpoint { old_size, proof, note };
        let answer = self.agent.post(&self.url).content_type("text/plain; charset=utf-8");
        let answer = answer.send(request.body()).map_err(told)?;
        let status = answer.status().as_u16();
        let (mut body, most) = (Vec::new(), WITNESS_ANSWER_BYTES_MAX as u64 + 1);
        let read = answer.into_body().into_reader().take(most).read_to_end(&mut body);
        read.map_err(|error| AskError::NotReached(format!("broke off: {error}")))?;
        if body.len() > WITNESS_ANSWER_BYTES_MAX {
            return Err(AskError::NotReached("answered with more than 64 KiB".to_owned()));
        }
        Ok(read_answer(status, &body, &request.note, &self.key)?)
    }
}

/// No redirects: who is asked is declared. No proxy of the environment.
fn agent(trust: &[CertificateDer<'static>]) -> Agent {
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

fn told(error: ureq::Error) -> AskError {
    AskError::NotReached(match error {
        ureq::Error::Timeout(_) => format!("did not answer within {} seconds", ANSWER_WITHIN.as_secs()),
        ureq::Error::HostNotFound => "has a host that is not found".to_owned(),
        ureq::Error::Io(error) => format!("cannot be reached: {error}"),
        ureq::Error::Rustls(error) => format!("is not who it says: {error}"),
        ureq::Error::ConnectionFailed => "cannot be reached".to_owned(),
        _ => "did not answer as HTTP wants it".to_owned(),
    })
}
