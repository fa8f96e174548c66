//! What a third party has in memory, and how it may fail.

use serde_json::json;

use super::server::{Got, Reply, Speaks};

/// How a third party behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// As published.
    Healthy,
    /// 500 to everything.
    Broken,
    /// Never answers.
    Silent,
    /// 429 with `Retry-After` to every other request.
    Limits,
    /// Takes orders and does nothing.
    DoesNothing,
    /// Deletes every other record that it is told to.
    DeletesHalf,
    /// Points to a page to sign in.
    Redirects,
    /// Shows the page to sign in, with 200.
    LoginPage,
    /// 404 to everything, as its web server does it.
    NotFoundPage,
    /// 404 to everything, in JSON.
    NotFoundJson,
    /// 202 without anything to every order.
    EmptyAccepted,
    /// 401 to everything.
    Unauthorised,
    /// Looks find nobody, whoever is there.
    Blind,
}

/// Something that is kept about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// `contact`, `message`, `ticket`.
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) email: String,
    pub(super) user_id: String,
    pub(super) phone: String,
    /// Deleted in a first step and can come back.
    pub(super) is_soft: bool,
}

/// A job that was ordered.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) id: String,
    /// Looks until it is done.
    pub(super) left: u32,
}

/// What a third party has in memory.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) fault: Fault,
    pub(super) records: Vec<Record>,
    pub(super) jobs: Vec<Job>,
    /// Orders to delete that arrived.
    pub(super) orders: u32,
    /// All that arrived, method and path.
    pub(super) log: Vec<String>,
    /// What shows who asks: the `authorization` header, one of several with `|`, or a header named before a `=`;
    /// empty where the third party's own server looks.
    pub(super) login: String,
}

impl Desk {
    pub(super) fn new(login: &str, records: Vec<Record>) -> Self {
        let (jobs, log, login) = (Vec::new(), Vec::new(), login.to_owned());
        Self {
            fault: Fault::Healthy,
            records,
            jobs,
            orders: 0,
            log,
            login,
        }
    }

    pub(super) fn answer(&mut self, got: &Got, speaks: Speaks) -> Reply {
        self.log.push(format!("{} {}", got.method, got.path));
        let page = |status, body: &str| Reply {
            status,
            headers: vec![("content-type", "text/html; charset=utf-8".to_owned())],
            body: body.to_owned(),
        };
        match self.fault {
            Fault::Broken => Reply::json(500, &json!({"error": "internal"})),
            Fault::Limits if self.log.len() % 2 == 1 => {
                let mut reply = Reply::json(429, &json!({"error": "slow down"}));
                reply.headers.push(("retry-after", "90".to_owned()));
                reply
            }
            Fault::Redirects => {
                let mut reply = Reply::empty(302);
                reply.headers.push(("location", "/login".to_owned()));
                reply
            }
            Fault::LoginPage => page(200, "<!doctype html><title>Sign in</title>"),
            Fault::NotFoundPage => page(404, "<html><h1>Not Found</h1></html>"),
            Fault::NotFoundJson => Reply::json(404, &json!({"error": "not found"})),
            Fault::Unauthorised => Reply::json(401, &json!({"error": "token expired"})),
            Fault::EmptyAccepted if self.is_order(got, speaks) => Reply::empty(202),
            Fault::Blind if !self.is_order(got, speaks) => speaks(&mut self.copy(Vec::new()), got),
            _ if !self.knows(got) => Reply::json(401, &json!({"error": "who asks?"})),
            _ => speaks(self, got),
        }
    }

    /// Whether a request is one that would delete: tried on a copy.
    fn is_order(&self, got: &Got, speaks: Speaks) -> bool {
        let mut copy = self.copy(self.records.clone());
        speaks(&mut copy, got);
        copy.orders > 0
    }

    fn copy(&self, records: Vec<Record>) -> Self {
        let mut copy = Self::new(&self.login, records);
        copy.jobs.clone_from(&self.jobs);
        copy
    }

    fn knows(&self, got: &Got) -> bool {
        if self.login.is_empty() {
            return true;
        }
        match self.login.split_once('=') {
            Some((name, value)) if !name.contains(' ') => got.header(name) == value,
            _ => self.login.split('|').any(|login| got.header("authorization") == login),
        }
    }

    /// An order to delete what `of` chooses: how many there were.
    pub(super) fn erase(&mut self, of: impl Fn(&Record) -> bool) -> usize {
        self.orders += 1;
        let is_done = match self.fault {
            Fault::DoesNothing => false,
            Fault::DeletesHalf => self.orders % 2 == 1,
            _ => true,
        };
        let count = self.records.iter().filter(|record| of(record)).count();
        if is_done {
            self.records.retain(|record| !of(record));
        }
        count
    }

    /// A first step of two.
    pub(super) fn soften(&mut self, of: impl Fn(&Record) -> bool) -> usize {
        self.orders += 1;
        let chosen = self.records.iter_mut().filter(|record| of(record) && !record.is_soft);
        let chosen: Vec<&mut Record> = chosen.collect();
        let count = chosen.len();
        if self.fault != Fault::DoesNothing {
            chosen.into_iter().for_each(|record| record.is_soft = true);
        }
        count
    }

    /// Orders a job that is done after two looks.
    pub(super) fn job(&mut self) -> String {
        let id = format!("job-{}", self.jobs.len() + 1);
        self.jobs.push(Job {
            id: id.clone(),
            left: 2,
        });
        id
    }

    /// Whether a job is done; none: there is no such job.
    pub(super) fn job_done(&mut self, id: &str) -> Option<bool> {
        let job = self.jobs.iter_mut().find(|job| job.id == id)?;
        job.left = job.left.saturating_sub(1);
        Some(job.left == 0 && !matches!(self.fault, Fault::DoesNothing))
    }

    pub(super) fn of(&self, kind: &str) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.kind == kind)
    }
}
