//! The gate as a whole: what it is made of, what may be swapped while it runs, and how it starts and stops.
//!
//! Start at [`Gate::serve`]. Charter, directory and settings are swapped behind one lock: a request takes them once, at the
//! moment of deciding, so it is never judged by one and recorded with the other.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use averment_detect::Limits;
use averment_policy::Variants;
use averment_register::Charter;
use averment_store::{Consents, Journal, PersonId, Snapshot};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::credentials::{CredentialError, Credentials};
use crate::fault::FaultNotes;
use crate::front;
use crate::lifetime::Lifetime;
use crate::problem::{Kind, Problem};
use crate::recording;
use crate::settings::Settings;
use crate::telling::Telling;
use crate::upstream::{Client, Upstream, UpstreamError};

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// A request head, and an idle connection of a caller.
    pub head: Duration,
    /// A caller's TLS handshake.
    pub handshake: Duration,
    /// A request body.
    pub body: Duration,
    /// An entry of the ledger. An entry that becomes durable later than this has no outcome and reads *may have left*,
    /// although nothing did.
    pub ledger: Duration,
    /// Resolving, connecting and the TLS handshake with a recipient.
    pub connect: Duration,
    /// From handing over a message until the head of the recipient's answer.
    pub answer: Duration,
    /// Open requests after the shutdown signal.
    pub drain: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        // 10 seconds for everything that a slow caller can hold open.
        Self {
            head: seconds(10),
            handshake: seconds(10),
            body: seconds(10),
            // The caller hears within a second that nothing went out.
            ledger: seconds(1),
            connect: seconds(10),
            answer: seconds(60),
            drain: seconds(30),
        }
    }
}

/// What a gate is made of.
pub struct GateConfig {
    /// What is declared.
    pub charter: Arc<Charter>,
    /// Whose identifiers are looked for.
    pub snapshot: Arc<Snapshot>,
    /// Who has consented, opted out or objected; asked for every message that names somebody.
    pub consents: Consents,
    /// Where everything is recorded.
    pub journal: Journal,
    /// Who callers believe that recipients are.
    pub authority: Authority,
    /// How recipients are reached.
    pub upstream: Upstream,
    /// How this gate is run.
    pub settings: Arc<Settings>,
    /// Bounds on the work for one message.
    pub limits: Limits,
    /// Bounds on time.
    pub timeouts: Timeouts,
    /// Key of hashes and pseudonyms that replace values.
    pub replacement_key: [u8; 32],
    /// The time.
    pub clock: Clock,
}

impl std::fmt::Debug for GateConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GateConfig")
            .field("upstream", &self.upstream)
            .finish_non_exhaustive()
    }
}

/// Why a gate cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// Recipients cannot be reached.
    #[error("cannot reach recipients")]
    Upstream(#[from] UpstreamError),
    /// A secret of the settings cannot be used.
    #[error("cannot use a credential of the settings")]
    Credential(#[from] CredentialError),
}

/// Charter, directory and settings as one, and what follows from them.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) charter: Arc<Charter>,
    /// The charter's schools; made once for a charter.
    pub(crate) variants: Arc<Variants>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) settings: Arc<Settings>,
    /// The secrets that the settings name.
    pub(crate) credentials: Arc<Credentials>,
    /// How the directory names the settings' canaries.
    pub(crate) canaries: Arc<BTreeSet<PersonId>>,
    pub(crate) consents: Consents,
}

impl Terms {
    /// A canary that is not in the directory is looked for by nobody.
    fn warn_of_missing_canaries(&self) {
        let canaries = self.canaries.iter();
        let missing = canaries.filter(|id| !self.snapshot.persons.holds(**id)).count();
        if missing > 0 {
            tracing::warn!(
                missing,
                "canaries of the settings are not in the directory: load people with them"
            );
        }
    }
}

/// What every request uses.
pub(crate) struct Shared {
    terms: RwLock<Arc<Terms>>,
    pub(crate) journal: Journal,
    pub(crate) authority: Authority,
    pub(crate) upstream: Client,
    pub(crate) limits: Limits,
    pub(crate) timeouts: Timeouts,
    pub(crate) replacement_key: [u8; 32],
    pub(crate) faults: FaultNotes,
    pub(crate) telling: Telling,
    pub(crate) clock: Clock,
}

