//! `averment publish`: the site as files, replaced at once, so that no reader sees half of it.

use std::path::Path;

use averment_publish::{Meta, Previous, Site, SiteFiles};

use averment_store::{DataFolder, Keys};

use crate::cli::{Folders, PublishArgs};
use crate::grading::note_all;
use crate::live::{CHANGES_SHOWN, Standing};
use crate::outcome::{Failure, Outcome};
use crate::program;
use crate::publication::{self, Replaced};
use crate::register;

pub(crate) fn run(arguments: &PublishArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    let graded = super::claims::read(&register.charter, &arguments.folders, CHANGES_SHOWN)?;
    let meta = Meta {
        generated_at: graded.now,
        live: false,
        watched: graded.watched,
        history: graded.history.clone(),
        notice: register.notice(),
    };
    let previous = match &arguments.previous {
        // What stood there is not told from, and the publication says so.
        Some(place) if place == Path::new(NONE) => is_site(&arguments.out).then(Previous::unreadable),
        Some(place) => Some(named(place)?),
        None => last(&arguments.out)?,
    };
    if let Some(unread) = previous.as_ref().and_then(Previous::unread) {
        warn(&Failure::new("what changed in the register cannot be told").because(unread.clone()));
    }
    let site = Site::new(&register.charter, &graded.graded, &meta, previous.as_ref());
    let files = site.files();
    let replaced = publication::replace(&arguments.out, &files)?;
    say(&arguments.out, files.len(), &replaced);
    note(&graded, &arguments.folders);
    anstream::println!("charter {}", register.charter.digest());
    Ok(Outcome::Holds)
}

/// Records in the ledger which grades were published. A house that is running records them itself, once a day; where there
/// is no ledger, or none that may be written, the publication stands on its own.
fn note(standing: &Standing, folders: &Folders) {
    if standing.entries == 0 {
        return;
    }
    let Ok((folder, keys)) = DataFolder::open(&folders.data, &folders.keys) else {
        return;
    };
    if let Err(failure) = note_in(&folder, &keys, standing) {
        let what = "the grades that were published are not recorded in the ledger";
        anstream::eprintln!("warning: {what}\n{}", failure.render().trim_end());
    }
}

fn note_in(folder: &DataFolder, keys: &Keys, standing: &Standing) -> Result<(), Failure> {
    let (journal, _) = program::open_journal(folder, keys, standing.charter.digest())?;
    note_all(&journal, standing)?;
    Ok(journal.close()?)
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

/// An earlier publication, one of its files, or a register that never was published.
fn named(place: &Path) -> Result<Previous, Failure> {
    if place.join("organisation.toml").is_file() {
        return Ok(Previous::of_register(&register::open(Some(place))?.charter));
    }
    let hint = "name a published site, its `register.json`, or the folder of a register";
    let cannot = || Failure::new(format!("cannot read `{}`", place.display())).hint(hint);
    if place.is_dir() {
        if !is_site(place) {
            return Err(cannot());
        }
        return read(place, &place.join(REGISTER)).map_err(|failure| failure.hint(hint));
    }
    if !place.is_file() {
        return Err(cannot());
    }
    let folder = place.parent().unwrap_or(Path::new(""));
    // Whoever names a page means the site that it is of.
    if place.file_name().is_some_and(|name| name == PAGE) {
        return read(folder, &folder.join(REGISTER)).map_err(|failure| failure.hint(hint));
    }
    let previous = read(folder, place).map_err(|failure| failure.hint(hint))?;
    match previous.unread() {
        Some(unread) => Err(cannot().because(unread.clone())),
        None => Ok(previous),
    }
}

/// What `--previous` says when the history begins again; a folder of that name is `./none`.
const NONE: &str = "none";
/// The list that every publication leaves.
const FILES: &str = ".well-known/averment-files.json";
const REGISTER: &str = "register.json";
const PAGE: &str = "page.json";
const CHANGES: &str = "changes.json";

fn is_site(folder: &Path) -> bool {
    [REGISTER, PAGE, CHANGES, FILES]
        .iter()
        .any(|name| folder.join(name).is_file())
}

/// The publication in `folder` whose register is the file `register`.
fn read(folder: &Path, register: &Path) -> Result<Previous, Failure> {
    let register = text(register)?;
    let (page, changes) = (text(&folder.join(PAGE))?, text(&folder.join(CHANGES))?);
    let files = SiteFiles {
        register: register.as_deref(),
        page: page.as_deref(),
        changes: changes.as_deref(),
    };
    let failed = || Failure::new(format!("cannot read the publication in `{}`", folder.display()));
    Previous::read(files).map_err(|error| failed().because(error))
}

/// The file at `path`; none when there is none.
fn text(path: &Path) -> Result<Option<String>, Failure> {
    let failed = |error| Failure::new(format!("cannot read `{}`", path.display())).because(error);
    match path.is_file() {
        true => std::fs::read_to_string(path).map(Some).map_err(failed),
        false => Ok(None),
    }
}

/// What stands in the folder now; none when nothing was published there. It is about to be replaced: a history that cannot
/// be read would be lost with it, and nobody would see that it began again.
fn last(out: &Path) -> Result<Option<Previous>, Failure> {
    let hint = "put back what was published; `--previous none` begins the history again";
    if !is_site(out) {
        return Ok(None);
    }
    if let Some(missing) = [PAGE, CHANGES].iter().find(|name| !out.join(name).is_file()) {
        let message = format!("the publication in `{}` has no `{missing}`", out.display());
        return Err(Failure::new(message).hint(hint));
    }
    let previous = read(out, &out.join(REGISTER)).map_err(|failure| failure.hint(hint))?;
    Ok(Some(previous))
}

fn warn(failure: &Failure) {
    let text = failure.render();
    let text = text.trim_end();
    anstream::eprintln!("warning: {}", text.strip_prefix("error: ").unwrap_or(text));
}
