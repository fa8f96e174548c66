//! `averment up` and `averment gate`: everything is opened first, then served, then closed in order.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use averment_console::{View, router};
use averment_detect::Limits;
use averment_gate::{Authority, Clock, Gate, GateConfig, Sink, Timeouts, Upstream, read_certificates};
use averment_ledger::{CharterLoaded, Deed, DirectoryLoaded, Watch};
use averment_store::{DataFolder, Journal, Keys, People, PeopleError, Recovery, Refreshed, Snapshot};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::announce;
use crate::cli::{Folders, GateArgs, MaxAge, UpArgs, UpstreamArgs};
use crate::live::{Live, Place};
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};
use crate::{clock, example};

/// How long ages are taken as they were.
const AGES_HOLD: Duration = Duration::from_secs(3600);

/// How often a running gate looks whether other people were loaded.
const RELOAD_EVERY: Duration = Duration::from_millis(500);

/// Address of the sink of the bundled example.
const EXAMPLE_SINK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 4182);

#[tokio::main]
pub(crate) async fn run(arguments: &UpArgs) -> Result<Outcome, Failure> {
    announce::hello();
    let register = register::open(arguments.register.as_deref())?;
    let mut house = House::open(&register, &arguments.folders, arguments.age.max_age)?;
    let sink = start_sink(arguments, &register).await?;
    let gate_listener = listen(arguments.gate, "gate", "--gate").await?;
    let page_listener = listen(arguments.page, "page", "--page").await?;
    let upstream = upstream(&arguments.upstream, sink.as_ref(), page_listener.local_addr()?)?;
    let place = Place {
        gate: gate_listener.local_addr()?,
        register: register.name.clone(),
        data: arguments.folders.data.clone(),
        notice: register.notice(),
    };
    let live: Arc<dyn View> = Arc::new(Live::new(&register.charter, &house, place)?);
    let gate = house.gate(&register, &arguments.folders, upstream)?;
    announce::up(&announce::Up {
        gate: gate_listener.local_addr()?,
        page: page_listener.local_addr()?,
        sink: sink.as_ref().map(Sink::address),
        register: &register,
        folders: &arguments.folders,
        house: &house,
    });
    let stop = CancellationToken::new();
    let console = tokio::spawn(averment_console::serve(page_listener, router(live, &[]), stop.clone()));
    house.serve(gate, gate_listener, stop).await?;
    console.await??;
    announce::stopped();
    Ok(Outcome::Holds)
}

#[tokio::main]
pub(crate) async fn run_gate(arguments: &GateArgs) -> Result<Outcome, Failure> {
    let register = register::open(Some(&arguments.register))?;
    let mut house = House::open(&register, &arguments.folders, arguments.age.max_age)?;
    let upstream = upstream(&arguments.upstream, None, arguments.gate)?;
    let listener = listen(arguments.gate, "gate", "--gate").await?;
    let gate = house.gate(&register, &arguments.folders, upstream)?;
    announce::gate(listener.local_addr()?, &register, &arguments.folders, &house);
    house.serve(gate, listener, CancellationToken::new()).await?;
    announce::stopped();
    Ok(Outcome::Holds)
}

/// Resolves when the program is asked to stop: Ctrl-C, or the signal of a service manager.
pub(crate) async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// What a running gate owns: the locked folder, the directory of people, the journal.
pub(crate) struct House {
    pub(crate) folder: DataFolder,
    pub(crate) keys: Keys,
    pub(crate) journal: Journal,
    pub(crate) recovery: Recovery,
    pub(crate) snapshot: Arc<Mutex<Arc<Snapshot>>>,
    /// Whether the directory is older than was declared, so that nothing is let out.
    pub(crate) stale: bool,
    people: Arc<Mutex<People>>,
    max_age: MaxAge,
}

impl House {
    fn open(register: &Register, folders: &Folders, max_age: MaxAge) -> Result<Self, Failure> {
        let (folder, keys) = DataFolder::open(&folders.data, &folders.keys)?;
        let mut people = People::open(&folder, &keys)?;
        if register.bundled && people.version()? == 0 {
            people.load_csv(example::PEOPLE.as_bytes(), "bundled people", clock::now())?;
        }
        let stale = people.is_stale(max_age.0, clock::now())?;
        let snapshot = if stale {
            people.nobody()
        } else {
            people.snapshot(clock::now())?
        };
        let (journal, recovery) = Journal::open(&folder, &keys, clock::now, register.charter.digest())?;
        let content = register.charter.content();
        let (recipients, claims) = (content.recipients.len() as u64, content.claims.len() as u64);
        journal.note(Deed::Charter(CharterLoaded { recipients, claims }))?;
        note_directory(&journal, &snapshot)?;
        Ok(Self {
            folder,
            keys,
            journal,
            recovery,
            snapshot: Arc::new(Mutex::new(Arc::new(snapshot))),
            stale,
            people: Arc::new(Mutex::new(people)),
            max_age,
        })
    }

