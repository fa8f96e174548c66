//! Packages, modules, calls, keys and infrastructure names to third parties.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ThirdParty;

use super::keys::Keys;
use super::sign_ins::{self, SignIns};

/// In which language a name is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// npm packages, and what JavaScript and TypeScript import: `@scope/name`, `name`, also with `/path` behind.
    Npm,
    /// PyPI packages, in any spelling of PEP 503.
    Pypi,
    /// Ruby gems.
    Gem,
    /// Rust crates; `-` and `_` are the same.
    Crate,
    /// Go modules, and packages below them.
    Go,
    /// Maven coordinates `group:artifact`.
    Maven,
    /// Composer packages.
    Composer,
    /// NuGet packages, in any case.
    Nuget,
    /// CocoaPods, and subspecs of them: `Firebase/Messaging`.
    Pod,
    /// Repositories of Swift packages, `owner/name`, in any case.
    SwiftPackage,
    /// Packages of pub.dev, and what Dart imports of them.
    Pub,
    /// Plugins of Gradle, by their id.
    GradlePlugin,
    /// Python modules `a.b`.
    PythonModule,
    /// Ruby features `a/b`.
    RubyFeature,
    /// Java and Kotlin packages or classes `a.b.C`.
    JavaPackage,
    /// PHP namespaces or classes `A\B`.
    PhpNamespace,
    /// Modules of Swift and Objective-C.
    SwiftModule,
    /// Names in manifests of Android and property lists of Apple.
    AppSetting,
    /// Classes, constructors and functions, `A::B`, `a.b`.
    Call,
    /// Products that a vendor's module opens by name: `boto3 s3`.
    Service,
    /// Environment and configuration keys.
    EnvironmentKey,
    /// Terraform providers and resource types.
    Terraform,
    /// Actions of workflows, without `@version`.
    Action,
    /// Container images, without tag and digest.
    Image,
}

/// Every name of the catalog.
#[derive(Debug)]
pub struct Names {
    by_kind: BTreeMap<Kind, BTreeMap<String, Vec<&'static ThirdParty>>>,
    /// Names that the catalog ends in `*`, without it.
    starts: BTreeMap<Kind, Vec<(String, Vec<&'static ThirdParty>)>>,
    keys: Keys,
    sign_ins: SignIns,
}

impl Names {
    pub(super) fn of(parties: impl Iterator<Item = &'static ThirdParty>) -> Self {
        let parties: Vec<&'static ThirdParty> = parties.collect();
        let keys = Keys::of(parties.iter().copied());
        let sign_ins = SignIns::of(parties.iter().copied());
        let mut by_kind: BTreeMap<Kind, BTreeMap<String, Vec<&'static ThirdParty>>> = BTreeMap::new();
        let mut starts: BTreeMap<Kind, Vec<(String, Vec<&'static ThirdParty>)>> = BTreeMap::new();
        for party in parties {
            for (kind, names) in names_of(party) {
                for name in names {
                    let name = spelled(kind, name);
                    match name.strip_suffix("/*").or_else(|| name.strip_suffix(".*")) {
                        Some(above) => add(by_kind.entry(kind).or_default(), above, party),
                        None if name.ends_with('*') => {
                            add_start(starts.entry(kind).or_default(), name.trim_end_matches('*'), party)
                        }
                        None => add(by_kind.entry(kind).or_default(), &name, party),
                    }
                }
            }
        }
        Self {
            by_kind,
            starts,
            keys,
            sign_ins,
        }
    }

    /// Third parties that `name` means: the longest name of the catalog that it is, or lies below. Empty when there is none.
    pub fn look_up(&self, kind: Kind, name: &str) -> &[&'static ThirdParty] {
        let whole = spelled(kind, name);
        let mut name = whole.clone();
        let starts = self.starts.get(&kind).into_iter().flatten();
        let start = starts
            .filter(|(start, _)| name.starts_with(start.as_str()))
            .max_by_key(|(start, _)| start.len());
        let start = start.map_or(&[][..], |(_, parties)| parties.as_slice());
        let Some(table) = self.by_kind.get(&kind) else {
            return start;
        };
        loop {
            if let Some(found) = table.get(&name) {
                return found;
            }
            match shorter(kind, &name) {
                Some(length) => name.truncate(length),
                None if start.is_empty() && kind == Kind::EnvironmentKey => return self.keys.look_up(&name),
                None if start.is_empty() => return self.sign_ins.look_up(kind, &whole),
                None => return start,
            }
        }
    }

    /// Third parties whose name the key `name` only begins with: they count where something else shows them. Empty when there is none.
    pub fn look_up_weak_key(&self, name: &str) -> &[&'static ThirdParty] {
        let small = name.contains(|letter: char| letter.is_ascii_lowercase());
        self.keys.weak(&spelled(Kind::EnvironmentKey, name), small)
    }

    /// Third parties that the first words of `name` are the name of: `slack_notification`. Empty where they are common words.
    pub fn called(&self, name: &str) -> &[&'static ThirdParty] {
        self.keys.called(&spelled_key(name))
    }

    /// Every name of a kind, in order: for matchers that look for all of them at once.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.by_kind
            .get(&kind)
            .into_iter()
            .flat_map(|table| table.keys().map(String::as_str))
    }

    /// Names of third parties as keys of the environment write them: `NEW_RELIC`. A key is looked up when one of them is a part of it.
    pub fn in_keys(&self) -> impl Iterator<Item = &str> {
        self.keys.names()
    }

