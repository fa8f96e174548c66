//! `averment ledger record`: what left by telephone, letter, subpoena or in a meeting, or was asked for and denied.
//!
//! Source: 34 CFR 99.32(a)(1) and (3) (every request and every disclosure, who and with which interest), (d) (which of them).

use std::collections::BTreeMap;
use std::path::PathBuf;

use averment_catalog::{ElementId, SubjectId, Vocabulary, catalog};
use averment_ledger::{Authority, Deed, ManualDisclosure};
use averment_register::RecipientId;
use averment_store::{ConsentKind, ConsentState, Consents, DataFolder, Parcel, People, PersonId};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::Folders;
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};
use crate::text::wrap;
use crate::{clock, recording, texts};

/// People of one entry: it holds at most 65,535 bytes.
const PEOPLE_OF_ENTRY: usize = 500;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("receiver").required(true))]
#[command(group = clap::ArgGroup::new("whose").required(true).multiple(true))]
pub(crate) struct RecordArgs {
    /// Identifier of the recipient in the register
    #[arg(long, value_name = "RECIPIENT", group = "receiver")]
    to: Option<RecipientId>,
    /// Who received or asked, in a few words, where the register has no such recipient
    #[arg(long, value_name = "TEXT", group = "receiver")]
    party: Option<String>,
    /// Folder of the register; the bundled example when absent
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
    /// How it went
    #[arg(long, value_enum)]
    means: Means,
    /// It was asked for and denied: nothing left
    #[arg(long)]
    denied: bool,
    /// A data element, or a category of them; again for another
    #[arg(long, value_name = "ID", required = true)]
    element: Vec<ElementId>,
    /// Identifier of a person, as in the `id` column of the people file; again for another
    #[arg(long, value_name = "ID", group = "whose", num_args = 1..)]
    person: Vec<String>,
    /// File with an identifier on each line
    #[arg(long, value_name = "FILE", group = "whose")]
    people: Option<PathBuf>,
    /// Kind of data subject of whoever has left the directory, such as `student.eligible`
    #[arg(long, value_name = "KIND")]
    subject: Option<SubjectId>,
    /// What it rests on, in the catalog's words: `ferpa.court_order`, `gdpr.legal_obligation`
    #[arg(long, value_name = "WORD")]
    basis: String,
    /// Kind of the consent that it rests on; it must be in force for everybody named
    #[arg(long, value_name = "KIND")]
    consent: Option<String>,
    /// Contract, order or subpoena by its reference, without names
    #[arg(long, value_name = "TEXT")]
    instrument: Option<String>,
    /// When it happened: a day, or a time with its offset
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Timestamp,
    /// The legitimate interest; in an emergency also the threat
    #[arg(long, value_name = "TEXT")]
    interest: Option<String>,
    /// What shows it; kept in the data folder
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
}

/// How something went without the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Means {
    /// By telephone
    Telephone,
    /// By letter
    Letter,
    /// By e-mail that no gate saw
    Mail,
    /// In a meeting
    Meeting,
    /// As a file or a data medium
    File,
    /// In answer to a subpoena or an order
    Subpoena,
    /// In another way
    Other,
}

/// A day in UTC, or a time with its offset.
fn moment(text: &str) -> Result<Timestamp, String> {
    let day = text.parse::<Date>().ok().filter(|_| text.len() == "2026-03-01".len());
    let day = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    let time = day.map(|day| day.timestamp()).or_else(|| text.parse().ok());
    time.ok_or_else(|| "expected a day such as `2026-03-01` or a time such as `2026-03-01T14:30:00Z`".to_owned())
}

/// Whom the entries name: by version of the consent, where there is one.
type Groups = BTreeMap<Option<u64>, Vec<(PersonId, String)>>;

pub(crate) fn run(arguments: &RecordArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    check_words(arguments, &register)?;
    let folders = &arguments.folders;
    let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys)?;
    let mut people = People::open(&folder, &keys)?;
    let name = arguments.document.as_deref().map(recording::document_name);
    let given = [
        ("--party", arguments.party.as_deref()),
        ("--instrument", arguments.instrument.as_deref()),
        ("--interest", arguments.interest.as_deref()),
        ("--document", name.as_deref()),
    ];
    texts::check(&given, &mut people)?;
    let groups = groups(arguments, &people, &Consents::open(&folder, &keys)?)?;
    let parcels = parcels(arguments, &folder, groups)?;
    let numbers = recording::record(folders, &parcels, register.charter.digest())?;
    print(arguments, &parcels, &numbers);
    Ok(Outcome::Holds)
}

fn check_words(arguments: &RecordArgs, register: &Register) -> Result<(), Failure> {
    if let Some(id) = arguments
        .to
        .as_ref()
        .filter(|id| register.charter.recipient(id).is_none())
    {
        let message = format!("`{id}` is no recipient of {}", register.name);
        let hint = "name the register with `--register DIR`, or who it was with `--party TEXT`";
        return Err(Failure::new(message).hint(hint));
    }
    if let Some(id) = arguments
        .element
        .iter()
        .find(|id| !catalog().knows_element_or_category(id))
    {
        return Err(Failure::new(format!("`{id}` is no data element of the catalog")));
    }
    if let Some(kind) = arguments
        .subject
        .as_ref()
        .filter(|kind| catalog().subject(kind).is_none())
    {
        return Err(Failure::new(format!("`{kind}` is no kind of data subject")));
    }
    if catalog().word(Vocabulary::Basis, &arguments.basis).is_none() {
        let words: Vec<&str> = catalog()
            .words(Vocabulary::Basis)
            .iter()
            .map(|word| word.id.as_str())
            .collect();
        let message = format!("`{}` is no basis", arguments.basis);
        return Err(Failure::new(message).hint(format!("expected one of {}", words.join(", "))));
    }
    if arguments.at > clock::now() {
        return Err(Failure::new("the time after `--at` is still to come"));
    }
    Ok(())
}

