//! Lines of scripts and images: where a command goes on, what it asks, and what is only a text to it.

use super::key_of;
use crate::code::look::Look;
use crate::identify::Address;

/// Longest command over several lines, in bytes.
const COMMAND_MAX: usize = 4_000;

/// Keeps what a command begins with where it goes on in the next line, and forgets it where it ends.
pub(super) fn go_on(above: &mut String, line: &str, script: bool) {
    let code = line.trim_end();
    let goes_on = code
        .strip_suffix('\\')
        .filter(|_| script && !code.trim_start().starts_with('#'));
    match goes_on {
        Some(front) if above.len() + front.len() < COMMAND_MAX => {
            above.push_str(front);
            above.push(' ');
        }
        _ => above.clear(),
    }
}

/// Whether a line, or what a command begins with, fetches what it names.
pub(super) fn fetches(line: &str) -> bool {
    const WORDS: [&str; 9] = [
        "curl ",
        "wget ",
        "git clone ",
        "ADD http",
        "deb http",
        "deb [",
        "helm repo add ",
        "--keyserver ",
        "submodule add ",
    ];
    // `git -c advice.detachedHead=false clone …`
    let clones = || line.contains("git -") && line.contains(" clone ");
    WORDS.iter().any(|word| line.contains(word)) || clones()
}

/// Whether a line of an image gives a name that a command puts in: `ARG MIRROR=https://…` before `RUN wget ${MIRROR}/x`.
pub(super) fn is_put_in(look: &Look<'_>, line: &str) -> bool {
    let code = line.trim_start();
    let given = ["ARG ", "ENV "].iter().find_map(|word| code.strip_prefix(word));
    let name = given.and_then(key_of).map(|(name, _)| name);
    name.is_some_and(|name| {
        let spelled = [format!("${{{name}}}"), format!("${name}")];
        let asks = |line: &str| fetches(line) || line.trim_end().ends_with('\\');
        let mut lines = look.text.lines().filter(|line| asks(line));
        lines.any(|line| spelled.iter().any(|name| line.contains(name.as_str())))
    })
}

/// Whether byte `at` of a line stands in a text that is searched for, replaced or sent: a pattern of `grep`, the value of `-d`.
pub(super) fn is_text(line: &str, at: usize) -> bool {
    const TOOLS: [&str; 7] = ["grep", "egrep", "fgrep", "sed", "awk", "rg", "perl"];
    const SENT: [&str; 8] = [
        "-d",
        "--data",
        "--data-raw",
        "--data-binary",
        "-F",
        "--form",
        "-H",
        "--header",
    ];
    let front = line.get(..at).unwrap_or_default();
    let piece = front.rsplit(['|', '&', ';', '(']).next().unwrap_or(front);
    let mut words = piece.split_whitespace();
    let tool = words.find(|word| !["-", "run:", "!", "if", "RUN", "then", "sudo"].contains(word));
    if tool.is_some_and(|tool| TOOLS.contains(&tool)) {
        return true;
    }
    // Behind a quote that opens after such an option, and with something between the two.
    SENT.iter().any(|option| {
        let from = front.rfind(&format!(" {option} ")).map(|from| from + option.len() + 2);
        let value = from.and_then(|from| front.get(from..)).unwrap_or_default().trim_start();
        let quote = value.chars().next().filter(|quote| ['"', '\''].contains(quote));
        let inside = value.get(1..).unwrap_or_default();
        quote.is_some_and(|quote| !inside.is_empty() && !inside.contains(quote))
    })
}

/// Scripts and styles that pages of a documentation load: `extra_javascript:` of `mkdocs.yml`.
pub(super) fn is_loaded(path: &str, line: &str, address: &Address) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let builds = ["mkdocs.yml", "mkdocs.yaml", "_config.yml"].contains(&name);
    let file = address.path.split('?').next().unwrap_or_default();
    builds && line.trim_start().starts_with("- ") && (file.ends_with(".js") || file.ends_with(".css"))
}
