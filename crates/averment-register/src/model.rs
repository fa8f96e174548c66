//! The register on disk: one struct per TOML file. Field names are the format; unknown ones are errors.
//!
//! Strings that must name something declared elsewhere are [`Spanned`], so that a finding points at them.

use std::collections::BTreeMap;

use averment_catalog::{Plane, Treatment};
use serde::Deserialize;
use toml::Spanned;

use jiff::civil::Date;

use crate::charter::{
    About, ColumnHolds, Engine, EvidenceDuty, Mode, OnErase, Owner, Period, PseudonymsInAnswers, RecipientRole, Said,
    StudentRecords, Unreadable,
};

/// What stands in `organisation` until a person fills it in.
pub(crate) const UNKNOWN_ORGANISATION: &str = "(name of the organisation)";

/// `organisation.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationFile {
    /// Who makes the statements.
    pub(crate) organisation: Spanned<String>,
    /// More about them.
    #[serde(default)]
    pub(crate) about: About,
    /// Defaults for recipients and hosts.
    #[serde(default)]
    pub(crate) defaults: Defaults,
    /// Published documents that `said` refers to.
    #[serde(default)]
    pub(crate) documents: Vec<DocumentRow>,
    /// Findings that are accepted for a time.
    #[serde(default)]
    pub(crate) suppressions: Vec<Spanned<SuppressionRow>>,
}

/// `[[suppressions]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuppressionRow {
    /// Code of the rule.
    pub(crate) rule: Spanned<String>,
    /// File of the register; all when absent, which errors do not allow.
    pub(crate) file: Option<Spanned<String>>,
    /// Why.
    pub(crate) reason: String,
    /// Last day.
    pub(crate) until: Date,
}

/// `[defaults]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Defaults {
    /// Mode of recipients that do not say.
    pub(crate) mode: Mode,
    /// What happens to requests to hosts that no recipient declares.
    pub(crate) unknown_hosts: Mode,
}

/// `[[documents]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentRow {
    /// File name of the document.
    pub(crate) id: Spanned<String>,
    /// Title.
    pub(crate) title: String,
    /// Where it is published.
    pub(crate) url: Option<String>,
    /// When it was read.
    pub(crate) read: Option<Date>,
}

/// `recipients/<id>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecipientFile {
    /// Identifier; the file has the same name.
    pub(crate) recipient: Spanned<String>,
    /// Name as published; the catalog's product name when absent.
    pub(crate) name: Option<String>,
    /// Third parties of the catalog; the one of the same identifier when absent.
    pub(crate) third_parties: Option<Vec<Spanned<String>>>,
    /// The published sentence on why, verbatim.
    pub(crate) purpose: Spanned<String>,
    /// Purposes in the catalog's words.
    #[serde(default)]
    pub(crate) purposes: Vec<Spanned<String>>,
    /// The published sentence on what, verbatim.
    pub(crate) information: Spanned<String>,
    /// Where its flows can be seen.
    pub(crate) planes: Spanned<Vec<Plane>>,
    /// The part it plays.
    pub(crate) role: RecipientRole,
    /// What the document says about student records.
    pub(crate) student_records: Spanned<StudentRecords>,
    /// Report or enforce; `[defaults]` when absent.
    pub(crate) mode: Option<Mode>,
    /// What happens to bodies that cannot be read.
    #[serde(default)]
    pub(crate) unreadable: Unreadable,
    /// What becomes of its pseudonyms in its answers.
    pub(crate) pseudonyms_in_answers: Option<Spanned<PseudonymsInAnswers>>,
    /// Hosts besides those of the catalog.
    #[serde(default)]
    pub(crate) hosts: Vec<Spanned<String>>,
    /// The legal entity that runs it.
    pub(crate) operator: Option<String>,
    /// Recipients that pass data on to it.
    #[serde(default)]
    pub(crate) through: Vec<Spanned<String>>,
    /// Recipients that it runs on.
    #[serde(default)]
    pub(crate) runs_on: Vec<Spanned<String>>,
    /// Where it processes.
    #[serde(default)]
    pub(crate) countries: Vec<Spanned<String>>,
    /// What it does with data for itself.
    #[serde(default)]
    pub(crate) own_use: Vec<Spanned<String>>,
    /// Business address.
    pub(crate) address: Option<String>,
    /// Its page on privacy.
    pub(crate) website: Option<Spanned<String>>,
    /// When schools were told of it.
    pub(crate) announced: Option<Spanned<Date>>,
    /// First day of use.
    pub(crate) effective: Option<Spanned<Date>>,
    /// First day without it.
    pub(crate) retired: Option<Spanned<Date>>,
    /// Where it was said.
    pub(crate) said: Option<Spanned<Said>>,
    /// What was agreed with it.
    pub(crate) contract: Option<Spanned<ContractTable>>,
    /// What it may get.
    #[serde(default)]
    pub(crate) discloses: Vec<Spanned<DisclosesRow>>,
    /// What comes in from it.
    #[serde(default)]
    pub(crate) receives: Vec<Spanned<ReceivesRow>>,
    /// Transfers to third countries.
    #[serde(default)]
    pub(crate) transfers: Vec<Spanned<TransferRow>>,
    /// Parties that get data from it.
    #[serde(default)]
    pub(crate) onward: Vec<Spanned<OnwardRow>>,
    /// What is claimed about it.
    #[serde(default)]
    pub(crate) claims: Vec<Spanned<ClaimRow>>,
}

