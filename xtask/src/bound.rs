//! `cargo xtask bound`: the sentences of two real documents held against a platform that runs.
//!
//! Start at [`run`]. The example registers are bound to `examples/schoolhouse` (`examples/bound/`), the product's own commands
//! gather the evidence, and each statement is printed with the grade that it earns.

mod compose;
mod evidence;
mod grades;
mod mistakes;
mod platform;
mod postgres;
mod process;
mod trial;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use compose::{Bound, overlay};
use grades::Row;
use platform::{Platform, leave, live};

use crate::run::{Step, cargo, target};

/// The registers that are bound: those of two documents, and the platform's own.
const REGISTERS: [&str; 3] = ["cocalc", "schoolhouse", "thinglink"];
/// So many of the statements have to be enforced or monitored.
const MEASURED_MIN: usize = 60;

/// The register with drills, and who is erased there before they are held: a member of staff who left, of whom no recipient
/// gets anything. The backup is older, so that restoring it brings somebody back who must go again.
const LEFT: (&str, &str) = ("thinglink", "9");

/// Builds the programs, and does everything; with `--grades` all but the mistakes, and with `--only MISTAKE…` the mistakes of
/// these names, on what the last run left; with `--postgres` only what is tried on PostgreSQL.
pub(crate) fn run(options: &[&str]) -> Step {
    cargo(&["build", "--locked", "-p", "averment", "-p", "schoolhouse"])?;
    match options {
        [] => look(),
        ["--grades"] => {
            let rows = graded(&folder()?)?;
            all_of([golden(&rows), good_enough(&rows)])
        }
        ["--only", only @ ..] => mistakes::all(&folder()?, only),
        ["--postgres"] => postgres::pass(&folder()?),
        _ => Err("expected `--grades`, `--only MISTAKE…`, `--postgres` or nothing".to_owned()),
    }
}

fn folder() -> Result<PathBuf, String> {
    std::path::absolute(target().join("bound")).map_err(|error| error.to_string())
}

/// Does everything with programs that are built, and says all that is wrong at the end.
pub(crate) fn look() -> Step {
    let folder = folder()?;
    let rows = graded(&folder)?;
    let tried = [mistakes::all(&folder, &[]), postgres::pass(&folder)];
    all_of([golden(&rows), all_of(tried), good_enough(&rows)])
}

/// What the statements earn on the platform without mistakes; printed.
fn graded(folder: &Path) -> Result<Vec<Row>, String> {
    let rows = healthy(folder)?;
    print!("{}", grades::table(&rows));
    Ok(rows)
}

fn all_of<const N: usize>(steps: [Step; N]) -> Step {
    let wrong: Vec<String> = steps.into_iter().filter_map(Result::err).collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}

/// No statement is broken, and enough of them are measured.
fn good_enough(rows: &[Row]) -> Step {
    if let Some(broken) = rows.iter().find(|row| row.grade == "broken") {
        return Err(format!("`{}` is broken: {}", broken.says, broken.because));
    }
    let measured = grades::measured(rows);
    match measured < MEASURED_MIN {
        true => Err(format!(
            "{measured} statements are enforced or monitored, and {MEASURED_MIN} have to be"
        )),
        false => Ok(()),
    }
}

/// The platform without a mistake, everything that can be known of it, and what the statements earn by that.
fn healthy(folder: &Path) -> Result<Vec<Row>, String> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    let platform = Platform {
        data: folder.join("schoolhouse-data"),
        database: None,
        mistakes: Vec::new(),
    };
    platform.seed()?;
    platform.register(&folder.join("platform"))?;
    let serving = platform.serve("off", None, &folder.join("platform.log"))?;
    live(&serving, &folder.join("picture.png"))?;
    leave(&serving, "ivy")?;
    platform.run("backup", &[])?;
    let mut graded = BTreeMap::new();
    for bound in bound(folder) {
        println!("bound: {}", bound.example);
        bound.compose(&folder.join("platform"), &serving.address)?;
        bound.people(&platform)?;
        bound.consents()?;
        bound.sign_ups(&platform)?;
        bound.people(&platform)?;
        let up = bound.up()?;
        bound.traffic(&platform, &up)?;
        bound.probe(&platform, &serving, &up)?;
        if bound.example == LEFT.0 {
            bound.erase(LEFT.1)?;
        }
        bound.keep_up(&platform, &up)?;
        bound.scan(&serving)?;
        bound.attest()?;
        up.stop()?;
        graded.insert(bound.example.to_owned(), grades::claims(&evidence::grades(&bound)?)?);
    }
    grades::rows(&graded)
}

fn bound(folder: &Path) -> Vec<Bound> {
    let one = |example: &'static str| Bound {
        example,
        folder: folder.join(example),
    };
    REGISTERS.map(one).into()
}

/// The table is in the repository, so that a change of any grade is seen in review.
fn golden(rows: &[Row]) -> Step {
    let file: PathBuf = overlay().join("grades.md");
    let table = grades::table(rows);
    if std::env::var_os("REWRITE_CASES").is_some() {
        return std::fs::write(&file, table).map_err(|error| format!("`{}`: {error}", file.display()));
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    match written == table {
        true => Ok(()),
        false => Err(format!(
            "`{}` says something else: look at the table above, and write it with REWRITE_CASES=1",
            file.display()
        )),
    }
}
