//! The register of this platform, written out for the engine that it runs on, with how its stores are reached.
//!
//! The files are those of `register/`; only the word for the engine differs between SQLite and PostgreSQL.

use std::path::Path;

use crate::settings::App;
use crate::store::Place;

/// The files of the register, by their names in it.
const FILES: [(&str, &str); 14] = [
    ("organisation.toml", include_str!("../register/organisation.toml")),
    ("claims/list.toml", include_str!("../register/claims/list.toml")),
    ("data/app.toml", include_str!("../register/data/app.toml")),
    ("data/exports.toml", include_str!("../register/data/exports.toml")),
    ("data/outbox.toml", include_str!("../register/data/outbox.toml")),
    ("data/uploads.toml", include_str!("../register/data/uploads.toml")),
    (
        "recipients/amplitude.toml",
        include_str!("../register/recipients/amplitude.toml"),
    ),
    (
        "recipients/gravatar.toml",
        include_str!("../register/recipients/gravatar.toml"),
    ),
    (
        "recipients/mailgun.toml",
        include_str!("../register/recipients/mailgun.toml"),
    ),
    (
        "recipients/sendgrid.toml",
        include_str!("../register/recipients/sendgrid.toml"),
    ),
    (
        "recipients/slack.toml",
        include_str!("../register/recipients/slack.toml"),
    ),
    (
        "recipients/stripe.toml",
        include_str!("../register/recipients/stripe.toml"),
    ),
    (
        "recipients/twilio.toml",
        include_str!("../register/recipients/twilio.toml"),
    ),
    (
        "recipients/zendesk.toml",
        include_str!("../register/recipients/zendesk.toml"),
    ),
];

/// Writes `into/register/` and `into/averment-duties.toml`.
pub(crate) fn write(app: &App, into: &Path) -> std::io::Result<()> {
    let register = into.join("register");
    for (name, text) in FILES {
        let file = register.join(name);
        std::fs::create_dir_all(file.parent().unwrap_or(&register))?;
        let text = match &app.store.place {
            Place::Sqlite(_) => text.replace("engine = \"postgresql\"", "engine = \"sqlite\""),
            Place::Postgres(_) => text.to_owned(),
        };
        std::fs::write(file, text)?;
    }
    std::fs::write(into.join("averment-duties.toml"), duties(app)?)
}

/// How the stores are reached: the address of a PostgreSQL database stays in the environment.
fn duties(app: &App) -> std::io::Result<String> {
    let rows = match &app.store.place {
        Place::Sqlite(file) => format!("path = {:?}", std::path::absolute(file)?),
        Place::Postgres(_) => "url_env = \"SCHOOLHOUSE_DATABASE\"".to_owned(),
    };
    let mut text = format!("# How the stores of the register are reached.\n\n[stores.app]\n{rows}\n");
    for store in ["uploads", "exports", "outbox"] {
        let folder = std::path::absolute(app.folder.part(store))?;
        text += &format!("\n[stores.{store}]\npath = {folder:?}\n");
    }
    text += &drills(app)?;
    if let Some(address) = app.vendors.only_at() {
        text += &vendors(address);
    }
    Ok(text)
}

/// That backups are made every week, and that one is restored every year: what the claims `backup` and `restore-test` say. The server on
/// which scratch databases may be made stays in the environment, too.
fn drills(app: &App) -> std::io::Result<String> {
    let folder = std::path::absolute(app.folder.backups())?;
    let (engine, ending, scratch) = match &app.store.place {
        Place::Sqlite(_) => ("sqlite", ".sqlite", ""),
        Place::Postgres(_) => ("postgresql", ".sql", "scratch = { env = \"SCHOOLHOUSE_SCRATCH\" }\n"),
    };
    let backup = format!("file = {folder:?}\nending = {ending:?}\nengine = {engine:?}\n");
    Ok(format!(
        "\n# Held by `averment drill all register --record`.\n\
         [[drills]]\nname = \"weekly\"\nkind = \"backup\"\n{backup}bytes = 50000\n\n\
         [[drills]]\nname = \"yearly\"\nkind = \"restore\"\n{backup}{scratch}store = \"app\"\nage = \"P8D\"\n\
         rows = {{ users = 10, schools = 2 }}\n\
         canaries = [{{ table = \"schools\", column = \"name\", value = \"Westfield Academy\" }}]\n\
         newest = {{ table = \"activity_log\", column = \"at\" }}\n"
    ))
}

/// How the vendors of `schoolhouse vendor-stub` are reached. They ask for no secret, but for something in its place.
fn vendors(address: &str) -> String {
    let mut text = String::new();
    for (vendor, settings) in [
        ("amplitude", "requester = \"privacy@schoolhouse.example\""),
        ("mailgun", "domain = \"schoolhouse.example\""),
        ("sendgrid", ""),
        ("slack", "team = \"T00000000\""),
        ("stripe", ""),
        ("twilio", "account = \"ACexample\""),
        (
            "zendesk",
            "subdomain = \"schoolhouse\"\nagent = \"agent@schoolhouse.example\"",
        ),
    ] {
        text += &format!("\n[vendors.{vendor}]\nbase_url = \"{address}/{vendor}\"\n");
        text += "token_env = \"SCHOOLHOUSE_VENDOR_TOKEN\"\n";
        if vendor == "amplitude" {
            text += "secrets.key = { env = \"SCHOOLHOUSE_VENDOR_TOKEN\" }\n";
        }
        if !settings.is_empty() {
            text += &format!("\n[vendors.{vendor}.settings]\n{settings}\n");
        }
    }
    text
}
