//! People: one's own page, others as far as one may see them, the directory, the search.

use super::{Answer, Call, Fault, html};
use crate::mistakes::Mistake;
use crate::people::{Person, Role};
use crate::profile::{self, Profile};
use crate::rules::{self, Field};
use crate::store::Value;

pub(crate) fn home(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let mut pages = vec![
        ("/projects", "My projects"),
        ("/people", "People"),
        ("/classes", "Classes"),
        ("/messages", "Messages"),
        ("/search", "Search"),
        ("/settings", "Settings"),
    ];
    match viewer.role {
        Role::Staff => pages.push(("/staff", "Look at somebody")),
        Role::Teacher => pages.push(("/directory", "Directory")),
        Role::SchoolAdmin => pages.extend([("/directory", "Directory"), ("/school", "My school")]),
        _ => {}
    }
    if viewer.is_adult_role() {
        pages.push(("/orders", "Orders"));
    }
    let pages = html::list(pages.iter().map(|(path, text)| html::link(path, text)));
    let greeting = format!("<p>Good to see you, {}.</p>", html::escaped(&viewer.username));
    let out = html::form("/sign-out", "Sign out", &[]);
    Ok(Answer::unlisted("Home", &format!("{greeting}{pages}{out}")))
}

/// Everybody of whom the viewer may see anything.
pub(crate) fn visible(call: &mut Call) -> Result<Vec<Person>, Fault> {
    let viewer = call.viewer()?;
    // A member of staff sees nobody without a reason, and a reason is for one person.
    if viewer.role == Role::Staff {
        return Ok(vec![viewer]);
    }
    let mut found = Vec::new();
    for person in candidates(call, &viewer)? {
        if rules::sees(call.db, &call.app.mistakes, &viewer, &person, None)?.any() {
            found.push(person);
        }
    }
    Ok(found)
}

/// Those of whom the viewer might see something: of the same school, or their children.
fn candidates(call: &mut Call, viewer: &Person) -> Result<Vec<Person>, Fault> {
    let near = "where users.school_id = $1 or users.id = $2 \
                or users.id in (select student_id from guardianships where guardian_id = $2) order by users.id";
    let (condition, values): (_, Vec<Value>) = match call.app.mistakes.has(Mistake::OtherSchoolSees) {
        true => ("order by users.id", Vec::new()),
        false => (near, vec![viewer.school.into(), viewer.id.into()]),
    };
    Ok(Person::all(call.db, condition, &values)?)
}

pub(crate) fn list(call: &mut Call) -> Result<Answer, Fault> {
    let people = visible(call)?;
    let item = |person: &Person| html::link(&format!("/people/{}", person.id), &person.username);
    Ok(Answer::unlisted("People", &html::list(people.iter().map(item))))
}

pub(crate) fn page(call: &mut Call) -> Result<Answer, Fault> {
    let id = call.number("id")?;
    let (person, sight) = call.seen(id)?;
    let profile = Profile::read(call.db, &person)?;
    let mut body = String::new();
    for field in Field::ALL
        .into_iter()
        .filter(|field| sight.of(*field) && *field != Field::Content)
    {
        let name = field.name().replace('_', " ");
        let text = profile::written(&profile.value(&person, field));
        body += &format!("<dt>{name}</dt><dd>{}</dd>\n", html::escaped(&text));
    }
    body = format!("<dl>\n{body}</dl>");
    if sight.of(Field::Picture) {
        body += &pictured(call, &person);
    }
    if sight.of(Field::Content) {
        let item = |(id, title): &(i64, String)| html::link(&call.with_reason(&format!("/projects/{id}")), title);
        body += &format!("<h2>Projects</h2>{}", html::list(profile.projects.iter().map(item)));
    }
    Ok(Answer::unlisted(&person.username, &body))
}

/// The picture, by a path of ours: the address at Gravatar is a digest of the e-mail, and nobody is to see that either.
fn pictured(call: &Call, person: &Person) -> String {
    let careless = call.app.mistakes.has(Mistake::GravatarMd5WithoutOptIn) && person.picture.is_none();
    let path = match careless {
        true => call.app.vendors.gravatar(person),
        false if person.has_picture() => call.with_reason(&format!("/people/{}/picture", person.id)),
        false => return String::new(),
    };
    format!(
        "<p><img src=\"{}\" alt=\"picture\" width=\"96\"></p>",
        html::escaped(&path)
    )
}

