//! What a school's administrator does: whether students see one another, and data that are out of date or to go.

use super::{Answer, Call, Fault, html};
use crate::accounts;
use crate::people::{Person, Role};

/// The school that the viewer administers: it comes from the session, never from the request.
fn own(call: &Call) -> Result<i64, Fault> {
    let viewer = call.viewer()?;
    let school = viewer.school.filter(|_| viewer.role == Role::SchoolAdmin);
    school.ok_or(Fault::Forbidden)
}

pub(crate) fn page(call: &mut Call) -> Result<Answer, Fault> {
    let school = own(call)?;
    let row = call
        .db
        .row("select name, peers_see from schools where id = $1", &[school.into()])?;
    let row = row.ok_or(Fault::NotFound)?;
    let (state, other, button) = match row.flag("peers_see")? {
        true => ("see", "no", "Switch that off"),
        false => ("do not see", "yes", "Switch that on"),
    };
    let text = format!("<p>Students {state} one another's user name, picture and projects.</p>");
    let form = html::form("/school", button, &[("peers_see", "", "hidden", other)]);
    let members = Person::all(
        call.db,
        "where users.school_id = $1 order by users.id",
        &[school.into()],
    )?;
    let item = |member: &Person| html::link(&format!("/school/people/{}", member.id), &member.full_name);
    let members = html::list(members.iter().map(item));
    Ok(Answer::unlisted(
        &row.text("name")?,
        &format!("{text}{form}<h2>Members</h2>{members}"),
    ))
}

pub(crate) fn change(call: &mut Call) -> Result<Answer, Fault> {
    let school = own(call)?;
    let on = call.field("peers_see") == "yes";
    call.db.run(
        "update schools set peers_see = $2 where id = $1",
        &[school.into(), on.into()],
    )?;
    Ok(Answer::to("/school"))
}

/// A member of the administrator's school.
fn member(call: &mut Call) -> Result<Person, Fault> {
    let school = own(call)?;
    let person = Person::find(call.db, call.number("id")?)?;
    person
        .filter(|person| person.school == Some(school))
        .ok_or(Fault::NotFound)
}

pub(crate) fn person(call: &mut Call) -> Result<Answer, Fault> {
    let member = member(call)?;
    let path = format!("/school/people/{}", member.id);
    let fields = [
        ("full_name", "Name", "text", member.full_name.as_str()),
        (
            "grade_level",
            "Grade level",
            "text",
            member.grade_level.as_deref().unwrap_or_default(),
        ),
    ];
    let delete = html::form(&format!("{path}/delete"), "Delete the account", &[]);
    Ok(Answer::unlisted(
        &member.full_name,
        &format!("{}{delete}", html::form(&path, "Save", &fields)),
    ))
}

/// Mends what is out of date, for the school whose records they are.
pub(crate) fn correct(call: &mut Call) -> Result<Answer, Fault> {
    let member = member(call)?;
    let (name, grade) = (call.needed("full_name")?, call.field("grade_level").to_owned());
    let grade = (!grade.is_empty()).then_some(grade);
    let sql = "update users set full_name = $2, grade_level = $3 where id = $1";
    call.db.run(sql, &[member.id.into(), name.into(), grade.into()])?;
    Ok(Answer::to("/school"))
}

/// Ends the account of a member.
pub(crate) fn delete(call: &mut Call) -> Result<Answer, Fault> {
    let member = member(call)?;
    accounts::delete(call.app, call.db, member.id)?;
    Ok(Answer::to("/school"))
}
