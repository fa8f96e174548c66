//! The journeys: signing in, opening pages, and what was seen on them.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;
use rustls::pki_types::CertificateDer;

use super::super::World;
use super::super::stores::all_certificates;
use super::canary::Spellings;
use super::indexing::{AGENT, Rules};
use super::reading::readings;
use super::settings::{Account, Control, Page, Step, SubjectSettings, ViewSettings};
use super::{Known, Look, Saw, Seen};
use crate::web::{Answer, Form, Origin, Sent, Visitor, escaped};

/// Most forms that signing in leads to.
const FORMS_MAX: usize = 4;
/// Viewers who are nobody in particular.
const ANYBODY: [&str; 3] = ["public", "link_holder", "search_engine"];

/// What all journeys saw.
pub(super) struct Walked {
    pub(super) looks: Vec<Look>,
    pub(super) notes: Vec<String>,
}

/// Somebody who may open pages, or why they cannot.
type Guest = Result<Visitor, String>;

/// Spellings of the values of a subject, by element.
type Canaries = BTreeMap<ElementId, Vec<Spellings>>;

struct Walk<'a> {
    settings: &'a ViewSettings,
    guests: BTreeMap<String, Guest>,
    rules: Rules,
    trust: Vec<CertificateDer<'static>>,
    origins: Vec<Origin>,
}

/// Everybody who may open pages, each signed in.
pub(in crate::probe) struct Guests(BTreeMap<String, Guest>);

/// Signs everybody in whom the section `[views]` names.
pub(in crate::probe) fn guests(world: &World<'_>) -> Result<Guests, String> {
    Ok(Guests(Walk::begin(world, &world.settings.views)?.guests))
}

impl Guests {
    /// The visitor of this name, `public` for nobody in particular; otherwise why there is none.
    pub(in crate::probe) fn of(&mut self, name: &str) -> Result<&mut Visitor, String> {
        match self.0.get_mut(name) {
            Some(Ok(visitor)) => Ok(visitor),
            Some(Err(because)) => Err(because.clone()),
            None => Err(format!("there is no account `{name}`")),
        }
    }
}

/// Opens every page as everybody who is named for it.
pub(super) fn walk(world: &World<'_>, subjects: &[Known]) -> Walked {
    let settings = &world.settings.views;
    let mut walked = Walked {
        looks: Vec::new(),
        notes: Vec::new(),
    };
    let mut walk = match Walk::begin(world, settings) {
        Ok(walk) => walk,
        Err(because) => {
            walked.notes.push(because);
            return walked;
        }
    };
    for (index, subject) in settings.subjects.iter().enumerate() {
        let (canaries, short) = canaries(&subjects[index]);
        for element in short {
            let said = format!(
                "`{element}` of `{}`: its value cannot be told from chance on a page",
                subject.name
            );
            walked.notes.push(said);
        }
        for page in settings.pages.iter().filter(|page| page.is_about(subject)) {
            for viewer in page.viewers_of(subject) {
                let saw = walk.look(page, subject, &subjects[index], (&viewer, &canaries));
                walked.looks.push(Look {
                    page: page.name.clone(),
                    subject: index,
                    viewer,
                    saw,
                });
            }
        }
    }
    walk.end(&mut walked);
    walked
}

fn canaries(subject: &Known) -> (Canaries, BTreeSet<ElementId>) {
    let (mut all, mut short) = (Canaries::new(), BTreeSet::new());
    for (element, values) in &subject.values {
        for value in values {
            match Spellings::of(element, value) {
                Some(spellings) => all.entry(element.clone()).or_default().push(spellings),
                None => _ = short.insert(element.clone()),
            }
        }
    }
    short.retain(|element| !all.contains_key(element));
    (all, short)
}

impl Page {
    fn is_about(&self, subject: &SubjectSettings) -> bool {
        self.subjects.is_empty() || self.subjects.contains(&subject.name)
    }

    /// Who opens it of whom the settings know how.
    fn viewers_of(&self, subject: &SubjectSettings) -> BTreeSet<String> {
        let anybody = ANYBODY.iter().map(|viewer| (*viewer).to_owned());
        let anybody = anybody.filter(|viewer| match viewer.as_str() {
            "public" => !self.link,
            "link_holder" => self.link,
            _ => true,
        });
        // Whoever holds a link is a holder of a link, whatever else they are.
        let named = |viewer: &String| self.viewers.contains(viewer) || (self.viewers.is_empty() && !self.link);
        let accounts = subject.viewers.keys().filter(|viewer| named(viewer)).cloned();
        let anybody = anybody.filter(|viewer| self.viewers.is_empty() || self.viewers.contains(viewer));
        accounts.chain(anybody).collect()
    }
}

