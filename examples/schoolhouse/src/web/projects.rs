//! Projects of one's own and of those whose content one may see.

use super::{Answer, Call, Fault, html};
use crate::activity;
use crate::people::Person;
use crate::rules::Field;
use crate::works::{File, Project};

pub(crate) fn list(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let rows = call.db.rows(
        "select id, title from projects where user_id = $1 order by id",
        &[viewer.id.into()],
    )?;
    let mut items = Vec::new();
    for row in rows {
        items.push(html::link(
            &format!("/projects/{}", row.number("id")?),
            &row.text("title")?,
        ));
    }
    let form = html::form(
        "/projects",
        "Begin",
        &[("title", "Title", "text", ""), ("body", "Text", "area", "")],
    );
    Ok(Answer::unlisted(
        "My projects",
        &format!("{}<h2>New</h2>{form}", html::list(items)),
    ))
}

pub(crate) fn create(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let title = call.needed("title")?;
    let body = call.field("body").to_owned();
    let id = Project::create(call.db, call.app, viewer.id, &title, &body)?;
    call.app.vendors.project_created(viewer.id, id);
    Ok(Answer::to(&format!("/projects/{id}")))
}

/// The project of the path with its owner, if the viewer may see the owner's content.
pub(crate) fn seen(call: &mut Call) -> Result<(Project, Person), Fault> {
    let id = call.number("id")?;
    let project = Project::find(call.db, id)?.ok_or(Fault::NotFound)?;
    let (owner, sight) = call.seen(project.owner)?;
    if sight.of(Field::Content) {
        Ok((project, owner))
    } else {
        Err(Fault::NotFound)
    }
}

/// The project of the path, if it is the viewer's own.
pub(crate) fn own(call: &mut Call) -> Result<Project, Fault> {
    let viewer = call.viewer()?;
    let (project, owner) = seen(call)?;
    if owner.id == viewer.id {
        Ok(project)
    } else {
        Err(Fault::Forbidden)
    }
}

pub(crate) fn page(call: &mut Call) -> Result<Answer, Fault> {
    let (project, owner) = seen(call)?;
    let viewer = call.viewer()?;
    if viewer.id != owner.id {
        activity::count_view(call.db, call.app, project.id, "school", call.ip())?;
    }
    let path = format!("/projects/{}", project.id);
    let mut body = shown(call, &project, &owner, &path)?;
    body += &html::form(
        &format!("{path}/comments"),
        "Comment",
        &[("body", "Comment", "area", "")],
    );
    if viewer.id == owner.id {
        body += &tools(call, &project, &path);
    }
    Ok(Answer::unlisted(&project.title, &body))
}

/// What everybody who may see it sees of a project.
pub(crate) fn shown(call: &mut Call, project: &Project, owner: &Person, path: &str) -> Result<String, Fault> {
    let file = |file: &File| html::link(&format!("{path}/files/{}", file.id), &file.name);
    let comment = |(by, text): &(String, String)| format!("<b>{}</b>: {}", html::escaped(by), html::escaped(text));
    let files = project.files(call.db)?;
    let comments = project.comments(call.db)?;
    Ok(format!(
        "<p>By {}</p>\n<p>{}</p>\n<h2>Files</h2>{}<h2>Comments</h2>{}",
        html::escaped(&owner.username),
        html::escaped(&project.body),
        html::list(files.iter().map(file)),
        html::list(comments.iter().map(comment)),
    ))
}

/// What only the owner may do.
fn tools(call: &Call, project: &Project, path: &str) -> String {
    let change = [
        ("title", "Title", "text", project.title.as_str()),
        ("body", "Text", "area", &project.body),
    ];
    let change = html::form(path, "Save", &change);
    let upload = html::form(&format!("{path}/files"), "Upload", &[("file", "File", "file", "")]);
    let link = match &project.link {
        Some(token) => {
            let address = html::escaped(&format!("{}/share/{token}", call.app.url));
            let off = html::form(
                &format!("{path}/link"),
                "Stop sharing",
                &[("shared", "", "hidden", "no")],
            );
            let text = html::form(
                &format!("{path}/text"),
                "Send by text message",
                &[("number", "Number", "tel", "")],
            );
            format!("<p>Whoever has this address sees it: <code>{address}</code></p>{off}{text}")
        }
        None => html::form(
            &format!("{path}/link"),
            "Share by link",
            &[("shared", "", "hidden", "yes")],
        ),
    };
    format!("<h2>Change</h2>{change}<h2>Add a file</h2>{upload}<h2>Link</h2>{link}")
}

pub(crate) fn change(call: &mut Call) -> Result<Answer, Fault> {
    let project = own(call)?;
    let (title, body) = (call.needed("title")?, call.field("body").to_owned());
    project.change(call.db, call.app, &title, &body)?;
    Ok(Answer::to(&format!("/projects/{}", project.id)))
}

pub(crate) fn comment(call: &mut Call) -> Result<Answer, Fault> {
    let (project, _) = seen(call)?;
    let (viewer, body) = (call.viewer()?, call.needed("body")?);
    let sql = "insert into comments (project_id, author_id, body, created_at) values ($1, $2, $3, $4)";
    call.db.run(
        sql,
        &[project.id.into(), viewer.id.into(), body.into(), call.app.now().into()],
    )?;
    Ok(Answer::to(&format!("/projects/{}", project.id)))
}

pub(crate) fn upload(call: &mut Call) -> Result<Answer, Fault> {
    let project = own(call)?;
    let upload = call.file()?;
    project.keep(call.db, call.app, &upload)?;
    Ok(Answer::to(&format!("/projects/{}", project.id)))
}

pub(crate) fn file(call: &mut Call) -> Result<Answer, Fault> {
    let (project, _) = seen(call)?;
    download(call, &project)
}

/// The file of the path, out of this project.
pub(crate) fn download(call: &mut Call, project: &Project) -> Result<Answer, Fault> {
    let id = call.number("file")?;
    let files = project.files(call.db)?;
    let file = files.iter().find(|file| file.id == id).ok_or(Fault::NotFound)?;
    Ok(Answer::file(&file.media_type, file.read(call.app, project.owner)?))
}
