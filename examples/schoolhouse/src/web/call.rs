//! One request: what was asked, by whom, and the connection that answers it.

use super::asked::{Asked, Upload};
use super::{Act, Answer, Fault};
use crate::people::Person;
use crate::rules::{self, Sight};
use crate::settings::App;
use crate::store::Connection;
use crate::{activity, sessions};

/// A request with who asks and what answers.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) db: &'a mut Connection,
    asked: Asked,
    viewer: Option<Person>,
}

/// Answers one request on this thread.
pub(crate) fn run(app: &App, asked: Asked, act: Act) -> Result<Answer, Fault> {
    if asked.comes_from_elsewhere(&app.url) {
        return Err(Fault::Forbidden);
    }
    let mut db = app.store.take()?;
    let viewer = match asked.token() {
        Some(token) => sessions::viewer(&mut db, &token, app.now())?,
        None => None,
    };
    let mut call = Call {
        app,
        db: &mut db,
        asked,
        viewer,
    };
    let answer = call.log_visit().and_then(|()| act(&mut call));
    // A connection whose statement failed is not used again: it may still be inside of a transaction.
    if !matches!(answer, Err(Fault::Store(_))) {
        app.store.give(db);
    }
    answer
}

impl Call<'_> {
    /// Who is signed in.
    pub(crate) fn viewer(&self) -> Result<Person, Fault> {
        self.viewer.clone().ok_or(Fault::SignIn)
    }

    /// A number of the path.
    pub(crate) fn number(&self, name: &str) -> Result<i64, Fault> {
        self.part(name).parse().map_err(|_| Fault::NotFound)
    }

    /// A part of the path.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.asked.parts.get(name).map_or("", String::as_str)
    }

    /// What the query says.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.asked.query.get(name).map(String::as_str)
    }

    /// A field of the form, without spaces around it.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.asked.form.get(name).map_or("", |value| value.trim())
    }

    /// A field that must not be empty.
    pub(crate) fn needed(&self, name: &str) -> Result<String, Fault> {
        match self.field(name) {
            "" => Err(Fault::Wrong("a field is empty")),
            text => Ok(text.to_owned()),
        }
    }

    /// The file of the form.
    pub(crate) fn file(&self) -> Result<Upload, Fault> {
        self.asked
            .file
            .clone()
            .ok_or(Fault::Wrong("there is no file in the form"))
    }

    /// The session's token.
    pub(crate) fn token(&self) -> Option<String> {
        self.asked.token()
    }

    /// A cookie of the browser's.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.asked.cookie(name)
    }

    pub(crate) fn ip(&self) -> Option<String> {
        self.asked.ip.map(|ip| ip.to_string())
    }

    /// The reason that a member of staff gave, to be put behind links.
    pub(crate) fn with_reason(&self, path: &str) -> String {
        let reason = self.query("reason").map(|reason| {
            let reason: String = form_urlencoded::byte_serialize(reason.as_bytes()).collect();
            format!("?reason={reason}")
        });
        format!("{path}{}", reason.unwrap_or_default())
    }

    /// What the viewer may see of a person. What staff see is recorded with the reason, before it is shown.
    pub(crate) fn sight(&mut self, person: &Person) -> Result<Sight, Fault> {
        let viewer = self.viewer()?;
        let reason = self
            .query("reason")
            .map(str::to_owned)
            .or_else(|| self.asked.header("x-reason"));
        let reason = reason.filter(|reason| reason.trim().len() >= 5);
        let sight = rules::sees(self.db, &self.app.mistakes, &viewer, person, reason.as_deref())?;
        if let (crate::people::Relation::SupportStaff, Some(reason)) = (sight.relation, reason) {
            activity::staff_access(self.db, &viewer, person, &reason, self.app.now())?;
            self.app.vendors.alert("a member of staff looked at somebody");
        }
        Ok(sight)
    }

    /// The person, if the viewer may see anything of them.
    pub(crate) fn seen(&mut self, id: i64) -> Result<(Person, Sight), Fault> {
        let person = Person::find(self.db, id)?.ok_or(Fault::NotFound)?;
        let sight = self.sight(&person)?;
        if sight.any() {
            Ok((person, sight))
        } else {
            Err(Fault::NotFound)
        }
    }

    /// Puts down what somebody who is signed in did; of people who only look nothing is put down.
    pub(crate) fn log(&mut self, user: i64, action: &str) -> Result<(), Fault> {
        let agent = self.asked.header("user-agent");
        activity::log(self.db, Some(user), self.ip(), agent, action, self.app.now())?;
        Ok(())
    }

    fn log_visit(&mut self) -> Result<(), Fault> {
        let action = if self.asked.changes { "change" } else { "view" };
        // Numbers and tokens of the path stay out of the log: only the first part is put down.
        let place = self
            .asked
            .path
            .split('/')
            .find(|part| !part.is_empty())
            .unwrap_or("front")
            .to_owned();
        let action = format!("{action} {place}");
        match self.viewer.as_ref().map(|viewer| viewer.id) {
            Some(user) => self.log(user, &action),
            None => {
                let agent = self.asked.header("user-agent");
                activity::log_viewer(self.db, self.app, self.ip(), agent, &action)?;
                Ok(())
            }
        }
    }
}
