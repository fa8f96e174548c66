//! `averment export`: everything that is held about somebody, in one archive for each.

mod received;

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use averment_detect::{Directory, Finding, Limits, Message, Part, PersonNumber, Whose, inspect};
use averment_duties::export::{Masked, SOMEBODY_ELSE, Summary, Task, lacking, people_of_school};
use averment_ledger::{Base64, Deed, Document, Export};
use averment_register::ControllerId;
use averment_store::{DataFolder, Parcel, People};
use clap::{Args, Subcommand, ValueEnum};

use crate::cli::Folders;
use crate::commands::retain::OfMap;
use crate::duties::{Duties, DutiesOptions};
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};
use crate::text::wrap;
use crate::{clock, recording};

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Everything about one person over all stores of the data map
    Person(PersonArgs),
    /// The same for everybody of a school, one archive for each, in a folder
    School(SchoolArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything is in them, 2 a store could not be read, or an archive is missing; 3 internal fault."
)]
pub(crate) struct SchoolArgs {
    /// Folder of the register
    register: PathBuf,
    /// Identifier of the school in the register
    #[arg(long, value_name = "ID")]
    school: ControllerId,
    /// The folder to write to; archives that are there already stay
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    duties: DutiesOptions,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything is in it, 2 a store could not be read, or there is no archive; 3 internal fault."
)]
pub(crate) struct PersonArgs {
    /// Folder of the register
    register: PathBuf,
    /// Number of the person at the platform, as in the `id` column of the people file
    #[arg(long, value_name = "ID")]
    person: String,
    /// The archive to write; must not be there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// To whom it is given
    #[arg(long, value_enum, default_value_t = To::Person)]
    to: To,
    /// Go on with an export that was broken off
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    duties: DutiesOptions,
    #[command(flatten)]
    folders: Folders,
}

/// Who gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// The person
    Person,
    /// A parent
    Parent,
    /// A student of 18 or at a college, 34 CFR 99.3
    #[value(name = "eligible_student")]
    EligibleStudent,
    /// The school
    School,
}

impl To {
    fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Parent => "parent",
            Self::EligibleStudent => "eligible_student",
            Self::School => "school",
        }
    }
}

pub(crate) fn run(command: &ExportCommand) -> Result<Outcome, Failure> {
    match command {
        ExportCommand::Person(arguments) => {
            let exporter = Exporter::open(&arguments.register, &arguments.duties, &arguments.folders)?;
            let given = Given {
                person: arguments.person.trim(),
                out: &arguments.out,
                to: arguments.to,
                school: None,
                resume: arguments.resume,
            };
            let summary = exporter.write(&given)?;
            Ok(told(&summary, &arguments.out))
        }
        ExportCommand::School(arguments) => of_school(arguments),
    }
}

fn of_school(arguments: &SchoolArgs) -> Result<Outcome, Failure> {
    let exporter = Exporter::open(&arguments.register, &arguments.duties, &arguments.folders)?;
    let people = exporter.people_of(&arguments.school)?;
    std::fs::DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(&arguments.out)?;
    let mut outcome = Outcome::Holds;
    for person in &people {
        let out = arguments.out.join(file_name(person));
        if out.exists() {
            outcome = outcome.max(told_of(&out));
            continue;
        }
        let given = Given {
            person,
            out: &out,
            to: To::School,
            school: Some(&arguments.school),
            resume: true,
        };
        outcome = outcome.max(told(&exporter.write(&given)?, &out));
    }
    anstream::println!("{} people of school {}", people.len(), arguments.school);
    Ok(outcome)
}

/// The number with everything that is no letter or digit as its bytes, so that no two are alike.
fn file_name(person: &str) -> String {
    let plain: String = person
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' => char::from(byte).to_string(),
            other => format!("_{other:02x}"),
        })
        .collect();
    format!("{plain}.zip")
}

/// One archive.
struct Given<'a> {
    person: &'a str,
    out: &'a Path,
    to: To,
    school: Option<&'a ControllerId>,
    resume: bool,
}

/// Everything that archives are made with.
struct Exporter {
    register: Register,
    duties: Duties,
    folders: Folders,
    people: People,
    directory: Directory,
}

impl Exporter {
    fn open(register: &Path, duties: &DutiesOptions, folders: &Folders) -> Result<Self, Failure> {
        let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
        let mut people = People::open(&folder, &keys)?;
        let directory = people.snapshot(clock::now())?.directory;
        if directory.people() == 0 {
            let because = "nobody is in the directory: others in texts would not be masked";
            return Err(Failure::new(format!("{because}; `averment people load` fills it")));
        }
        let (register, duties) = (register::open(Some(register))?, Duties::open(duties)?);
        duties.tell_unknown_stores(&register.charter);
        Ok(Self {
            register,
            duties,
            folders: folders.clone(),
            directory,
            people,
        })
    }

    fn people_of(&self, id: &ControllerId) -> Result<Vec<String>, Failure> {
        let charter = &self.register.charter;
        let unknown = || Failure::new(format!("no school `{id}` in {}", self.register.name));
        let school = charter.content().controllers.get(id).ok_or_else(unknown)?;
        let called = match self.duties.settings.retention.schools.get(id) {
            Some(called) => vec![called.clone()],
            None => vec![school.id.to_string(), school.name.clone()],
        };
        let people = people_of_school(charter, &OfMap(&self.duties), &called).map_err(Failure::new)?;
        if people.is_empty() {
            let message = format!(
                "no table of people has anybody of school `{id}`, looked for as `{}`",
                called.join("` and `")
            );
            let hint = format!(
                "`{id} = \"…\"` under `[retention.schools]` of averment-duties.toml says what the school is called in the column with `edu.school`"
            );
            return Err(Failure::new(message).hint(hint));
        }
        Ok(people)
    }