impl<'a> Walk<'a> {
    fn begin(world: &World<'_>, settings: &'a ViewSettings) -> Result<Self, String> {
        let base = settings.base.as_deref().unwrap_or_default();
        let origin = |text: &str| -> Result<Origin, String> {
            let url = text.parse().ok();
            let origin = url.and_then(|url| Origin::of(&url));
            let origin: Origin = origin
                .ok_or_else(|| format!("`{text}` is no origin: expected one such as `https://app.birch.example`"))?;
            match origin.is_private() {
                true => Ok(origin),
                false => Err(format!(
                    "`{text}` is neither `https` nor on this machine: passwords do not go there"
                )),
            }
        };
        let mut origins = vec![origin(base)?];
        for other in &settings.also {
            origins.push(origin(other)?);
        }
        let trust = all_certificates(&settings.trust)?;
        let mut walk = Self {
            settings,
            guests: BTreeMap::new(),
            rules: Rules::default(),
            trust,
            origins,
        };
        let mut engine = walk.visitor();
        engine.with_header("user-agent", AGENT);
        walk.rules = Rules::ask(&mut engine);
        for viewer in ANYBODY {
            let mut visitor = walk.visitor();
            if viewer == "search_engine" {
                visitor.with_header("user-agent", AGENT);
            }
            let guest = match &settings.control {
                Some(control) => shows(&mut visitor, control, true).map(|()| visitor),
                None => Err(
                    "the section `[views]` has no `control`: nothing shows that pages can be opened at all".to_owned(),
                ),
            };
            walk.guests.insert(viewer.to_owned(), guest);
        }
        for (name, account) in &settings.accounts {
            let guest = walk
                .sign_in(world, account)
                .map_err(|because| format!("account `{name}`: {because}"));
            walk.guests.insert(name.clone(), guest);
        }
        Ok(walk)
    }

    fn visitor(&self) -> Visitor {
        Visitor::new(self.origins.clone(), &self.trust)
    }

    /// Signs in, and makes sure of it by what only those see who are.
    fn sign_in(&self, world: &World<'_>, account: &Account) -> Guest {
        let control = account
            .control
            .as_ref()
            .ok_or("it has no `control` that shows that it is signed in")?;
        shows(&mut self.visitor(), control, false)?;
        let secret = |secret| world.secrets.read(secret).map_err(|error| error.to_string());
        let mut visitor = self.visitor();
        if let Some(token) = &account.bearer {
            visitor.with_header("authorization", &format!("Bearer {}", secret(token)?));
        }
        if let Some(cookie) = &account.cookie {
            let cookie = secret(cookie)?;
            let (name, value) = cookie.split_once('=').ok_or("its cookie is not `name=value`")?;
            visitor.with_cookie(name, value);
        }
        if let Some(path) = &account.sign_in {
            let mut fields: Vec<(String, String)> = account.fields.clone().into_iter().collect();
            for (name, value) in &account.secret_fields {
                fields.push((name.clone(), secret(value)?));
            }
            fill_in(&mut visitor, path, &fields)?;
        }
        shows(&mut visitor, control, true)?;
        Ok(visitor)
    }

    fn look(
        &mut self,
        page: &Page,
        subject: &SubjectSettings,
        known: &Known,
        (viewer, canaries): (&str, &Canaries),
    ) -> Saw {
        let name = subject.viewers.get(viewer).map_or(viewer, String::as_str);
        let visitor = match self.guests.get_mut(name) {
            Some(Ok(visitor)) => visitor,
            Some(Err(because)) => return Saw::Failed(because.clone()),
            None => return Saw::Failed(format!("there is no account `{name}`")),
        };
        let is_engine = viewer == "search_engine";
        let mut seen = Seen::default();
        for step in &page.steps {
            let Some((path, sent)) = request(step, subject, known) else {
                return Saw::Failed("a step has a part in `{…}` of which nothing is known".to_owned());
            };
            let answer = match visitor.send(step.method.as_deref().unwrap_or("GET"), &path, &sent) {
                Ok(answer) => answer,
                Err(error) => return Saw::Failed(error.to_string()),
            };
            // Turned away is an answer; a fault of the server, or a page that is not what was meant, is none.
            if !matches!(answer.status, 200..=299 | 401 | 403 | 404 | 410) {
                return Saw::Failed(format!("answers with status {}", answer.status));
            }
            if is_engine && !self.rules.let_in(&answer) {
                continue;
            }
            found(&answer, canaries, &asked(&path, &sent), &mut seen);
        }
        Saw::These(seen)
    }

