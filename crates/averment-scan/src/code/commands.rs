//! Commands of services in scripts and builds: `gcloud run deploy`, `aws s3 sync`, `heroku container:push`. Whoever runs one is signed in there.

use std::collections::BTreeSet;

use averment_syntax::{Call, Surroundings};

use super::look::{Look, live};
use super::set_up::{party_of, set_up};
use crate::observation::{Confidence, How, Tier};

/// Words in front of a command, or of a text that holds one, that run it.
const RUNNERS: [&str; 31] = [
    "-",
    "web:",
    "worker:",
    "release:",
    "clock:",
    "beat:",
    "command=",
    "run:",
    "script:",
    "before_script:",
    "after_success:",
    "install:",
    "command:",
    "cmd:",
    "RUN",
    "CMD",
    "sudo",
    "npx",
    "yarn",
    "pnpm",
    "dlx",
    "exec",
    "eval",
    "bundle",
    "time",
    "if",
    "then",
    "!",
    "sh",
    "-c",
    "@",
];

/// Calls that run a command.
const CALLS: [&str; 19] = [
    "system",
    "exec",
    "execSync",
    "spawn",
    "spawnSync",
    "popen",
    "Popen",
    "run",
    "check_call",
    "check_output",
    "call",
    "sh",
    "shell",
    "shell_exec",
    "execute",
    "capture2",
    "capture3",
    "passthru",
    "execa",
];

/// First words of commands.
pub(super) fn heads() -> BTreeSet<&'static str> {
    let names = set_up().command.iter().map(|command| command.name.as_str());
    names.map(|name| name.split(' ').next().unwrap_or(name)).collect()
}

/// Whether a file holds commands: a script, a build, an image, a file of rules.
pub(super) fn is_script(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let ends = [".sh", ".bash", ".zsh", ".mk"].iter().any(|end| name.ends_with(end));
    let named = [
        "makefile",
        "justfile",
        "jenkinsfile",
        "dockerfile",
        "procfile",
        "rakefile",
        "deploy",
    ];
    let builds = [
        ".github/workflows/",
        ".github/actions/",
        ".circleci/",
        ".buildkite/",
        ".gitlab-ci",
        ".travis",
        "azure-pipelines",
        "bitbucket-pipelines",
        "cloudbuild",
        "buildspec",
    ];
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let bare = !name.contains('.') || name.starts_with("jenkinsfile") || name.starts_with("dockerfile");
    ends || (bare && named.iter().any(|start| name.starts_with(start)))
        || (yaml && builds.iter().any(|part| lower.contains(part)))
}

/// Adds whose commands stand in a line of a script that begins at byte `start`.
pub(super) fn read(look: &mut Look<'_>, line: &str, start: usize, surroundings: Surroundings) {
    let mut told: Vec<&str> = Vec::new();
    for (at, piece) in pieces(line) {
        if let Some((offset, what, id)) = command(piece).filter(|(_, _, id)| !told.contains(id)) {
            told.push(id);
            add(look, id, what, start + at + offset, surroundings);
        }
    }
    for (scheme, id) in set_up().stores.iter().filter(|(_, id)| !told.contains(&id.as_str())) {
        if let Some(at) = line.find(scheme) {
            add(look, id, scheme, start + at, surroundings);
        }
    }
    registries_of_images(look, line, start, surroundings);
}

/// Registries that images are pushed to and pulled from: `docker push ghcr.io/desk/app`.
fn registries_of_images(look: &mut Look<'_>, line: &str, start: usize, surroundings: Surroundings) {
    const TOOLS: [&str; 3] = ["docker ", "podman ", "buildah "];
    const STEPS: [&str; 7] = ["login", "push", "pull", "tag", "build", "buildx", "run"];
    let Some(tool) = TOOLS.iter().find_map(|tool| line.find(tool)) else {
        return;
    };
    let words: Vec<&str> = line[tool..].split_whitespace().collect();
    if surroundings != Surroundings::Live || !words.get(1).is_some_and(|step| STEPS.contains(step)) {
        return;
    }
    let login = words.get(1) == Some(&"login");
    for pair in words.windows(2).skip(1) {
        let (before, word) = (pair[0], pair[1].trim_matches(['"', '\'']));
        let host = word.split('/').next().unwrap_or(word);
        // `-u ${{ github.actor }}` says who signs in, and not where.
        let is_said = before == "${{" || (login && before.starts_with('-') && !before.contains("stdin"));
        let named = host.contains('.') && !host.starts_with(['.', '-']) && !host.contains(['=', '$', '{']);
        if named && !is_said && (login || word.contains('/')) && !word.contains("://") {
            let at = start + line.find(word).unwrap_or(0);
            super::infrastructure::image(
                look,
                &format!("{host}/{}", &word[host.len()..].trim_start_matches('/')),
                at,
            );
        }
    }
}

