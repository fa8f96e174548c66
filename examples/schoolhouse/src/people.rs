//! People as they are stored, and how one stands to another.

use crate::store::{Connection, Row, StoreError, Value};

/// What somebody is on the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Student,
    Teacher,
    Guardian,
    SchoolAdmin,
    Staff,
}

impl Role {
    fn of(word: &str) -> Self {
        match word {
            "student" => Self::Student,
            "teacher" => Self::Teacher,
            "guardian" => Self::Guardian,
            "school_admin" => Self::SchoolAdmin,
            _ => Self::Staff,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::Teacher => "teacher",
            Self::Guardian => "guardian",
            Self::SchoolAdmin => "school_admin",
            Self::Staff => "staff",
        }
    }
}

/// A row of `users`, without what nobody is ever shown.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) school: Option<i64>,
    pub(crate) role: Role,
    pub(crate) username: String,
    pub(crate) full_name: String,
    pub(crate) email: String,
    pub(crate) birth_date: Option<String>,
    pub(crate) picture: Option<String>,
    pub(crate) grade_level: Option<String>,
    pub(crate) directory_opt_out: bool,
    pub(crate) gravatar: bool,
    pub(crate) marketing: bool,
}

const COLUMNS: &str = "users.id, users.school_id, users.role, users.username, users.full_name, users.email, \
                       users.birth_date, users.picture, users.grade_level, users.directory_opt_out, \
                       users.gravatar, users.marketing";

impl Person {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.number("id")?,
            school: row.maybe_number("school_id")?,
            role: Role::of(&row.text("role")?),
            username: row.text("username")?,
            full_name: row.text("full_name")?,
            email: row.text("email")?,
            birth_date: row.maybe_day("birth_date")?,
            picture: row.maybe_text("picture")?,
            grade_level: row.maybe_text("grade_level")?,
            directory_opt_out: row.flag("directory_opt_out")?,
            gravatar: row.flag("gravatar")?,
            marketing: row.flag("marketing")?,
        })
    }

    /// Everybody of whom `condition` is true; it may name `users` and tables joined to it.
    pub(crate) fn all(db: &mut Connection, condition: &str, values: &[Value]) -> Result<Vec<Self>, StoreError> {
        let sql = format!("select {COLUMNS} from users {condition}");
        db.rows(&sql, values)?.iter().map(Self::of).collect()
    }

    /// The person of this number.
    pub(crate) fn find(db: &mut Connection, id: i64) -> Result<Option<Self>, StoreError> {
        Ok(Self::all(db, "where users.id = $1", &[id.into()])?.pop())
    }

    /// Whether there is a picture of them: their own, or Gravatar's if they opted in.
    pub(crate) fn has_picture(&self) -> bool {
        self.picture.is_some() || self.gravatar
    }

    /// Whether they may pay: no student does, of whatever age.
    pub(crate) fn is_adult_role(&self) -> bool {
        self.role != Role::Student
    }
}

/// How a viewer stands to the person whose data are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Owner,
    Guardian,
    Teacher,
    SchoolAdmin,
    SupportStaff,
    Peer,
    /// Somebody of the same school whom a student or an adult of it may know by name.
    Colleague,
    Nobody,
}

/// What `viewer` is to `person`. A guardian whom a court has limited is nobody; staff need a reason.
///
/// `other_schools`: whether students of other schools count as peers, which is a mistake.
pub(crate) fn relation(
    db: &mut Connection,
    viewer: &Person,
    person: &Person,
    reason: Option<&str>,
    other_schools: bool,
) -> Result<Relation, StoreError> {
    let same_school = viewer.school.is_some() && viewer.school == person.school;
    let relation = match (viewer.role, person.role) {
        _ if viewer.id == person.id => Relation::Owner,
        (Role::Guardian, Role::Student) if guards(db, viewer, person)? => Relation::Guardian,
        (Role::Teacher, Role::Student) if teaches(db, viewer, person)? => Relation::Teacher,
        (Role::SchoolAdmin, _) if same_school => Relation::SchoolAdmin,
        (Role::Staff, _) if reason.is_some() => Relation::SupportStaff,
        (Role::Student, Role::Student) if other_schools || (same_school && peers_see(db, viewer)?) => Relation::Peer,
        (_, Role::Teacher | Role::SchoolAdmin) if same_school => Relation::Colleague,
        _ => Relation::Nobody,
    };
    Ok(relation)
}

fn guards(db: &mut Connection, guardian: &Person, student: &Person) -> Result<bool, StoreError> {
    let sql = "select count(*) from guardianships where guardian_id = $1 and student_id = $2 and limited_by_court = $3";
    Ok(db.number(sql, &[guardian.id.into(), student.id.into(), false.into()])? > 0)
}

fn teaches(db: &mut Connection, teacher: &Person, student: &Person) -> Result<bool, StoreError> {
    let sql = "select count(*) from enrolments join classes on classes.id = enrolments.class_id \
               where classes.teacher_id = $1 and enrolments.student_id = $2";
    Ok(db.number(sql, &[teacher.id.into(), student.id.into()])? > 0)
}

/// The school's switch: whether its students see one another at all.
fn peers_see(db: &mut Connection, student: &Person) -> Result<bool, StoreError> {
    let row = db.row("select peers_see from schools where id = $1", &[student.school.into()])?;
    row.map_or(Ok(false), |row| row.flag("peers_see"))
}
