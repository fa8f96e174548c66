//! The program itself is killed while it erases, with a database server, the ledger, a third party and the certificate, and goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use averment_ledger::Deed;
use serde_json::Value;

use super::{CLAIMS, Clerk, DESK, MAP, PEOPLE, ROWS, RUN, TOKEN, erasures};
use crate::servers::Server;
use crate::world::{Place, Ran, from_environment};

/// Set by whoever has the time: how often it is killed, spread over the time that a whole run takes.
const TIMES: &str = "ERASING_KILLED_PROGRAM";
const TABLES: &str = "create table users (id text not null primary key, email text);
    create table messages (id integer primary key, sender_id text not null, recipient_id text, body text,
      foreign key (sender_id) references users (id), foreign key (recipient_id) references users (id));
    insert into users values ('s-2', 'lev.aronov@birch.example');";
const CLERK: &str = "[[discloses]]\nelements = [\"account.id\"]\nsubjects = [\"student\"]\ntreatment = \"pseudonym\"\n\
                     basis = [\"ferpa.school_official\"]\n";

/// Everything but who is run against whom: copied for each time.
fn template(server: &Server) -> Place {
    let place = Place::new();
    for folder in ["register/recipients", "register/claims", "register/data"] {
        std::fs::create_dir_all(place.path(folder)).expect("a folder");
    }
    let clerk = DESK
        .replace("desk", "clerk")
        .replace("third_parties = []", "third_parties = [\"clerk\"]");
    for (name, text) in [
        ("people.csv", PEOPLE),
        (
            "register/organisation.toml",
            "organisation = \"Example Platform (fictional)\"\n",
        ),
        ("register/recipients/clerk.toml", &format!("{clerk}{CLERK}")),
        ("register/claims/list.toml", CLAIMS),
        ("register/data/app.toml", &MAP.replace("sqlite", "postgresql")),
        ("averment-duties.toml", "[stores.app]\nurl_env = \"APP\"\n"),
    ] {
        std::fs::write(place.path(name), text).expect("a file");
    }
    place.run(&["people", "load", "people.csv"]).expect(0);
    let recorded = "ledger record --to clerk --register register --means file --element contact.email --person s-1 --basis \
                    ferpa.school_official --at 2026-03-01";
    place
        .run(&recorded.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>())
        .expect(0);
    server.execute("create database killed");
    let platform = address(server, "killed");
    let mut client = postgres::Client::connect(&platform, postgres::NoTls).expect("a server");
    client.batch_execute(&format!("{TABLES}{ROWS}")).expect("statements");
    drop(client);
    let plan = ["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"];
    place.run_with(&plan, &[("APP", &platform)]).expect(0);
    place
}

fn address(server: &Server, database: &str) -> String {
    server
        .address()
        .replace("dbname=postgres", &format!("dbname={database}"))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => _ = std::fs::copy(entry.path(), target).expect("a copy"),
        }
    }
    let mode = std::fs::metadata(from).expect("a folder").permissions();
    std::fs::set_permissions(to, mode).expect("it is ours");
}

/// One time: a place, a database and a third party of its own.
struct Time {
    place: Place,
    clerk: Clerk,
    platform: String,
}

impl Time {
    fn of(template: &Place, server: &Server, number: u64) -> Self {
        let (place, clerk) = (Place::new(), Clerk::start(true));
        copy(&template.path(""), &place.path(""));
        server.execute(&format!("create database killed_{number} template killed"));
        let settings = format!(
            "[stores.app]\nurl_env = \"APP\"\n[vendors.clerk]\ntoken_env = \"CLERK_TOKEN\"\nbase_url = \"{}\"\n",
            clerk.url
        );
        std::fs::write(place.path("averment-duties.toml"), settings).expect("a file");
        let platform = address(server, &format!("killed_{number}"));
        Self { place, clerk, platform }
    }

    fn environment(&self) -> [(&str, &str); 2] {
        [("APP", &self.platform), TOKEN[0]]
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.place.run_with(arguments, &self.environment())
    }

