//! Evidence of the product's own commands about one bound register, recorded in its ledger.
//!
//! Nothing is entered by hand here but what only people can say, and that counts as attested.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml_edit::{DocumentMut, Item, Table};

use super::compose::{Bound, names, overlay, read};
use super::platform::{Platform, Serving, send, vendors};
use super::process::{Server, program, ran, well};
use crate::run::{Step, built, root};

/// How a look may end: 0 holds, 1 something is against a claim, 2 something could not be measured.
const LOOKS: [i32; 3] = [0, 1, 2];
/// Whose things pages may load: a browser is sent to stand-ins of the platform instead.
const ELSEWHERE: [&str; 7] = [
    "accounts.google.com",
    "login.microsoftonline.com",
    "meet.jit.si",
    "schoolhouse-pages.b-cdn.net",
    "www.facebook.com",
    "www.google-analytics.com",
    "www.googletagmanager.com",
];
/// Whom the platform's server asks when somebody signs up, besides those whom browsers are sent to.
const ASKED: [&str; 4] = [
    "graph.facebook.com",
    "graph.microsoft.com",
    "oauth2.googleapis.com",
    "openidconnect.googleapis.com",
];

impl Bound {
    /// `averment` with the folders of this register.
    pub(super) fn averment(&self, arguments: &[&str]) -> Command {
        let mut command = program("averment");
        command.args(arguments).current_dir(&self.folder);
        command
    }

    fn log(&self) -> PathBuf {
        self.folder.join("averment.log")
    }

    /// Fills the directory from the platform's database.
    pub(super) fn people(&self, platform: &Platform) -> Step {
        let mut command = self.averment(&["people", "sync"]);
        command.arg("--sqlite").arg(platform.database_file());
        command.arg("--query").arg(overlay().join("people.sql"));
        well(&mut command).map(|_| ())
    }

    /// The gate of this register with its page; what it says of itself is `gate` and `page`.
    pub(super) fn up(&self) -> Result<Server, String> {
        let here = [
            "up",
            "register",
            "--gate",
            "127.0.0.1:0",
            "--page",
            "127.0.0.1:0",
            "--sink",
            "127.0.0.1:0",
        ];
        Server::start(self.averment(&here), "ready", &self.log())
    }

    /// Everything that the platform sends, through the gate of this register.
    pub(super) fn traffic(&self, platform: &Platform, up: &Server) -> Step {
        let authority = self.folder.join("averment-data/authority.pem");
        let gate = (up.said("gate")?, authority.as_path());
        let serving = platform.serve("published", Some(gate), &self.log())?;
        send(&serving)?;
        // Two students who opt in to Gravatar; the school of the first has consented to such things, that of the second has not.
        for (username, page) in [("ben", "/people/2/picture"), ("mina", "/people/16/picture")] {
            let student = serving.sign_in(username)?;
            serving.send(&student, "/settings/gravatar", &[("on", "yes")])?;
            serving.open(&student, page)?;
        }
        platform.news(gate)
    }

    /// People sign up with accounts that they have elsewhere, where the pages of this register offer it: through a gate behind
    /// which those who have the accounts answer.
    pub(super) fn sign_ups(&self, platform: &Platform) -> Step {
        let Some(pages) = self.pages_file() else { return Ok(()) };
        let offered = read(&pages)?;
        let offered = names(&offered, "accounts");
        if offered.is_empty() {
            return Ok(());
        }
        let trust = self.folder.join("accounts.pem");
        let others = self.others(&trust, &[&ELSEWHERE[..], &ASKED].concat())?;
        let there = others.said("tls on")?;
        let mut command = self.averment(&["up", "register", "--gate", "127.0.0.1:0", "--page", "127.0.0.1:0"]);
        command.args(["--connect-to", there, "--trust"]).arg(&trust);
        let up = Server::start(command, "ready", &self.log())?;
        let authority = self.folder.join("averment-data/authority.pem");
        let gate = (up.said("gate")?, authority.as_path());
        let serving = platform.serve_offering(&pages, gate, &self.log())?;
        for provider in offered {
            serving.sign_up(
                provider,
                (there, &trust),
                &self.folder.join(format!("{provider}.cookies")),
            )?;
        }
        drop(serving);
        up.stop()
    }

    /// Stand-ins for others, by TLS under these names; `authority`: where the certificate of theirs is written.
    fn others(&self, authority: &Path, names: &[&str]) -> Result<Server, String> {
        let mut others = program("schoolhouse");
        others.args(["vendor-stub", "--listen", "127.0.0.1:0", "--authority"]);
        others.arg(authority).args(names.iter().flat_map(|host| ["--as", host]));
        Server::start(others, "listening on", &self.log())
    }