    fn write(&self, given: &Given<'_>) -> Result<Summary, Failure> {
        let own = self.people.find(given.person)?;
        let recipients = received::recipients(given.person, &self.folders, own.is_some())?;
        let announce = |sha256: [u8; 32], bytes: u64| {
            let recorded = self.record(given, sha256, bytes);
            recorded.map_err(|failure| failure.in_one_line())
        };
        let task = Task {
            charter: &self.register.charter,
            stores: &OfMap(&self.duties),
            number: given.person,
            is_known: own.is_some(),
            mask: &|text| mask(text, &self.directory, own),
            recipients: &recipients,
            announce: &announce,
            now: clock::now(),
        };
        Ok(task.write(given.out, given.resume)?)
    }

    /// Records that it is given, before it is there to be given.
    fn record(&self, given: &Given<'_>, sha256: [u8; 32], bytes: u64) -> Result<(), Failure> {
        let export = Export {
            id: recording::new_id()?,
            what: "person".to_owned(),
            person: None,
            school: given.school.map(ToString::to_string),
            to: given.to.word().to_owned(),
            // The file's own name may be somebody's.
            document: Some(Document {
                sha256: Base64(sha256),
                bytes,
                name: "person.zip".to_owned(),
            }),
        };
        let known = self.people.know(given.person, clock::now())?;
        let named = known.filter(|known| !known.is_forgotten).map(|known| {
            let subject = known
                .subject
                .map_or_else(|| "person".to_owned(), |subject| subject.to_string());
            (known.id, subject)
        });
        let parcel = Parcel::about(named.into_iter().collect(), Deed::Export(export));
        recording::record(&self.folders, &[parcel], self.register.charter.digest())?;
        Ok(())
    }
}

/// Of an archive that was there before: whether everything is in it.
fn told_of(out: &Path) -> Outcome {
    let line = |text: String| anstream::println!("{}", wrap(&text, 80, "  "));
    let lacking = match lacking(out) {
        Ok(lacking) => lacking,
        Err(_) => {
            line(format!(
                "`{}` is there already and is no archive of a person",
                out.display()
            ));
            return Outcome::CouldNotMeasure;
        }
    };
    if lacking.is_empty() {
        return Outcome::Holds;
    }
    line(format!(
        "`{}` is there already; remove it, and it is written anew",
        out.display()
    ));
    for (store, because) in &lacking {
        line(format!("not in it: {store}: {because}"));
    }
    Outcome::CouldNotMeasure
}

fn told(summary: &Summary, out: &Path) -> Outcome {
    let line = |text: String| anstream::println!("{}", wrap(&text, 80, "  "));
    line(format!(
        "{} rows about the person, {} rows of others that name them, {} files: `{}`",
        summary.own_rows,
        summary.named_rows,
        summary.files,
        out.display()
    ));
    line(format!(
        "others left out of {} values and masked in {} places of texts; {} columns with secrets left out",
        summary.somebody_else,
        summary.masked_in_texts,
        summary.secrets.len()
    ));
    for (store, because) in &summary.not_reached {
        line(format!("not in it: {store}: {because}"));
    }
    match summary.not_reached.is_empty() {
        true => Outcome::Holds,
        false => Outcome::CouldNotMeasure,
    }
}

/// Others of the directory in a text; one that is encoded is not taken apart, and the text is then left out, as is one that
/// cannot be read whole.
fn mask(text: &str, directory: &Directory, own: Option<PersonNumber>) -> Masked {
    let Some(found) = look(text, directory, own) else {
        return Masked { text: None, others: 0 };
    };
    if found.is_empty() {
        return Masked {
            text: Some(text.to_owned()),
            others: 0,
        };
    }
    let others = found.len() as u64;
    let plain = |finding: &Finding| {
        finding.layers.is_empty() && finding.place.part == Part::Body && text.get(finding.span.clone()).is_some()
    };
    if !found.iter().all(plain) {
        return Masked { text: None, others };
    }
    let mut spans: Vec<_> = found.iter().map(|finding| finding.span.clone()).collect();
    spans.sort_by_key(|span| (span.start, span.end));
    let (mut out, mut at) = (String::new(), 0);
    for span in spans {
        if span.start >= at {
            out.push_str(&text[at..span.start]);
            out.push_str(SOMEBODY_ELSE);
        }
        at = at.max(span.end);
    }
    out.push_str(&text[at..]);
    let clean = look(&out, directory, own).is_some_and(|found| found.is_empty());
    Masked {
        text: clean.then_some(out),
        others,
    }
}

/// Others in a text; none when a part of it cannot be read, so that somebody may be in it.
fn look(text: &str, directory: &Directory, own: Option<PersonNumber>) -> Option<Vec<Finding>> {
    let message = Message {
        authority: "",
        target: "/",
        headers: &[("content-type", b"text/plain; charset=utf-8")],
        body: text.as_bytes(),
    };
    let is_other = |finding: &Finding| matches!(&finding.whose, Whose::Person { number, .. } if Some(*number) != own);
    let mut seen = inspect(&message, directory, &Limits::default());
    seen.findings.retain(is_other);
    seen.unreadable.is_empty().then_some(seen.findings)
}

#[cfg(test)]
mod tests;