/// The picture that somebody uploaded, or else Gravatar's: of those who opted in, and of nobody else.
pub(crate) fn picture(call: &mut Call) -> Result<Answer, Fault> {
    let id = call.number("id")?;
    let (person, sight) = call.seen(id)?;
    if !sight.of(Field::Picture) {
        return Err(Fault::NotFound);
    }
    if person.picture.is_some() {
        let bytes = std::fs::read(call.app.folder.uploads(id).join("picture"))?;
        return Ok(Answer::file("image/png", bytes));
    }
    let may = person.gravatar || call.app.mistakes.has(Mistake::GravatarMd5WithoutOptIn);
    let bytes = may.then(|| call.app.vendors.picture(&person)).flatten();
    Ok(Answer::file("image/png", bytes.ok_or(Fault::NotFound)?))
}

/// For staff: whom to look at, and why. The reason goes along in the address and is put down there.
pub(crate) fn staff(call: &mut Call) -> Result<Answer, Fault> {
    if call.viewer()?.role != Role::Staff {
        return Err(Fault::Forbidden);
    }
    let fields = [("username", "User name", "text", ""), ("reason", "Why", "text", "")];
    let week = call.app.now() - jiff::SignedDuration::from_hours(24 * 7);
    let alerts = crate::guesses::alerts(call.db, week)?;
    let text =
        format!("<p>Whom you look at is put down with the reason.</p><p>Alerts of the last seven days: {alerts}.</p>");
    Ok(Answer::unlisted(
        "Look at somebody",
        &format!("{text}{}", html::form("/staff", "Look", &fields)),
    ))
}

/// To the page of the person that a member of staff asked for.
pub(crate) fn staff_looks(call: &mut Call) -> Result<Answer, Fault> {
    if call.viewer()?.role != Role::Staff {
        return Err(Fault::Forbidden);
    }
    let (username, reason) = (call.needed("username")?, call.needed("reason")?);
    let person = Person::all(call.db, "where users.username = $1", &[username.into()])?.pop();
    let person = person.ok_or(Fault::NotFound)?;
    let reason: String = form_urlencoded::byte_serialize(reason.as_bytes()).collect();
    Ok(Answer::to(&format!("/people/{}?reason={reason}", person.id)))
}

/// Directory information: name, school and grade level of those who did not opt out.
pub(crate) fn directory(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let listed = rules::directory(call.db, &call.app.mistakes, &viewer)?;
    let item = |person: &Person| {
        let grade = person.grade_level.as_deref().unwrap_or("–");
        format!("{} ({})", html::escaped(&person.full_name), html::escaped(grade))
    };
    Ok(Answer::unlisted("Directory", &html::list(listed.iter().map(item))))
}

pub(crate) fn search(call: &mut Call) -> Result<Answer, Fault> {
    call.viewer()?;
    let words = call.query("q").unwrap_or_default().to_owned();
    let found = found(call, &words)?;
    let item = |(id, title): &(i64, String)| html::link(&format!("/projects/{id}"), title);
    let form = "<form action=\"/search\"><p><label>Words <input name=\"q\"></label> <button>Search</button></p></form>";
    Ok(Answer::unlisted(
        "Search",
        &format!("{form}{}", html::list(found.iter().map(item))),
    ))
}

/// Projects with these words, of people whose content the viewer may see.
pub(crate) fn found(call: &mut Call, words: &str) -> Result<Vec<(i64, String)>, Fault> {
    let viewer = call.viewer()?;
    let like = format!("%{}%", words.trim().to_lowercase().replace(['%', '_'], ""));
    let sql = "select projects.id, projects.title, projects.user_id from search_documents \
               join projects on projects.id = search_documents.project_id \
               where search_documents.words like $1 order by projects.id";
    let mut found = Vec::new();
    for row in call.db.rows(sql, &[like.into()])? {
        let owner = Person::find(call.db, row.number("user_id")?)?.ok_or(Fault::NotFound)?;
        if rules::sees(call.db, &call.app.mistakes, &viewer, &owner, None)?.of(Field::Content) {
            found.push((row.number("id")?, row.text("title")?));
        }
    }
    Ok(found)
}
