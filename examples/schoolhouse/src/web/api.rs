//! The JSON API: the same rules as the pages, in fields. What may not be seen is not in the answer.

use serde_json::{Value, json};

use super::{Answer, Call, Fault, messages as own_messages, people as own_people, projects, share};
use crate::people::Person;
use crate::profile::Profile;
use crate::{accounts, rules, sessions};

/// A token for programs: `{"username": …, "password": …}` → `{"token": …}`.
pub(crate) fn sign_in(call: &mut Call) -> Result<Answer, Fault> {
    let person = super::sign_in::by_password(call)?;
    let token = sessions::begin(call.db, person.id, call.app.now())?;
    call.log(person.id, "sign in")?;
    Ok(Answer::json(
        &json!({"id": person.id, "role": person.role.word(), "token": token}),
    ))
}

pub(crate) fn me(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let sight = call.sight(&viewer)?;
    let profile = Profile::read(call.db, &viewer)?;
    Ok(Answer::json(&profile.seen(&viewer, sight)))
}

pub(crate) fn delete_me(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    accounts::delete(call.app, call.db, viewer.id)?;
    Ok(Answer::json(&json!({"deleted": viewer.id})))
}

pub(crate) fn export(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    Ok(Answer::json(&accounts::export(call.app, call.db, viewer.id)?))
}

pub(crate) fn people(call: &mut Call) -> Result<Answer, Fault> {
    let mut seen = Vec::new();
    for person in own_people::visible(call)? {
        let sight = call.sight(&person)?;
        seen.push(Profile::read(call.db, &person)?.seen(&person, sight));
    }
    Ok(Answer::json(&json!({ "people": seen })))
}

pub(crate) fn person(call: &mut Call) -> Result<Answer, Fault> {
    let id = call.number("id")?;
    let (person, sight) = call.seen(id)?;
    let profile = Profile::read(call.db, &person)?;
    Ok(Answer::json(&profile.seen(&person, sight)))
}

pub(crate) fn directory(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let listed = rules::directory(call.db, &call.app.mistakes, &viewer)?;
    let one =
        |person: &Person| json!({"id": person.id, "full_name": person.full_name, "grade_level": person.grade_level});
    Ok(Answer::json(
        &json!({"students": listed.iter().map(one).collect::<Vec<Value>>()}),
    ))
}

pub(crate) fn project(call: &mut Call) -> Result<Answer, Fault> {
    let (project, owner) = projects::seen(call)?;
    Ok(Answer::json(&project.json(call.db, &owner.username)?))
}

pub(crate) fn messages(call: &mut Call) -> Result<Answer, Fault> {
    Ok(Answer::json(&json!({"messages": own_messages::own(call)?})))
}

pub(crate) fn search(call: &mut Call) -> Result<Answer, Fault> {
    let words = call.query("q").unwrap_or_default().to_owned();
    let found = own_people::found(call, &words)?;
    let one = |(id, title): &(i64, String)| json!({"id": id, "title": title});
    Ok(Answer::json(
        &json!({"projects": found.iter().map(one).collect::<Vec<Value>>()}),
    ))
}

/// The content of a link, and nothing of the person.
pub(crate) fn shared(call: &mut Call) -> Result<Answer, Fault> {
    let project = share::linked(call)?;
    Ok(Answer::json(&json!({"title": project.title, "body": project.body})))
}
