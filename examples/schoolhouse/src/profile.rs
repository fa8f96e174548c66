//! What the platform knows of a person beyond their own row, field by field.

use serde_json::{Map, Value, json};

use crate::people::Person;
use crate::rules::{Field, Sight};
use crate::store::{Connection, StoreError};

/// Names and lists that stand around a person.
pub(crate) struct Profile {
    school: Option<String>,
    classes: Vec<String>,
    grades: Vec<Value>,
    guardians: Vec<String>,
    pub(crate) projects: Vec<(i64, String)>,
}

impl Profile {
    pub(crate) fn read(db: &mut Connection, person: &Person) -> Result<Self, StoreError> {
        let school = db.row("select name from schools where id = $1", &[person.school.into()])?;
        let enrolled = db.rows(
            "select classes.name, enrolments.grade from enrolments join classes on classes.id = enrolments.class_id \
             where enrolments.student_id = $1 order by classes.name",
            &[person.id.into()],
        )?;
        let guardians = db.rows(
            "select users.full_name from guardianships join users on users.id = guardianships.guardian_id \
             where guardianships.student_id = $1 order by users.full_name",
            &[person.id.into()],
        )?;
        let projects = db.rows(
            "select id, title from projects where user_id = $1 order by id",
            &[person.id.into()],
        )?;
        let grade =
            |row: &crate::store::Row| Ok(json!({"class": row.text("name")?, "grade": row.maybe_text("grade")?}));
        Ok(Self {
            school: school.map(|row| row.text("name")).transpose()?,
            classes: enrolled.iter().map(|row| row.text("name")).collect::<Result<_, _>>()?,
            grades: enrolled.iter().map(grade).collect::<Result<_, StoreError>>()?,
            guardians: guardians
                .iter()
                .map(|row| row.text("full_name"))
                .collect::<Result<_, _>>()?,
            projects: projects
                .iter()
                .map(|row| Ok((row.number("id")?, row.text("title")?)))
                .collect::<Result<_, StoreError>>()?,
        })
    }

    /// One field as JSON.
    pub(crate) fn value(&self, person: &Person, field: Field) -> Value {
        match field {
            Field::Username => json!(person.username),
            Field::Picture => json!(person.has_picture().then(|| format!("/people/{}/picture", person.id))),
            Field::FullName => json!(person.full_name),
            Field::Email => json!(person.email),
            Field::BirthDate => json!(person.birth_date),
            Field::Role => json!(person.role.word()),
            Field::School => json!(self.school),
            Field::GradeLevel => json!(person.grade_level),
            Field::Classes => json!(self.classes),
            Field::Grades => json!(self.grades),
            Field::Guardians => json!(self.guardians),
            Field::Content => {
                let project = |(id, title): &(i64, String)| json!({"id": id, "title": title});
                json!(self.projects.iter().map(project).collect::<Vec<_>>())
            }
        }
    }

    /// What may be seen, and nothing else: a field that may not is not there at all.
    pub(crate) fn seen(&self, person: &Person, sight: Sight) -> Value {
        let mut seen = Map::from_iter([("id".to_owned(), json!(person.id))]);
        for field in Field::ALL.into_iter().filter(|field| sight.of(*field)) {
            seen.insert(field.name().to_owned(), self.value(person, field));
        }
        Value::Object(seen)
    }
}

/// A value as it reads on a page.
pub(crate) fn written(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(written).collect::<Vec<_>>().join(", "),
        Value::Object(parts) => parts.values().map(written).collect::<Vec<_>>().join(": "),
        other => other.to_string(),
    }
}
