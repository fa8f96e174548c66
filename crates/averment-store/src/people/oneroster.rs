//! People as a OneRoster bundle, as student information systems export it.
//!
//! Start at [`read`]. What belongs to one person stands in several files: `users.csv` (names, addresses, agents),
//! `roles.csv` and `enrollments.csv` (roles), `demographics.csv` (birth dates), `orgs.csv` (schools). All but `users.csv`
//! are gathered first; of `users.csv` then only the agents of students, and at last each person is read whole.
//!
//! Source: 1EdTech OneRoster 1.2, CSV binding (manifest, bulk and delta, `tobedeleted`); of 1.1 also the roles and
//! schools that stood in `users.csv`.

mod bundle;
mod gather;
mod manifest;
mod sheet;

use std::collections::HashSet;
use std::path::Path;

use averment_detect::normalise::IdentifierKind;

use super::columns::Column;
use super::read::{Kept, Reading};
use super::report::{LoadError, UnsureReason};
use super::row::{At, Field, Row};
use super::subject::Role;
use bundle::Bundle;
use gather::{Agent, Gathered};
pub(super) use manifest::Changes;
use manifest::Manifest;
use sheet::{Line, each_line};

const USERS: &str = "users.csv";

/// Headings of `users.csv` without which nobody can be told apart or recognised.
const USERS_NEEDED: &[&str] = &["sourcedId", "status", "givenName", "familyName", "email"];

/// Reads the bundle at `path`, a zip archive or a folder, into `reading`. Gives whether it is the whole school or changes.
pub(super) fn read(reading: &mut Reading<'_>, path: &Path, source_name: &str) -> Result<Changes, LoadError> {
    let result = read_bundle(reading, path);
    result.map_err(|source| LoadError::Read {
        source_name: source_name.to_owned(),
        source,
    })
}

fn read_bundle(reading: &mut Reading<'_>, path: &Path) -> std::io::Result<Changes> {
    let mut bundle = Bundle::open(path)?;
    reading.file = Some(USERS);
    let Some(manifest) = Manifest::read(&mut bundle, reading)? else {
        return Ok(Changes::Whole);
    };
    let mut gathered = Gathered::read(&mut bundle, reading, &manifest)?;
    let mut users = Users::default();
    if manifest.has(USERS) {
        let agents = agents_of_students(&mut bundle, reading, &gathered)?;
        gather_agents(&mut bundle, reading, &agents, &mut gathered)?;
        each_line(&mut bundle, reading, (USERS, USERS_NEEDED), |reading, line| {
            users.read(reading, line, &gathered, manifest.changes());
        })?;
    }
    if manifest.changes() == Changes::Some {
        users.read_those_without_a_row(reading, &gathered);
    }
    Ok(manifest.changes())
}

fn agents_of_students(
    bundle: &mut Bundle,
    reading: &mut Reading<'_>,
    gathered: &Gathered,
) -> std::io::Result<HashSet<String>> {
    let mut agents = HashSet::new();
    // Faults of the file are told when it is read for good.
    let (total, faults) = (reading.total, reading.faults.len());
    each_line(bundle, reading, (USERS, USERS_NEEDED), |_, line| {
        if is_ward(line, gathered) {
            agents.extend(line.list("agentSourcedIds").map(str::to_owned));
        }
    })?;
    reading.total = total;
    reading.faults.truncate(faults);
    Ok(agents)
}

/// Agents go both ways: a guardian's are the students. Only a student, or somebody who may be one, has guardians.
fn is_ward(line: &Line<'_>, gathered: &Gathered) -> bool {
    matches!(role_of(line, gathered), None | Some(Role::Student))
}

fn role_of(line: &Line<'_>, gathered: &Gathered) -> Option<Role> {
    let id = line.get("sourcedId")?;
    let role = gathered.people.get(id).and_then(|person| person.role);
    role.or_else(|| line.get("role").and_then(gather::role))
}