/// `[[discloses]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DisclosesRow {
    /// Elements or categories.
    pub(crate) elements: Vec<Spanned<String>>,
    /// Whose.
    pub(crate) subjects: Vec<Spanned<String>>,
    /// When; `always` when absent.
    pub(crate) when: Option<Spanned<String>>,
    /// What is done first; `pass` when absent.
    pub(crate) treatment: Option<Treatment>,
    /// Only of people in these countries.
    #[serde(default)]
    pub(crate) territories: Vec<Spanned<String>>,
    /// What it rests on.
    #[serde(default)]
    pub(crate) basis: Vec<Spanned<String>>,
}

/// `[[receives]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceivesRow {
    /// Elements or categories.
    pub(crate) elements: Vec<Spanned<String>>,
    /// Whose.
    pub(crate) subjects: Vec<Spanned<String>>,
    /// When; `always` when absent.
    pub(crate) when: Option<Spanned<String>>,
}

/// `[[transfers]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferRow {
    /// The country.
    pub(crate) to: Spanned<String>,
    /// What it rests on.
    pub(crate) safeguard: Spanned<String>,
    /// The instrument by name.
    pub(crate) instrument: Option<String>,
    /// Its last day.
    pub(crate) until: Option<Spanned<Date>>,
}

/// `[[onward]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnwardRow {
    /// Its name.
    pub(crate) name: String,
    /// Why.
    pub(crate) purpose: Option<String>,
    /// What.
    #[serde(default)]
    pub(crate) elements: Vec<Spanned<String>>,
    /// Where.
    pub(crate) country: Option<Spanned<String>>,
}

/// `[contract]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContractTable {
    /// Where it can be read, or its number.
    pub(crate) document: Option<String>,
    /// Its first day.
    pub(crate) signed: Option<Spanned<Date>>,
    /// Its last day.
    pub(crate) until: Option<Spanned<Date>>,
    /// What it says.
    #[serde(default)]
    pub(crate) terms: Vec<Spanned<String>>,
    /// Time to delete at its end.
    pub(crate) deletion: Option<Spanned<Period>>,
    /// Time to tell of a breach.
    pub(crate) breach_notice: Option<Spanned<Period>>,
}

