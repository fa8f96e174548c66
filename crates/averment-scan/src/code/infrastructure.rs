//! Files that describe infrastructure and workflows: Terraform, CloudFormation, Serverless, Docker, compose, Kubernetes, GitHub
//! Actions, CircleCI, GitLab CI. Read line by line: what matters stands in one line each, and no template has to be expanded.

use averment_syntax::Surroundings;

use super::look::Look;
use super::set_up::{called, party_of, set_up};
use crate::identify::{Address, Kind};
use crate::observation::{Confidence, How, Tier};

/// Kinds of such files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Terraform,
    Docker,
    Workflow,
    Yaml,
    /// `devcontainer.json`: where somebody works on the program.
    Container,
}

/// Whether a file describes infrastructure.
pub(super) fn format_of(path: &str, text: &str) -> Option<Format> {
    let lower = path.to_ascii_lowercase();
    let filled_in = [".j2", ".tmpl", ".tpl", ".template", ".dist", ".example", ".sample"];
    let lower = filled_in
        .iter()
        .find_map(|ending| lower.strip_suffix(ending))
        .unwrap_or(&lower);
    let name = lower.rsplit('/').next().unwrap_or(lower);
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    if name == "devcontainer.json" || name == ".devcontainer.json" {
        return Some(Format::Container);
    }
    if name.ends_with(".tf") || name.ends_with(".tf.json") || name.ends_with(".hcl") {
        return Some(Format::Terraform);
    }
    if name == "dockerfile"
        || name.starts_with("dockerfile.")
        || name.ends_with(".dockerfile")
        || name == "containerfile"
        || is_image_without_ending(name, text)
    {
        return Some(Format::Docker);
    }
    let workflow = [
        ".github/",
        ".circleci/",
        ".gitlab-ci",
        "azure-pipelines",
        ".drone",
        "bitbucket-pipelines",
        ".travis",
        "buildspec",
        "action.y",
    ];
    if yaml && workflow.iter().any(|part| lower.contains(part)) {
        return Some(Format::Workflow);
    }
    let named = name.contains("compose") || name.starts_with("serverless");
    let kubernetes = || text.contains("apiVersion:") && text.contains("kind:");
    let formation = || {
        let marks = ["AWSTemplateFormatVersion", "Type: AWS::", "\"AWS::"];
        text.contains("AWS") && marks.iter().any(|mark| text.contains(mark))
    };
    ((yaml && (named || kubernetes())) || formation()).then_some(Format::Yaml)
}

/// `dockerfiles/amazonlinux`: a file without ending that builds an image.
fn is_image_without_ending(name: &str, text: &str) -> bool {
    let begins = |word: &str| text.lines().take(400).any(|line| line.starts_with(word));
    !name.contains('.') && begins("FROM ") && (begins("RUN ") || begins("COPY "))
}

/// Adds what the file shows.
pub(super) fn read(look: &mut Look<'_>, format: Format) {
    let mut at = 0;
    let mut section = String::new();
    for line in look.text.split_inclusive('\n') {
        let rest = look.text.get(at..).unwrap_or_default();
        let code = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        if code.is_empty() || code.starts_with('#') || code.starts_with("//") {
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            section = code.split(':').next().unwrap_or_default().to_owned();
        }
        match format {
            Format::Terraform => terraform(look, code, start),
            Format::Docker => docker(look, code, start),
            Format::Container => container(look, code, start),
            Format::Workflow if code.contains("docker/login-action") => signs_in(look, code, start, rest),
            Format::Workflow | Format::Yaml => yaml(look, code, start, format, &section),
        }
        cloud_formation(look, code, start);
    }
}

/// Whoever keeps the images: the usual registry, where the step names no other; another is told where its host stands.
fn signs_in(look: &mut Look<'_>, code: &str, at: usize, rest: &str) {
    let step = rest.lines().skip(1).take(8).map(str::trim);
    let mut step = step.take_while(|line| !line.starts_with("- "));
    let registry = step.find_map(|line| line.strip_prefix("registry:"));
    let host = registry.map(|host| host.trim().trim_matches(['"', '\'']));
    if host.is_none_or(|host| host.is_empty() || host.ends_with("docker.io")) {
        yaml(look, code, at, Format::Workflow, "");
    }
}

