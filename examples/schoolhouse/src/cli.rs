//! What can be asked for on the command line.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;

use crate::guesses::{self, Guesses};
use crate::loaded::Loaded;
use crate::mistakes::{Mistake, Mistakes};
use crate::oidc::stub::Lie;
use crate::serve::Places;
use crate::settings::{App, Folder};
use crate::store::{Connection, Place, Store, schema_text};
use crate::vendors::{Vendors, Way};
use crate::{backup, news, purge, register, seed, serve, spoil};

/// A small education platform, with mistakes that can be switched on.
#[derive(Debug, Parser)]
#[command(name = "schoolhouse", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves pages and the JSON API; seeds an empty platform first when `--people` is given.
    Serve(Serve),
    /// Fills an empty platform with fictional people.
    Seed {
        #[command(flatten)]
        place: Platform,
        /// How many.
        #[arg(long, default_value_t = 60)]
        people: usize,
    },
    /// The retention job: deletes what is older than the privacy page allows.
    Purge(Platform),
    /// Makes a backup in the folder `backups`.
    Backup(Platform),
    /// Puts a backup in the place of the database, and deletes again who was deleted since.
    Restore {
        #[command(flatten)]
        place: Platform,
        /// The backup.
        file: PathBuf,
    },
    /// Guesses at passwords of a platform that is served, from outside, and looks whether staff are told where they read.
    Guess {
        /// Where it is served.
        address: String,
        /// Where the `vendor-stub` is that it tells its vendors at.
        #[arg(long)]
        told_at: String,
    },
    /// Sends news to adults who asked for them.
    News {
        #[command(flatten)]
        place: Platform,
        #[arg(long)]
        subject: String,
        #[arg(long)]
        text: String,
    },
    /// Writes the register of the platform for the engine that it runs on, and how its stores are reached.
    Register {
        #[command(flatten)]
        place: Platform,
        /// The folder to write into: `register/` and `averment-duties.toml`.
        into: PathBuf,
    },
    /// An OIDC server to try the sign-in with: it believes whoever types a user name.
    OidcStub {
        /// Where it listens.
        #[arg(long, default_value = "127.0.0.1:8091")]
        listen: String,
        /// What it lies about in its tokens.
        #[arg(long)]
        lie: Option<Lie>,
    },
    /// Vendors to try deletion with, all behind one address: give it to the platform as `--vendors`.
    VendorStub {
        /// Where they listen.
        #[arg(long, default_value = "127.0.0.1:8092")]
        listen: String,
        /// A mistake to switch on; of them `vendor-delete-202-and-nothing` concerns vendors.
        #[arg(long = "mistake", env = "SCHOOLHOUSE_MISTAKES", value_delimiter = ',')]
        mistakes: Vec<Mistake>,
        /// Speak TLS too, under the names of `--as`, and write the certificate of their authority here.
        #[arg(long, requires = "names")]
        authority: Option<PathBuf>,
        /// A host whose things pages load.
        #[arg(long = "as", value_name = "HOST")]
        names: Vec<String>,
    },
    /// Prints the schema.
    Schema {
        /// Of PostgreSQL instead of SQLite.
        #[arg(long)]
        postgresql: bool,
    },
    /// Lists the mistakes, each with the sentence that it breaks.
    Mistakes,
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    place: Platform,
    /// Where it listens; port 0 takes a free one, and says which.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: String,
    /// Where browsers reach it, if not where it listens.
    #[arg(long, env = "SCHOOLHOUSE_URL")]
    url: Option<String>,
    /// The OIDC server of the schools.
    #[arg(long, env = "SCHOOLHOUSE_OIDC")]
    oidc: Option<String>,
    /// Seeds so many people where there are none.
    #[arg(long)]
    people: Option<usize>,
    /// A file that says what pages load from others.
    #[arg(long, env = "SCHOOLHOUSE_PAGES")]
    pages: Option<PathBuf>,
    /// Where it speaks TLS with a certificate of its own; plain HTTP leads there then, but for programs on this machine.
    #[arg(long)]
    tls: Option<String>,
}