/// `[[claims]]`: in a recipient's file about that recipient, in `claims/*.toml` about the whole list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimRow {
    /// Kind of claim.
    pub(crate) kind: Spanned<String>,
    /// Identifier within the file; made from the kind when absent.
    pub(crate) id: Option<Spanned<String>>,
    /// The published sentence, verbatim.
    pub(crate) sentence: String,
    /// Elements or categories.
    pub(crate) elements: Option<Vec<Spanned<String>>>,
    /// Subjects.
    pub(crate) subjects: Option<Vec<Spanned<String>>>,
    /// Elements that are left out (`erased_on`).
    pub(crate) except: Option<Vec<Spanned<String>>>,
    /// When (`collects`, `visible_to`).
    pub(crate) when: Option<Spanned<String>>,
    /// When it does not hold (`list_complete`, `hidden_from`).
    pub(crate) unless: Option<Vec<Spanned<String>>>,
    /// Form (`stored_as`).
    pub(crate) form: Option<Spanned<String>>,
    /// Places (`stored_in`).
    pub(crate) places: Option<Vec<Spanned<String>>>,
    /// How long (`retained_for`, `erased_on`).
    pub(crate) duration: Option<Spanned<Period>>,
    /// What starts the clock (`retained_for`, `erased_on`).
    pub(crate) after: Option<Spanned<String>>,
    /// Who sees it (`visible_to`, `hidden_from`).
    pub(crate) viewers: Option<Vec<Spanned<String>>>,
    /// Who can switch it off (`visible_to`).
    pub(crate) off_by: Option<Spanned<String>>,
    /// What for (`needs_consent`).
    pub(crate) consent: Option<Spanned<String>>,
    /// Who gives it (`needs_consent`).
    pub(crate) giver: Option<Spanned<String>>,
    /// What is done, or never done (`performed_every`, `exempt_from`).
    pub(crate) activity: Option<Spanned<String>>,
    /// How often (`performed_every`).
    pub(crate) period: Option<Spanned<Period>>,
    /// Certificate (`holds_certificate`).
    pub(crate) certificate: Option<Spanned<String>>,
    /// Its last day (`holds_certificate`).
    pub(crate) until: Option<Spanned<Date>>,
    /// Laws (`complies_with`).
    pub(crate) regimes: Option<Vec<Spanned<String>>>,
    /// Part (`acts_as`).
    pub(crate) role: Option<RecipientRole>,
    /// First day without it (`retired_since`).
    pub(crate) date: Option<Spanned<Date>>,
    /// Term (`contract_says`).
    pub(crate) term: Option<Spanned<String>>,
    /// Host (`embeds_only`).
    pub(crate) host: Option<Spanned<String>>,
    /// What is offered (`offers`).
    pub(crate) offer: Option<Spanned<String>>,
    /// Where (`offers`).
    pub(crate) url: Option<Spanned<String>>,
    /// What has to be shown for it.
    pub(crate) evidence: Option<EvidenceDuty>,
    /// Where it was said.
    pub(crate) said: Option<Spanned<Said>>,
}

/// `claims/*.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimsFile {
    /// Claims about the whole list.
    #[serde(default)]
    pub(crate) claims: Vec<Spanned<ClaimRow>>,
}

/// `controllers/<id>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ControllerFile {
    /// Identifier; the file has the same name.
    pub(crate) controller: Spanned<String>,
    /// Its name.
    pub(crate) name: String,
    /// How to reach it.
    pub(crate) contact: Option<String>,
    /// Country.
    pub(crate) country: Option<Spanned<String>>,
    /// Time zone.
    pub(crate) zone: Option<Spanned<String>>,
    /// Recipients that are switched off for it.
    #[serde(default)]
    pub(crate) off: Vec<Spanned<String>>,
    /// What it has designated as directory information.
    #[serde(default)]
    pub(crate) directory_information: Vec<Spanned<String>>,
    /// The agreement with it.
    pub(crate) agreement: Option<Spanned<AgreementTable>>,
    /// What does not leave for it.
    #[serde(default)]
    pub(crate) removes: Vec<Spanned<RemovesRow>>,
    /// Periods that are shorter for it.
    #[serde(default)]
    pub(crate) shortens: Vec<Spanned<ShortensRow>>,
    /// What fewer viewers see of its people.
    #[serde(default)]
    pub(crate) hides: Vec<Spanned<HidesRow>>,
}

/// `[agreement]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgreementTable {
    /// Its form.
    pub(crate) form: Spanned<String>,
    /// Where it can be read.
    pub(crate) document: Option<String>,
    /// Its first day.
    pub(crate) signed: Option<Spanned<Date>>,
    /// Its last day.
    pub(crate) until: Option<Spanned<Date>>,
    /// Time to tell the school of a breach.
    pub(crate) breach_notice: Option<Spanned<Period>>,
    /// Time to delete at its end.
    pub(crate) deletion: Option<Spanned<Period>>,
    /// Time between the notice of a new recipient and its first use.
    pub(crate) notice: Option<Spanned<Period>>,
}