    /// The directory in use.
    pub(crate) fn current(&self) -> Arc<Snapshot> {
        current(&self.snapshot)
    }

    fn gate(&mut self, register: &Register, folders: &Folders, upstream: Upstream) -> Result<Gate, Failure> {
        let clock = Clock::new(clock::now);
        let config = GateConfig {
            charter: Arc::clone(&register.charter),
            snapshot: self.current(),
            journal: self.journal.clone(),
            authority: Authority::open(&folders.keys, &folders.data, clock.clone())?,
            upstream,
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            replacement_key: *self.keys.replacement_key(),
            clock,
        };
        Ok(Gate::new(config)?)
    }

    /// Serves until asked to stop; then everything that was taken is on disk.
    async fn serve(&self, gate: Gate, listener: TcpListener, stop: CancellationToken) -> Result<(), Failure> {
        self.watch("begun")?;
        let source = Source {
            people: Arc::clone(&self.people),
            max_age: self.max_age,
        };
        let reload = tokio::spawn(reload(
            gate.clone(),
            source,
            Arc::clone(&self.snapshot),
            self.journal.clone(),
            stop.clone(),
        ));
        let stopping = stop.clone();
        tokio::spawn(async move {
            stopped().await;
            stopping.cancel();
        });
        let served = gate.serve(listener, stop.clone()).await;
        stop.cancel();
        let reloaded = reload.await;
        // Whatever ended the gate, what it has seen must be on disk.
        let watched = self.watch("ended");
        let journal = self.journal.clone();
        tokio::task::spawn_blocking(move || journal.close()).await??;
        served?;
        reloaded?;
        watched
    }

    fn watch(&self, word: &str) -> Result<(), Failure> {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Ok(self.journal.note(Deed::Watch(Watch {
            watch: word.to_owned(),
            version,
        }))?)
    }
}

fn current(snapshot: &Mutex<Arc<Snapshot>>) -> Arc<Snapshot> {
    Arc::clone(&snapshot.lock().unwrap_or_else(PoisonError::into_inner))
}

fn note_directory(journal: &Journal, snapshot: &Snapshot) -> Result<(), averment_store::JournalError> {
    let (people, identifiers) = (
        snapshot.directory.people() as u64,
        snapshot.directory.identifiers() as u64,
    );
    journal.note(Deed::Directory(DirectoryLoaded { people, identifiers }))
}

/// Where the directory comes from, and how old it may be.
#[derive(Clone)]
struct Source {
    people: Arc<Mutex<People>>,
    max_age: MaxAge,
}

/// What a look at the directory says to do.
enum Next {
    Nothing,
    Swap(Snapshot),
    SwapAndRebuild(Snapshot),
    Rebuild,
}

/// Swaps the directory whenever people changed, and every hour, because people grow older. A few people are laid over
/// those who were read; everybody is read anew beside that. A directory that cannot be read any more, or is too old, is
/// swapped for nobody, and with nobody in it the gate lets nothing out.
async fn reload(
    gate: Gate,
    source: Source,
    shown: Arc<Mutex<Arc<Snapshot>>>,
    journal: Journal,
    stop: CancellationToken,
) {
    let mut taken = Instant::now();
    let mut rebuilding: Option<JoinHandle<Next>> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RELOAD_EVERY) => {}
        }
        let old = current(&shown);
        let task = match rebuilding.take_if(|task| task.is_finished()) {
            Some(task) => {
                taken = Instant::now();
                task
            }
            None => {
                let (read_by, known) = (source.clone(), old.version);
                tokio::task::spawn_blocking(move || look(&read_by, known))
            }
        };
        let next = match task.await {
            Ok(Next::Nothing) if taken.elapsed() > AGES_HOLD => Next::Rebuild,
            Ok(next) => next,
            // Reading panicked. Going on with the old directory would be going on without knowing who is in it.
            Err(_) if old.version == 0 => Next::Nothing,
            Err(_) => {
                tracing::error!("reading the directory failed: nothing is let out");
                Next::Swap(source.people.lock().unwrap_or_else(PoisonError::into_inner).nobody())
            }
        };
        if matches!(next, Next::Rebuild | Next::SwapAndRebuild(_)) && rebuilding.is_none() {
            let (read_by, known) = (source.clone(), old.version);
            rebuilding = Some(tokio::task::spawn_blocking(move || rebuild(&read_by, known)));
        }
        let (Next::Swap(snapshot) | Next::SwapAndRebuild(snapshot)) = next else {
            continue;
        };
        if snapshot.version != old.version {
            // The journal being gone is seen by the next request, which is then refused.
            let _ = note_directory(&journal, &snapshot);
        }
        let snapshot = Arc::new(snapshot);
        *shown.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&snapshot);
        gate.swap_snapshot(snapshot);
    }
}