fn named(look: &mut Look<'_>, kind: Kind, name: &str, at: usize, how: How) {
    let parties = look.tables.names().look_up(kind, name);
    look.known(parties, name, at, (Tier::Configured, how, Confidence::Certain));
}

/// `provider "datadog" {`, `resource "aws_ses_email_identity" "x" {`, `data "…"`, `source = "DataDog/datadog"`.
fn terraform(look: &mut Look<'_>, code: &str, at: usize) {
    let mut words = code.split('"');
    let (front, name) = (
        words.next().unwrap_or_default().trim(),
        words.next().unwrap_or_default(),
    );
    if ["provider", "resource", "data"].contains(&front) {
        named(look, Kind::Terraform, name, at, How::Infrastructure);
    } else if front == "backend" {
        let party = set_up().backends.get(name).and_then(|id| party_of(id));
        let verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);
        look.known(party.as_slice(), name, at, verdict);
    } else if let Some(front) = front.strip_suffix('=').map(str::trim_end)
        && front.ends_with("source")
    {
        source(look, name, at);
    }
}

/// What a provider or a module is read from: `DataDog/datadog`, `git::https://…//monitoring/statuscake`.
fn source(look: &mut Look<'_>, name: &str, at: usize) {
    let verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);
    let from = super::addresses::addresses(name);
    for found in &from {
        look.instead(&found.address, at, verdict);
    }
    let path = name.split('?').next().unwrap_or(name);
    let provider = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let short = from.is_empty() && path.split('/').count() <= 3 && !path.starts_with('.');
    if short || path.trim_start_matches("git::https://").contains("//") {
        named(look, Kind::Terraform, &provider, at, How::Infrastructure);
    }
}

/// `"image": "ghcr.io/desk/app"`, and features, which are images as well: `"ghcr.io/devcontainers/features/sshd:1": {}`.
fn container(look: &mut Look<'_>, code: &str, at: usize) {
    let mut words = code.split('"').skip(1).step_by(2);
    let (key, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let host = key.split('/').next().unwrap_or_default();
    if key == "image" {
        image(look, value, at);
    } else if host.contains('.') && key.matches('/').count() > 1 && code.contains("\":") {
        image(look, key, at);
    }
}

/// `Type: AWS::SES::EmailIdentity` reads as `aws_ses_emailidentity`.
fn cloud_formation(look: &mut Look<'_>, code: &str, at: usize) {
    let Some(from) = code.find("AWS::") else { return };
    if !code.contains("Type") {
        return;
    }
    let name = code
        .get(from..)
        .unwrap_or_default()
        .split(['"', '\'', ' ', ','])
        .next()
        .unwrap_or_default();
    let spelled = name.to_ascii_lowercase().replace("::", "_");
    let parties = look.tables.names().look_up(Kind::Terraform, &spelled);
    let parties = if parties.is_empty() {
        look.tables.names().look_up(Kind::Terraform, "aws")
    } else {
        parties
    };
    look.known(
        parties,
        name,
        at,
        (Tier::Configured, How::Infrastructure, Confidence::Certain),
    );
}

/// `STRIPE_SECRET_KEY`.
fn is_key_of_environment(name: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() > 4 && name.contains('_') && name.bytes().all(letters)
}

fn docker(look: &mut Look<'_>, code: &str, at: usize) {
    let mut words = code.split_whitespace();
    let first = words.next().unwrap_or_default().to_ascii_uppercase();
    if first == "FROM" {
        if let Some(image) = words.find(|word| !word.starts_with("--")) {
            self::image(look, image, at);
        }
    } else if first == "ENV" || first == "ARG" {
        for key in words.map(|word| word.split('=').next().unwrap_or(word)) {
            super::keys::add(look, key, at, Surroundings::Live, Confidence::Certain);
        }
    }
}

/// Whose an image is, or else who keeps it.
pub(super) fn image(look: &mut Look<'_>, image: &str, at: usize) {
    let image = image.trim_matches(['"', '\'']).split('@').next().unwrap_or(image);
    let name = match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    };
    let parties = look.tables.names().look_up(Kind::Image, of_hub(name));
    let verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);
    if look.known(parties, name, at, verdict).is_some() {
        return;
    }
    // Nobody's own image: at least whoever keeps it is asked for it.
    let registry = of_hub(name)
        .split_once('/')
        .and_then(|(host, _)| Address::parse(host).ok());
    let Some(registry) = registry.filter(|host| !super::addresses::is_name(host)) else {
        return;
    };
    let verdict = (Tier::Configured, How::Infrastructure, Confidence::Likely);
    if let Some(finding) = look.address(&registry, at, verdict) {
        finding.what = name.chars().take(160).collect();
    }
}

