//! The section `[views]`: pages, the accounts that open them, and the subjects whose values are looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use averment_catalog::{ElementId, SubjectId};
use serde::Deserialize;

use crate::Secret;

/// Pages, accounts, subjects.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ViewSettings {
    /// Where the pages are: `https://app.birch.example`.
    pub base: Option<String>,
    /// Other origins that signing in leads to.
    pub also: Vec<String>,
    /// PEM files with certificates to trust besides the system's.
    pub trust: Vec<PathBuf>,
    /// What everybody sees, signed in or not.
    pub control: Option<Control>,
    /// Who opens pages, by a name for the account.
    pub accounts: BTreeMap<String, Account>,
    /// Whose values are looked for.
    pub subjects: Vec<SubjectSettings>,
    /// What is opened.
    pub pages: Vec<Page>,
}

/// A page with a text that shows that somebody was let in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Path.
    pub path: String,
    /// A text of it; for accounts one that nobody sees who is not signed in.
    pub text: String,
}

/// How an account signs in: by a form, a bearer token or a cookie.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Account {
    /// Path where signing in begins; forms that it leads to are filled in, also on the origins of `also`.
    pub sign_in: Option<String>,
    /// Fields of forms.
    pub fields: BTreeMap<String, String>,
    /// Fields of forms that are secret.
    pub secret_fields: BTreeMap<String, Secret>,
    /// Token for `Authorization: Bearer`.
    pub bearer: Option<Secret>,
    /// Name and value of a cookie, `name=value`.
    pub cookie: Option<Secret>,
    /// What shows that it is signed in.
    pub control: Option<Control>,
}

impl Account {
    /// Its secrets.
    pub(crate) fn secrets(&mut self) -> impl Iterator<Item = &mut Secret> {
        let fields = self.secret_fields.values_mut();
        fields.chain(&mut self.bearer).chain(&mut self.cookie)
    }
}

/// Somebody whose values are looked for; best a test account with values that stand nowhere else.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectSettings {
    /// A name for them in reports, which is nobody's.
    pub name: String,
    /// What kind of person.
    pub kind: SubjectId,
    /// Their number at the platform: values are then read through the data map.
    #[serde(default)]
    pub person: Option<String>,
    /// Values that are known.
    #[serde(default)]
    pub values: BTreeMap<ElementId, Vec<String>>,
    /// What stands for `{name}` in paths.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Which account is what to them: `peer = "pupil-2"`.
    #[serde(default)]
    pub viewers: BTreeMap<String, String>,
    /// Conditions of `visible_to` claims that are met for them: `subject_chooses`.
    #[serde(default)]
    pub conditions: BTreeSet<String>,
    /// Who switched off what can be switched off: `school`.
    #[serde(default)]
    pub switched_off: BTreeSet<String>,
    /// Exceptions of `hidden_from` claims that hold for them: `directory_information`.
    #[serde(default)]
    pub exceptions: BTreeSet<String>,
}

/// Something that is opened.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// A name for it.
    pub name: String,
    /// Requests, in order; what all of them answer is searched.
    pub steps: Vec<Step>,
    /// Who opens it; everybody when empty.
    #[serde(default)]
    pub viewers: BTreeSet<String>,
    /// Whether its address is a secret that only holders of a link know: then `link_holder` and `search_engine` open it, and
    /// others only where `viewers` names them.
    #[serde(default)]
    pub link: bool,
    /// Only for these subjects; for all when empty.
    #[serde(default)]
    pub subjects: BTreeSet<String>,
}

/// A request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// `GET` when absent.
    pub method: Option<String>,
    /// Path and query, with `{name}` for parameters of the subject, or `{account.id}` for values.
    pub path: String,
    /// A body of JSON.
    pub json: Option<String>,
    /// Fields of a form.
    pub form: BTreeMap<String, String>,
}
