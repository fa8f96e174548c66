//! `averment scan har`: recorded browser traffic, one recording for each kind of visitor.

use std::path::{Path, PathBuf};

use averment_detect::Directory;
use averment_scan::har::{Consents, Looker, Reader, RoleTable, roles};
use averment_scan::{Look, Own, Seen};
use clap::Args;

use super::consents::Known;
use super::people::{KnownPeople, nobody};
use super::{ScanFormat, ScanOptions, finish};
use crate::clock;
use crate::outcome::{Failure, Outcome};
use crate::register;
use crate::reported::hosts_of;
use crate::text::wrap;

#[derive(Debug, Args)]
pub(crate) struct HarArgs {
    /// Recordings (HAR 1.2), also as `.har.gz` or in a `.zip`
    #[arg(value_name = "FILE", required_unless_present = "roles")]
    files: Vec<PathBuf>,
    /// A recording and as whom it was made: `teacher=teacher.har`; may be given
    /// more than once
    #[arg(long = "as", value_name = "ROLE=FILE", value_parser = role_and_file)]
    roles: Vec<(String, PathBuf)>,
    #[command(flatten)]
    people: KnownPeople,
    #[command(flatten)]
    pub(super) options: ScanOptions,
}

pub(crate) fn run(arguments: &HarArgs) -> Result<Outcome, Failure> {
    let known = arguments.people.known(&arguments.options)?;
    let bare = arguments.files.iter().map(|file| (None, file.as_path()));
    let of_roles = arguments
        .roles
        .iter()
        .map(|(role, file)| (Some(role.as_str()), file.as_path()));
    let recordings: Vec<(Option<&str>, &Path)> = bare.chain(of_roles).collect();
    let seen = look(&recordings, known.as_ref(), &arguments.options)?;
    print_roles(&seen, &recordings, &arguments.options);
    finish(seen, Vec::new(), &arguments.options)
}

/// Reads recordings into one look.
fn look(recordings: &[(Option<&str>, &Path)], known: Option<&Known>, options: &ScanOptions) -> Result<Seen, Failure> {
    let (nobody, us) = (nobody(), us(options)?);
    let mut reader = Reader::new(looker(known, &nobody, &us));
    for (role, file) in recordings {
        reader.read_file(file, *role);
    }
    Ok(reader.finish(Look::Har, clock::now()))
}

/// How requests of browsers are looked at.
pub(super) fn looker<'a>(known: Option<&'a Known>, nobody: &'a Directory, us: &'a Us) -> Looker<'a> {
    Looker {
        directory: known.map_or(nobody, Known::directory),
        own: us.own.clone(),
        consents: known.map(|known| known as &dyn Consents),
        declared: &us.declared,
    }
}

/// What the register and the arguments say of the organisation itself and of hosts that it knows.
pub(super) struct Us {
    /// Domains of the organisation itself: of `--own` and of the register. Without one only the first.
    pub(super) own: Own,
    /// Patterns of hosts that the register names.
    pub(super) declared: Vec<String>,
}

pub(super) fn us(options: &ScanOptions) -> Result<Us, Failure> {
    let folder = options.register();
    let register = folder.map(|folder| register::open(Some(&folder))).transpose()?;
    let named = options.own_domains();
    Ok(match register {
        Some(register) => Us {
            own: Own::of(&register.charter, &named),
            declared: hosts_of(&register.charter),
        },
        None => Us {
            own: Own::named(&named),
            declared: Vec::new(),
        },
    })
}

/// The table of recipients and roles, where there is more than one role.
pub(super) fn print_roles(seen: &Seen, recordings: &[(Option<&str>, &Path)], options: &ScanOptions) {
    let all = recordings.iter().filter_map(|(role, _)| role.map(str::to_owned));
    let table = roles(seen).with_roles(all);
    if options.format == ScanFormat::Text && table.roles.len() > 1 {
        anstream::print!("{}", text(&table));
    }
}

/// A column a role; roles by number where their names do not fit beside each other.
fn text(table: &RoleTable) -> String {
    let mut out = String::from("contacted for\n");
    for (number, role) in table.roles.iter().enumerate() {
        let unseen = if table.unseen.contains(role) { ", not seen" } else { "" };
        out.push_str(&format!("  {}  {role}{unseen}\n", number + 1));
    }
    let width = table.parties.keys().map(String::len).max().unwrap_or_default().min(60);
    for (party, met) in &table.parties {
        let marks = table.roles.iter().enumerate().map(|(number, role)| {
            let mark = if met.contains(role) {
                (number + 1).to_string()
            } else if table.unseen.contains(role) {
                "?".to_owned()
            } else {
                "-".to_owned()
            };
            format!(" {mark}")
        });
        out.push_str(&format!("  {party:width$} {}\n", marks.collect::<String>()));
    }
    for (role, parties) in &table.only {
        let line = wrap(&parties.join(", "), 79, "    ");
        out.push_str(&format!("only for {role}\n    {line}\n"));
    }
    out + "\n"
}

/// `teacher=teacher.har`.
pub(super) fn role_and_file(text: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = text
        .split_once('=')
        .ok_or("expected `ROLE=FILE`, such as `teacher=teacher.har`")?;
    if file.is_empty() {
        return Err("expected a file behind `=`".to_owned());
    }
    Ok((role(name)?, PathBuf::from(file)))
}

/// A word for a kind of visitor.
pub(super) fn role(name: &str) -> Result<String, String> {
    let is_word = (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_word
        .then(|| name.to_owned())
        .ok_or_else(|| "expected a role of letters, digits, `-`, `_` and `.`, such as `student_under13`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{RoleTable, role_and_file, text};

    #[test]
    fn a_role_stands_before_its_file() {
        assert_eq!(
            role_and_file("teacher=a=b.har").map(|(role, _)| role),
            Ok("teacher".to_owned())
        );
        for wrong in ["teacher.har", "teacher=", "=a.har", "a b=a.har", "\u{1b}=a.har"] {
            assert!(role_and_file(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn who_is_met_by_one_role_alone_stands_below_the_table() {
        let met = |roles: &[&str]| roles.iter().map(|role| (*role).to_owned()).collect();
        let parties = [
            ("stats.com".to_owned(), met(&["student", "teacher"])),
            ("ads.com".to_owned(), met(&["teacher"])),
        ];
        let table = RoleTable {
            parties: parties.into(),
            roles: met(&["student", "teacher"]),
            ..RoleTable::default()
        };
        let table = table.with_roles([]);
        let expected = "contacted for\n  1  student\n  2  teacher\n  ads.com    - 2\n  stats.com  1 2\nonly for teacher\n    ads.com\n\n";
        assert_eq!(text(&table), expected);
        let table = table.with_roles(["parent".to_owned()]);
        let expected = "contacted for\n  1  parent, not seen\n  2  student\n  3  teacher\n  ads.com    ? - 3\n  stats.com  ? 2 3\n\n";
        assert_eq!(text(&table), expected);
    }
}
