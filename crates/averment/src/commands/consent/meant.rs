//! Whether what somebody says is about a school, a recipient and a consent that there are: what is said of none changes nothing, and
//! must not read as if it did.

use std::collections::BTreeSet;
use std::path::Path;

use averment_policy::normal_name;
use averment_register::{Charter, ClaimKind, Condition};
use averment_store::{About, ConsentKind, People};

use crate::outcome::Failure;
use crate::{register, school};

/// Looks, and says what could not be looked up without the register, and where nobody is of the school yet.
///
/// # Errors
/// A school that neither the directory nor the register knows, and a recipient or a consent that the register does not have.
pub(super) fn look(
    register: Option<&Path>,
    about: About<'_>,
    kind: &ConsentKind,
    people: &People,
) -> Result<Vec<String>, Failure> {
    let charter = register
        .map(|folder| register::open(Some(folder)))
        .transpose()?
        .map(|register| register.charter);
    let mut told = Vec::new();
    if let About::School(name) = about {
        told.extend(is_school(name, charter.as_deref(), people)?);
    }
    let what = match kind {
        ConsentKind::DirectoryInformation => return Ok(told),
        ConsentKind::Recipient(id) => format!("recipient `{id}`"),
        ConsentKind::Consent(kind) => format!("row or claim with the consent `{kind}`"),
    };
    match charter {
        Some(charter) if is_declared(&charter, kind) => {}
        Some(_) => {
            let message = format!("the register has no {what}: nothing would change");
            return Err(Failure::new(message).hint("name it as the register does"));
        }
        None => told.push(format!(
            "Whether the register has a {what} was not looked up: `--register DIR` does."
        )),
    }
    Ok(told)
}

/// Somebody in the directory is of the school, under this name or another of the register's. A school may say what holds for its people
/// before they are loaded: then the register has it, and it is told that nobody is there yet.
pub(super) fn is_school(name: &str, charter: Option<&Charter>, people: &People) -> Result<Option<String>, Failure> {
    let names = charter.map_or_else(
        || BTreeSet::from([normal_name(name)]),
        |charter| school::all_names(name, charter),
    );
    if people.has_school(|school| names.contains(&normal_name(school)))? {
        return Ok(None);
    }
    if charter.is_some_and(|charter| school::declared(name, charter).next().is_some()) {
        return Ok(Some(format!(
            "Nobody in the directory is of the school `{name}` yet: it counts for whoever is loaded under a name that the register has for it."
        )));
    }
    let message = format!("nobody in the directory is of the school `{name}`: nothing would change");
    Err(Failure::new(message).hint("name it as the people file does, or as the register does with `--register`"))
}

fn is_declared(charter: &Charter, kind: &ConsentKind) -> bool {
    let content = charter.content();
    match kind {
        ConsentKind::DirectoryInformation => true,
        ConsentKind::Recipient(wanted) => content.recipients.keys().any(|id| id.as_str() == wanted.as_str()),
        ConsentKind::Consent(wanted) => {
            let mut rows = content.recipients.values().flat_map(|recipient| &recipient.discloses);
            let mut claims = content.claims.values();
            rows.any(|row| matches!(&row.when, Condition::Consent(kind) if kind == wanted))
                || claims
                    .any(|claim| matches!(&claim.kind, ClaimKind::NeedsConsent { consent, .. } if consent == wanted))
        }
    }
}
