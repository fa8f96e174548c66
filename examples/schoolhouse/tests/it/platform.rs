//! A platform on a free port, and who asks it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::json;

use crate::servers::Server;
use crate::visitor::{Visitor, visitor};

const PROGRAM: &str = env!("CARGO_BIN_EXE_schoolhouse");

/// A process that ends with its value.
pub(crate) struct Running {
    process: Child,
    pub(crate) address: String,
    said: Vec<String>,
}

impl Running {
    /// Starts one of the servers of the program and waits until it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(&[], arguments)
    }

    fn start_with(environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.envs(environment.iter().copied());
        command
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut said: Vec<String> = Vec::new();
        for line in lines.map_while(Result::ok) {
            let listens = line.starts_with("listening on ");
            said.push(line);
            if listens {
                break;
            }
        }
        let last = said.last().and_then(|line| line.strip_prefix("listening on "));
        let address = last.expect("the server says where it listens").to_owned();
        Self { process, address, said }
    }

    /// What it said behind a word.
    pub(crate) fn said(&self, word: &str) -> &str {
        let mut found = self.said.iter().filter_map(|line| line.strip_prefix(word));
        found.next().expect("it says so").trim()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where the rows of a platform are.
pub(crate) struct Home {
    dir: tempfile::TempDir,
    server: Option<Server>,
}

impl Home {
    pub(crate) fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir, server: None }
    }

    pub(crate) fn postgres() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            dir,
            server: Some(Server::postgres()),
        }
    }

    /// One of each engine.
    pub(crate) fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    fn arguments(&self, mistakes: &[&str]) -> Vec<String> {
        let mut arguments = vec!["--data".to_owned(), self.dir.path().display().to_string()];
        if let Some(server) = &self.server {
            arguments.extend(["--database".to_owned(), server.address()]);
        }
        let mistakes = mistakes
            .iter()
            .flat_map(|name| ["--mistake".to_owned(), (*name).to_owned()]);
        arguments.extend(mistakes);
        arguments
    }

    /// Runs a command of the program.
    pub(crate) fn run(&self, command: &[&str], mistakes: &[&str]) -> Output {
        let mut program = Command::new(PROGRAM);
        program
            .arg(command[0])
            .args(self.arguments(mistakes))
            .args(&command[1..]);
        program.output().unwrap()
    }

    /// Runs a command that has to end well; what it says.
    pub(crate) fn ok(&self, command: &[&str], mistakes: &[&str]) -> String {
        let output = self.run(command, mistakes);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Seeds and serves.
    pub(crate) fn serve(&self, mistakes: &[&str], more: &[&str]) -> Platform {
        self.serve_as(mistakes, &[], more)
    }

    /// As [`Home::serve`], with words in the environment.
    pub(crate) fn serve_with(&self, environment: &[(&str, &str)], more: &[&str]) -> Platform {
        self.serve_as(&[], environment, more)
    }

    fn serve_as(&self, mistakes: &[&str], environment: &[(&str, &str)], more: &[&str]) -> Platform {
        let own = self.arguments(mistakes);
        let mut arguments = vec!["serve", "--people", "40"];
        arguments.extend(own.iter().map(String::as_str));
        arguments.extend(more);
        Platform(Running::start_with(environment, &arguments))
    }

    /// What one statement yields, each row a line with `|` between columns.
    pub(crate) fn sql(&self, sql: &str) -> Vec<String> {
        match &self.server {
            Some(server) => postgres(&server.address(), sql),
            None => sqlite(&self.dir.path().join("schoolhouse.sqlite"), sql),
        }
    }

    /// The number that a statement yields.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.sql(sql)[0].parse().unwrap()
    }
}

fn postgres(address: &str, sql: &str) -> Vec<String> {
    let mut client = postgres::Client::connect(address, postgres::NoTls).unwrap();
    let rows = client.simple_query(sql).unwrap();
    let line = |row: &postgres::SimpleQueryRow| {
        let cells = (0..row.len()).map(|at| row.get(at).unwrap_or_default().to_owned());
        cells.collect::<Vec<_>>().join("|")
    };
    let rows = rows.iter().filter_map(|message| match message {
        postgres::SimpleQueryMessage::Row(row) => Some(line(row)),
        _ => None,
    });
    rows.collect()
}

fn sqlite(file: &Path, sql: &str) -> Vec<String> {
    use rusqlite::types::ValueRef;
    let connection = rusqlite::Connection::open(file).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let cell = |value: ValueRef<'_>| match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    };
    let mut rows = statement.query([]).unwrap();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cells = (0..columns).map(|at| cell(row.get_ref(at).unwrap()));
        lines.push(cells.collect::<Vec<_>>().join("|"));
    }
    lines
}

/// A platform that runs.
pub(crate) struct Platform(Running);

impl Platform {
    pub(crate) fn address(&self) -> &str {
        &self.0.address
    }

    /// As [`Running::said`].
    pub(crate) fn said(&self, word: &str) -> &str {
        self.0.said(word)
    }

    /// Somebody who has not signed in.
    pub(crate) fn nobody(&self) -> Visitor {
        visitor(self.address())
    }

    /// Somebody who has, with their password.
    pub(crate) fn as_user(&self, username: &str) -> Visitor {
        let mut visitor = self.nobody();
        let words = json!({"username": username, "password": format!("schoolhouse-{username}")});
        let got = visitor.post_json("/api/sign-in", &words);
        assert_eq!(got.status, 200, "{}", got.body);
        visitor.token = got.json()["token"].as_str().map(str::to_owned);
        visitor
    }
}
