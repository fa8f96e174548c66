//! What the tests share: a register with one recipient per mode and treatment, one student, a gate and a sink.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use averment_detect::{Directory, DirectoryKey, DirectoryRow, Form, Limits, PersonNumber};
use averment_gate::{Authority, Clock, Gate, GateConfig, Origin, Scope, Settings, Sink, Timeouts, Upstream};
use averment_register::{Charter, Source, compile};
use averment_store::{
    Consents, DataFolder, Disk, Journal, Keys, People, PersonId, PersonKey, Persons, PersonsBuilder, Snapshot,
};
use rustls::pki_types::CertificateDer;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The one student's address. It must never be seen in an answer of the gate's own or in the ledger.
pub(crate) const ADA: &str = "ada.brook@school.example";

/// Enforced, and published as getting no student records.
pub(crate) const EVENTS: &str = "events.example";
/// The same in report mode.
pub(crate) const REPORTED: &str = "reported.example";
/// Enforced, and declared as getting what cannot be read.
pub(crate) const PINNED: &str = "pinned.example";
/// Gets masked addresses.
pub(crate) const DESK: &str = "desk.example";

pub(crate) fn clock() -> Clock {
    Clock::new(|| "2026-11-20T08:00:00Z".parse().unwrap())
}

pub(crate) fn recipient(id: &str, host: &str, rest: &str) -> String {
    format!(
        "recipient = \"{id}\"\nthird_parties = []\npurpose = \"To test.\"\ninformation = \"What tests need.\"\n\
         planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"{host}\"]\n{rest}"
    )
}

pub(crate) fn charter(unknown_hosts: &str) -> Arc<Charter> {
    charter_with(unknown_hosts, &[])
}

/// The register with more files.
pub(crate) fn charter_with(unknown_hosts: &str, more: &[(&'static str, String)]) -> Arc<Charter> {
    let claim = "[[claims]]\nkind = \"never_shares\"\nsentence = \"No Student Records.\"\n";
    let mask = "[[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\ntreatment = \"mask\"\n";
    let mut source = Source::default();
    source.insert(
        "organisation.toml",
        format!("organisation = \"Example\"\n[defaults]\nunknown_hosts = \"{unknown_hosts}\"\n"),
    );
    source.insert(
        "recipients/events.toml",
        recipient("events", EVENTS, &format!("mode = \"enforce\"\n{claim}")),
    );
    source.insert(
        "recipients/reported.toml",
        recipient("reported", REPORTED, &format!("mode = \"report\"\n{claim}")),
    );
    source.insert(
        "recipients/desk.toml",
        recipient("desk", DESK, &format!("mode = \"enforce\"\n{mask}")),
    );
    source.insert(
        "recipients/pinned.toml",
        recipient("pinned", PINNED, "mode = \"enforce\"\nunreadable = \"forward\"\n"),
    );
    more.iter().for_each(|(name, text)| source.insert(*name, text.clone()));
    let compiled = compile(&source);
    Arc::new(compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics)))
}

/// The one student, of Westfield. `known_as`: as whom the consents know her.
pub(crate) fn people(known_as: Option<PersonId>) -> Arc<Snapshot> {
    let ada = PersonNumber(1);
    let key = DirectoryKey::new([7; 32]);
    let row = DirectoryRow {
        digest: key.digest(Form::Email, ADA),
        element: "contact.email".parse().unwrap(),
        person: ada,
    };
    let mut persons = PersonsBuilder::default();
    known_as
        .into_iter()
        .for_each(|id| persons.push(ada, id, Some("Westfield")));
    Arc::new(Snapshot {
        persons: persons.build(&mut []),
        directory: Directory::new(key, vec![row], [(ada, "student".parse().unwrap())]),
        person_keys: [(ada, PersonKey::new([1; 32]))].into(),
        loaded_at: Some(clock().now()),
        version: 1,
    })
}

pub(crate) fn nobody() -> Arc<Snapshot> {
    let directory = Directory::new(DirectoryKey::new([7; 32]), Vec::new(), []);
    Arc::new(Snapshot {
        directory,
        person_keys: [].into(),
        persons: Persons::default(),
        loaded_at: None,
        version: 0,
    })
}

/// What comes between the journal and its disk.
pub(crate) type WrapDisk = Box<dyn FnOnce(Box<dyn Disk>) -> Box<dyn Disk> + Send>;

/// What a test may want differently.
pub(crate) struct Setup {
    pub(crate) unknown_hosts: &'static str,
    /// Files of the register besides the three recipients.
    pub(crate) register: Vec<(&'static str, String)>,
    pub(crate) settings: Settings,
    pub(crate) limits: Limits,
    pub(crate) timeouts: Timeouts,
    /// How long an entry may take. Disks under test are shared; what a slow one does is rarely what is tested.
    pub(crate) ledger: Duration,
    pub(crate) clock: Clock,
    /// Between the journal and the disk.
    pub(crate) disk: WrapDisk,
    /// Instead of the sink; none: the Internet as it is.
    pub(crate) upstream: Option<Upstream>,
    /// What the authority may speak for.
    pub(crate) scope: Scope,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            unknown_hosts: "enforce",
            register: Vec::new(),
            settings: Settings::default(),
            limits: Limits::default(),
            // Unoptimised and on a busy machine, a body of 8 MiB takes its time.
            timeouts: Timeouts {
                judge: Duration::from_secs(120),
                ..Timeouts::default()
            },
            ledger: Duration::from_secs(30),
            clock: clock(),
            disk: Box::new(|disk| disk),
            upstream: None,
            scope: Scope::Everything,
        }
    }
}