    /// Whoever was signed in must be so at the end too: a session that ended halfway saw nothing after that.
    fn end(mut self, walked: &mut Walked) {
        for (name, guest) in &mut self.guests {
            let (Ok(visitor), Some(account)) = (guest, self.settings.accounts.get(name)) else {
                continue;
            };
            let Some(control) = &account.control else { continue };
            let Err(because) = shows(visitor, control, true) else {
                continue;
            };
            let subjects = &self.settings.subjects;
            let of_account = |look: &Look| subjects[look.subject].viewers.get(&look.viewer) == Some(name);
            for look in walked.looks.iter_mut().filter(|look| of_account(look)) {
                // What was seen was seen.
                if matches!(&look.saw, Saw::These(seen) if seen.told.is_empty()) {
                    look.saw = Saw::Failed(format!("account `{name}`, at the end: {because}"));
                }
            }
        }
    }
}

/// Whether a page shows its text, or does not.
fn shows(visitor: &mut Visitor, control: &Control, expected: bool) -> Result<(), String> {
    let answer = visitor
        .open(&control.path)
        .map_err(|error| format!("its control {error}"))?;
    let shown = answer.status == 200 && answer.text().contains(&control.text);
    match (shown, expected) {
        (true, true) | (false, false) => Ok(()),
        (false, true) => Err(format!(
            "its control answers with status {} and not what it must show",
            answer.status
        )),
        (true, false) => Err("its control shows the same to everybody, and so shows nothing".to_owned()),
    }
}

/// Fills in the forms that a page leads to, one after the other.
fn fill_in(visitor: &mut Visitor, path: &str, fields: &[(String, String)]) -> Result<(), String> {
    let told = |error: crate::web::WebError| format!("signing in {error}");
    let mut page = visitor.open(path).map_err(told)?;
    let mut filled_in = 0;
    while filled_in < FORMS_MAX {
        let forms = Form::all(&page.body);
        let filled = forms.iter().find_map(|form| Some((form, form.filled(fields)?)));
        let Some((form, filled)) = filled else { break };
        page = visitor.submit(&page, form, filled).map_err(told)?;
        filled_in += 1;
    }
    match filled_in {
        0 => Err("signing in leads to no form that asks for its fields".to_owned()),
        _ => Ok(()),
    }
}

/// Path and body of a step, with what is known of the subject put in.
fn request(step: &Step, subject: &SubjectSettings, known: &Known) -> Option<(String, Sent)> {
    let fill = |text: &str, escape: bool| filled(text, subject, known, escape);
    let path = fill(&step.path, true)?;
    let sent = match &step.json {
        Some(json) => Sent::Json(fill(json, false)?),
        None if step.form.is_empty() => Sent::Nothing,
        None => {
            let fields = step
                .form
                .iter()
                .map(|(name, value)| Some((name.clone(), fill(value, false)?)));
            Sent::Form(fields.collect::<Option<_>>()?)
        }
    };
    Some((path, sent))
}

/// A text with `{name}` replaced by a parameter of the subject, or by a value.
fn filled(text: &str, subject: &SubjectSettings, known: &Known, escape: bool) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        out.push_str(before);
        if is_name {
            let value = subject.parameters.get(name).map(String::as_str);
            let of_element = || {
                known
                    .values
                    .get(&ElementId::new(name).ok()?)?
                    .first()
                    .map(String::as_str)
            };
            let value = value.or_else(of_element)?;
            out.push_str(&if escape { escaped(value) } else { value.to_owned() });
            rest = after;
        } else {
            // A brace of JSON.
            out.push('{');
            rest = &rest[before.len() + 1..];
        }
    }
    out.push_str(rest);
    Some(out)
}

/// What the visitor said themselves; a page that repeats it tells them nothing.
fn asked(path: &str, sent: &Sent) -> String {
    let body = match sent {
        Sent::Nothing => String::new(),
        Sent::Json(text) => text.clone(),
        Sent::Form(fields) => fields.iter().map(|(_, value)| format!("{value}\n")).collect(),
    };
    super::canary::folded(&format!("{path} {body}"))
}

fn found(answer: &Answer, canaries: &Canaries, asked: &str, seen: &mut Seen) {
    let texts = readings(answer);
    let let_in = (200..300).contains(&answer.status);
    for (element, all) in canaries {
        for spellings in all.iter().filter(|one| texts.iter().any(|text| one.stand_in(text))) {
            match spellings.stand_in(asked) {
                false => _ = seen.told.insert(element.clone()),
                true if let_in => _ = seen.repeated.insert(element.clone()),
                true => {}
            }
        }
    }
}
