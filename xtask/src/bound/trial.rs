//! One mistake, planted on a platform of its own and looked for: what was clean in the ledgers that the platform without
//! mistakes left is looked at again.

use std::path::{Path, PathBuf};

use super::bound;
use super::compose::{Bound, copy};
use super::mistakes::{Mistake, compared};
use super::platform::{Platform, Serving, customer, leave, live, vendors};
use crate::run::Step;

/// The mistake of which somebody who left comes back with a backup.
const RESTORED: &str = "restored-backup-brings-back";
/// The mistake of vendors.
const VENDOR: &str = "vendor-delete-202-and-nothing";
/// Who leaves, by register: names and numbers of people who do nothing else in it.
const LEAVE: [(&str, &str, &str); 3] = [
    ("cocalc", "ivy", "14"),
    ("schoolhouse", "hugo", "13"),
    ("thinglink", "olle", "17"),
];
/// Who has paid and is erased, by register, and what it calls whoever is paid through.
const PAY: [(&str, &str, &str, &str); 3] = [
    ("cocalc", "ruth", "15", "stripe"),
    ("schoolhouse", "person25", "25", "stripe"),
    ("thinglink", "person37", "37", "payment-processor"),
];

/// What is broken and should not be, or should be and is not.
pub(super) fn tried(mistake: &Mistake, healthy: &Path) -> Result<Vec<String>, String> {
    let folder = healthy.join("mistakes").join(&mistake.name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    match mistake.name.as_str() {
        VENDOR => at_vendors(mistake, &folder, healthy),
        RESTORED => restored(mistake, &folder, healthy),
        _ => switched_on(mistake, &folder, healthy),
    }
}

fn of(folder: &Path, mistakes: &[&Mistake]) -> Platform {
    Platform {
        data: folder.join("schoolhouse-data"),
        database: None,
        mistakes: mistakes.iter().map(|mistake| mistake.name.clone()).collect(),
    }
}

/// The platform runs with it from the first start.
fn switched_on(mistake: &Mistake, folder: &Path, healthy: &Path) -> Result<Vec<String>, String> {
    let platform = of(folder, &[mistake]);
    platform.seed()?;
    let serving = platform.serve("off", None, &folder.join("platform.log"))?;
    live(&serving, &folder.join("picture.png"))?;
    leave(&serving, "ivy")?;
    let mut differences = Vec::new();
    for bound in bound(folder) {
        begun(&bound, healthy, &serving)?;
        if mistake.looks.contains("news") {
            reporting(&bound)?;
        }
        look_again(mistake, &bound, &platform, &serving)?;
        differences.extend(compared(mistake, &bound)?);
    }
    Ok(differences)
}

/// Begins with the ledger that the platform without mistakes left, and with the list of who was erased, if anybody was.
fn begun(bound: &Bound, healthy: &Path, serving: &Serving) -> Step {
    for part in ["averment-data", "averment-keys", "averment-tombstones"] {
        let left = healthy.join(bound.example).join(part);
        if left.is_dir() {
            copy(&left, &bound.folder.join(part))?;
        }
    }
    bound.compose(&healthy.join("platform"), &serving.address)
}

/// What a gate that enforces keeps back breaks nothing: the mistake is tried on one that reports.
fn reporting(bound: &Bound) -> Step {
    let file = bound.register().join("organisation.toml");
    let text = std::fs::read_to_string(&file).map_err(|error| format!("`{}`: {error}", file.display()))?;
    let text = text.replace("mode = \"enforce\"", "mode = \"report\"");
    std::fs::write(&file, text).map_err(|error| format!("`{}`: {error}", file.display()))
}

fn look_again(mistake: &Mistake, bound: &Bound, platform: &Platform, serving: &Serving) -> Step {
    bound.people(platform)?;
    let up = bound.up()?;
    if mistake.looks.contains("news") {
        bound.news(platform, &up)?;
    }
    bound.probe(platform, serving, &up)?;
    bound.look(&["retain", "plan", "register"])?;
    if mistake.looks.contains("programs") {
        bound.drill("command", platform, &up)?;
    }
    if mistake.looks.contains("browser") {
        bound.scan(serving)?;
    }
    up.stop()
}

/// People leave and are erased, and a backup of before is put in the place of the rows.
fn restored(mistake: &Mistake, folder: &Path, healthy: &Path) -> Result<Vec<String>, String> {
    let before = of(folder, &[]);
    before.seed()?;
    let serving = before.serve("off", None, &folder.join("platform.log"))?;
    live(&serving, &folder.join("picture.png"))?;
    let backup = PathBuf::from(before.run("backup", &[])?.trim());
    for bound in bound(folder) {
        let (username, number) = leaver(&bound)?;
        begun(&bound, healthy, &serving)?;
        bound.people(&before)?;
        leave(&serving, username)?;
        reached(&bound, &before, &serving)?;
        bound.erase(number)?;
    }
    drop(serving);
    let platform = of(folder, &[mistake]);
    platform.run("restore", &[&backup.display().to_string()])?;
    let serving = platform.serve("off", None, &folder.join("platform.log"))?;
    let mut differences = Vec::new();
    for bound in bound(folder) {
        bound.compose(&healthy.join("platform"), &serving.address)?;
        look_again(mistake, &bound, &platform, &serving)?;
        bound.verify_erased()?;
        differences.extend(compared(mistake, &bound)?);
    }
    Ok(differences)
}

fn leaver(bound: &Bound) -> Result<(&'static str, &'static str), String> {
    let found = LEAVE.iter().find(|(example, ..)| *example == bound.example);
    let found = found.map(|(_, username, number)| (*username, *number));
    found.ok_or_else(|| format!("nobody leaves in `{}`", bound.example))
}

/// How stores are reached, with the page that the register has while its gate runs.
fn reached(bound: &Bound, platform: &Platform, serving: &Serving) -> Step {
    let up = bound.up()?;
    bound.reached(platform, serving, &up)?;
    up.stop()
}

/// Vendors say that they deleted, and did not.
fn at_vendors(mistake: &Mistake, folder: &Path, healthy: &Path) -> Result<Vec<String>, String> {
    let vendors = vendors(Some(&mistake.name), &folder.join("vendors.log"))?;
    let address = vendors.said("listening on")?;
    let platform = of(folder, &[]);
    platform.seed()?;
    let serving = platform.serve("off", None, &folder.join("platform.log"))?;
    let mut differences = Vec::new();
    for bound in bound(folder) {
        let payer = PAY.iter().find(|(example, ..)| *example == bound.example);
        let (_, username, number, recipient) =
            payer.ok_or_else(|| format!("nobody has paid in `{}`", bound.example))?;
        customer(address, &serving.email(username)?)?;
        begun(&bound, healthy, &serving)?;
        bound.people(&platform)?;
        reached(&bound, &platform, &serving)?;
        asked_at(&bound, recipient, address)?;
        bound.erase(number)?;
        differences.extend(compared(mistake, &bound)?);
    }
    Ok(differences)
}

/// Says how whoever is paid through is asked to delete, and that it deletes at once. Its secret is anything.
fn asked_at(bound: &Bound, recipient: &str, address: &str) -> Step {
    let told = |path: &Path, error: std::io::Error| format!("`{}`: {error}", path.display());
    let secret = bound.folder.join("vendor-token");
    std::fs::write(&secret, "fictional").map_err(|error| told(&secret, error))?;
    let file = bound.folder.join("averment-duties.toml");
    let text = std::fs::read_to_string(&file).map_err(|error| told(&file, error))?;
    let section = format!(
        "\n[vendors.{recipient}]\nbase_url = \"{address}/stripe\"\ntoken_file = {secret:?}\ntakes = \"PT0S\"\n"
    );
    std::fs::write(&file, text + &section).map_err(|error| told(&file, error))
}
