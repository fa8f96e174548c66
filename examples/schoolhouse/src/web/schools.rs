//! The school's own page: whether its students see one another.

use super::{Answer, Call, Fault, html};
use crate::people::Role;

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
    Ok(Answer::unlisted(&row.text("name")?, &format!("{text}{form}")))
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
