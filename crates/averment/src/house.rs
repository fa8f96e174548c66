//! What a running gate owns: the locked folder, keys, the directory of people, the journal. Opened first, closed last.
//!
//! Start at [`House::open`], then [`House::serve`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use averment_console::{View, access, router};
use averment_detect::Limits;
use averment_gate::{AdminAddress, Authority, Clock, CutOff, Gate, GateConfig, Settings, Timeouts, Upstream};
use averment_ledger::{Base64, CutOffSet, Deed, DirectoryLoaded, Fault, Watch};
use averment_store::{Consents, DataFolder, FolderError, Inbox, Journal, Keys, People, Recovery, Snapshot};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::Folders;
use crate::decisions::Decisions;
use crate::hand_over::{self, Handles};
use crate::live::Live;
use crate::notify::{self, News};
use crate::outcome::Failure;
use crate::register::Register;
use crate::reload::{self, Files};
use crate::tiles::{self, Kept, Witnesses};
use crate::{clock, example, grading, heartbeat, program, recording};

/// A process that hands over finishes what is open within this time: callers may linger, then drain.
const HANDING_OVER: Duration = Duration::from_secs(60);
/// A command that records where no gate runs holds the lock for moments.
const RECORDING: Duration = Duration::from_secs(2);
/// How often the lock is tried while another process finishes.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// What a running gate owns.
pub(crate) struct House {
    pub(crate) folder: DataFolder,
    pub(crate) keys: Keys,
    pub(crate) journal: Journal,
    pub(crate) recovery: Recovery,
    pub(crate) snapshot: Arc<Mutex<Arc<Snapshot>>>,
    /// Whether the people are older than the settings allow, so that nothing is let out.
    pub(crate) stale: bool,
    /// How long nothing may be recorded; zero: as long as there is nothing.
    heartbeat: Duration,
    people: Arc<Mutex<People>>,
    consents: Consents,
}

/// What is served, and on which sockets.
pub(crate) struct Serving {
    pub(crate) gate: Gate,
    pub(crate) listener: TcpListener,
    pub(crate) page: Option<TcpListener>,
    pub(crate) live: Arc<Live>,
    pub(crate) admin: Option<(TcpListener, AdminAddress)>,
    pub(crate) decisions: Option<Decisions>,
    pub(crate) files: Arc<Files>,
    pub(crate) witnesses: Witnesses,
    pub(crate) signals: Signals,
}

/// Takes the lock of the data folder and opens the keys. `taken_over`: the gate's socket, when another process has just
/// handed it over and still finishes; callers who come meanwhile and wait too long are told to come again.
pub(crate) async fn lock(
    folders: &Folders,
    taken_over: Option<TcpListener>,
    asked: &mut AskedToStop,
) -> Result<(DataFolder, Keys), Failure> {
    // Read while others finish, so that nobody waits for it afterwards.
    drop(tokio::task::spawn_blocking(program::build));
    let patience = if taken_over.is_some() { HANDING_OVER } else { RECORDING };
    let turning_away = taken_over.map(|listener| tokio::spawn(hand_over::turn_away(listener)));
    let until = Instant::now() + patience;
    let opened = loop {
        match DataFolder::open(&folders.data, &folders.keys) {
            Err(FolderError::Locked { .. }) if Instant::now() < until => tokio::select! {
                () = tokio::time::sleep(TRY_EVERY) => {}
                () = asked.wait() => return Err(Failure::new("stopped before the other process had finished")),
            },
            opened => break opened,
        }
    };
    if let Some(turning_away) = turning_away {
        turning_away.abort();
    }
    Ok(opened?)
}