fn groups(arguments: &RecordArgs, people: &People, consents: &Consents) -> Result<Groups, Failure> {
    let standing = consents.now()?;
    let mut groups = Groups::new();
    for (place, id) in ids(arguments)?.iter().enumerate() {
        // By its place: an id on a screen or in a log says who somebody is.
        let whom = || format!("person {} of those named", place + 1);
        let known = people.know(id, clock::now())?;
        let known = known.ok_or_else(|| Failure::new(format!("{}: nobody in the directory has this id", whom())))?;
        if known.is_forgotten {
            return Err(Failure::new(format!("{}: this person was forgotten", whom())));
        }
        let subject = known.subject.or_else(|| arguments.subject.clone()).ok_or_else(|| {
            Failure::new(format!("{} has left the directory", whom()))
                .hint("say what kind of person it is with `--subject KIND`, such as `student.eligible`")
        })?;
        let version = match &arguments.consent {
            None => None,
            Some(kind) => {
                let given = standing.of_person(known.id).find_map(|(of, state, version)| {
                    let same = matches!(of, ConsentKind::Consent(of) if of == kind);
                    (same && state == ConsentState::Given).then_some(version)
                });
                let missing = || Failure::new(format!("{}: no consent `{kind}` is in force", whom()));
                Some(given.ok_or_else(missing)?)
            }
        };
        groups.entry(version).or_default().push((known.id, subject.to_string()));
    }
    Ok(groups)
}

fn ids(arguments: &RecordArgs) -> Result<Vec<String>, Failure> {
    let mut ids = arguments.person.clone();
    if let Some(file) = &arguments.people {
        ids.extend(read_ids(file)?);
    }
    if ids.is_empty() {
        return Err(Failure::new("expected at least one person"));
    }
    Ok(ids)
}

/// Identifiers of people, one on each line; a heading `id` is passed over.
pub(crate) fn read_ids(file: &std::path::Path) -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.skip_while(|line| *line == "id").map(str::to_owned).collect())
}

fn parcels(arguments: &RecordArgs, folder: &DataFolder, groups: Groups) -> Result<Vec<Parcel>, Failure> {
    let document = arguments.document.as_deref();
    let document = document
        .map(|file| recording::keep_document(folder, file))
        .transpose()?;
    let mut parcels = Vec::new();
    for (version, people) in groups {
        for some in people.chunks(PEOPLE_OF_ENTRY) {
            let of_student = some.iter().any(|(_, subject)| is_student(subject));
            let authority = Authority {
                basis: arguments.basis.clone(),
                consent: arguments.consent.clone().zip(version),
                instrument: arguments.instrument.clone(),
                record_required: of_student && is_required(arguments),
            };
            let manual = ManualDisclosure {
                id: recording::new_id()?,
                recipient: arguments.to.as_ref().map(ToString::to_string),
                party: arguments.party.clone(),
                means: means(arguments.means),
                result: if arguments.denied { "denied" } else { "disclosed" }.to_owned(),
                happened_at: arguments.at.to_string(),
                elements: arguments.element.iter().map(ToString::to_string).collect(),
                people: Vec::new(),
                forgotten: 0,
                authority,
                interest: arguments.interest.clone(),
                document: document.clone(),
            };
            parcels.push(Parcel::about(some.to_vec(), Deed::Manual(manual)));
        }
    }
    Ok(parcels)
}

/// A consent spares the record only where it is named: in force here, or by its reference, or enclosed, 34 CFR 99.32(d)(3).
fn is_required(arguments: &RecordArgs) -> bool {
    lacks_consent(arguments) || catalog().is_record_required([arguments.basis.as_str()])
}

fn lacks_consent(arguments: &RecordArgs) -> bool {
    let is_shown = arguments.consent.is_some() || arguments.instrument.is_some() || arguments.document.is_some();
    arguments.basis == "ferpa.consent" && !is_shown
}

fn is_student(subject: &str) -> bool {
    SubjectId::new(subject).is_ok_and(|subject| subject.is_student())
}

fn means(means: Means) -> String {
    let value = means.to_possible_value().expect("no means is hidden");
    value.get_name().to_owned()
}

fn print(arguments: &RecordArgs, parcels: &[Parcel], numbers: &[u64]) {
    for (parcel, number) in parcels.iter().zip(numbers) {
        let required = match parcel.deed() {
            Deed::Manual(manual) => manual.authority.record_required,
            _ => false,
        };
        let record = if required { "belongs" } else { "need not stand" };
        let line =
            format!("recorded as entry {number}; it {record} in the school's record of disclosures, 34 CFR 99.32");
        anstream::println!("{}", wrap(&line, 80, ""));
        if required && arguments.interest.is_none() {
            note("the record is to say with which legitimate interest, 34 CFR 99.32(a)(3)(ii): `--interest TEXT`");
        }
    }
    if lacks_consent(arguments) {
        note("nothing shows the consent that it rests on: `--consent KIND`, `--instrument TEXT` or `--document FILE`");
    }
    if arguments.basis == "ferpa.emergency" && arguments.interest.is_none() {
        note("the record is to say which threat there was, 34 CFR 99.32(a)(5): `--interest TEXT`");
    }
}

fn note(text: &str) {
    anstream::eprintln!("note: {}", wrap(text, 80, "      "));
}