/// The name of an image without its registry, where that is the usual one, a copy of it, or known at run time only.
fn of_hub(name: &str) -> &str {
    let registries = [
        "docker.io/",
        "index.docker.io/",
        "registry-1.docker.io/",
        "registry.hub.docker.com/",
        "mirror.gcr.io/",
    ];
    let bare = registries
        .iter()
        .find_map(|registry| name.strip_prefix(registry))
        .unwrap_or(name);
    match bare.split_once("}/") {
        Some((variable, rest)) if variable.starts_with("${") => rest,
        _ => bare.strip_prefix("library/").unwrap_or(bare),
    }
}

/// A step of a workflow: an action, or a workflow of another repository that is called after what it is for:
/// `desk/workflows/.github/workflows/slack.yml`.
fn step(look: &mut Look<'_>, action: &str, at: usize) {
    named(look, Kind::Action, action, at, How::Workflow);
    let Some((owner, file)) = action.split_once("/.github/workflows/") else {
        return;
    };
    if owner.starts_with('.') {
        return;
    }
    let party = called(look, file.split('.').next().unwrap_or(file));
    let verdict = (Tier::Configured, How::Workflow, Confidence::Likely);
    look.known(party.as_slice(), action, at, verdict);
}

fn yaml(look: &mut Look<'_>, code: &str, at: usize, format: Format, section: &str) {
    let code = code.trim_start_matches("- ").trim();
    let Some((key, value)) = code.split_once(':') else {
        return;
    };
    let (key, value) = (
        key.trim().trim_matches(['"', '\'']),
        value.trim().trim_matches(['"', '\'']),
    );
    let value = value
        .split(" #")
        .next()
        .unwrap_or(value)
        .trim()
        .trim_matches(['"', '\'']);
    match key {
        // An item of `env:` of a container.
        "name" if is_key_of_environment(value) => {
            super::keys::add(look, value, at, Surroundings::Live, Confidence::Certain);
        }
        "uses" => step(look, value.split('@').next().unwrap_or(value), at),
        "repoURL" => {
            for found in super::addresses::addresses(value) {
                look.instead(
                    &found.address,
                    at,
                    (Tier::Configured, How::Infrastructure, Confidence::Certain),
                );
            }
        }
        "provider" if section == "deploy" && look.path.ends_with(".travis.yml") => {
            let party = called(look, value);
            look.known(
                party.as_slice(),
                value,
                at,
                (Tier::Configured, How::Workflow, Confidence::Certain),
            );
        }
        "image" if !value.is_empty() => image(look, value, at),
        _ if section == "orbs" && format == Format::Workflow => {
            named(
                look,
                Kind::Action,
                value.split('@').next().unwrap_or(value),
                at,
                How::Workflow,
            );
        }
        "name" if section == "provider" => named(look, Kind::Terraform, value, at, How::Infrastructure),
        _ => {}
    }
}
