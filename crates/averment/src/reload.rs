//! Reading again while the gate runs: register and settings when asked (SIGHUP, admin address), people when they changed.
//!
//! Start at [`Files::reload_now`]. What does not compile changes nothing and says so; the gate never ends over it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use averment_access::Access;
use averment_console::access::InForce;
use averment_gate::{Authority, CutOff, Gate, Operator, OperatorError, Prepared, Reloaded, Scope, Settings};
use averment_ledger::{CharterLoaded, Deed};
use averment_register::{Charter, Digest};
use averment_store::{Journal, People, PeopleError, Refreshed, Snapshot};
use tokio::signal::unix::Signal;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cli::Folders;
use crate::house::{current, note_directory};
use crate::live::Live;
use crate::notify::{self, News};
use crate::outcome::Failure;
use crate::register;
use crate::{admitting, clock, speaking};

/// How long ages are taken as they were.
const AGES_HOLD: Duration = Duration::from_secs(3600);

/// How often a running gate looks whether other people were loaded.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The files that a running gate was made of.
pub(crate) struct Files {
    /// Folder of the register; none: the bundled example.
    pub(crate) register: Option<PathBuf>,
    pub(crate) settings: Option<PathBuf>,
    pub(crate) folders: Folders,
    /// Where the gate listens.
    pub(crate) address: SocketAddr,
    pub(crate) gate: Gate,
    pub(crate) journal: Journal,
    pub(crate) live: Arc<Live>,
    /// Who may see what, where decisions are served.
    pub(crate) decisions: Option<InForce>,
    /// The charter in force. One reload at a time.
    pub(crate) in_force: Mutex<Digest>,
}

impl Files {
    /// Reads and puts in force, or leaves everything as it is.
    pub(crate) fn reload_now(&self) -> Result<Reloaded, Failure> {
        let mut in_force = self.in_force.lock().unwrap_or_else(PoisonError::into_inner);
        notify::tell(News::Reloading);
        let reloaded = self.read().and_then(|(charter, settings, authority)| {
            let is_changed = charter.digest() != *in_force;
            // Before anything is put in force: rules that cannot be decided by leave everything as it is.
            let access = self.decisions.as_ref().map(|_| Access::new(&charter)).transpose()?;
            let scope = speaking::scope(&charter, settings.settings());
            self.put_in_force(&charter, settings)?;
            tell(&authority, &scope);
            self.gate.take_authority(authority);
            if let Some((decisions, access)) = self.decisions.as_ref().zip(access) {
                decisions.put(access);
            }
            *in_force = charter.digest();
            let charter = charter.digest();
            Ok(Reloaded { charter, is_changed })
        });
        notify::tell(News::Ready);
        match &reloaded {
            Ok(reloaded) => anstream::println!("reloaded  charter {}", reloaded.charter),
            Err(failure) => anstream::eprint!("not reloaded, everything stays as it was\n{}", failure.render()),
        }
        reloaded
    }

    fn read(&self) -> Result<(Arc<Charter>, Prepared, Authority), Failure> {
        let register = register::open(self.register.as_deref())?;
        let settings = settings(self.settings.as_deref())?;
        admitting::check(self.address, &settings)?;
        let authority = speaking::open(&self.folders, &register.charter, &settings)?;
        Ok((register.charter, self.gate.prepare(settings)?, authority))
    }

    fn put_in_force(&self, charter: &Arc<Charter>, settings: Prepared) -> Result<(), Failure> {
        // The page first: it may take a moment to count again, and must never show what is not in force for long.
        self.live.follow(charter)?;
        let ledger = &settings.settings().ledger;
        self.journal.set_new_log(ledger.new_log(), ledger.zone.clone());
        self.gate.put_in_force(Arc::clone(charter), settings);
        note_charter(&self.journal, charter)
    }

    /// Where what was cut off at the admin address is kept.
    pub(crate) fn kept_cut_off(&self) -> Result<CutOff, Failure> {
        let file = cut_off_file(&self.folders.data);
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(CutOff::default()),
            Err(error) => return Err(Failure::new(format!("cannot read `{}`", file.display())).because(error)),
        };
        serde_json::from_slice(&text).map_err(|error| {
            let hint = "it says who is cut off; correct it, or remove it to lift every cut-off";
            Failure::new(format!("`{}` does not hold", file.display()))
                .because(error)
                .hint(hint)
        })
    }
}

/// Says where the authority that was read does not fit what is in force now.
fn tell(authority: &Authority, scope: &Scope) {
    for line in speaking::differences(authority, scope) {
        anstream::println!("            {line}");
    }
    let outside = authority.outside(scope);
    if outside.all_others || !outside.hosts.is_empty() {
        tracing::warn!(
            hosts = outside.hosts.len(),
            all_others = outside.all_others,
            "the authority may not speak for hosts that the register lets through: renew it (`averment authority renew`)"
        );
    }
}