/// Adds whose command a text of code runs: `system("gcloud run deploy")`, `["git", "clone", "https://…"]`.
pub(super) fn in_call(look: &mut Look<'_>, call: &Call) {
    let path = call.path.trim_end_matches("()");
    let last = path.rsplit(['.', ':']).next().unwrap_or(path);
    if call.surroundings != Surroundings::Live || !CALLS.contains(&last) {
        return;
    }
    let Some(first) = call.arguments.first().filter(|argument| !argument.texts.is_empty()) else {
        return;
    };
    let line = match first.texts.as_slice() {
        [whole] if whole.contains(' ') => whole.clone(),
        _ => call
            .arguments
            .iter()
            .flat_map(|argument| &argument.texts)
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
    };
    if let Some((_, what, id)) = command(line.lines().next().unwrap_or_default()) {
        add(look, id, what, call.span.start, Surroundings::Live);
    }
    if line.trim_start().starts_with("git clone ") {
        for found in super::addresses::addresses(&line) {
            let written = look
                .text
                .get(call.span.clone())
                .and_then(|text| text.find(&found.address.host));
            let at = call.span.start + written.unwrap_or(0);
            look.instead(&found.address, at, (Tier::Contacted, How::Host, Confidence::Likely));
        }
    }
}

/// Pieces of a line that a command may begin, with where they stand. What is between quotes is a text, as in `echo "heroku login"`, unless
/// it is given to what runs it, as in `bash -c "heroku login"`, or is put in by `$(…)`.
fn pieces(line: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let (mut from, mut quote, mut open) = (0, None, true);
    let ends = line.bytes().enumerate();
    let ends = ends.filter(|(_, byte)| b"&|;(`\"'".contains(byte));
    for (at, byte) in ends.chain([(line.len(), b';')]) {
        let piece = &line[from..at];
        if open {
            pieces.push((from, piece));
        }
        match (byte, quote) {
            (b'"' | b'\'', None) => {
                quote = Some(byte);
                open = piece
                    .split_whitespace()
                    .last()
                    .is_some_and(|word| RUNNERS.contains(&word));
            }
            (b'"' | b'\'', Some(opened)) if opened == byte => (quote, open) = (None, false),
            (b'`', _) | (_, None) => open = true,
            (b'(', _) if piece.ends_with('$') => open = true,
            _ => {}
        }
        from = at + 1;
    }
    pieces
}

fn add(look: &mut Look<'_>, id: &str, what: &str, at: usize, surroundings: Surroundings) {
    let verdict = (
        live(surroundings, Tier::Configured),
        How::Infrastructure,
        Confidence::Likely,
    );
    look.known(party_of(id).as_slice(), what, at, verdict);
}

/// The command that a piece of a line begins with: where, as it is called, whose.
fn command(piece: &str) -> Option<(usize, &'static str, &'static str)> {
    let mut rest = piece.trim_start();
    loop {
        let word = rest.split_whitespace().next()?;
        let assigned = word
            .split_once('=')
            .is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'));
        if !RUNNERS.contains(&word) && !assigned {
            break;
        }
        rest = rest.get(word.len()..)?.trim_start();
    }
    let found = set_up().command.iter().find(|known| {
        let behind = rest.strip_prefix(known.name.as_str());
        let behind = behind.filter(|behind| behind.starts_with([' ', '\t']));
        let word = behind.and_then(|behind| behind.split_whitespace().next());
        let named = |word: &str| known.next.iter().any(|next| next == word);
        word.is_some_and(|word| named(word) || (known.next.is_empty() && is_argument(word)))
    })?;
    Some((piece.len() - rest.len(), &found.name, &found.party))
}

/// Whether a word is a part of a command, and not of a sentence or a definition.
fn is_argument(word: &str) -> bool {
    ![
        "is", "are", "and", "or", "to", "for", "in", "=", ":", "=>", "+=", "will", "has", "cli",
    ]
    .contains(&word)
        && word.starts_with(|first: char| first.is_ascii_lowercase() || "-$.{\"'".contains(first))
}
