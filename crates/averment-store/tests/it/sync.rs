//! People from a real SQLite file, a real PostgreSQL server and an HTTP server of the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use averment_detect::Form;
use averment_store::{Extent, LoadError, LoadReport, People, Shrink, Source};

use crate::fixture::*;

const WHOLE: Extent = Extent::Everybody(Shrink::UpToPercent(20));
const QUERY: &str =
    "select external as id, kind as role, born as birth_date, email, gone as removed, updated_at from account;\n";

fn since() -> Extent {
    Extent::Since {
        column: "updated_at".into(),
        shrink: Shrink::UpToPercent(20),
    }
}

struct Directory {
    home: Home,
    people: People,
}

impl Directory {
    fn new() -> Self {
        let home = Home::new();
        let (folder, keys) = home.open();
        let people = People::open(&folder, &keys).unwrap();
        Self { home, people }
    }

    fn sync(&mut self, source: &Source, extent: &Extent) -> Result<LoadReport, LoadError> {
        self.people.sync(source, extent, noon())
    }

    fn subject(&mut self, email: &str) -> Option<String> {
        let snapshot = self.people.snapshot(noon()).unwrap();
        snapshot
            .directory
            .look_up(Form::Email, email)
            .map(|found| found.subject.to_string())
    }
}

fn causes(error: &LoadError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// What holds of every database: whole, then changes, then a fault. `run` does what it is given in the database.
fn follows_a_database(source: &Source, run: &mut dyn FnMut(&str)) {
    run(
        "create table account (external text, kind text, born date, email text, gone boolean, updated_at timestamp);
        insert into account values ('s-1', 'student', '2015-04-01', 'a@school.example', false, '2026-01-01 10:00:00');
        insert into account values ('s-2', 'student', null, 'b@school.example', false, '2026-01-02 10:00:00');
        insert into account values ('t-1', 'teacher', null, 'c@school.example', false, '2026-01-02 10:00:00');",
    );
    let mut directory = Directory::new();
    let report = directory.sync(source, &since()).unwrap();
    assert_eq!((report.present, report.new, report.ignored_columns), (3, 3, vec![6]));
    assert_eq!(
        directory.subject("a@school.example").as_deref(),
        Some("student.under13")
    );
    run(
        "update account set email = 'a2@school.example', updated_at = '2026-02-01 08:00:00' where external = 's-1';
        update account set gone = true, updated_at = '2026-02-01 08:00:00' where external = 't-1';
        insert into account values ('s-3', 'student', null, 'd@school.example', false, '2026-02-02 08:00:00');
        delete from account where external = 's-2';",
    );
    let report = directory.sync(source, &since()).unwrap();
    assert_eq!((report.present, report.new, report.departed), (3, 1, 1), "{report:?}");
    assert_eq!(directory.subject("a@school.example"), None);
    assert!(directory.subject("a2@school.example").is_some() && directory.subject("d@school.example").is_some());
    assert!(
        directory.subject("b@school.example").is_some(),
        "what was deleted only a whole sync sees"
    );
    let report = directory.sync(source, &WHOLE).unwrap();
    assert_eq!((report.present, report.departed), (2, 1));
    run("update account set kind = 'wizard' where external = 's-3';");
    let text = causes(&directory.sync(source, &WHOLE).unwrap_err());
    assert!(
        text.contains("column `role`: expected one of") && !text.contains("wizard"),
        "{text}"
    );
    assert!(directory.subject("d@school.example").is_some(), "nothing was loaded");
}

#[test]
fn people_follow_a_sqlite_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("platform.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    let source = |query: &str| Source::Sqlite {
        file: file.clone(),
        query: query.into(),
    };
    follows_a_database(&source(QUERY), &mut |sql| database.execute_batch(sql).unwrap());
    let mut directory = Directory::new();
    let text = causes(&directory.sync(&source("select nothing"), &WHOLE).unwrap_err());
    assert!(text.contains("the query failed on the SQLite file"), "{text}");
    let deleting = "delete from account returning external as id, kind as role, email";
    let text = causes(&directory.sync(&source(deleting), &WHOLE).unwrap_err());
    assert!(text.contains("readonly database"), "{text}");
    assert!(directory.sync(&source("select 1 as shoe"), &WHOLE).is_err());
    let count: u32 = database
        .query_row("select count(*) from account", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 3, "the file is only read");
}

