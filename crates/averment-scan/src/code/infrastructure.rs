//! Files that describe infrastructure and workflows: Terraform, CloudFormation, Serverless, Docker, compose, Kubernetes, GitHub
//! Actions, CircleCI, GitLab CI. Read line by line: what matters stands in one line each, and no template has to be expanded.

use averment_syntax::Surroundings;

use super::look::Look;
use crate::identify::{Address, Kind};
use crate::observation::{Confidence, How, Tier};

/// Kinds of such files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Terraform,
    Docker,
    Workflow,
    Yaml,
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
    } else if front.starts_with("source") && front.ends_with('=') {
        let provider = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        if name.split('/').count() <= 3 && !name.starts_with('.') {
            named(look, Kind::Terraform, &provider, at, How::Infrastructure);
        }
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

fn image(look: &mut Look<'_>, image: &str, at: usize) {
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
        "uses" => named(
            look,
            Kind::Action,
            value.split('@').next().unwrap_or(value),
            at,
            How::Workflow,
        ),
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