/// What became of the directory since version `known`. One that cannot be read or is stale is told once.
fn look(source: &Source, known: u64) -> Next {
    let mut people = source.people.lock().unwrap_or_else(PoisonError::into_inner);
    let refreshed = people.refresh(known, clock::now());
    let stale = people.is_stale(source.max_age.0, clock::now());
    match refreshed.and_then(|refreshed| Ok((refreshed, stale?))) {
        Ok((_, true)) => too_old(&people, known),
        Ok((Refreshed::Same, _)) => Next::Nothing,
        Ok((Refreshed::Changed(snapshot), _)) => Next::Swap(snapshot),
        Ok((Refreshed::ChangedMuch(snapshot), _)) => Next::SwapAndRebuild(snapshot),
        Ok((Refreshed::Other, _)) => Next::Rebuild,
        Err(error) => unreadable(&people, known, &error),
    }
}

/// Reads everybody; the directory can be looked at and changed meanwhile.
fn rebuild(source: &Source, known: u64) -> Next {
    let rebuilt = People::rebuild(&source.people, clock::now());
    let people = source.people.lock().unwrap_or_else(PoisonError::into_inner);
    let stale = people.is_stale(source.max_age.0, clock::now());
    match rebuilt.and_then(|snapshot| Ok((snapshot, stale?))) {
        Ok((_, true)) => too_old(&people, known),
        Ok((snapshot, false)) => Next::Swap(snapshot),
        // The next look finds the other one.
        Err(PeopleError::Exchanged) => Next::Nothing,
        Err(error) => unreadable(&people, known, &error),
    }
}

fn too_old(people: &People, known: u64) -> Next {
    if known == 0 {
        return Next::Nothing;
    }
    tracing::error!("the directory is older than `--max-age` allows: nothing is let out");
    Next::Swap(people.nobody())
}

fn unreadable(people: &People, known: u64, error: &PeopleError) -> Next {
    if known == 0 {
        return Next::Nothing;
    }
    tracing::error!(%error, "the directory cannot be read: nothing is let out");
    Next::Swap(people.nobody())
}

/// The bundled example always has a sink, so that the walk-through needs no network.
async fn start_sink(arguments: &UpArgs, register: &Register) -> Result<Option<Sink>, Failure> {
    let address = arguments.sink.or(register.bundled.then_some(EXAMPLE_SINK));
    let Some(address) = address.filter(|_| arguments.upstream.connect_to.is_none()) else {
        return Ok(None);
    };
    let sink = Sink::start(address, Clock::new(clock::now), |_| {}).await;
    sink.map(Some)
        .map_err(|error| Failure::from(error).hint("name a free address with `--sink ADDRESS`"))
}

fn upstream(arguments: &UpstreamArgs, sink: Option<&Sink>, own: SocketAddr) -> Result<Upstream, Failure> {
    let mut upstream = Upstream {
        connect_to: arguments.connect_to,
        own_listeners: vec![own],
        ..Upstream::default()
    };
    for file in &arguments.trust {
        upstream.extra_roots.extend(read_certificates(file)?);
    }
    if let Some(sink) = sink {
        upstream.connect_to = Some(sink.address());
        upstream.extra_roots.push(sink.root_certificate().clone());
    }
    Ok(upstream)
}

async fn listen(address: SocketAddr, what: &str, flag: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!("cannot listen on `{address}` for the {what}"))
            .because(error)
            .hint(format!("name a free address with `{flag} ADDRESS`"))
    })
}
