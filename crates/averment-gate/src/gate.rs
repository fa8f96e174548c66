//! The gate as a whole: what it is made of, what may be swapped while it runs, and how it starts and stops.
//!
//! Start at [`Gate::serve`]. Charter, directory and settings ([`Terms`]) are swapped behind one lock: a request takes them
//! once, at the moment of deciding, so it is never judged by one and recorded with the other.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use averment_detect::Limits;
use averment_register::Charter;
use averment_store::{Cleared, Consents, Journal, Snapshot};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::authority::Authority;
use crate::clock::{Clock, Latest};
use crate::credentials::{CredentialError, Credentials};
use crate::directory::{self, Unusable};
use crate::fault::FaultNotes;
use crate::front::{self, FrontTls, FrontTlsError};
use crate::lifetime::{Flows, Lifetime};
use crate::load::Load;
use crate::metrics::Metrics;
use crate::problem::{Kind, Problem};
use crate::recording;
use crate::room::Room;
use crate::settings::{CutOff, Settings};
use crate::telling::Telling;
use crate::terms::Terms;
use crate::tunnel::FailureNotes;
use crate::upstream::{Client, Upstream, UpstreamError};

/// How long things may take; `[timeouts]` of the settings may say otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// A request's head, from its first byte on, and the first request of a connection.
    pub head: Duration,
    /// A caller's HTTP/1.1 connection between two requests.
    pub keep_alive: Duration,
    /// A caller's TLS handshake.
    pub handshake: Duration,
    /// Silence in a request body; and how long one may take in all that comes slower than 500 bytes a second.
    pub body: Duration,
    /// Looking at one message and deciding.
    pub judge: Duration,
    /// An entry of the ledger. What is not durable by then is withdrawn, or has the outcome `not_sent` if it becomes so later:
    /// nothing left.
    pub ledger: Duration,
    /// Resolving, connecting and the TLS handshake with a recipient.
    pub connect: Duration,
    /// From handing over a message until the head of the recipient's answer.
    pub answer: Duration,
    /// After the shutdown signal, how long callers are told with each answer that it is the last of their connection,
    /// before connections are closed under them.
    pub linger: Duration,
    /// Open requests after that.
    pub drain: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        // 10 seconds for everything that a slow caller can hold open.
        Self {
            head: seconds(10),
            // Longer than programs keep theirs, most of them a minute, so that they close and not the gate.
            keep_alive: seconds(75),
            handshake: seconds(10),
            body: seconds(10),
            // Far beyond what the largest body takes: only a defect or a machine that cannot go on is slower.
            judge: seconds(10),
            // The caller hears within a second that nothing went out.
            ledger: seconds(1),
            connect: seconds(10),
            answer: seconds(60),
            linger: seconds(1),
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
    /// The gate cannot be reached over TLS.
    #[error("cannot serve TLS as `[tls]` of the settings says")]
    FrontTls(#[from] FrontTlsError),
}

/// Settings with what their files hold, ready to be put in force.
pub struct Prepared {
    pub(crate) settings: Arc<Settings>,
    pub(crate) credentials: Credentials,
    pub(crate) tls: Option<FrontTls>,
}

impl Prepared {
    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Prepared(<settings>)")
    }
}

/// What every request uses.
pub(crate) struct Shared {
    terms: RwLock<Arc<Terms>>,
    pub(crate) journal: Journal,
    authority: RwLock<Authority>,
    pub(crate) upstream: Client,
    pub(crate) limits: Limits,
    pub(crate) timeouts: Timeouts,
    pub(crate) replacement_key: [u8; 32],
    pub(crate) faults: FaultNotes,
    pub(crate) load: Load,
    pub(crate) room: Room,
    pub(crate) telling: Telling,
    pub(crate) tunnel_notes: FailureNotes,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) flows: Arc<Flows>,
    pub(crate) clock: Clock,
    latest: Latest,
}