impl House {
    /// Opens directory and journal, and notes which charter and people are in force.
    pub(crate) fn open(
        (folder, keys): (DataFolder, Keys),
        register: &Register,
        settings: &Settings,
    ) -> Result<Self, Failure> {
        let mut people = People::open(&folder, &keys)?;
        if register.bundled && people.version()? == 0 {
            people.load_csv(example::PEOPLE.as_bytes(), "bundled people", clock::now())?;
        }
        let stale = people.is_stale(settings.limits.directory_max_age(), clock::now())?;
        let snapshot = people.snapshot(clock::now())?;
        let consents = Consents::open(&folder, &keys)?;
        let (journal, recovery) = program::open_journal(&folder, &keys, register.charter.digest())?;
        journal.set_new_log(settings.ledger.new_log(), settings.ledger.zone.clone());
        if recovery.clock_behind_seconds > 0 {
            // The times of what follows lie before those above it: the ledger says why.
            let fault = "clock_set_back".to_owned();
            journal.note(Deed::Fault(Fault { fault }))?;
        }
        reload::note_charter(&journal, &register.charter)?;
        note_directory(&journal, &snapshot)?;
        Ok(Self {
            folder,
            keys,
            journal,
            recovery,
            snapshot: Arc::new(Mutex::new(Arc::new(snapshot))),
            stale,
            heartbeat: Duration::from_secs(settings.ledger.heartbeat_s.into()),
            people: Arc::new(Mutex::new(people)),
            consents,
        })
    }

    /// The directory in use.
    pub(crate) fn current(&self) -> Arc<Snapshot> {
        current(&self.snapshot)
    }

    /// Puts the gate together.
    pub(crate) fn gate(
        &self,
        register: &Register,
        authority: &Authority,
        settings: Arc<Settings>,
        upstream: Upstream,
    ) -> Result<Gate, Failure> {
        let clock = Clock::new(clock::now);
        let config = GateConfig {
            charter: Arc::clone(&register.charter),
            snapshot: self.current(),
            settings,
            consents: self.consents.clone(),
            journal: self.journal.clone(),
            authority: authority.clone(),
            upstream,
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            replacement_key: *self.keys.replacement_key(),
            clock,
        };
        Ok(Gate::new(config)?)
    }

    /// Serves until asked to stop or until another process takes over; then everything that was taken is on disk.
    pub(crate) async fn serve(&self, serving: Serving) -> Result<(), Failure> {
        self.cut_off_again(&serving)?;
        self.watch("begun")?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let gate = serving.gate.clone();
        let listener = self.attend(serving, &stop, &tasks)?;
        notify::tell(News::Ready);
        let served = gate.serve(listener, stop.clone()).await;
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        // Whatever ended the gate, what it has seen must be on disk.
        let watched = self.watch("ended");
        let journal = self.journal.clone();
        tokio::task::spawn_blocking(move || journal.close()).await??;
        served?;
        watched
    }

    /// Starts everything that runs beside the gate; gives the gate's own socket.
    fn attend(&self, serving: Serving, stop: &CancellationToken, tasks: &TaskTracker) -> Result<TcpListener, Failure> {
        let sockets = handles(&serving)?;
        let Serving {
            gate,
            listener,
            page,
            live,
            admin,
            decisions,
            files,
            witnesses,
            signals,
        } = serving;
        tasks.spawn(hand_over::offer(files.folders.data.clone(), sockets, stop.clone()));
        tasks.spawn(reload::directory(
            gate.clone(),
            Arc::clone(&self.people),
            Arc::clone(&self.snapshot),
            self.journal.clone(),
            stop.clone(),
        ));
        tasks.spawn(reload::at_hang_up(files, signals.reload, stop.clone()));
        let kept = Kept {
            data: self.folder.path().to_owned(),
            trusted: self.keys.verifier().clone(),
            witnesses,
            gate: gate.clone(),
        };
        tasks.spawn(tiles::keep(kept, stop.clone()));
        tasks.spawn(recording::take_again_and_again(
            Inbox::new(&self.folder),
            self.journal.clone(),
            Arc::clone(&self.people),
            stop.clone(),
        ));
        tasks.spawn(notify::stay_alive(stop.clone()));
        tasks.spawn(heartbeat::keep(self.journal.clone(), self.heartbeat, stop.clone()));
        tasks.spawn(stop_when_asked(signals.stop, stop.clone()));
        tasks.spawn(grading::record(Arc::clone(&live), self.journal.clone(), stop.clone()));
        if let Some(listener) = page {
            let live: Arc<dyn View> = live;
            let served = averment_console::serve(listener, router(live, &[]), stop.clone());
            tasks.spawn(log(served, "the page ended"));
        }
        if let Some(Decisions { listener, guarded, .. }) = decisions {
            let served = averment_console::serve(listener, access::router(guarded), stop.clone());
            tasks.spawn(log(served, "the address of decisions ended"));
        }
        if let Some((listener, admin)) = admin {
            let (gate, stop) = (gate, stop.clone());
            let served = async move { gate.serve_admin(listener, admin, stop).await };
            tasks.spawn(log(served, "the admin address ended"));
        }
        Ok(listener)
    }

