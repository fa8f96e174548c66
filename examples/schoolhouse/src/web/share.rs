//! Unlisted links: whoever has the address sees the project, and search engines are kept away.

use axum::http::HeaderName;

use super::{Answer, Call, Fault, html, projects};
use crate::activity;
use crate::mistakes::Mistake;
use crate::secrets;
use crate::works::Project;

/// The project of the link in the path.
pub(crate) fn linked(call: &mut Call) -> Result<Project, Fault> {
    let token = call.part("token").to_owned();
    let project = Project::shared(call.db, &token)?.ok_or(Fault::NotFound)?;
    activity::count_view(call.db, call.app, project.id, "link", call.ip())?;
    Ok(project)
}

pub(crate) fn page(call: &mut Call) -> Result<Answer, Fault> {
    let path = format!("/share/{}", call.part("token"));
    let project = linked(call)?;
    let mut body = format!("<p>{}</p>", html::escaped(&project.body));
    body += &shown_files(call, &project, &path)?;
    match call.app.mistakes.has(Mistake::LinkIndexable) {
        true => Ok(Answer::html(&project.title, &body)),
        false => Ok(Answer::unlisted(&project.title, &body)),
    }
}

/// The content and nothing of the person: no name, no comments of others.
fn shown_files(call: &mut Call, project: &Project, path: &str) -> Result<String, Fault> {
    let files = project.files(call.db)?;
    let items = files
        .iter()
        .map(|file| html::link(&format!("{path}/files/{}", file.id), &file.name));
    Ok(format!("<h2>Files</h2>{}", html::list(items)))
}

pub(crate) fn file(call: &mut Call) -> Result<Answer, Fault> {
    let project = linked(call)?;
    let file = projects::download(call, &project)?;
    match call.app.mistakes.has(Mistake::LinkIndexable) {
        true => Ok(file),
        false => Ok(file.with(HeaderName::from_static("x-robots-tag"), "noindex, nofollow")),
    }
}

/// Begins or ends the sharing; a link that was ended once never works again.
pub(crate) fn set(call: &mut Call) -> Result<Answer, Fault> {
    let project = projects::own(call)?;
    let token = (call.field("shared") == "yes").then(secrets::token);
    call.db.run(
        "update projects set link_token = $2 where id = $1",
        &[project.id.into(), token.into()],
    )?;
    Ok(Answer::to(&format!("/projects/{}", project.id)))
}

/// Sends the link by text message.
pub(crate) fn text_message(call: &mut Call) -> Result<Answer, Fault> {
    let project = projects::own(call)?;
    let number = call.needed("number")?;
    let token = project.link.as_ref().ok_or(Fault::Wrong("the project is not shared"))?;
    call.app
        .vendors
        .text(&number, &format!("{}/share/{token}", call.app.url));
    Ok(Answer::to(&format!("/projects/{}", project.id)))
}