/// `[[removes]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemovesRow {
    /// Elements or categories.
    pub(crate) elements: Vec<Spanned<String>>,
    /// Whose; everybody's when absent.
    #[serde(default)]
    pub(crate) subjects: Vec<Spanned<String>>,
    /// To whom; to nobody when absent.
    #[serde(default)]
    pub(crate) recipients: Vec<Spanned<String>>,
}

/// `[[shortens]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShortensRow {
    /// Identifier of a `retained_for` or `erased_on` claim.
    pub(crate) claim: Spanned<String>,
    /// The time that holds for this school.
    pub(crate) duration: Spanned<Period>,
}

/// `[[hides]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HidesRow {
    /// Elements or categories.
    pub(crate) elements: Vec<Spanned<String>>,
    /// From whom.
    pub(crate) viewers: Vec<Spanned<String>>,
}

/// `data/<store>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataFile {
    /// Identifier; the file has the same name.
    pub(crate) store: Spanned<String>,
    /// What keeps the data.
    pub(crate) engine: Engine,
    /// On whose behalf.
    #[serde(default)]
    pub(crate) owner: Owner,
    /// Where it runs.
    pub(crate) region: Option<String>,
    /// In which countries it stores.
    #[serde(default)]
    pub(crate) countries: Vec<Spanned<String>>,
    /// Recipients that run it.
    #[serde(default)]
    pub(crate) runs_on: Vec<Spanned<String>>,
    /// Elements that ask for more care.
    #[serde(default)]
    pub(crate) sensitive: Vec<Spanned<String>>,
    /// Its tables or prefixes.
    #[serde(default)]
    pub(crate) tables: Vec<Spanned<DataTableRow>>,
}

/// `[[tables]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataTableRow {
    /// Name of the table.
    pub(crate) table: Option<Spanned<String>>,
    /// What the names of objects begin with.
    pub(crate) prefix: Option<Spanned<String>>,
    /// Whose data.
    #[serde(default)]
    pub(crate) subjects: Vec<Spanned<String>>,
    /// On whose behalf.
    pub(crate) owner: Option<Owner>,
    /// What names the person.
    pub(crate) key: Option<Spanned<String>>,
    /// Why nothing in it is personal.
    pub(crate) none: Option<Spanned<String>>,
    /// What objects hold.
    #[serde(default)]
    pub(crate) elements: Vec<Spanned<String>>,
    /// Columns that lead to the person.
    #[serde(default)]
    pub(crate) belongs_to: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Columns that name others.
    #[serde(default)]
    pub(crate) others: BTreeMap<Spanned<String>, Spanned<String>>,
    /// The column that says what kind of person a row is about.
    pub(crate) role: Option<Spanned<String>>,
    /// What its values mean.
    #[serde(default)]
    pub(crate) roles: BTreeMap<String, Spanned<String>>,
    /// When something happened, by trigger.
    #[serde(default)]
    pub(crate) times: BTreeMap<Spanned<String>, Spanned<String>>,
    /// What becomes of the rows of an erased person.
    pub(crate) on_erase: Option<Spanned<OnErase>>,
    /// Why they stay.
    pub(crate) keep: Option<Spanned<String>>,
    /// What each column holds.
    #[serde(default)]
    pub(crate) columns: BTreeMap<Spanned<String>, Spanned<DataColumn>>,
}

/// One of `[tables.columns]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataColumn {
    /// Element or category.
    pub(crate) element: Option<Spanned<String>>,
    /// What no single element says.
    pub(crate) holds: Option<ColumnHolds>,
    /// Why it is not personal.
    pub(crate) none: Option<String>,
    /// What becomes of it when the person is erased and the row stays.
    pub(crate) on_erase: Option<Spanned<OnErase>>,
    /// Why it stays.
    pub(crate) keep: Option<String>,
}