/// Where the platform is, and what is wrong with it.
#[derive(Debug, Args)]
struct Platform {
    /// The folder of the SQLite database, of uploads, exports, the outbox and backups.
    #[arg(long, env = "SCHOOLHOUSE_DATA", default_value = "schoolhouse-data")]
    data: PathBuf,
    /// A PostgreSQL database instead of SQLite: `postgres://…` or `host=… dbname=…`.
    #[arg(long, env = "SCHOOLHOUSE_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Where vendors are: `off`, `published` (their own hosts, through `HTTPS_PROXY`), or one address for all.
    #[arg(long, env = "SCHOOLHOUSE_VENDORS", default_value = "off", value_parser = Way::read)]
    vendors: Way,
    /// A mistake to switch on; `schoolhouse mistakes` lists them.
    #[arg(long = "mistake", env = "SCHOOLHOUSE_MISTAKES", value_delimiter = ',')]
    mistakes: Vec<Mistake>,
    /// The time that it pretends it is, as RFC 3339.
    #[arg(long, env = "SCHOOLHOUSE_NOW")]
    now: Option<Timestamp>,
}

type Outcome = Result<(), Box<dyn Error>>;

/// Does what was asked for.
pub(crate) fn run(cli: &Cli) -> Outcome {
    match &cli.command {
        Command::Serve(arguments) => serving(arguments),
        Command::Seed { place, people } => {
            let (app, mut db) = place.open()?;
            seed::run(&app, &mut db, *people)?;
            purge::run(&app, &mut db)?;
            say(&format!("{people} people"))
        }
        Command::Purge(place) => {
            let (app, mut db) = place.open()?;
            match purge::run(&app, &mut db)? {
                Some(rows) => say(&format!("purge ended well, {rows} rows")),
                None => say("the job is stopped"),
            }
        }
        Command::Backup(place) => say(&backup::make(&place.open()?.0)?.display().to_string()),
        Command::Restore { place, file } => {
            let again = backup::restore(&place.open()?.0, file)?;
            say(&format!("restored; {again} deleted again"))
        }
        Command::Guess { address, told_at } => {
            let told = guesses::try_out(address, told_at)?;
            say(&format!("noticed, {told} alerts"))
        }
        Command::News { place, subject, text } => {
            let (app, mut db) = place.open()?;
            let readers = news::send(&app, &mut db, subject, text)?;
            say(&format!("{readers} readers"))
        }
        Command::Register { place, into } => Ok(register::write(&place.open()?.0, into)?),
        Command::OidcStub { listen, lie } => serve::oidc_stub(listen, *lie),
        Command::VendorStub {
            listen,
            mistakes,
            authority,
            names,
        } => {
            let tls = authority.as_deref().map(|authority| (names.as_slice(), authority));
            serve::vendor_stub(listen, &Mistakes::new(mistakes), tls)
        }
        Command::Schema { postgresql } => say(&schema_text(*postgresql)),
        Command::Mistakes => {
            use clap::ValueEnum as _;
            let line = |mistake: &Mistake| {
                let name = mistake.to_possible_value().map(|value| value.get_name().to_owned());
                format!("{}: {}", name.unwrap_or_default(), mistake.breaks())
            };
            say(&Mistake::value_variants()
                .iter()
                .map(line)
                .collect::<Vec<_>>()
                .join("\n"))
        }
    }
}

fn serving(arguments: &Serve) -> Outcome {
    let (mut app, mut db) = arguments.place.open()?;
    if let Some(people) = arguments
        .people
        .filter(|_| db.number("select count(*) from users", &[]).is_ok_and(|n| n == 0))
    {
        seed::run(&app, &mut db, people)?;
    }
    app.issuer = arguments
        .oidc
        .as_ref()
        .map(|issuer| issuer.trim_end_matches('/').to_owned());
    app.loaded = Loaded::read(arguments.pages.as_deref())?;
    spoil::rows(&app, &mut db)?;
    purge::run(&app, &mut db)?;
    let places = Places {
        listen: &arguments.listen,
        url: arguments.url.as_deref(),
        tls: arguments.tls.as_deref(),
    };
    serve::platform(app, &places)
}

impl Platform {
    /// The platform with its tables, and a connection.
    fn open(&self) -> Result<(App, Connection), Box<dyn Error>> {
        let folder = Folder::open(&self.data)?;
        let place = self.database.clone().map_or_else(|| folder.sqlite(), Place::Postgres);
        let app = App {
            store: Store::new(place),
            lookup_key: folder.lookup_key()?,
            folder,
            mistakes: Mistakes::new(&self.mistakes),
            vendors: Vendors::new(self.vendors.clone()),
            loaded: Loaded::default(),
            url: String::new(),
            issuer: None,
            guesses: Guesses::default(),
            pretended: self.now,
        };
        let mut db = app.store.take()?;
        db.make_tables()?;
        Ok((app, db))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every command ends with an outcome")]
fn say(text: &str) -> Outcome {
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(())
}
