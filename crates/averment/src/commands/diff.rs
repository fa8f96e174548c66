//! `averment diff`: what changed between two registers, or what one school changed.

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

fn print_text(diff: &Diff) {
    for change in &diff.changes {
        let word = change.direction.as_str().replace('_', " ");
        anstream::println!("{word:<14} {}", wrap(&change.sentence, 80, INDENT));
        if let Some(duties) = duties(change) {
            anstream::println!("{INDENT}{}", wrap(&duties, 80, INDENT));
        }
    }
    if !diff.is_empty() {
        anstream::println!();
    }
    let wider = diff.changes.iter().filter(|change| change.direction.is_wider()).count();
    let told = diff.changes.iter().filter(|change| change.needs_notice()).count();
    anstream::println!(
        "{} changes: {wider} wider or promising less, {told} to be announced",
        diff.changes.len()
    );
    anstream::println!("before {}\nafter  {}", diff.old, diff.new);
}

fn duties(change: &Change) -> Option<String> {
    let duty = |duty: &Duty| format!("{} ({})", duty.label(), duty.cite());
    let duties: Vec<String> = change.duties.iter().map(duty).collect();
    (!duties.is_empty()).then(|| format!("→ {}", duties.join(", ")))
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