fn gather_agents(
    bundle: &mut Bundle,
    reading: &mut Reading<'_>,
    wanted: &HashSet<String>,
    gathered: &mut Gathered,
) -> std::io::Result<()> {
    let (total, faults) = (reading.total, reading.faults.len());
    let mut agents = Vec::new();
    each_line(bundle, reading, (USERS, USERS_NEEDED), |_, line| {
        let id = line.get("sourcedId").unwrap_or_default();
        if wanted.contains(id) && line.get("status") != Some("tobedeleted") && may_be_guardian(line, gathered) {
            let text = |heading| line.get(heading).map(str::to_owned);
            let name = line.get("givenName").zip(line.get("familyName"));
            let agent = Agent {
                name: name.map(|(given, family)| format!("{given} {family}")),
                email: text("email"),
                phones: [text("sms"), text("phone")].into_iter().flatten().collect(),
            };
            agents.push((id.to_owned(), agent));
        }
    })?;
    reading.total = total;
    reading.faults.truncate(faults);
    gathered.agents.extend(agents);
    Ok(())
}

/// An agent may also be a class teacher, whose address is not part of the student's record.
fn may_be_guardian(line: &Line<'_>, gathered: &Gathered) -> bool {
    matches!(role_of(line, gathered), None | Some(Role::Other("guardian")))
}

/// Those who have a row in `users.csv`.
#[derive(Default)]
struct Users {
    ids: HashSet<String>,
}

impl Users {
    fn read(&mut self, reading: &mut Reading<'_>, line: &Line<'_>, gathered: &Gathered, changes: Changes) {
        let id = line.get("sourcedId").unwrap_or_default();
        if changes == Changes::Some {
            self.ids.insert(id.to_owned());
        }
        let mut row = Row {
            at: line.at("sourcedId"),
            fields: Vec::with_capacity(16),
            kept: Kept::Unsaid,
        };
        push(&mut row, line, Column::Id, "sourcedId");
        match line.get("status") {
            None | Some("active") => {}
            Some("tobedeleted") => return reading.read_departure(&row),
            Some(_) => reading.fault(line.at("status"), "expected `active` or `tobedeleted`"),
        }
        self.push_own(&mut row, line);
        push_gathered(&mut row, line, gathered);
        if is_ward(line, gathered) {
            push_guardians(&mut row, line, gathered);
        }
        let before = reading.total;
        if line.get("role").is_some_and(|text| gather::role(text).is_none()) {
            reading.fault(line.at("role"), gather::ROLES_EXPECTED);
        }
        reading.read_row(&row);
        let no_role = role_of(line, gathered).is_none();
        if no_role && changes == Changes::Whole && reading.total == before {
            reading.unsure(line.at("sourcedId"), UnsureReason::NoRole);
        }
    }

    fn push_own(&self, row: &mut Row<'_>, line: &Line<'_>) {
        use IdentifierKind::{AccountId, Email, Phone, StudentId, Username};
        for (kind, heading) in [
            (Email, "email"),
            (Username, "username"),
            (StudentId, "identifier"),
            (Phone, "sms"),
            (Phone, "phone"),
            (AccountId, "userMasterIdentifier"),
            (AccountId, "sourcedId"),
        ] {
            push(row, line, Column::Identifier(kind), heading);
        }
        for id in line.list("userIds") {
            // `{type:identifier}`: the type says which system knows the person by it.
            let id = id.trim_matches(['{', '}']);
            let id = id.split_once(':').map_or(id, |(_, id)| id).to_owned();
            push_text(row, line.at("userIds"), Column::Identifier(AccountId), id);
        }
        push(row, line, Column::FirstName, "givenName");
        push(row, line, Column::LastName, "familyName");
        push_names(row, line);
    }