    /// Listed keys that count as a part of a longer one as well.
    pub fn runs_in_keys(&self) -> impl Iterator<Item = &str> {
        self.keys.runs()
    }

    /// Beginnings of names of a kind: what the catalog ends in `*`, and what libraries of sign-ins begin with.
    pub fn all_starts(&self, kind: Kind) -> impl Iterator<Item = &str> + '_ {
        let starts = self.starts.get(&kind).into_iter().flatten();
        starts.map(|(start, _)| start.as_str()).chain(sign_ins::fronts(kind))
    }

    /// First words of the names of calls (`Twilio` of `Twilio::REST::Client`): what has to be there before anything is looked up.
    pub fn call_heads(&self) -> BTreeSet<&str> {
        self.all(Kind::Call)
            .map(|name| name.split(['.', ':']).next().unwrap_or(name))
            .collect()
    }
}

fn add_start(starts: &mut Vec<(String, Vec<&'static ThirdParty>)>, start: &str, party: &'static ThirdParty) {
    match starts.iter_mut().find(|(known, _)| known == start) {
        Some((_, parties)) => parties.push(party),
        None => starts.push((start.to_owned(), vec![party])),
    }
}

fn names_of(party: &ThirdParty) -> [(Kind, &[String]); 24] {
    let (packages, code) = (&party.packages, &party.code);
    [
        (Kind::Npm, &packages.npm),
        (Kind::Pypi, &packages.pypi),
        (Kind::Gem, &packages.gem),
        (Kind::Crate, &packages.crates),
        (Kind::Go, &packages.go),
        (Kind::Maven, &packages.maven),
        (Kind::Composer, &packages.composer),
        (Kind::Nuget, &packages.nuget),
        (Kind::Pod, &packages.pod),
        (Kind::SwiftPackage, &packages.swift),
        (Kind::Pub, &packages.dart),
        (Kind::GradlePlugin, &packages.gradle),
        (Kind::PythonModule, &code.python),
        (Kind::RubyFeature, &code.ruby),
        (Kind::JavaPackage, &code.java),
        (Kind::PhpNamespace, &code.php),
        (Kind::SwiftModule, &code.swift),
        (Kind::AppSetting, &code.apps),
        (Kind::Call, &code.calls),
        (Kind::Service, &code.services),
        (Kind::EnvironmentKey, &party.env_keys),
        (Kind::Terraform, &code.terraform),
        (Kind::Action, &code.actions),
        (Kind::Image, &code.images),
    ]
}

/// Adds a third party to those of a name, once also where it lists two spellings of it.
fn add(table: &mut BTreeMap<String, Vec<&'static ThirdParty>>, name: &str, party: &'static ThirdParty) {
    let parties = table.entry(name.to_owned()).or_default();
    if parties.last().is_none_or(|last| last.id != party.id) {
        parties.push(party);
    }
}

/// Keys that in small letters are columns of data: who somebody is at GitHub, how clear a stone is.
const COLUMNS: [&str; 4] = ["GITHUB_ID", "CLARITY_ID", "VWO_ID", "ECS_CLUSTER"];

/// One spelling for what package indexes take for the same.
fn spelled(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Pypi => name.to_ascii_lowercase().replace(['_', '.'], "-"),
        Kind::Crate => name.replace('_', "-"),
        Kind::Nuget | Kind::Composer | Kind::Action | Kind::Image | Kind::SwiftPackage => name.to_ascii_lowercase(),
        Kind::EnvironmentKey => spelled_key(name),
        Kind::PhpNamespace => name.trim_start_matches('\\').to_owned(),
        _ => name.to_owned(),
    }
}

/// One spelling for keys: `mailgun_api_key`, `mailgun.api-key`, `MAILGUN__API_KEY` and `mailgunApiKey` in settings are what the
/// environment calls `MAILGUN_API_KEY`.
fn spelled_key(name: &str) -> String {
    let has = |is: fn(&char) -> bool| name.chars().any(|letter| is(&letter));
    let mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) && !name.contains('_');
    if mixed {
        return crate::words::split(name).join("_").to_ascii_uppercase();
    }
    let mut key = name.to_ascii_uppercase().replace(['.', '-'], "_");
    while key.contains("__") {
        key = key.replace("__", "_");
    }
    let small = !name.contains(|letter: char| letter.is_ascii_uppercase());
    if small && COLUMNS.contains(&key.as_str()) {
        return name.to_owned();
    }
    key
}

/// Where the name of what it lies below ends; none where nothing is.
fn shorter(kind: Kind, name: &str) -> Option<usize> {
    match kind {
        Kind::Npm | Kind::Go | Kind::RubyFeature | Kind::Action | Kind::Image | Kind::Pod => name.rfind('/'),
        Kind::Nuget | Kind::PythonModule | Kind::JavaPackage | Kind::GradlePlugin | Kind::AppSetting => name.rfind('.'),
        Kind::Maven => name.rfind(':'),
        Kind::PhpNamespace => name.rfind('\\'),
        Kind::Call => name.rfind(['.', ':']).map(|at| name[..at].trim_end_matches(':').len()),
        // `aws_ses_` stands for `aws_ses_domain_identity`: the catalog writes the prefix with its last `_`.
        Kind::Terraform => name.trim_end_matches('_').rfind('_').map(|at| at + 1),
        Kind::Pypi
        | Kind::Gem
        | Kind::Crate
        | Kind::Composer
        | Kind::SwiftPackage
        | Kind::Pub
        | Kind::SwiftModule
        | Kind::EnvironmentKey
        | Kind::Service => None,
    }
    .filter(|end| *end > 0)
}
