//! What stands about people outside `users.csv`, by their `sourcedId`.

use std::collections::{BTreeMap, HashMap};

use super::super::read::Reading;
use super::super::row::At;
use super::super::subject::Role;
use super::bundle::Bundle;
use super::manifest::Manifest;
use super::sheet::{Line, each_line};

/// What is expected of a role.
pub(super) const ROLES_EXPECTED: &str = "expected a role of OneRoster, or one that begins with `ext:`";

/// About one person.
pub(super) struct Person {
    pub(super) role: Option<Role>,
    /// `sourcedId` of the school.
    pub(super) school: Option<String>,
    pub(super) birth_date: Option<(String, At)>,
    /// Where it first stands.
    pub(super) at: At,
}

/// A guardian as the student's record holds them.
pub(super) struct Agent {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phones: Vec<String>,
}

/// Everything but the users.
pub(super) struct Gathered {
    pub(super) people: BTreeMap<String, Person>,
    pub(super) schools: HashMap<String, String>,
    pub(super) agents: HashMap<String, Agent>,
}

impl Gathered {
    pub(super) fn read(bundle: &mut Bundle, reading: &mut Reading<'_>, manifest: &Manifest) -> std::io::Result<Self> {
        let mut gathered = Self {
            people: BTreeMap::new(),
            schools: HashMap::new(),
            agents: HashMap::new(),
        };
        type Each = fn(&mut Gathered, &mut Reading<'_>, &Line<'_>);
        let files: [(&'static str, &[&'static str], Each); 4] = [
            ("roles.csv", &["userSourcedId", "role"], Self::read_role),
            ("enrollments.csv", &["userSourcedId", "role"], Self::read_enrollment),
            ("demographics.csv", &["sourcedId", "birthDate"], Self::read_demographics),
            ("orgs.csv", &["sourcedId", "name"], Self::read_school),
        ];
        for (file, needed, each) in files.into_iter().filter(|(file, ..)| manifest.has(file)) {
            each_line(bundle, reading, (file, needed), |reading, line| {
                // What ended says nothing about who somebody is now.
                if line.get("status") != Some("tobedeleted") {
                    each(&mut gathered, reading, line);
                }
            })?;
        }
        Ok(gathered)
    }

    fn person(&mut self, id: &str, at: At) -> &mut Person {
        self.people.entry(id.to_owned()).or_insert(Person {
            role: None,
            school: None,
            birth_date: None,
            at,
        })
    }

    fn read_role(&mut self, reading: &mut Reading<'_>, line: &Line<'_>) {
        self.take_role(reading, line, "orgSourcedId");
    }

    fn read_enrollment(&mut self, reading: &mut Reading<'_>, line: &Line<'_>) {
        self.take_role(reading, line, "schoolSourcedId");
    }

    /// Of several roles the strictest holds, also one that has ended.
    fn take_role(&mut self, reading: &mut Reading<'_>, line: &Line<'_>, school: &'static str) {
        let found = line.get("role").and_then(role);
        let (Some(found), Some(id)) = (found, line.get("userSourcedId")) else {
            let column = if found.is_some() { "userSourcedId" } else { "role" };
            let expected = if found.is_some() {
                "expected the `sourcedId` of a user"
            } else {
                ROLES_EXPECTED
            };
            return reading.fault(line.at(column), expected);
        };
        let person = self.person(id, line.at("role"));
        let stricter = person.role.is_none_or(|before| strictness(found) < strictness(before));
        if stricter {
            person.role = Some(found);
        }
        let main = line.get("roleType") == Some("primary") || person.school.is_none();
        if let Some(school) = line.get(school).filter(|_| main) {
            person.school = Some(school.to_owned());
        }
    }

    fn read_demographics(&mut self, _: &mut Reading<'_>, line: &Line<'_>) {
        if let (Some(id), Some(date)) = (line.get("sourcedId"), line.get("birthDate")) {
            let at = line.at("birthDate");
            self.person(id, at).birth_date = Some((date.to_owned(), at));
        }
    }

    fn read_school(&mut self, _: &mut Reading<'_>, line: &Line<'_>) {
        if let (Some(id), Some(name)) = (line.get("sourcedId"), line.get("name")) {
            self.schools.insert(id.to_owned(), name.to_owned());
        }
    }
}

/// The role that a word of OneRoster means here.
pub(super) fn role(word: &str) -> Option<Role> {
    Some(match word {
        "student" => Role::Student,
        "guardian" | "parent" | "relative" => Role::Other("guardian"),
        "teacher" => Role::Other("teacher"),
        "administrator" | "districtAdministrator" | "siteAdministrator" | "systemAdministrator" | "principal" => {
            Role::Other("school_admin")
        }
        "aide" | "counselor" | "proctor" => Role::Other("staff"),
        other if other.starts_with("ext:") => Role::Other("staff"),
        _ => return None,
    })
}

/// Least is strictest.
fn strictness(role: Role) -> u8 {
    match role {
        Role::Student => 0,
        Role::Other("guardian") => 1,
        Role::Other("teacher") => 2,
        Role::Other("school_admin") => 3,
        Role::Other(_) => 4,
    }
}
