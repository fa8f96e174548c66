//! Classes: their teacher enrols students and grades them.

use super::{Answer, Call, Fault, html};
use crate::mistakes::Mistake;
use crate::people::{Person, Role};
use crate::secrets;

pub(crate) fn list(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let sql = match viewer.role {
        Role::Teacher => "select id, name from classes where teacher_id = $1 order by id",
        Role::SchoolAdmin => {
            "select classes.id, classes.name from classes join users on users.school_id = classes.school_id \
             where users.id = $1 order by classes.id"
        }
        _ => {
            "select classes.id, classes.name from classes join enrolments on enrolments.class_id = classes.id \
             where enrolments.student_id = $1 order by classes.id"
        }
    };
    let rows = call.db.rows(sql, &[viewer.id.into()])?;
    let mut items = Vec::new();
    for row in rows {
        let name = row.text("name")?;
        let item = match viewer.role {
            Role::Teacher | Role::SchoolAdmin => html::link(&format!("/classes/{}", row.number("id")?), &name),
            _ => html::escaped(&name),
        };
        items.push(item);
    }
    Ok(Answer::unlisted("Classes", &html::list(items)))
}

/// The class of the path, for its teacher and the administrators of its school only: number, name.
fn own(call: &mut Call) -> Result<(i64, String), Fault> {
    let viewer = call.viewer()?;
    let id = call.number("id")?;
    let row = call.db.row(
        "select name, school_id, teacher_id from classes where id = $1",
        &[id.into()],
    )?;
    let row = row.ok_or(Fault::NotFound)?;
    let teaches = viewer.role == Role::Teacher && row.maybe_number("teacher_id")? == Some(viewer.id);
    let runs = viewer.role == Role::SchoolAdmin && row.maybe_number("school_id")? == viewer.school;
    if teaches || runs {
        Ok((id, row.text("name")?))
    } else {
        Err(Fault::NotFound)
    }
}

pub(crate) fn page(call: &mut Call) -> Result<Answer, Fault> {
    let (id, name) = own(call)?;
    let condition =
        "join enrolments on enrolments.student_id = users.id where enrolments.class_id = $1 order by users.id";
    let students = Person::all(call.db, condition, &[id.into()])?;
    let item = |student: &Person| {
        let fields = [
            ("student", "", "hidden", student.id.to_string()),
            ("grade", "Grade", "text", String::new()),
        ];
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, label, kind, value)| (*name, *label, *kind, value.as_str()))
            .collect();
        let grade = html::form(&format!("/classes/{id}/grade"), "Grade", &fields);
        format!(
            "{}{grade}",
            html::link(&format!("/people/{}", student.id), &student.full_name)
        )
    };
    let add = html::form(
        &format!("/classes/{id}"),
        "Add",
        &[("email", "E-mail of a student", "email", "")],
    );
    Ok(Answer::unlisted(
        &name,
        &format!("{}<h2>Add</h2>{add}", html::list(students.iter().map(item))),
    ))
}

/// Adds a student of the school by their address, which is found by its keyed digest. Who opted out of directory information
/// is not found: an administrator enrols them.
pub(crate) fn enrol(call: &mut Call) -> Result<Answer, Fault> {
    let (class, _) = own(call)?;
    let viewer = call.viewer()?;
    let digest = secrets::lookup(&call.app.lookup_key, &call.needed("email")?);
    let condition = "where users.email_lookup = $1 and users.school_id = $2 and users.role = 'student'";
    let found = Person::all(call.db, condition, &[digest.into(), viewer.school.into()])?.pop();
    let listed = |student: &Person| {
        !student.directory_opt_out || viewer.role == Role::SchoolAdmin || call.app.mistakes.has(Mistake::OptOutIgnored)
    };
    let student = found
        .filter(listed)
        .ok_or(Fault::Wrong("no student of the school is listed with this address"))?;
    let sql = "insert into enrolments (class_id, student_id, enrolled_at) values ($1, $2, $3) on conflict do nothing";
    call.db
        .run(sql, &[class.into(), student.id.into(), call.app.now().into()])?;
    Ok(Answer::to(&format!("/classes/{class}")))
}

/// The video call of a class, for its teacher and its students. The room has a number that says nothing.
pub(crate) fn video_call(call: &mut Call) -> Result<Answer, Fault> {
    let (viewer, class) = (call.viewer()?, call.number("id")?);
    let sql = "select count(*) from classes left join enrolments on enrolments.class_id = classes.id \
               where classes.id = $1 and (classes.teacher_id = $2 or enrolments.student_id = $2)";
    if call.db.number(sql, &[class.into(), viewer.id.into()])? == 0 {
        return Err(Fault::NotFound);
    }
    let room = secrets::lookup(&call.app.lookup_key, &format!("class {class}"));
    let frame = |address: &String| {
        let address = html::escaped(&address.replace("{room}", &room));
        format!("<iframe src=\"{address}\" allow=\"camera; microphone\" width=\"640\" height=\"480\"></iframe>")
    };
    let none = || "<p>There are no video calls here.</p>".to_owned();
    let body = call.app.loaded.call.as_ref().map_or_else(none, frame);
    Ok(Answer::unlisted("Video call", &body))
}

pub(crate) fn grade(call: &mut Call) -> Result<Answer, Fault> {
    let (class, _) = own(call)?;
    let student: i64 = call
        .field("student")
        .parse()
        .map_err(|_| Fault::Wrong("no such student"))?;
    let grade = call.needed("grade")?;
    let sql = "update enrolments set grade = $3 where class_id = $1 and student_id = $2";
    call.db.run(sql, &[class.into(), student.into(), grade.into()])?;
    Ok(Answer::to(&format!("/classes/{class}")))
}
