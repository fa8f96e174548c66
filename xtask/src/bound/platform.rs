//! The example platform: seeded, served, and used by its own people, so that there is something to look at.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::process::{Server, program, well};
use crate::run::Step;

/// Fictional people.
const PEOPLE: &str = "40";

/// A platform on a folder of its own.
#[derive(Clone)]
pub(super) struct Platform {
    pub(super) data: PathBuf,
    /// The address of a PostgreSQL database; SQLite in the folder when absent.
    pub(super) database: Option<String>,
    /// Mistakes that are switched on.
    pub(super) mistakes: Vec<String>,
}

/// The platform while it serves.
pub(super) struct Serving {
    server: Server,
    pub(super) address: String,
    pub(super) platform: Platform,
}

impl Platform {
    /// A command of the platform.
    fn command(&self, name: &str) -> Command {
        let mut command = program("schoolhouse");
        command.arg(name).arg("--data").arg(&self.data);
        if let Some(database) = &self.database {
            command.args(["--database", database]);
        }
        for mistake in &self.mistakes {
            command.args(["--mistake", mistake]);
        }
        command
    }

    pub(super) fn seed(&self) -> Step {
        well(self.command("seed").args(["--people", PEOPLE])).map(|_| ())
    }

    pub(super) fn run(&self, name: &str, arguments: &[&str]) -> Result<String, String> {
        well(self.command(name).args(arguments))
    }

    /// Its register and how its stores are reached.
    pub(super) fn register(&self, into: &Path) -> Step {
        well(self.command("register").arg(into)).map(|_| ())
    }

    /// The file of a platform on SQLite.
    pub(super) fn database_file(&self) -> PathBuf {
        self.data.join("schoolhouse.sqlite")
    }

    /// Serves with vendors at `vendors`, behind a gate where one is given: its address and the file with its authority.
    pub(super) fn serve(&self, vendors: &str, gate: Option<(&str, &Path)>, log: &Path) -> Result<Serving, String> {
        let mut command = self.command("serve");
        command.args(["--listen", "127.0.0.1:0", "--vendors", vendors]);
        behind(&mut command, gate);
        self.serving(command, log)
    }

    /// Serves with TLS beside it; `pages` says what its pages load from others.
    pub(super) fn serve_pages(&self, pages: Option<&Path>, log: &Path) -> Result<Serving, String> {
        let mut command = self.command("serve");
        let own = ["--listen", "127.0.0.1:0", "--url", "https://schoolhouse.example"];
        command.args(own).args(["--vendors", "off", "--tls", "127.0.0.1:0"]);
        if let Some(pages) = pages {
            command.arg("--pages").arg(pages);
        }
        self.serving(command, log)
    }

    /// Serves behind a gate with what `pages` says, vendors at their own hosts.
    pub(super) fn serve_offering(&self, pages: &Path, gate: (&str, &Path), log: &Path) -> Result<Serving, String> {
        let mut command = self.command("serve");
        command.args(["--listen", "127.0.0.1:0", "--vendors", "published", "--pages"]);
        command.arg(pages);
        behind(&mut command, Some(gate));
        self.serving(command, log)
    }

    fn serving(&self, command: Command, log: &Path) -> Result<Serving, String> {
        let server = Server::start(command, "listening on", log)?;
        let address = server.said("listening on")?.to_owned();
        Ok(Serving {
            server,
            address,
            platform: self.clone(),
        })
    }

    /// Sends news to adults who asked for them.
    pub(super) fn news(&self, gate: (&str, &Path)) -> Step {
        let mut command = self.command("news");
        command.args([
            "--vendors",
            "published",
            "--subject",
            "News",
            "--text",
            "There is a new editor.",
        ]);
        behind(&mut command, Some(gate));
        well(&mut command).map(|_| ())
    }
}

fn behind(command: &mut Command, gate: Option<(&str, &Path)>) {
    if let Some((address, authority)) = gate {
        command.env("HTTPS_PROXY", address).env("SSL_CERT_FILE", authority);
    }
}

impl Serving {
    /// What the server said behind a word when it started.
    pub(super) fn said(&self, word: &str) -> Result<&str, String> {
        self.server.said(word)
    }

    /// The token of somebody who signs in.
    pub(super) fn sign_in(&self, username: &str) -> Result<String, String> {
        let body = format!("{{\"username\":\"{username}\",\"password\":\"schoolhouse-{username}\"}}");
        let mut curl = self.curl("/api/sign-in");
        let answer = well(curl.args(["--json", &body]))?;
        let answer: serde_json::Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
        let token = answer["token"].as_str();
        token
            .map(str::to_owned)
            .ok_or_else(|| format!("`{username}` gets no token"))
    }

    /// The address of somebody, as the platform tells them themselves.
    pub(super) fn email(&self, username: &str) -> Result<String, String> {
        let token = self.sign_in(username)?;
        let mut curl = self.curl("/api/me");
        let answer = well(curl.args(["-H", &format!("Authorization: Bearer {token}")]))?;
        let answer: serde_json::Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
        let email = answer["email"].as_str();
        email
            .map(str::to_owned)
            .ok_or_else(|| format!("`{username}` has no address"))
    }

    /// Somebody sends a form.
    pub(super) fn send(&self, token: &str, path: &str, fields: &[(&str, &str)]) -> Step {
        let mut curl = self.curl(path);
        curl.args(["-H", &format!("Authorization: Bearer {token}")]);
        for (name, value) in fields {
            curl.args(["--data-urlencode", &format!("{name}={value}")]);
        }
        if fields.is_empty() {
            curl.args(["--data", ""]);
        }
        well(&mut curl).map(|_| ())
    }