impl Operator for Files {
    fn reload(&self) -> Result<Reloaded, OperatorError> {
        self.reload_now()
            .map_err(|failure| OperatorError(failure.render().trim_end().to_owned()))
    }

    fn keep_cut_off(&self, cut_off: &CutOff) -> Result<(), OperatorError> {
        let text = serde_json::json!({ "all": cut_off.all, "recipients": cut_off.recipients });
        replace(&cut_off_file(&self.folders.data), &format!("{text:#}\n"))
            .map_err(|error| OperatorError(error.to_string()))
    }
}

fn cut_off_file(data: &Path) -> PathBuf {
    data.join("cut-off.json")
}

/// Puts `text` in the place of `file`, whole or not at all, and returns when it is on disk.
pub(crate) fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let new = file.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    let mut written = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    written.write_all(text.as_bytes())?;
    written.sync_all()?;
    std::fs::rename(&new, file)
}

/// The operator's file; everything by default without one.
pub(crate) fn settings(file: Option<&Path>) -> Result<Arc<Settings>, Failure> {
    let Some(file) = file else {
        return Ok(Arc::default());
    };
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    let settings = Settings::parse(&text)
        .map_err(|error| Failure::new(format!("`{}` does not hold", file.display())).because(error))?;
    Ok(Arc::new(settings))
}

/// Notes which charter is in force.
pub(crate) fn note_charter(journal: &Journal, charter: &Charter) -> Result<(), Failure> {
    let content = charter.content();
    let (recipients, claims) = (content.recipients.len() as u64, content.claims.len() as u64);
    Ok(journal.note(Deed::Charter(CharterLoaded { recipients, claims }))?)
}

/// Reloads at every SIGHUP until `stop`.
pub(crate) async fn at_hang_up(files: Arc<Files>, mut hang_up: Signal, stop: CancellationToken) {
    while stop.run_until_cancelled(hang_up.recv()).await.flatten().is_some() {
        let files = Arc::clone(&files);
        if tokio::task::spawn_blocking(move || _ = files.reload_now())
            .await
            .is_err()
        {
            tracing::error!("reading the register failed: everything stays as it was");
        }
    }
}

/// What a look at the directory says to do.
enum Next {
    Nothing,
    Swap(Snapshot),
    SwapAndRebuild(Snapshot),
    Rebuild,
}

/// Swaps the directory whenever people changed, and every hour, because people grow older. A few people are laid over
/// those who were read; everybody is read anew beside that. A directory that cannot be read any more is swapped for
/// nobody, and with nobody in it the gate lets nothing out.
pub(crate) async fn directory(
    gate: Gate,
    people: Arc<Mutex<People>>,
    shown: Arc<Mutex<Arc<Snapshot>>>,
    journal: Journal,
    stop: CancellationToken,
) {
    let mut taken = Instant::now();
    let mut rebuilding: Option<JoinHandle<Next>> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let old = current(&shown);
        let task = match rebuilding.take_if(|task| task.is_finished()) {
            Some(task) => {
                taken = Instant::now();
                task
            }
            None => {
                let (read_by, known) = (Arc::clone(&people), old.version);
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
                Next::Swap(people.lock().unwrap_or_else(PoisonError::into_inner).nobody())
            }
        };
        if matches!(next, Next::Rebuild | Next::SwapAndRebuild(_)) && rebuilding.is_none() {
            let (read_by, known) = (Arc::clone(&people), old.version);
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

/// What became of the directory since version `known`. One that cannot be read is told once.
fn look(people: &Mutex<People>, known: u64) -> Next {
    let mut people = people.lock().unwrap_or_else(PoisonError::into_inner);
    match people.refresh(known, clock::now()) {
        Ok(Refreshed::Same) => Next::Nothing,
        Ok(Refreshed::Changed(snapshot)) => Next::Swap(snapshot),
        Ok(Refreshed::ChangedMuch(snapshot)) => Next::SwapAndRebuild(snapshot),
        Ok(Refreshed::Other) => Next::Rebuild,
        Err(error) => unreadable(&people, known, &error),
    }
}

/// Reads everybody; the directory can be looked at and changed meanwhile.
fn rebuild(people: &Mutex<People>, known: u64) -> Next {
    match People::rebuild(people, clock::now()) {
        Ok(snapshot) => Next::Swap(snapshot),
        // The next look finds the other one.
        Err(PeopleError::Exchanged) => Next::Nothing,
        Err(error) => unreadable(&people.lock().unwrap_or_else(PoisonError::into_inner), known, &error),
    }
}

fn unreadable(people: &People, known: u64, error: &PeopleError) -> Next {
    if known == 0 {
        return Next::Nothing;
    }
    tracing::error!(%error, "the directory cannot be read: nothing is let out");
    Next::Swap(people.nobody())
}