    /// What was cut off before the last stop stays so.
    fn cut_off_again(&self, serving: &Serving) -> Result<(), Failure> {
        let kept = serving.files.kept_cut_off()?;
        if kept == CutOff::default() {
            return Ok(());
        }
        let recipients: Vec<String> = kept.recipients.iter().map(ToString::to_string).collect();
        let who = if kept.all {
            "everybody".to_owned()
        } else {
            recipients.join(", ")
        };
        anstream::println!("  cut off   {who}, until lifted at the admin address");
        self.journal.note(Deed::CutOff(CutOffSet {
            all: kept.all,
            recipients,
        }))?;
        serving.gate.cut_off(kept);
        Ok(())
    }

    fn watch(&self, word: &str) -> Result<(), Failure> {
        Ok(self.journal.note(Deed::Watch(Watch {
            watch: word.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build: program::build().map(Base64),
        }))?)
    }
}

/// The directory in use.
pub(crate) fn current(snapshot: &Mutex<Arc<Snapshot>>) -> Arc<Snapshot> {
    Arc::clone(&snapshot.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Notes which people are looked for.
pub(crate) fn note_directory(journal: &Journal, snapshot: &Snapshot) -> Result<(), averment_store::JournalError> {
    let (people, identifiers) = (
        snapshot.directory.people() as u64,
        snapshot.directory.identifiers() as u64,
    );
    journal.note(Deed::Directory(DirectoryLoaded { people, identifiers }))
}

fn handles(serving: &Serving) -> std::io::Result<Handles> {
    use std::os::fd::AsFd as _;
    let page = serving.page.as_ref().map(|listener| ("page", listener));
    let admin = serving.admin.as_ref().map(|(listener, _)| ("admin", listener));
    let access = serving
        .decisions
        .as_ref()
        .map(|decisions| ("access", &decisions.listener));
    let listeners = [Some(("gate", &serving.listener)), page, admin, access];
    let shared = listeners.into_iter().flatten();
    shared
        .map(|(name, listener)| Ok((name, listener.as_fd().try_clone_to_owned()?)))
        .collect()
}

async fn log(served: impl Future<Output = std::io::Result<()>>, what: &'static str) {
    if let Err(error) = served.await {
        tracing::error!(%error, what);
    }
}

/// Cancels `stop` at Ctrl-C or the signal of a service manager, and tells the latter when it is cancelled.
async fn stop_when_asked(mut asked: AskedToStop, stop: CancellationToken) {
    _ = stop.run_until_cancelled(asked.wait()).await;
    notify::tell(News::Stopping);
    stop.cancel();
}

/// What a running program is asked by signals. Heard from the moment on that this is made, so that none of them ends a
/// program that has just said that it is ready.
pub(crate) struct Signals {
    pub(crate) stop: AskedToStop,
    pub(crate) reload: Signal,
}

impl Signals {
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            stop: AskedToStop::listen()?,
            reload: signal(SignalKind::hangup())?,
        })
    }
}

/// Ctrl-C, or the signal of a service manager.
pub(crate) struct AskedToStop {
    interrupt: Signal,
    terminate: Signal,
}

impl AskedToStop {
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Resolves when the program is asked.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