    /// Somebody signs up with an account that they have with `provider`, as a browser does: there and back. `others`: where who has
    /// the accounts answers, and the file with its authority; `cookies`: a file of the browser's.
    pub(super) fn sign_up(&self, provider: &str, others: (&str, &Path), cookies: &Path) -> Step {
        let led = |curl: &mut Command| {
            curl.args(["-sS", "-f", "--noproxy", "*", "--max-time", "60", "-o", "/dev/null"]);
            curl.args(["-w", "%{redirect_url}", "-b"])
                .arg(cookies)
                .arg("-c")
                .arg(cookies);
            well(curl)
        };
        let there = led(Command::new("curl").arg(format!("{}/sign-up/{provider}", self.address)))?;
        let mut page = Command::new("curl");
        page.args(["--connect-to", &format!("::{}", others.0), "--cacert"])
            .arg(others.1);
        let back = led(page.arg(format!("{there}&as={provider}-lena")))?;
        let home = led(Command::new("curl").arg(&back))?;
        match home.ends_with("/home") {
            true => Ok(()),
            false => Err(format!("nobody can sign up with an account of `{provider}`")),
        }
    }

    /// Somebody opens a page, whatever it answers.
    pub(super) fn open(&self, token: &str, path: &str) -> Step {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--noproxy", "*", "--max-time", "60", "-o", "/dev/null"]);
        curl.args(["-H", &format!("Authorization: Bearer {token}")]);
        well(curl.arg(format!("{}{path}", self.address))).map(|_| ())
    }

    /// Somebody uploads their picture.
    pub(super) fn picture(&self, token: &str, file: &Path) -> Step {
        let mut curl = self.curl("/settings/picture");
        let part = format!("file=@{};type=image/png", file.display());
        curl.args(["-H", &format!("Authorization: Bearer {token}"), "-F", &part]);
        well(&mut curl).map(|_| ())
    }

    fn curl(&self, path: &str) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-f", "--noproxy", "*", "--max-time", "60"]);
        curl.arg(format!("{}{path}", self.address));
        curl
    }
}

/// What people do there: each line of it is there so that a sentence has something to be held against.
pub(super) fn live(serving: &Serving, picture: &Path) -> Step {
    std::fs::write(picture, PICTURE).map_err(|error| format!("`{}`: {error}", picture.display()))?;
    let dora = serving.sign_in("dora")?;
    serving.picture(&dora, picture)?;
    let bridge = [
        ("title", "Nine bridges of paper"),
        ("body", "Paper bridges, weighed by Westfield's own scales"),
    ];
    serving.send(&dora, "/projects/4", &bridge)?;
    serving.send(&dora, "/projects/4/link", &[("shared", "yes")])?;
    let message = [("to", "mina"), ("body", "The bridge holds nine kilograms")];
    serving.send(&dora, "/messages", &message)?;
    let cleo = serving.sign_in("cleo")?;
    serving.picture(&cleo, picture)?;
    let sina = serving.sign_in("sina")?;
    serving.send(&sina, "/school", &[("peers_see", "no")])
}

/// Somebody deletes their account.
pub(super) fn leave(serving: &Serving, username: &str) -> Step {
    let token = serving.sign_in(username)?;
    serving.send(&token, "/settings/delete", &[("sure", "yes")])?;
    // What goes at once is due when the second is over in which it became so.
    std::thread::sleep(Duration::from_millis(1_100));
    Ok(())
}

/// Makes somebody who has paid a customer of the vendors' processor of payments, as the platform does with the first order.
pub(super) fn customer(vendors: &str, email: &str) -> Step {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-f", "--noproxy", "*", "--max-time", "60"]);
    curl.args(["--data-urlencode", &format!("email={email}")]);
    well(curl.arg(format!("{vendors}/stripe/v1/customers"))).map(|_| ())
}

/// Vendors of the platform's own, behind one address, maybe with a mistake.
pub(super) fn vendors(mistake: Option<&str>, log: &Path) -> Result<Server, String> {
    let mut command = program("schoolhouse");
    command.args(["vendor-stub", "--listen", "127.0.0.1:0"]);
    command.args(mistake.into_iter().flat_map(|mistake| ["--mistake", mistake]));
    Server::start(command, "listening on", log)
}

/// What is sent to vendors: a ticket and its answer, an order, the beginning of a project, a link by text message.
pub(super) fn send(serving: &Serving) -> Step {
    let dora = serving.sign_in("dora")?;
    let ticket = [
        ("email", "dora.pemberton.10@westfield.example"),
        ("body", "My bridge cannot be opened"),
    ];
    serving.send(&dora, "/contact", &ticket)?;
    serving.send(&dora, "/projects", &[("title", "More bridges"), ("body", "of wood")])?;
    serving.send(&dora, "/projects/4/text", &[("number", "+12025550143")])?;
    let wes = serving.sign_in("wes")?;
    let ticket = [
        ("email", "wes.hathaway.11@westfield.example"),
        ("body", "How do I print?"),
    ];
    serving.send(&wes, "/contact", &ticket)?;
    let gerda = serving.sign_in("gerda")?;
    serving.send(&gerda, "/orders", &[("product", "class-year")])?;
    // Tom opted in to Gravatar.
    let tom = serving.sign_in("tom")?;
    serving.open(&tom, "/people/4/picture")
}

/// One grey pixel.
const PICTURE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x68, 0x02, 0x00, 0x00, 0x84, 0x00, 0x83, 0xd0, 0x86, 0xce, 0x23, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];