impl Shared {
    /// What is in force now.
    pub(crate) fn terms(&self) -> Arc<Terms> {
        Arc::clone(&self.terms.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who callers believe that recipients are, now.
    pub(crate) fn authority(&self) -> Authority {
        self.authority.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long things may take, now.
    pub(crate) fn timeouts(&self) -> Timeouts {
        self.terms().settings.timeouts.over(self.timeouts)
    }

    /// How long the recipient's answer to what `cleared` is for may take.
    pub(crate) fn answer_time(&self, cleared: &Cleared) -> Duration {
        let settings = &self.terms().settings.timeouts;
        let recipient = cleared.verdict().recipient.as_ref();
        let own = recipient.and_then(|id| settings.answer_of(id));
        own.unwrap_or_else(|| settings.over(self.timeouts).answer)
    }

    /// The terms, if everybody who is loaded could be recognised with them, now.
    pub(crate) fn people_or_fault(&self) -> Result<Arc<Terms>, Problem> {
        let terms = self.terms();
        let (kind, fault) = match self.directory_usable(&terms) {
            Ok(()) => return Ok(terms),
            Err(Unusable::Empty) => (Kind::DirectoryEmpty, "directory_empty"),
            Err(Unusable::Stale) => (Kind::DirectoryStale, "directory_stale"),
            Err(Unusable::ClockSetBack) => (Kind::ClockSetBack, "clock_set_back"),
        };
        self.faults.note(&self.journal, fault);
        Err(Problem::from(kind).closing())
    }

    /// Whether the directory of `terms` can be gone by, now.
    pub(crate) fn directory_usable(&self, terms: &Terms) -> Result<(), Unusable> {
        let now = self.clock.now();
        directory::usable(terms, now, self.latest.see(now))
    }

    /// Changes what is in force; then closes what leads to nobody any more: tunnels, answers and conversations under way, idle
    /// connections.
    fn swap(&self, change: impl FnOnce(&mut Terms)) {
        let (old, new) = {
            let mut terms = self.terms.write().unwrap_or_else(PoisonError::into_inner);
            let old = Arc::clone(&terms);
            change(Arc::make_mut(&mut terms));
            (old, Arc::clone(&terms))
        };
        self.upstream.set_connect_time(self.timeouts().connect);
        if !old.narrows_to(&new) {
            return;
        }
        let open = self.flows.cut(|host| old.loses(&new, host));
        self.upstream.forget_connections();
        tracing::warn!(open, "recipients were taken away: closing what leads to them");
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
        let connect = config.settings.timeouts.over(config.timeouts).connect;
        let upstream = Client::new(config.upstream, &config.settings.upstream, connect, &config.clock)?;
        let (credentials, errors) = Credentials::read(&config.settings.credentials);
        if let Some(error) = errors.into_iter().next() {
            return Err(error.into());
        }
        let tls = FrontTls::of(&config.settings, &config.clock)?;
        // A caller who is turned away hears it long before looking would be too slow.
        let patience = config.timeouts.judge / 5;
        let room = Room::new(config.settings.limits.decoded_max_bytes, patience);
        let shared = Shared {
            terms: RwLock::new(Arc::new(Terms::new(
                (config.charter, config.snapshot, config.settings),
                credentials,
                tls,
                config.consents,
            ))),
            journal: config.journal,
            authority: RwLock::new(config.authority),
            upstream,
            limits: config.limits,
            timeouts: config.timeouts,
            replacement_key: config.replacement_key,
            faults: FaultNotes::default(),
            load: Load::default(),
            room,
            telling: Telling::default(),
            tunnel_notes: FailureNotes::default(),
            metrics: Arc::new(Metrics::new(config.clock.now())),
            flows: Arc::default(),
            latest: Latest::default(),
            clock: config.clock,
        };
        shared.terms().warn();
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
        lifetime
            .drain(self.shared.timeouts.linger, self.shared.timeouts.drain)
            .await;
        Ok(())
    }

    /// Takes another directory, for every request that is not yet decided.
    pub fn swap_snapshot(&self, snapshot: Arc<Snapshot>) {
        self.shared.swap(|terms| terms.snapshot = snapshot);
        self.shared.terms().warn();
    }

    /// Takes another charter, for every request that is not yet decided, and tells the journal.
    pub fn swap_charter(&self, charter: Arc<Charter>) {
        self.shared.journal.set_charter(charter.digest());
        self.shared.swap(|terms| terms.take_charter(charter));
    }

    /// Reads what the files hold that `settings` name. Recipients whose secret cannot be used get nothing, and the log says
    /// why.
    ///
    /// # Errors
    /// [`GateError::FrontTls`]: with these settings nobody could reach the gate.
    pub fn prepare(&self, settings: Arc<Settings>) -> Result<Prepared, GateError> {
        Ok(Prepared {
            tls: FrontTls::of(&settings, &self.shared.clock)?,
            credentials: read_again(&settings),
            settings,
        })
    }

    /// Takes other settings, for every request that is not yet decided.
    ///
    /// # Errors
    /// As [`Self::prepare`]; nothing is changed then.
    pub fn swap_settings(&self, settings: Arc<Settings>) -> Result<(), GateError> {
        let prepared = self.prepare(settings)?;
        self.shared.swap(|terms| terms.take_settings(prepared));
        self.shared.terms().warn();
        Ok(())
    }

    /// Takes another authority, for every tunnel that is opened from now on.
    pub fn take_authority(&self, authority: Authority) {
        *self.shared.authority.write().unwrap_or_else(PoisonError::into_inner) = authority;
    }

    /// Counts in the metrics that a witness of the ledger was asked; `result` is one word.
    pub fn count_witness(&self, witness: &str, result: &'static str) {
        self.shared.metrics.witness_asked(witness, result);
    }

    /// Counts a run of what goes by itself when it is due. `result`: a word of this program.
    pub fn count_retention(&self, result: &'static str) {
        self.shared.metrics.retention_ran(result);
    }

    /// Takes another charter and other settings in one step, for every request that is not yet decided. Tunnels, answers,
    /// conversations and idle connections to recipients that are not in it any more are closed.
    pub fn put_in_force(&self, charter: Arc<Charter>, settings: Prepared) {
        self.shared.journal.set_charter(charter.digest());
        self.shared.metrics.charter_taken(self.shared.clock.now());
        self.shared.swap(|terms| {
            terms.take_charter(charter);
            terms.take_settings(settings);
        });
        self.shared.terms().warn();
    }

    /// Cuts recipients off, besides those that the settings cut off: their messages are refused and recorded, what
    /// is open to them is closed. Holds until it is called with less; a reload does not lift it.
    pub fn cut_off(&self, cut_off: CutOff) {
        self.shared.swap(|terms| terms.take_cut_off(cut_off));
    }

    /// Everything that the admin address needs.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

/// The secrets of new settings. What is wrong with them is told to the log: a gate that runs goes on.
fn read_again(settings: &Settings) -> Credentials {
    let (credentials, errors) = Credentials::read(&settings.credentials);
    for error in errors {
        tracing::error!(%error, cause = std::error::Error::source(&error), "a credential cannot be used");
    }
    credentials
}
