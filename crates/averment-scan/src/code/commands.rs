//! Commands of services in scripts and builds: `gcloud run deploy`, `aws s3 sync`, `heroku container:push`. Whoever runs one is signed in there.

use averment_catalog::{ThirdPartyId, catalog};
use averment_syntax::Surroundings;

use super::look::{Look, live};
use crate::observation::{Confidence, How, Tier};

/// A command, the words that may follow it (any where none is named), and whose it is. Longer ones come first.
const COMMANDS: [(&str, &[&str], &str); 41] = [
    ("aws s3", &[], "aws-s3"),
    ("aws s3api", &[], "aws-s3"),
    ("aws ses", &[], "aws-ses"),
    ("aws lambda", &[], "aws-lambda"),
    (
        "aws",
        &[
            "cloudformation",
            "cloudfront",
            "configure",
            "ec2",
            "ecr",
            "ecs",
            "eks",
            "elasticbeanstalk",
            "iam",
            "logs",
            "rds",
            "secretsmanager",
            "sns",
            "sqs",
            "ssm",
            "sts",
        ],
        "aws",
    ),
    ("eb", &["deploy", "create", "init"], "aws"),
    ("gcloud", &[], "google-cloud"),
    ("gsutil", &[], "google-cloud-storage"),
    (
        "az",
        &[
            "acr",
            "aks",
            "containerapp",
            "functionapp",
            "keyvault",
            "login",
            "storage",
            "webapp",
        ],
        "azure",
    ),
    ("heroku", &[], "heroku"),
    (
        "vercel",
        &["build", "deploy", "env", "link", "pull", "--prod", "--token"],
        "vercel",
    ),
    ("netlify", &["deploy", "build", "login", "link"], "netlify"),
    ("flyctl", &[], "fly-io"),
    ("fly", &["deploy", "secrets", "launch"], "fly-io"),
    (
        "firebase",
        &[
            "deploy",
            "login",
            "use",
            "hosting:channel:deploy",
            "appdistribution:distribute",
        ],
        "firebase",
    ),
    ("doctl", &[], "digitalocean"),
    ("railway", &["up", "run", "link", "login"], "railway"),
    (
        "wrangler",
        &["deploy", "publish", "pages", "secret", "login"],
        "cloudflare",
    ),
    ("surge", &["--domain", "./dist", "./build", "dist", "build"], "surge-sh"),
    (
        "supabase",
        &["link", "login", "functions", "secrets", "--project-ref"],
        "supabase",
    ),
    ("pulumi", &["up", "login", "preview", "stack"], "pulumi-cloud"),
    ("sentry-cli", &[], "sentry"),
    ("codecov", &[], "codecov"),
    ("coveralls", &[], "coveralls"),
    ("cc-test-reporter", &[], "code-climate"),
    ("codacy-coverage-reporter", &[], "codacy"),
    ("percy", &["exec", "snapshot", "upload"], "percy-io"),
    (
        "chromatic",
        &["--project-token", "--exit-zero-on-changes"],
        "chromatic-com",
    ),
    ("snyk", &["test", "monitor", "auth", "code", "container"], "snyk"),
    ("buildkite-agent", &[], "buildkite"),
    ("newrelic", &["deployments", "deployment"], "new-relic"),
    ("tx", &["pull", "push", "init"], "transifex"),
    ("crowdin", &["upload", "download", "pull", "push"], "crowdin"),
    ("phrase", &["pull", "push"], "phrase"),
    ("lokalise2", &[], "lokalise"),
    ("wlc", &[], "weblate"),
    ("twine", &["upload"], "pypi-index"),
    ("npm", &["publish"], "npm-registry"),
    (
        "appcenter",
        &["codepush", "login", "distribute", "crashes"],
        "app-center",
    ),
    (
        "gh",
        &[
            "api", "auth", "issue", "pr", "release", "repo", "run", "secret", "workflow",
        ],
        "github",
    ),
    ("glab", &[], "gitlab"),
];

/// Words in front of a command, or of a text that holds one, that run it.
const RUNNERS: [&str; 25] = [
    "-",
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

/// Schemes of storages that such commands and programs name places by.
const STORES: [(&str, &str); 2] = [("s3://", "aws-s3"), ("gs://", "google-cloud-storage")];

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
    for (scheme, id) in STORES.iter().filter(|(_, id)| !told.contains(id)) {
        if let Some(at) = line.find(scheme) {
            add(look, id, scheme, start + at, surroundings);
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
    let party = ThirdPartyId::new(id).ok().and_then(|id| catalog().third_party(&id));
    let verdict = (
        live(surroundings, Tier::Configured),
        How::Infrastructure,
        Confidence::Likely,
    );
    look.known(party.as_slice(), what, at, verdict);
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
    let found = COMMANDS.iter().find(|(name, next, _)| {
        let behind = rest.strip_prefix(name).filter(|behind| behind.starts_with([' ', '\t']));
        let word = behind.and_then(|behind| behind.split_whitespace().next());
        word.is_some_and(|word| next.contains(&word) || (next.is_empty() && is_argument(word)))
    })?;
    Some((piece.len() - rest.len(), found.0, found.2))
}

/// Whether a word is a part of a command, and not of a sentence or a definition.
fn is_argument(word: &str) -> bool {
    ![
        "is", "are", "and", "or", "to", "for", "in", "=", ":", "=>", "+=", "will", "has", "cli",
    ]
    .contains(&word)
        && word.starts_with(|first: char| first.is_ascii_lowercase() || "-$.{\"'".contains(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_named_here_is_in_the_catalog() {
        let commands = COMMANDS.iter().map(|(_, _, id)| *id);
        for id in commands.chain(STORES.iter().map(|(_, id)| *id)) {
            let party = ThirdPartyId::new(id).ok().and_then(|id| catalog().third_party(&id));
            assert!(party.is_some(), "{id}");
        }
    }
}