    /// Changes of roles and birth dates of people whose own row did not change.
    fn read_those_without_a_row(&self, reading: &mut Reading<'_>, gathered: &Gathered) {
        for (id, person) in gathered.people.iter().filter(|(id, _)| !self.ids.contains(*id)) {
            let at = person.at;
            let mut row = Row {
                at,
                fields: Vec::new(),
                kept: Kept::Identifiers,
            };
            push_text(&mut row, at, Column::Id, id.clone());
            push_person(&mut row, person, gathered);
            reading.read_row(&row);
        }
    }
}

/// Given and preferred names, each with the family name.
fn push_names(row: &mut Row<'_>, line: &Line<'_>) {
    let family = line.get("preferredFamilyName").or(line.get("familyName"));
    let full = Column::Identifier(IdentifierKind::FullName);
    if let (Some(given), Some(own)) = (line.get("givenName"), line.get("familyName")) {
        push_text(row, line.at("familyName"), full, format!("{given} {own}"));
        if let Some(middle) = line.get("middleName") {
            push_text(row, line.at("middleName"), full, format!("{given} {middle} {own}"));
        }
    }
    let preferred = line.get("preferredGivenName").or(line.get("givenName")).zip(family);
    let other = line.get("preferredGivenName").is_some() || line.get("preferredFamilyName").is_some();
    if let Some((given, family)) = preferred.filter(|_| other) {
        push_text(row, line.at("preferredGivenName"), full, format!("{given} {family}"));
    }
}

fn push_gathered(row: &mut Row<'_>, line: &Line<'_>, gathered: &Gathered) {
    let person = line.get("sourcedId").and_then(|id| gathered.people.get(id));
    if let Some(person) = person {
        push_person(row, person, gathered);
    }
    if let Some(role) = role_of(line, gathered).filter(|_| person.is_none_or(|person| person.role.is_none())) {
        push_text(row, line.at("role"), Column::Role, role.as_str().to_owned());
    }
    let school = line.get("primaryOrgSourcedId").or(line.list("orgSourcedIds").next());
    if let Some(school) = school {
        let name = gathered.schools.get(school).map_or(school, String::as_str).to_owned();
        // The first of several schools counts, and this is the one that the school system calls the main one.
        let at = line.at("primaryOrgSourcedId").column(Column::School.name());
        row.fields.insert(
            0,
            Field {
                column: Column::School,
                at,
                text: name.into(),
            },
        );
    }
}

fn push_person(row: &mut Row<'_>, person: &gather::Person, gathered: &Gathered) {
    if let Some(role) = person.role {
        push_text(row, person.at, Column::Role, role.as_str().to_owned());
    }
    if let Some(school) = &person.school {
        let name = gathered.schools.get(school).unwrap_or(school).clone();
        push_text(row, person.at, Column::School, name);
    }
    if let Some((date, at)) = &person.birth_date {
        push_text(row, *at, Column::BirthDate, date.clone());
    }
}

fn push_guardians(row: &mut Row<'_>, line: &Line<'_>, gathered: &Gathered) {
    use IdentifierKind::{GuardianEmail, GuardianName, GuardianPhone};
    let at = line.at("agentSourcedIds");
    for agent in line.list("agentSourcedIds").filter_map(|id| gathered.agents.get(id)) {
        let email = agent.email.iter().map(|text| (GuardianEmail, text));
        let name = agent.name.iter().map(|text| (GuardianName, text));
        let phones = agent.phones.iter().map(|text| (GuardianPhone, text));
        for (kind, text) in email.chain(name).chain(phones) {
            push_text(row, at, Column::Identifier(kind), text.clone());
        }
    }
}

fn push(row: &mut Row<'_>, line: &Line<'_>, column: Column, heading: &'static str) {
    if let Some(text) = line.get(heading) {
        push_text(row, line.at(heading), column, text.to_owned());
    }
}

fn push_text(row: &mut Row<'_>, at: At, column: Column, text: String) {
    let text = text.into();
    row.fields.push(Field { column, at, text });
}
