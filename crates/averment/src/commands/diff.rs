//! `averment diff`: what changed between two registers, or what one school changed.

use std::collections::BTreeMap;

use averment_register::{Change, Charter, ControllerId, Diff, Duty, diff, diff_for_controller};

use crate::cli::{DiffArgs, DiffFormat};
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};
use crate::text::wrap;

pub(crate) fn run(arguments: &DiffArgs) -> Result<Outcome, Failure> {
    let old = register::open(Some(&arguments.old))?;
    let new = arguments
        .new
        .as_deref()
        .map(|folder| register::open(Some(folder)))
        .transpose()?;
    let (diff, new) = match (&new, &arguments.school) {
        (Some(new), None) => (diff(&old.charter, &new.charter), Charter::clone(&new.charter)),
        (Some(new), Some(school)) => {
            let (old, new) = (variant(&old, school)?, variant(new, school)?);
            (diff(&old, &new), new)
        }
        (None, school) => {
            let school = school.as_deref().unwrap_or_default();
            let new = variant(&old, school)?;
            let diff = id(school).and_then(|id| diff_for_controller(&old.charter, &id));
            (diff.ok_or_else(|| undeclared(&old, school))?, new)
        }
    };
    match arguments.format {
        DiffFormat::Text => print_text(&diff),
        DiffFormat::Json => anstream::println!("{:#}", diff.to_json()),
        DiffFormat::Notice => print_notice(&diff, &new, arguments)?,
    }
    Ok(if diff.is_wider() {
        Outcome::Contrary
    } else {
        Outcome::Holds
    })
}

fn id(school: &str) -> Option<ControllerId> {
    ControllerId::new(school).ok()
}

fn variant(register: &Register, school: &str) -> Result<Charter, Failure> {
    let variant = id(school).and_then(|id| register.charter.for_controller(&id));
    variant.ok_or_else(|| undeclared(register, school))
}

fn undeclared(register: &Register, school: &str) -> Failure {
    let known: Vec<String> = register
        .charter
        .content()
        .controllers
        .keys()
        .map(|id| format!("`{id}`"))
        .collect();
    let hint = match known.is_empty() {
        true => "a school has a file under `controllers/`; this register has none".to_owned(),
        false => format!("it declares {}", known.join(", ")),
    };
    Failure::new(format!("register `{}` declares no school `{school}`", register.name)).hint(hint)
}

const INDENT: &str = "               ";

/// What is wider or promises less first; the duties of each by their paragraph, and at the end what each is called.
fn print_text(diff: &Diff) {
    let (wider, rest): (Vec<&Change>, Vec<&Change>) =
        diff.changes.iter().partition(|change| change.direction.is_wider());
    for change in wider.iter().chain(&rest) {
        let word = change.direction.as_str().replace('_', " ");
        anstream::println!("{word:<14} {}", wrap(&change.sentence, 80, INDENT));
        let duties: Vec<&str> = change.duties.iter().map(|duty| duty.cite()).collect();
        if !duties.is_empty() {
            anstream::println!("{INDENT}{}", wrap(&format!("→ {}", duties.join(", ")), 80, INDENT));
        }
    }
    print_duties(diff);
    let told = diff.changes.iter().filter(|change| change.needs_notice()).count();
    anstream::println!(
        "{} changes: {} wider or promising less, {told} to be announced",
        diff.changes.len(),
        wider.len()
    );
    anstream::println!("before {}\nafter  {}", diff.old, diff.new);
}

fn print_duties(diff: &Diff) {
    let mut triggered: BTreeMap<Duty, usize> = BTreeMap::new();
    for duty in diff.changes.iter().flat_map(|change| &change.duties) {
        *triggered.entry(*duty).or_default() += 1;
    }
    if !triggered.is_empty() {
        anstream::println!("\nto do");
    }
    for (duty, number) in triggered {
        let changes = if number == 1 { "change" } else { "changes" };
        anstream::println!("  {:<32} {:<21} {number} {changes}", duty.label(), duty.cite());
    }
    if !diff.is_empty() {
        anstream::println!();
    }
}

fn print_notice(diff: &Diff, new: &Charter, arguments: &DiffArgs) -> Result<(), Failure> {
    let notice = diff.notice(new, arguments.announced).map_err(|error| {
        Failure::from(error).hint("name the day with `--announced YYYY-MM-DD`, or write `announced` in the register")
    })?;
    match notice {
        Some(text) => anstream::print!("{text}"),
        None => anstream::eprintln!("note: nothing changed that schools have to be told of"),
    }
    Ok(())
}
