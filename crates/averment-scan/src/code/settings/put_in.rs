//! Keys of the environment that values of settings are filled in from.

use averment_catalog::ThirdParty;
use averment_syntax::Surroundings;

use super::key_of;
use crate::code::keys;
use crate::code::look::Look;
use crate::identify::Kind;
use crate::observation::Confidence;

/// Formats that settings are written in, also as templates; what is text of another kind may show keys without using them.
pub(in crate::code) fn is_format_of_settings(path: &str) -> bool {
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
    credentials(look, line, start, surroundings);
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
    let names = look.tables.names();
    let found = words.find_map(|word| {
        let strong = names.look_up(Kind::EnvironmentKey, word);
        let parties = if strong.is_empty() {
            names.look_up_weak_key(word)
        } else {
            strong
        };
        (!parties.is_empty()).then_some((word, parties))
    });
    let same = names.look_up(Kind::EnvironmentKey, name);
    let told = |parties: &[&ThirdParty]| parties.iter().all(|one| same.iter().any(|other| other.id == one.id));
    if let Some((word, _)) = found.filter(|(_, parties)| !told(parties)) {
        let at = start + at + value.find(word).unwrap_or(0);
        keys::add(look, word, at, surroundings, Confidence::Certain);
    }
}

/// Credentials of Rails that a template of settings asks for by symbols: `<%= Credentials.fetch(:STRIPE, :API_KEY) %>`.
fn credentials(look: &mut Look<'_>, line: &str, start: usize, surroundings: Surroundings) {
    const HOLDERS: [&str; 4] = ["credentials", "Credentials", "Secrets", "Settings"];
    const NO_NAMES: [&str; 9] = [
        "fetch",
        "dig",
        "get",
        "LIVE",
        "TEST",
        "SANDBOX",
        "PRODUCTION",
        "DEVELOPMENT",
        "to_s",
    ];
    let Some(template) = line.find("<%") else { return };
    let code = line[template..].split("%>").next().unwrap_or_default();
    let Some((holder, asked)) = HOLDERS.iter().find_map(|holder| code.split_once(holder)) else {
        return;
    };
    let names = asked.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    let names = names.filter(|name| !name.is_empty() && !NO_NAMES.contains(name));
    let key = names.take(4).collect::<Vec<_>>().join(".");
    keys::add(
        look,
        &key,
        start + template + holder.len(),
        surroundings,
        Confidence::Certain,
    );
}