    /// Runs, and kills it when so much time has passed. Whether it had ended before.
    fn killed_after(&self, arguments: &[&str], time: Duration) -> bool {
        let mut command = self.place.averment(arguments);
        command.envs(self.environment()).stdout(std::process::Stdio::null());
        let mut child = command.stderr(std::process::Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(time);
        let ended = child.try_wait().expect("a child").is_some();
        child.kill().expect("a child");
        child.wait().expect("a child");
        ended
    }

    /// How far the run is; none where it was not begun.
    fn stage(&self) -> Option<String> {
        let status = self.run(&["erase", "status", "--format", "json"]).stdout;
        let status: Value = serde_json::from_str(&status).expect("JSON");
        let runs = status["runs"].as_array().expect("runs");
        assert!(runs.len() < 2, "{runs:?}");
        runs.first().and_then(|run| run["stage"].as_str()).map(str::to_owned)
    }

    /// How often deletion was asked for there.
    fn deletions(&self) -> usize {
        let log = self.clerk.log();
        assert!(
            !log.iter()
                .any(|line| line.starts_with("DELETE") && line.contains("user_2"))
        );
        log.iter().filter(|line| line.starts_with("DELETE")).count()
    }

    /// What must be so however often it was killed; gives how many entries stand twice.
    fn check(&self, kills: usize) -> usize {
        let when = format!("{kills} kills");
        assert_eq!(self.stage().as_deref(), Some("done"), "{when}");
        assert_eq!(self.clerk.users(), ["lev.aronov@birch.example"], "{when}");
        assert!(
            (1..=1 + kills).contains(&self.deletions()),
            "{} deletions",
            self.deletions()
        );
        let mut client = postgres::Client::connect(&self.platform, postgres::NoTls).expect("a server");
        let left = "select (select count(*) from users), (select count(*) from messages), \
                    (select count(*) from messages where sender_id = 's-1' or recipient_id = 's-1')";
        let row = client.query_one(left, &[]).expect("counts");
        assert_eq!((row.get(0), row.get(1), row.get(2)), (1_i64, 1_i64, 0_i64), "{when}");
        let erasures = erasures(&self.place);
        let of_id: BTreeMap<&str, &averment_ledger::Erasure> =
            erasures.iter().map(|one| (one.id.as_str(), one)).collect();
        let mut states: Vec<&str> = of_id.values().map(|one| one.state.as_str()).collect();
        states.sort_unstable();
        assert_eq!(states, ["done", "forgotten", "planned"], "{when}");
        let documents: BTreeSet<String> = erasures
            .iter()
            .filter_map(|one| one.document.as_ref().map(|document| format!("{document:?}")))
            .collect();
        assert_eq!(documents.len(), 1, "one certificate: {when}");
        let kept = std::fs::read_dir(self.place.path("averment-data/documents")).expect("documents");
        assert_eq!(kept.count(), 1, "{when}");
        let ids: Vec<String> = self.place.deeds().iter().filter_map(id).collect();
        let twice = ids.len() - ids.iter().collect::<BTreeSet<_>>().len();
        // How it ended and what that earns, of two claims, are recorded together, and one more where it was about to be taken out
        // of the inbox.
        assert!(twice <= 4 * kills, "{twice} entries stand twice: {when}");
        self.run(&["erase", "verify", "register"]).expect(0);
        twice
    }
}

fn id(deed: &Deed) -> Option<String> {
    match deed {
        Deed::Erasure(one) => Some(one.id.clone()),
        Deed::Measurement(one) => Some(one.id.clone()),
        _ => None,
    }
}

#[test]
fn the_program_is_killed_anywhere_and_goes_on() {
    let server = Server::postgres();
    let template = template(&server);
    let whole = Time::of(&template, &server, 0);
    let began = Instant::now();
    whole.run(&RUN).expect(0);
    let length = began.elapsed();
    assert_eq!(whole.check(0), 0);
    let times = from_environment(TIMES, 8);
    let (mut stages, mut kills, mut twice, mut again) = (BTreeMap::new(), 0, 0, 0);
    for number in 1..=times {
        let time = Time::of(&template, &server, number);
        // A little beyond the end, since no run takes as long as another.
        let after = |part: f64| length.mul_f64(1.1 * part);
        let mut killed = usize::from(!time.killed_after(&RUN, after(number as f64 / times as f64)));
        let stage = time.stage();
        if stage.as_deref().is_some_and(|stage| stage != "done") {
            // And once more while it goes on.
            let resume = ["erase", "run", "register", "--resume"];
            let part = number.wrapping_mul(7) % 10;
            killed += usize::from(!time.killed_after(&resume, after(part as f64 / 10.0)));
            time.run(&resume).expect(0);
        } else if stage.is_none() {
            time.run(&RUN).expect(0);
        }
        *stages
            .entry(stage.unwrap_or_else(|| "not begun".to_owned()))
            .or_insert(0) += 1;
        twice += time.check(killed);
        again += time.deletions() - 1;
        kills += killed;
        server.execute(&format!("drop database killed_{number} with (force)"));
    }
    eprintln!(
        "{kills} kills, first at {stages:?}; {twice} entries with the same identifier stand twice, {again} deletions were asked for again"
    );
}