/// A host of the register as one that is reached in clear.
fn in_clear(host: &str) -> Origin {
    Origin {
        recipient: host.split('.').next().unwrap().parse().unwrap(),
        origin: format!("http://{host}"),
    }
}

/// A running gate with its sink.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) authority: CertificateDer<'static>,
    pub(crate) gate: Gate,
    pub(crate) sink: Sink,
    pub(crate) journal: Journal,
    pub(crate) stop: CancellationToken,
    pub(crate) served: JoinHandle<()>,
    pub(crate) home: tempfile::TempDir,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// The sinks of these tests are reached in clear too, where a test does not take other settings.
    pub(crate) async fn with(mut setup: Setup) -> Self {
        setup.settings.origins.extend([EVENTS, REPORTED, DESK].map(in_clear));
        let home = tempfile::tempdir().unwrap();
        let sink = Sink::start(([127, 0, 0, 1], 0).into(), clock(), |_| {}).await.unwrap();
        let to_sink = || Upstream {
            connect_to: Some(sink.address()),
            extra_roots: vec![sink.root_certificate().clone()],
            ..Upstream::default()
        };
        let charter = charter_with(setup.unknown_hosts, &setup.register);
        let (folder, keys) = DataFolder::open(&home.path().join("data"), &home.path().join("keys")).unwrap();
        let time = setup.clock.clone();
        let (journal, _) =
            Journal::open_with(&folder, &keys, move || time.now(), charter.digest(), setup.disk).unwrap();
        let consents = Consents::open(&folder, &keys).unwrap();
        let authority = Authority::open(
            &home.path().join("keys"),
            &home.path().join("data"),
            &setup.scope,
            clock(),
        )
        .unwrap();
        let config = GateConfig {
            charter,
            snapshot: people(Some(consents.person_id("ada"))),
            consents,
            journal: journal.clone(),
            authority: authority.clone(),
            upstream: setup.upstream.unwrap_or_else(to_sink),
            settings: Arc::new(setup.settings),
            limits: setup.limits,
            timeouts: Timeouts {
                ledger: setup.ledger,
                ..setup.timeouts
            },
            replacement_key: [9; 32],
            clock: setup.clock,
        };
        let gate = Gate::new(config).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let (serving, signal) = (gate.clone(), stop.clone());
        let served = tokio::spawn(async move { serving.serve(listener, signal).await.unwrap() });
        let authority = authority.certificate().clone();
        Self {
            address,
            authority,
            gate,
            sink,
            journal,
            stop,
            served,
            home,
        }
    }

    /// Waits until so many outcomes are written.
    pub(crate) async fn until_outcomes(&self, count: usize) {
        self.until_entries("outcome", count).await;
    }

    /// The same of entries of this kind.
    pub(crate) async fn until_entries(&self, kind: &str, count: usize) {
        let kind = format!("\"kind\":\"{kind}\"");
        for _ in 0..2_000 {
            let mut text = String::new();
            read_all(&self.home.path().join("data/ledger"), &mut text);
            if text.matches(&kind).count() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("fewer than {count} entries with {kind}");
    }

    /// The data folder as another program opens it.
    pub(crate) fn beside(&self) -> (DataFolder, Keys) {
        DataFolder::open_unlocked(&self.home.path().join("data"), &self.home.path().join("keys")).unwrap()
    }

    /// Consents as the command line opens them, and the people that they are entered for.
    pub(crate) fn office(&self) -> (Consents, People) {
        let (folder, keys) = self.beside();
        let mut people = People::open(&folder, &keys).unwrap();
        let csv = format!("id,role,email\nada,student,{ADA}\n");
        people.load_csv(csv.as_bytes(), "people.csv", clock().now()).unwrap();
        (Consents::open(&folder, &keys).unwrap(), people)
    }

    /// Everything in the ledger, as text. Ends the journal.
    pub(crate) fn ledger(&self) -> String {
        _ = self.journal.close();
        let mut text = String::new();
        read_all(&self.home.path().join("data/ledger"), &mut text);
        assert!(!text.contains(ADA), "an identifier in the ledger");
        text
    }
}

fn read_all(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, text);
        } else {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
    }
}

/// Timeouts that a test can wait for.
pub(crate) fn short() -> Timeouts {
    let short = Duration::from_millis(300);
    Timeouts {
        judge: Duration::from_secs(30),
        head: short,
        keep_alive: short,
        handshake: short,
        body: short,
        ledger: Duration::from_secs(30),
        connect: short,
        answer: short,
        linger: Duration::from_millis(30),
        drain: short,
    }
}