    /// What people and schools have said yes to, by the binding.
    pub(super) fn consents(&self) -> Step {
        let binding = self.binding()?;
        let tables = binding.get("consents").and_then(Item::as_array_of_tables);
        for table in tables.into_iter().flatten() {
            let mut give = self.averment(&["consent", "give"]);
            for (name, value) in table {
                give.arg(format!("--{name}")).arg(value.as_str().unwrap_or_default());
            }
            well(&mut give)?;
        }
        Ok(())
    }

    /// The platform as this register has it: with what its pages load from others.
    fn pages(&self, serving: &Serving) -> Result<Serving, String> {
        serving.platform.serve_pages(self.pages_file().as_deref(), &self.log())
    }

    fn pages_file(&self) -> Option<PathBuf> {
        let file = overlay().join(self.example).join("pages.toml");
        file.exists().then_some(file)
    }

    /// News alone, through the gate of this register.
    pub(super) fn news(&self, platform: &Platform, up: &Server) -> Step {
        let authority = self.folder.join("averment-data/authority.pem");
        platform.news((up.said("gate")?, authority.as_path()))
    }

    /// Erases somebody by their number, and looks afterwards.
    pub(super) fn erase(&self, person: &str) -> Step {
        let plan = ["erase", "plan", "register", "--person", person, "--format", "json"];
        let planned: serde_json::Value = serde_json::from_str(&ran(&mut self.averment(&plan))?.stdout)
            .map_err(|error| format!("the plan of an erasure is no JSON: {error}"))?;
        let hash = planned["hash"].as_str().unwrap_or_default();
        let run = ["erase", "run", "register", "--person", person, "--hash", hash];
        self.look(&[&run[..], &["--by", "operations", "--accept-others"]].concat())
    }

    /// Looks whether somebody who was erased is visible.
    pub(super) fn verify_erased(&self) -> Step {
        self.look(&["erase", "verify", "register"])
    }

    /// How stores and pages are reached.
    pub(super) fn reached(&self, platform: &Platform, serving: &Serving, up: &Server) -> Step {
        self.reached_at(platform, serving, up, "")
    }

    /// The same with the platform's vendors behind one address, for drills that look what arrives there.
    fn reached_at(&self, platform: &Platform, serving: &Serving, up: &Server, vendors: &str) -> Step {
        let from = overlay().join(self.example).join("duties.toml");
        let text = std::fs::read_to_string(&from).map_err(|error| format!("`{}`: {error}", from.display()))?;
        let data = platform.data.display().to_string();
        let text = text.replace("{platform}", &serving.address).replace("{data}", &data);
        let own = built("schoolhouse").display().to_string();
        let text = text.replace("{page}", up.said("page")?).replace("{schoolhouse}", &own);
        let text = text.replace("{vendors}", vendors);
        let text = match (serving.said("tls on"), serving.said("plain on")) {
            (Ok(tls), Ok(plain)) => text.replace("{tls}", tls).replace("{plain}", plain),
            _ => text,
        };
        let file = self.folder.join("averment-duties.toml");
        std::fs::write(&file, text).map_err(|error| format!("`{}`: {error}", file.display()))
    }

    /// Looks at what runs: databases and pages.
    pub(super) fn probe(&self, platform: &Platform, serving: &Serving, up: &Server) -> Step {
        let pages = self.pages(serving)?;
        self.reached(platform, &pages, up)?;
        self.look(&["probe", "register", "--record"])?;
        let database = platform.database_file().display().to_string();
        self.look(&[
            "scan",
            "schema",
            &database,
            "--store",
            "app",
            "--register",
            "register",
            "--record",
        ])
    }

    /// Lets go what is due, and holds the drills.
    pub(super) fn keep_up(&self, platform: &Platform, up: &Server) -> Step {
        self.look(&["retain", "run", "register"])?;
        self.drill("all", platform, up)
    }

    /// Holds the drills of this kind on the platform, served with vendors of its own: what it tells others has to arrive there.
    pub(super) fn drill(&self, kind: &str, platform: &Platform, up: &Server) -> Step {
        if !self.has_drills(kind)? {
            return Ok(());
        }
        self.list_of_erased()?;
        let vendors = vendors(None, &self.log())?;
        let there = vendors.said("listening on")?;
        let serving = platform.serve(there, None, &self.log())?;
        self.reached_at(platform, &serving, up, there)?;
        self.look(&["drill", kind, "register", "--record"])
    }

    fn has_drills(&self, kind: &str) -> Result<bool, String> {
        let settings = read(&self.folder.join("averment-duties.toml"))?;
        let drills = settings.get("drills").and_then(Item::as_array_of_tables);
        let is_meant = |drill: &Table| kind == "all" || drill.get("kind").and_then(Item::as_str) == Some(kind);
        Ok(drills.into_iter().flatten().any(is_meant))
    }

