//! Who sees what of a person: the one table that pages, the JSON API and the search ask.
//!
//! Start at [`sees`]. Directory information (name, school, grade level) has a rule of its own, because a student may opt out
//! of it: 34 CFR 99.37.

use crate::mistakes::{Mistake, Mistakes};
use crate::people::{Person, Relation, Role, relation};
use crate::store::{Connection, StoreError};

/// A part of what is known of a person; its name is that of the field in the JSON API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Username,
    Picture,
    FullName,
    Email,
    BirthDate,
    Role,
    School,
    GradeLevel,
    Classes,
    Grades,
    Guardians,
    Content,
}

impl Field {
    pub(crate) const ALL: [Self; 12] = [
        Self::Username,
        Self::Picture,
        Self::FullName,
        Self::Email,
        Self::BirthDate,
        Self::Role,
        Self::School,
        Self::GradeLevel,
        Self::Classes,
        Self::Grades,
        Self::Guardians,
        Self::Content,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Picture => "picture",
            Self::FullName => "full_name",
            Self::Email => "email",
            Self::BirthDate => "birth_date",
            Self::Role => "role",
            Self::School => "school",
            Self::GradeLevel => "grade_level",
            Self::Classes => "classes",
            Self::Grades => "grades",
            Self::Guardians => "guardians",
            Self::Content => "content",
        }
    }
}

/// What one viewer may see of one person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight {
    pub(crate) relation: Relation,
    birth_date_for_peers: bool,
}

impl Sight {
    /// Whether this part may be shown.
    pub(crate) fn of(self, field: Field) -> bool {
        use Field::{BirthDate, Content, FullName, Guardians, Picture, Role, School, Username};
        match self.relation {
            Relation::Owner | Relation::Guardian | Relation::SchoolAdmin => true,
            Relation::Teacher => field != Guardians,
            Relation::SupportStaff => !matches!(field, Field::Grades | Guardians),
            Relation::Peer if field == BirthDate => self.birth_date_for_peers,
            Relation::Peer => matches!(field, Username | Picture | Content),
            Relation::Colleague => matches!(field, Username | Picture | FullName | Role | School),
            Relation::Nobody => false,
        }
    }

    /// Whether there is anything to see.
    pub(crate) fn any(self) -> bool {
        self.relation != Relation::Nobody
    }
}

/// What `viewer` may see of `person`; `reason` is what a member of staff gave, and is to be recorded by the caller.
pub(crate) fn sees(
    db: &mut Connection,
    mistakes: &Mistakes,
    viewer: &Person,
    person: &Person,
    reason: Option<&str>,
) -> Result<Sight, StoreError> {
    let other_schools = mistakes.has(Mistake::OtherSchoolSees);
    Ok(Sight {
        relation: relation(db, viewer, person, reason, other_schools)?,
        birth_date_for_peers: mistakes.has(Mistake::PeerSeesBirthDate),
    })
}

/// Who is listed to this viewer: students of the same school who did not opt out, to its teachers and administrators.
pub(crate) fn directory(db: &mut Connection, mistakes: &Mistakes, viewer: &Person) -> Result<Vec<Person>, StoreError> {
    if !matches!(viewer.role, Role::Teacher | Role::SchoolAdmin) {
        return Ok(Vec::new());
    }
    let condition = "where users.role = 'student' and users.school_id = $1 order by users.username";
    let mut listed = Person::all(db, condition, &[viewer.school.into()])?;
    listed.retain(|person| !person.directory_opt_out || mistakes.has(Mistake::OptOutIgnored));
    Ok(listed)
}
