//! What a command on requests works with: requests, directory, register, and from them the clocks of a request.

use std::collections::BTreeSet;
use std::sync::Arc;

use averment_claims::{AskedFor, RequestDue, earliest, request_due};
use averment_duties::erase::Journal;
use averment_ledger::Deed;
use averment_policy::normal_name;
use averment_register::{Charter, Controller, Source, compile};
use averment_store::requests::{Clocks, Concerned, Event, Progress, Request, Requester};
use averment_store::{DataFolder, Parcel, People, Proof, Requests};
use jiff::civil::Date;

use super::{Place, Shown};
use crate::outcome::{Failure, Outcome};
use crate::{clock, recording, register, school, texts};

/// Everything that a command on requests opens.
pub(super) struct Office<'a> {
    place: &'a Place,
    pub(super) requests: Requests,
    pub(super) people: People,
    charter: Arc<Charter>,
}

impl<'a> Office<'a> {
    pub(super) fn open(place: &'a Place) -> Result<Self, Failure> {
        let charter = match &place.register {
            Some(folder) => register::open(Some(folder))?.charter,
            None => nothing_known()?,
        };
        let (folder, keys) = DataFolder::open_unlocked(&place.folders.data, &place.folders.keys)?;
        Ok(Self {
            place,
            requests: Requests::open(&folder, &keys)?,
            people: People::open(&folder, &keys)?,
            charter,
        })
    }

    /// The charter of the register.
    pub(super) fn charter(&self) -> &Charter {
        &self.charter
    }

    /// Who makes the statements of the register.
    pub(super) fn organisation(&self) -> &str {
        &self.charter.content().organisation
    }

    /// The school of the register with this identifier or name.
    pub(super) fn school(&self, name: &str) -> Option<&Controller> {
        school::declared(name, &self.charter).next()
    }

    /// Under which name a school is kept: its identifier in the register, or what was given.
    pub(super) fn name_of(&self, school: &str) -> String {
        self.school(school)
            .map_or_else(|| school.to_owned(), |known| known.id.to_string())
    }

    /// Every name of a school that a request is about.
    ///
    /// # Errors
    /// When nobody in the directory is of a school with one of them: a hold on it would hold nobody.
    pub(super) fn names_for(&self, school: &str) -> Result<Vec<String>, Failure> {
        let names = self.aliases(school);
        if self.people.has_school(|name| names.contains(&normal_name(name)))? {
            return Ok(names.into_iter().collect());
        }
        let message = format!("nobody in the directory is of the school `{school}`");
        Err(Failure::new(message).hint("name it as the people file does, or as the register does with `--register`"))
    }

    /// Every name of a school: as given, and as the register has it.
    pub(super) fn aliases(&self, school: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::from([normal_name(school)]);
        names.extend(self.school(school).into_iter().flat_map(school::names_of));
        names
    }

    /// Every name of the school of whom a request is about: the directory's for a person.
    pub(super) fn schools_of(&self, about: &Concerned) -> Result<BTreeSet<String>, Failure> {
        let name = match about {
            Concerned::School(name) => Some(name.clone()),
            Concerned::Person(person) => self.people.school_of(*person)?,
        };
        Ok(name.map(|name| self.aliases(&name)).unwrap_or_default())
    }

    /// Whether a run of `averment erase` that is over has erased whom a request is about.
    pub(super) fn is_erased(&self, about: &Concerned) -> Result<bool, Failure> {
        let file = self.place.folders.data.join("erasures.db");
        match about {
            Concerned::Person(person) if file.exists() => Ok(Journal::open(&file)?.is_erased(person.digest())?),
            _ => Ok(false),
        }
    }

    /// Every time for a request as it stands.
    pub(super) fn due(&self, request: &Request) -> Result<Vec<RequestDue>, Failure> {
        let known = (request.is_confirmed(), Progress::of(request).extended_on());
        self.due_when(request, known)
    }

    /// Every time for a request, whether whoever asks was told that it was received, and that more time is taken.
    fn due_when(
        &self,
        request: &Request,
        (confirmed, extended_on): (bool, Option<Date>),
    ) -> Result<Vec<RequestDue>, Failure> {
        let names = self.schools_of(&request.about)?;
        let acting = request.acting_school.iter();
        let school = acting.chain(&names).find_map(|name| self.school(name));
        let asked = AskedFor {
            kind: request.kind,
            by_school: request.by == Requester::School,
            school,
            received_on: request.received_on,
            confirmed,
            extended_on,
        };
        Ok(request_due(&self.charter, &asked))
    }

    /// The sentence, or the digest of the document, that shows something; none where neither was given.
    pub(super) fn proof(&mut self, shown: &Shown) -> Result<Option<Proof>, Failure> {
        if let Some(file) = &shown.document {
            return Ok(Some(digest_of(file)?));
        }
        texts::check(&[("--how", shown.how.as_deref())], &mut self.people)?;
        let sentence = shown.how.as_deref().map(Proof::sentence).transpose();
        sentence.map_err(Failure::new)
    }

    /// The same where something has to be shown.
    pub(super) fn proven(&mut self, shown: &Shown) -> Result<String, Failure> {
        let proof = self.proof(shown)?;
        let proof = proof.ok_or_else(|| Failure::new("expected `--how TEXT` or `--document FILE`"))?;
        Ok(proof.as_str().to_owned())
    }

    /// Takes a request a step further, tells the ledger and prints how the request then stands.
    pub(super) fn take(&self, id: &str, event: &Event) -> Result<Outcome, Failure> {
        let request = self.requests.get(id)?;
        let extended_on = match event {
            Event::Extended { told_on, .. } => Some(*told_on),
            _ => Progress::of(&request).extended_on(),
        };
        let due = self.due_when(&request, (request.is_confirmed() || event.tells(), extended_on))?;
        let request = self.requests.step(id, event, &clocks(&due), clock::now())?;
        self.tell()?;
        super::print::standing(&request, &due);
        Ok(Outcome::Holds)
    }

    /// Tells the ledger of every step that it does not know yet; of those too whose command was killed before.
    pub(super) fn tell(&self) -> Result<(), Failure> {
        let untold = self.requests.unrecorded()?;
        let Some((_, last)) = untold.last() else {
            return Ok(());
        };
        let last = last.number;
        let parcels: Vec<Parcel> = untold
            .iter()
            .map(|(request, step)| {
                let about = match &request.about {
                    Concerned::Person(person) => vec![(*person, "person".to_owned())],
                    Concerned::School(_) => Vec::new(),
                };
                Parcel::about(about, Deed::RequestChange(request.entry(step, None)))
            })
            .collect();
        recording::record(&self.place.folders, &parcels, self.charter.digest())?;
        Ok(self.requests.set_recorded(last)?)
    }
}

/// What is recorded of clocks.
pub(super) fn clocks(due: &[RequestDue]) -> Clocks {
    Clocks {
        laws: due.iter().map(|one| one.rule.clone()).collect(),
        due: earliest(due),
    }
}

/// The digest of a document, which is not kept: it may show somebody's identity.
pub(super) fn digest_of(file: &std::path::Path) -> Result<Proof, Failure> {
    let read = std::fs::read(file);
    let bytes = read.map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    Ok(Proof::document(&bytes))
}

/// The charter of somebody of whom nothing is known: no law is ruled out.
fn nothing_known() -> Result<Arc<Charter>, Failure> {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Requests\"\n");
    let compiled = compile(&source).charter;
    let charter = compiled.ok_or_else(|| Failure::new("a register of nothing but a name does not compile"))?;
    Ok(Arc::new(charter))
}