/// A PostgreSQL server of the test's own, on a socket in a folder of its own.
struct Server {
    dir: tempfile::TempDir,
    process: std::process::Child,
}

const INSTALL: &str = "the tests need PostgreSQL: `cargo xtask test` installs Debian's package `postgresql`";

impl Server {
    fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("pg").tempdir().unwrap();
        let bin = binaries();
        // The server refuses to run as root; Debian's package makes this user.
        let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        if root {
            run(Command::new("chown").arg("postgres").arg(dir.path()));
        }
        let as_user = |program: &str| {
            let mut command = if root {
                Command::new("setpriv")
            } else {
                Command::new(bin.join(program))
            };
            if root {
                command
                    .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                    .arg(bin.join(program));
            }
            command
                .current_dir(dir.path())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command
        };
        let data = dir.path().join("data");
        run(as_user("initdb")
            .args(["-U", "averment", "-A", "trust", "-N", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data));
        let mut server = as_user("postgres");
        server
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-k"])
            .arg(dir.path())
            .arg("-D")
            .arg(&data);
        let process = server.spawn().expect(INSTALL);
        let server = Self { dir, process };
        server.wait();
        server
    }

    fn connection(&self) -> String {
        format!("host={} user=averment dbname=postgres", self.dir.path().display())
    }

    fn wait(&self) {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while postgres::Client::connect(&self.connection(), postgres::NoTls).is_err() {
            assert!(
                std::time::Instant::now() < end,
                "PostgreSQL did not start within a minute"
            );
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown.
        let _ = Command::new("kill")
            .args(["-INT", &self.process.id().to_string()])
            .status();
        let _ = self.process.wait();
    }
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{INSTALL} ({error})"));
    assert!(status.success(), "{command:?} failed; {INSTALL}");
}

/// Debian keeps each version in a folder of its own.
fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect(INSTALL);
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.unwrap().path().join("bin")).collect();
    folders.sort();
    folders.retain(|folder| folder.join("initdb").exists());
    folders.pop().expect(INSTALL)
}

#[test]
fn people_follow_a_postgresql_server() {
    let server = Server::start();
    let source = |connection: String, query: &str| Source::Postgres {
        connection: connection.into(),
        query: query.into(),
        trust: Vec::new(),
    };
    let mut client = postgres::Client::connect(&server.connection(), postgres::NoTls).unwrap();
    follows_a_database(&source(server.connection(), QUERY), &mut |sql| {
        client.batch_execute(sql).unwrap()
    });
    let mut directory = Directory::new();
    let writing = "with gone as (delete from account returning *) select external as id, kind as role, email from gone";
    for (connection, query, expected) in [
        (server.connection(), "select nothing", "answered with error 42703"),
        (server.connection(), writing, "answered with error"),
        ("host=/nowhere/here user=averment".to_owned(), QUERY, "PostgreSQL"),
        ("nonsense secret".to_owned(), QUERY, "expected a connection string"),
    ] {
        let text = causes(&directory.sync(&source(connection, query), &WHOLE).unwrap_err());
        assert!(
            text.contains(expected) && !text.contains("secret"),
            "{expected} in {text}"
        );
    }
    let count: i64 = client.query_one("select count(*) from account", &[]).unwrap().get(0);
    assert_eq!(count, 3, "nothing is written");
}

/// Answers each request with what `answer` says for its target; keeps the heads of requests.
fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let head = read_head(&stream);
            let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
            kept.lock().unwrap().push(head);
            let _ = (&stream).write_all(answer(&target).as_bytes());
        }
    });
    (address, heads)
}