    /// Where nobody was erased yet, an empty list says so: without one nobody can say whom a restored backup brings back.
    fn list_of_erased(&self) -> Step {
        let folder = self.folder.join("averment-tombstones");
        let file = folder.join("tombstones");
        if file.exists() {
            return Ok(());
        }
        let made = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, ""));
        made.map_err(|error| format!("`{}`: {error}", file.display()))
    }

    /// Looks at source code, and at pages with a browser as each kind of visitor.
    pub(super) fn scan(&self, serving: &Serving) -> Step {
        let source = root().join("examples/schoolhouse/src").display().to_string();
        self.look(&["scan", "code", &source, "--register", "register", "--record"])?;
        let pages = self.pages(serving)?;
        let authority = self.folder.join("others.pem");
        let others = self.others(&authority, &ELSEWHERE)?;
        let (there, here) = (others.said("tls on")?, pages.said("tls on")?);
        let mut rules = ELSEWHERE.map(|host| format!("MAP {host} {there}")).join(",");
        rules += &format!(",MAP schoolhouse.example {here}");
        let own = pages.platform.data.join("authority.pem").display().to_string();
        let authority = authority.display().to_string();
        let trust = ["--trust", &authority, "--trust", &own];
        for (role, journey) in self.journeys()? {
            let file = journey.display().to_string();
            let visit = [
                "scan",
                "site",
                "https://schoolhouse.example/",
                "--resolver-rules",
                &rules,
                "--journey",
                &file,
                "--as",
                &role,
                "--name",
                &role,
            ];
            let rest = ["--with-people", "--no-sandbox", "--register", "register", "--record"];
            self.look(&[&visit[..], &trust, &rest].concat())?;
        }
        Ok(())
    }

    /// Journeys by the kind of visitor who makes them: those of this register, and for other visitors those of all.
    fn journeys(&self) -> Result<BTreeMap<String, PathBuf>, String> {
        let mut all = journeys_in(&overlay().join("journeys"))?;
        let own = overlay().join(self.example).join("journeys");
        if own.exists() {
            all.extend(journeys_in(&own)?);
        }
        Ok(all)
    }

    /// What only people can say.
    pub(super) fn attest(&self) -> Step {
        let binding = self.binding()?;
        for (claim, by, says) in attested(&binding) {
            let vouch = ["attest", "register", "--claim", &claim, "--by", &by, "--says", &says];
            well(&mut self.averment(&vouch)).map_err(|error| format!("{claim}: {error}"))?;
        }
        Ok(())
    }

    /// A look that was made; whether what it found speaks for a claim is for the grades to say.
    pub(super) fn look(&self, arguments: &[&str]) -> Step {
        let ended = ran(&mut self.averment(arguments))?;
        let said = format!("+ averment {}\n{}{}\n", arguments.join(" "), ended.stdout, ended.stderr);
        append(&self.folder.join("looks.txt"), &said)?;
        match ended.code {
            Some(code) if LOOKS.contains(&code) && !ended.stderr.contains("error: ") => Ok(()),
            code => Err(format!(
                "`averment {}` ended with {code:?}:\n{said}",
                arguments.join(" ")
            )),
        }
    }
}

fn append(file: &Path, text: &str) -> Step {
    use std::io::Write as _;
    let opened = std::fs::File::options().create(true).append(true).open(file);
    let written = opened.and_then(|mut opened| opened.write_all(text.as_bytes()));
    written.map_err(|error| format!("`{}`: {error}", file.display()))
}

/// Journeys in a folder, by the kind of visitor who makes them.
fn journeys_in(folder: &Path) -> Result<BTreeMap<String, PathBuf>, String> {
    let told = |error: std::io::Error| format!("`{}`: {error}", folder.display());
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let file = entry.map_err(told)?.path();
        let role = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        all.insert(role.to_owned(), file.clone());
    }
    Ok(all)
}

/// Claim, who vouches, and what they say.
fn attested(binding: &DocumentMut) -> Vec<(String, String, String)> {
    let tables = binding.get("attests").and_then(Item::as_array_of_tables);
    let mut all = Vec::new();
    for table in tables.into_iter().flatten() {
        let text = |name: &str| table.get(name).and_then(Item::as_str).unwrap_or_default().to_owned();
        let claims = table.get("claims").and_then(Item::as_array);
        for claim in claims.into_iter().flatten().filter_map(|claim| claim.as_str()) {
            all.push((claim.to_owned(), text("by"), text("says")));
        }
    }
    all
}

/// The claims of a register with their grades, as `averment claims` tells them.
pub(super) fn grades(bound: &Bound) -> Result<serde_json::Value, String> {
    let told = ran(&mut bound.averment(&["claims", "register", "--format", "json"]))?;
    serde_json::from_str(&told.stdout).map_err(|error| format!("{error}: {}", told.stderr))
}
