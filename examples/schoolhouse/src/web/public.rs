//! Pages for everybody: what the platform promises, whom it works with, how to reach it.

use serde_json::json;

use super::{Answer, Call, Fault, html};
use crate::mistakes::Mistake;
use crate::vendors::{SUBPROCESSORS, Subprocessor};

pub(crate) fn front(_: &mut Call) -> Result<Answer, Fault> {
    let body = "<p>A small platform for school projects. Everybody in it is fictional.</p><p><a href=\"/sign-in\">Sign in</a></p>";
    Ok(Answer::html("Schoolhouse", body))
}

pub(crate) fn health(_: &mut Call) -> Result<Answer, Fault> {
    Ok(Answer::json(&json!({"ok": true})))
}

pub(crate) fn privacy(call: &mut Call) -> Result<Answer, Fault> {
    let sentences = [
        "Students of a school see one another's user name, picture and projects, and nothing else; the school can switch that off.",
        "Other schools see nothing.",
        "A project that a student shares by link is seen by whoever has the link, and kept out of search engines.",
        "Parents see what their children have here, unless a court has limited that.",
        "Our staff look at somebody only for a reason, which is put down.",
        "Who opts out of directory information is not listed.",
        "Logs of technical activity are kept for 90 days, and for 30 days after an account was deleted.",
        "Accounts of a school, and everything in them, end with its contract, except in backups, which go after 35 days, and in the log, which goes 30 days after. Orders stay without a name, and so do the numbers of accounts.",
        "Of people who only look we count views per project and day, and do not store their IP addresses.",
        "Deleting an account ends its data at once, except in backups, which go after 35 days. Orders stay without a name.",
        "Students are left out of all marketing.",
        "Passwords are stored as Argon2 hashes only.",
        "Gravatar learns a digest of the e-mail address of those who opted in, and of nobody else.",
    ];
    let items = sentences.iter().map(|sentence| html::escaped(sentence));
    Ok(Answer::html(
        "Privacy",
        &format!("{}{LAW}{}", html::list(items), call.app.loaded.privacy),
    ))
}

/// What is done about two laws of the United States.
const LAW: &str = "<h2>FERPA</h2><p>Records of students are the school's: we keep them for it, show them to its own staff and to \
     nobody outside but as it tells us, and a parent or an eligible student who wants to inspect or correct them asks the \
     school, whose administrators have a page for that.</p><h2>COPPA</h2><p>Of children under 13 we collect what their school \
     needs for teaching, on the consent that the school gives or gets from the parents, and delete it when either asks. We use \
     it for nothing else.</p>";

/// The certificate, for whoever wants to see it. It is as fictional as the platform.
pub(crate) fn certificate(_: &mut Call) -> Result<Answer, Fault> {
    let body = "<dl><dt>Standard</dt><dd>ISO/IEC 27001:2022</dd><dt>Scope</dt><dd>Building and running a platform for school \
                projects</dd><dt>Number</dt><dd>EX-27001-0042</dd><dt>Issued by</dt><dd>Example Certification (fictional)</dd>\
                <dt>Valid until</dt><dd><time datetime=\"2029-03-31\">31 March 2029</time></dd></dl>";
    Ok(Answer::html("Certificate", body))
}

pub(crate) fn terms(_: &mut Call) -> Result<Answer, Fault> {
    Ok(Answer::html(
        "Terms",
        "<p>Be kind, and share only what is yours. Orders are for adults.</p>",
    ))
}

/// How content is kept private.
pub(crate) fn guide(_: &mut Call) -> Result<Answer, Fault> {
    let steps = [
        "A project is seen by your school, if it lets its students see one another, and by nobody else.",
        "Sharing by link is up to you: open the project and choose to share it. Stop sharing, and the link never works again.",
        "In the settings you can leave the school's directory, and say whether your picture comes from Gravatar.",
        "You can have a copy of your data there, change it, and delete your account.",
    ];
    let items = steps.iter().map(|step| html::escaped(step));
    Ok(Answer::html("How to keep things private", &html::list(items)))
}

/// The list of subprocessors, as of the first of this month: an example has nobody who looks it over.
pub(crate) fn subprocessors(call: &mut Call) -> Result<Answer, Fault> {
    let today = call.app.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let stale = call.app.mistakes.has(Mistake::SubprocessorListStale);
    let (listed, date) = match stale {
        true => (
            &SUBPROCESSORS[..3],
            today.first_of_year().saturating_sub(jiff::Span::new().years(2)),
        ),
        false => (&SUBPROCESSORS[..], today.first_of_month()),
    };
    let row = |one: &Subprocessor| {
        let page = one
            .page
            .as_deref()
            .map_or_else(String::new, |page| html::link(page, "its own page"));
        format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{page}</td></tr>\n",
            one.name, one.purpose, one.data, one.country
        )
    };
    let rows: String = listed.iter().chain(&call.app.loaded.listed).map(row).collect();
    let body = format!(
        "<p>Last changed on <time datetime=\"{date}\">{date}</time>.</p>\n<table>\n\
         <thead><tr><th>Subprocessor</th><th>Purpose</th><th>Data</th><th>Country</th><th>More</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"
    );
    Ok(Answer::html("Subprocessors", &body))
}

/// Search engines may have the public pages and nothing else.
pub(crate) fn robots(call: &mut Call) -> Result<Answer, Fault> {
    let text = match call.app.mistakes.has(Mistake::LinkIndexable) {
        true => "User-agent: *\nAllow: /\n",
        false => "User-agent: *\nDisallow: /share/\nDisallow: /people/\nDisallow: /projects/\nDisallow: /api/\n",
    };
    Ok(Answer::text(text))
}

pub(crate) fn contact(_: &mut Call) -> Result<Answer, Fault> {
    let form = html::form(
        "/contact",
        "Send",
        &[("email", "Your e-mail", "email", ""), ("body", "Text", "area", "")],
    );
    let text =
        "<p>Write to <a href=\"mailto:privacy@schoolhouse.example\">privacy@schoolhouse.example</a>, or here:</p>";
    Ok(Answer::html("Contact", &format!("{text}{form}")))
}

/// Keeps what somebody wrote, and makes a ticket of it.
pub(crate) fn contacted(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer().ok();
    let (email, body) = (call.needed("email")?, call.needed("body")?);
    let sql = "insert into support_requests (user_id, email, body, created_at) values ($1, $2, $3, $4)";
    let user = viewer.as_ref().map(|viewer| viewer.id);
    call.db.run(
        sql,
        &[
            user.into(),
            email.as_str().into(),
            body.as_str().into(),
            call.app.now().into(),
        ],
    )?;
    call.app.vendors.ticket(call.db, user, &email, &body, call.app.now())?;
    call.app.vendors.mail(
        &email,
        "We got it",
        "Thank you for writing to us. We answer within two days.",
    );
    Ok(Answer::html("Thank you", "<p>We answer within two days.</p>"))
}