impl Shared {
    /// What is in force now.
    pub(crate) fn terms(&self) -> Arc<Terms> {
        Arc::clone(&self.terms.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The terms, if anybody could be recognised with them.
    pub(crate) fn people_or_fault(&self) -> Result<Arc<Terms>, Problem> {
        let terms = self.terms();
        if terms.snapshot.directory.people() > 0 {
            return Ok(terms);
        }
        self.faults.note(&self.journal, "directory_empty");
        Err(Problem::from(Kind::DirectoryEmpty).closing())
    }

    fn swap(&self, change: impl FnOnce(&mut Terms)) {
        let mut terms = self.terms.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut terms));
    }
}

/// The gate. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}

impl Gate {
    /// Puts a gate together. Nothing is listened on yet.
    ///
    /// # Errors
    /// [`GateError::Upstream`] when no recipient could ever be verified.
    pub fn new(config: GateConfig) -> Result<Self, GateError> {
        let upstream = Client::new(config.upstream, &config.timeouts, &config.clock)?;
        let (credentials, errors) = Credentials::read(&config.settings.credentials);
        if let Some(error) = errors.into_iter().next() {
            return Err(error.into());
        }
        let shared = Shared {
            terms: RwLock::new(Arc::new(Terms {
                variants: Arc::new(Variants::new(Arc::clone(&config.charter))),
                charter: config.charter,
                snapshot: config.snapshot,
                canaries: canaries(&config.settings, &config.consents),
                settings: config.settings,
                credentials: Arc::new(credentials),
                consents: config.consents,
            })),
            journal: config.journal,
            authority: config.authority,
            upstream,
            limits: config.limits,
            timeouts: config.timeouts,
            replacement_key: config.replacement_key,
            faults: FaultNotes::default(),
            telling: Telling::default(),
            clock: config.clock,
        };
        shared.terms().warn_of_missing_canaries();
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Serves callers on `listener` until `shutdown` is cancelled; then takes no more connections, lets open requests
    /// finish for [`Timeouts::drain`], and closes what is left.
    ///
    /// # Errors
    /// When the listener's address cannot be read.
    pub async fn serve(&self, listener: TcpListener, shutdown: CancellationToken) -> std::io::Result<()> {
        let address: SocketAddr = listener.local_addr()?;
        self.shared.upstream.add_own_listener(address);
        let lifetime = Lifetime::new(shutdown);
        recording::start(&self.shared, &lifetime);
        front::accept(&listener, &self.shared, &lifetime).await;
        drop(listener);
        lifetime.drain(self.shared.timeouts.drain).await;
        Ok(())
    }

    /// Takes another directory, for every request that is not yet decided.
    pub fn swap_snapshot(&self, snapshot: Arc<Snapshot>) {
        self.shared.swap(|terms| terms.snapshot = snapshot);
        self.shared.terms().warn_of_missing_canaries();
    }

    /// Takes another charter, for every request that is not yet decided, and tells the journal.
    pub fn swap_charter(&self, charter: Arc<Charter>) {
        self.shared.journal.set_charter(charter.digest());
        self.shared.swap(|terms| {
            terms.variants = Arc::new(Variants::new(Arc::clone(&charter)));
            terms.charter = charter;
        });
    }

    /// Takes other settings, for every request that is not yet decided, and reads their secrets anew. Recipients whose secret
    /// cannot be used get nothing, and the log says why.
    pub fn swap_settings(&self, settings: Arc<Settings>) {
        let (credentials, errors) = Credentials::read(&settings.credentials);
        for error in errors {
            tracing::error!(%error, cause = std::error::Error::source(&error), "a credential cannot be used");
        }
        self.shared.swap(|terms| {
            terms.credentials = Arc::new(credentials);
            terms.canaries = canaries(&settings, &terms.consents);
            terms.settings = settings;
        });
        self.shared.terms().warn_of_missing_canaries();
    }
}

fn canaries(settings: &Settings, consents: &Consents) -> Arc<BTreeSet<PersonId>> {
    Arc::new(settings.canaries.iter().map(|id| consents.person_id(id)).collect())
}