fn read_head(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream.take(1 << 16)).lines().map_while(Result::ok);
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn answer(heads: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n{heads}\r\n{body}")
}

fn api(url: String) -> Source {
    Source::Http {
        url,
        token: Some("t0ken-of-the-api".to_owned().into()),
        trust: Vec::new(),
    }
}

#[test]
fn an_api_is_read_page_by_page() {
    let (address, heads) = serve(|target| match target {
        "/people" => answer(
            "Content-Type: application/json\r\nLink: </first>; rel=\"first\", </people?page=2>; rel=\"next\"\r\n",
            r#"[{"id":"s-1","role":"student","email":"a@school.example"}]"#,
        ),
        "/people?page=2" => answer(
            "Content-Type: application/json\r\n",
            r#"{"people":[{"id":"s-2","role":"student","email":"b@school.example"}],"next":"/lines"}"#,
        ),
        _ => answer(
            "Content-Type: application/x-ndjson\r\n",
            "{\"id\":\"t-1\",\"role\":\"teacher\",\"email\":\"c@school.example\"}\n",
        ),
    });
    let mut directory = Directory::new();
    let report = directory.sync(&api(format!("{address}/people")), &WHOLE).unwrap();
    assert_eq!(report.present, 3);
    assert_eq!(directory.subject("c@school.example").as_deref(), Some("teacher"));
    let heads = heads.lock().unwrap();
    assert!(
        heads
            .iter()
            .all(|head| head.to_lowercase().contains("authorization: bearer t0ken-of-the-api"))
    );
    assert!(directory.home.data().exists());
}

#[test]
fn an_api_that_fails_loads_nothing_and_tells_no_secret() {
    let redirect =
        "HTTP/1.1 302 Found\r\nLocation: http://other.example/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    for (reply, expected) in [
        (
            "HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
            "answered with status 401",
        ),
        (redirect.to_owned(), "answered with status 302, expected 200"),
        (answer("", "<html>"), "something else than JSON"),
        (answer("", r#"{"people":7}"#), "an array `people`"),
        (answer("", "[]"), "expected at least one person"),
        (answer("", "[7]"), "expected an object for each person"),
        (
            answer("Link: <https://other.example/2>; rel=next\r\n", "[]"),
            "next page on another host",
        ),
        (
            answer("", "[").replace("Length: 1", "Length: 99"),
            "cannot read `the API`",
        ),
    ] {
        let (address, _) = serve(move |_| reply.clone());
        let mut directory = Directory::new();
        let source = api(format!("{address}/people?key=s3cret"));
        let text = causes(&directory.sync(&source, &WHOLE).unwrap_err());
        assert!(text.contains(expected), "{expected} in {text}");
        assert!(!text.contains("s3cret") && !text.contains("t0ken"), "{text}");
        assert_eq!(directory.people.version().unwrap(), 0);
    }
}

#[test]
fn other_machines_are_spoken_to_by_tls_only() {
    let mut directory = Directory::new();
    let text = causes(
        &directory
            .sync(&api("http://api.example/people".into()), &WHOLE)
            .unwrap_err(),
    );
    assert!(text.contains("expected a TLS connection to `api.example`"), "{text}");
    // TLS that nobody vouches for: the plain server's answer is no handshake.
    let (address, heads) = serve(|_| answer("", "[]"));
    let url = format!("{}/people", address.replace("http://", "https://"));
    assert!(directory.sync(&api(url), &WHOLE).is_err());
    assert!(!heads.lock().unwrap().iter().any(|head| head.contains("t0ken")));
    let text = causes(
        &directory
            .sync(&api("https://127.0.0.1:1/".into()), &since())
            .unwrap_err(),
    );
    assert!(text.contains("an API is read whole"), "{text}");
    let _: &Path = directory.home.dir.path();
}
