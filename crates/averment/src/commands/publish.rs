//! `averment publish`: the site as files, replaced at once, so that no reader sees half of it.

use std::path::Path;

use averment_publish::{Meta, Previous, Site};

use crate::cli::PublishArgs;
use crate::outcome::{Failure, Outcome};
use crate::publication::{self, Replaced};
use crate::register;
use crate::text::wrap;

pub(crate) fn run(arguments: &PublishArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    let graded = super::claims::grades(&register.charter, &arguments.folders)?;
    let meta = Meta {
        generated_at: graded.at,
        live: false,
        watched: graded.watched,
        notice: register.notice(),
    };
    let previous = match &arguments.previous {
        Some(place) => Some(named(place)?),
        None => last(&arguments.out),
    };
    let site = Site::new(&register.charter, &graded.claims, &meta, previous.as_ref());
    let files = site.files();
    let replaced = publication::replace(&arguments.out, &files)?;
    say(&arguments.out, files.len(), &replaced);
    anstream::println!("charter {}", register.charter.digest());
    Ok(Outcome::Holds)
}

fn say(out: &Path, count: usize, replaced: &Replaced) {
    let out = out.display();
    anstream::println!("{count} files in {out}, from {out}/index.html on");
    match replaced.kept {
        0 => {}
        1 => anstream::println!("1 file that is not of the site was left as it was"),
        kept => anstream::println!("{kept} files that are not of the site were left as they were"),
    }
    if let Some(left) = &replaced.left_behind {
        anstream::eprintln!(
            "warning: something new turned up meanwhile and is in `{}`",
            left.display()
        );
    }
}

/// An earlier publication, or a register that never was one.
fn named(place: &Path) -> Result<Previous, Failure> {
    if place.join("organisation.toml").is_file() {
        return Ok(Previous::of_register(&register::open(Some(place))?.charter));
    }
    let page = if place.is_dir() {
        place.join("page.json")
    } else {
        place.to_owned()
    };
    read(&page).map_err(|failure| failure.hint("name a published site, its `page.json`, or the folder of a register"))
}

fn read(page: &Path) -> Result<Previous, Failure> {
    let failed = |path: &Path| Failure::new(format!("cannot read `{}`", path.display()));
    let text = std::fs::read_to_string(page).map_err(|error| failed(page).because(error))?;
    let changes = page.with_file_name("changes.json");
    let history = match changes.is_file() {
        true => Some(std::fs::read_to_string(&changes).map_err(|error| failed(&changes).because(error))?),
        false => None,
    };
    Previous::read(&text, history.as_deref()).map_err(|error| failed(page).because(error))
}

/// What stands in the folder now. It is about to be replaced, so one that cannot be read must not hold that up.
fn last(out: &Path) -> Option<Previous> {
    let page = out.join("page.json");
    if !page.is_file() {
        return None;
    }
    read(&page)
        .map_err(|failure| {
            let note = format!("changes are not told: {}", failure.render().trim_end());
            anstream::eprintln!("warning: {}", wrap(&note, 80, "         "));
        })
        .ok()
}
