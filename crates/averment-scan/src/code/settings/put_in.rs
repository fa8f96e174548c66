//! Keys of the environment that values of settings are filled in from.

use averment_catalog::ThirdParty;
use averment_syntax::Surroundings;

use super::key_of;
use crate::code::look::{Look, live};
use crate::identify::Kind;
use crate::observation::{Confidence, How, Tier};

/// Formats that settings are written in, also as templates; what is text of another kind may show keys without using them.
pub(super) fn is_format_of_settings(path: &str) -> bool {
    const ENDINGS: [&str; 19] = [
        ".yml",
        ".yaml",
        ".toml",
        ".json",
        ".ini",
        ".conf",
        ".cfg",
        ".properties",
        ".env",
        ".xml",
        ".config",
        ".hcl",
        ".tf",
        ".j2",
        ".tmpl",
        ".tpl",
        ".template",
        ".dist",
        ".example",
    ];
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.starts_with(".env") || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Keys of the environment that the value of a setting is filled in from, whatever the setting is called: `token: <%= ENV['X'] %>`,
/// `token = "env(X)"`, `${X}`, `${{ secrets.X }}`.
pub(super) fn read(look: &mut Look<'_>, line: &str, start: usize, surroundings: Surroundings) {
    const MARKS: [&str; 7] = ["ENV[", "ENV.", "env(", "env.", "${", "{{", "secrets."];
    let Some((name, value)) = key_of(line).filter(|(_, value)| MARKS.iter().any(|mark| value.contains(mark))) else {
        return;
    };
    let at = line.len() - line.trim_start().len() + line.trim_start().find(value).unwrap_or(0);
    let mut words = value
        .split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .filter(|word| {
            word.len() > 6 && word.contains('_') && *word != name && !word.bytes().any(|byte| byte.is_ascii_lowercase())
        });
    // One line, one key: what follows is what is taken where it is missing.
    let found = words.find_map(|word| {
        let parties = look.tables.names().look_up(Kind::EnvironmentKey, word);
        (!parties.is_empty()).then_some((word, parties))
    });
    let same = look.tables.names().look_up(Kind::EnvironmentKey, name);
    let told = |parties: &[&ThirdParty]| parties.iter().all(|one| same.iter().any(|other| other.id == one.id));
    if let Some((word, parties)) = found.filter(|(_, parties)| !told(parties)) {
        let tier = live(surroundings, Tier::Configured);
        let at = start + at + value.find(word).unwrap_or(0);
        look.known(parties, word, at, (tier, How::Environment, Confidence::Certain));
    }
}
