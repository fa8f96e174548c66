//! Files to observations: one third party on one plane, in a stable order.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{Flow, Plane, catalog};

use super::finding::{Finding, Looked};
use super::keys::is_weak;
use super::lacking::Lacking;
use crate::identify::registrable;
use crate::observation::{Confidence, Evidence, How, Observation, Party, Passed, Side, Spot, Tier};

/// Observations of all files, which are sorted by path.
pub(super) fn observations(files: &[Looked]) -> Vec<Observation> {
    let declared = Declared::of(files);
    let mut by_party: BTreeMap<Party, Vec<(&str, Finding)>> = BTreeMap::new();
    let clear = clear_parties(files);
    let lacking = Lacking::of(files);
    let imported = Imported::of(files);
    let opened = opened(files);
    for file in files {
        let pinned = file.given.findings.iter().any(Finding::is_pinned);
        let around = if pinned {
            declared.around(&file.path)
        } else {
            BTreeSet::new()
        };
        for finding in &file.given.findings {
            let mut finding = settle(&around, &imported.below(folder(&file.path)), finding);
            if is_weak(&finding) {
                finding.parties.retain(|party| clear.contains(party));
            }
            if is_of_development(file, &finding) && imported.below(folder(&file.path)).has(&finding.what) {
                finding.tier = Tier::Configured;
            }
            if lacking.is_called(&file.path, &finding) || lacking.is_of_no_gem(&file.path, &finding) {
                finding.tier = Tier::Dead;
            }
            choose(&mut finding, &clear);
            go_to_products(&mut finding, &opened);
            for party in &finding.parties {
                by_party
                    .entry(party.clone())
                    .or_default()
                    .push((&file.path, finding.clone()));
            }
        }
    }
    by_party
        .into_iter()
        .flat_map(|(party, findings)| of_party(&party, &findings))
        .collect()
}

/// Third parties that something shows which shows nobody else.
fn clear_parties(files: &[Looked]) -> BTreeSet<&Party> {
    let findings = files.iter().flat_map(|file| &file.given.findings);
    let alone =
        findings.filter(|finding| finding.tier > Tier::Linked && finding.parties.len() == 1 && !is_weak(finding));
    alone.filter_map(|finding| finding.parties.first()).collect()
}

/// Of several third parties that a package may stand for, those that something else shows; all of them, but less sure, where
/// nothing does.
fn choose(finding: &mut Finding, clear: &BTreeSet<&Party>) {
    if finding.parties.len() < 2 {
        return;
    }
    if finding.parties.iter().any(|party| clear.contains(party)) {
        finding.parties.retain(|party| clear.contains(party));
    } else if let (How::Policy, Some(host)) = (finding.how, &finding.host) {
        // A source of a policy that several products share, and that nothing else speaks for, is the vendor's.
        finding.parties = vec![Party::Domain(registrable(host))];
    } else {
        finding.confidence = Confidence::Possible;
    }
    let for_sign_in: fn(&Party) -> bool = match finding.how {
        // `GITHUB_CLIENT_ID`: a key that several products share is in most programs for signing in.
        How::Environment => |party| kinds(party).iter().any(|kind| kind == "sign-in"),
        // `oauth2.googleapis.com`: where products get their tokens from; nothing says which, so it is the sign-in that is nothing else.
        How::Host => |party| matches!(kinds(party), [kind] if kind == "sign-in"),
        _ => return,
    };
    if finding.parties.len() > 1 && finding.parties.iter().any(for_sign_in) {
        finding.parties.retain(for_sign_in);
    }
}

/// Google's general clients: what speaks for nothing but them speaks for the products that are opened through them.
const GENERAL: &str = "google-apis";

/// The products that live code opens through general clients: `build("youtube", …)`, `google.drive(…)`, `Google::Apis::DriveV3`.
fn opened(files: &[Looked]) -> Vec<Party> {
    let through = |what: &str| {
        let front = ["Google::Apis::", "google/apis/", "google.", "@googleapis/"];
        what == "build" || what.ends_with("discovery.build") || front.iter().any(|front| what.starts_with(front))
    };
    let findings = files.iter().flat_map(|file| &file.given.findings);
    let opens = findings.filter(|one| {
        let code = matches!(one.how, How::Call | How::Import);
        code && one.tier > Tier::Linked && one.parties.len() == 1 && through(&one.what)
    });
    let products: BTreeSet<&Party> = opens
        .flat_map(|one| &one.parties)
        .filter(|party| !is_general(party))
        .collect();
    products
        .into_iter()
        .filter(|party| is_of_google(party))
        .cloned()
        .collect()
}

fn is_general(party: &Party) -> bool {
    matches!(party, Party::Known(id) if id.as_str() == GENERAL)
}

fn is_of_google(party: &Party) -> bool {
    let company = |id| catalog().third_party(id).map(|party| party.company.as_str());
    matches!(party, Party::Known(id) if company(id) == Some("Google LLC"))
}

fn go_to_products(finding: &mut Finding, opened: &[Party]) {
    let packages = matches!(finding.how, How::Import | How::Manifest | How::LockFile | How::Call);
    if packages && !opened.is_empty() && finding.parties.iter().any(is_general) {
        finding.parties.retain(|party| !is_general(party));
        let more = opened
            .iter()
            .filter(|party| !finding.parties.contains(party))
            .cloned()
            .collect::<Vec<_>>();
        finding.parties.extend(more);
    }
}

/// What a third party is for, as the catalog says.
fn kinds(party: &Party) -> &'static [String] {
    match party {
        Party::Known(id) => catalog().third_party(id).map_or(&[], |party| party.kinds.as_slice()),
        Party::Domain(_) => &[],
    }
}

/// Packages that manifests ask for, by the folder of the manifest.
struct Declared<'a> {
    by_folder: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Declared<'a> {
    fn of(files: &'a [Looked]) -> Self {
        let mut by_folder: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for file in files.iter().filter(|file| !file.given.declared.is_empty()) {
            let folder = by_folder.entry(folder(&file.path)).or_default();
            folder.extend(file.given.declared.iter().map(String::as_str));
        }
        Self { by_folder }
    }

    /// What manifests beside or below a lock file ask for: `+name` for what runs, `-name` for development only.
    fn around(&self, path: &str) -> BTreeSet<&'a str> {
        let root = project(folder(path));
        let below = self.by_folder.iter().filter(|(folder, _)| {
            root.is_empty()
                || folder
                    .strip_prefix(root)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        below.flat_map(|(_, names)| names.iter().copied()).collect()
    }
}

/// A package of npm that a manifest asks for only to develop with.
fn is_of_development(file: &Looked, finding: &Finding) -> bool {
    let declared = || {
        file.given
            .declared
            .iter()
            .any(|name| name.strip_prefix('-') == Some(&finding.what))
    };
    finding.how == How::Manifest && finding.tier == Tier::Dead && file.path.ends_with("package.json") && declared()
}

/// Packages of npm that live code imports, with the files.
struct Imported<'a> {
    by_name: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Imported<'a> {
    fn of(files: &'a [Looked]) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for file in files {
            let used = |one: &&Finding| one.how == How::Import && one.tier > Tier::Linked;
            for finding in file.given.findings.iter().filter(used) {
                by_name.entry(package(&finding.what)).or_default().push(&file.path);
            }
        }
        Self { by_name }
    }

    fn below(&'a self, root: &'a str) -> Below<'a> {
        Below { imported: self, root }
    }
}

/// The same below a folder.
struct Below<'a> {
    imported: &'a Imported<'a>,
    root: &'a str,
}

impl Below<'_> {
    fn has(&self, name: &str) -> bool {
        let files = self.imported.by_name.get(name).into_iter().flatten();
        let is_below = |path: &&str| {
            let rest = path.strip_prefix(self.root);
            self.root.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let mut files = files.copied();
        files.any(|path| is_below(&path))
    }
}

/// The package of a module: `@scope/name` of `@scope/name/part`.
fn package(module: &str) -> &str {
    let parts = if module.starts_with('@') { 2 } else { 1 };
    let end = module
        .match_indices('/')
        .nth(parts - 1)
        .map_or(module.len(), |(at, _)| at);
    module.get(..end).unwrap_or(module)
}

/// A pinned package is as strong as the manifests around the lock file say; one that only other packages want is called by nothing here.
fn settle(around: &BTreeSet<&str>, imported: &Below<'_>, finding: &Finding) -> Finding {
    let mut finding = finding.clone();
    if !finding.is_pinned() {
        return finding;
    }
    let direct = around.contains(format!("+{}", finding.what).as_str());
    let development = around.contains(format!("-{}", finding.what).as_str());
    match (direct, development) {
        (true, _) => finding.confidence = Confidence::Certain,
        // What front ends are built from often stands among what they are developed with.
        (false, true) if imported.has(&finding.what) => {}
        (false, true) => finding.tier = Tier::Dead,
        // Where no manifest is to be seen, nothing says that it was not asked for.
        (false, false) if finding.wanted && !around.is_empty() => finding.tier = Tier::Dead,
        (false, false) => finding.confidence = Confidence::Possible,
    }
    finding
}

/// The folder that a project of Xcode lies in: what Swift pinned for it is kept inside of `School.xcodeproj`.
fn project(folder_of_lock: &str) -> &str {
    let inside = [".xcodeproj/", ".xcworkspace/"];
    let at = inside.iter().filter_map(|end| folder_of_lock.find(end)).min();
    at.and_then(|at| folder_of_lock.get(..at))
        .map_or(folder_of_lock, folder)
}

pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn of_party(party: &Party, findings: &[(&str, Finding)]) -> Vec<Observation> {
    let usual = usual_plane(party, findings);
    let mut by_plane: BTreeMap<Plane, Observation> = BTreeMap::new();
    for (path, finding) in findings {
        let plane = plane_of(finding).unwrap_or(usual);
        let observation = by_plane.entry(plane).or_insert_with(|| Observation {
            party: party.clone(),
            plane,
            hosts: BTreeSet::new(),
            evidence: Vec::new(),
            passed: Vec::new(),
        });
        add(observation, path, finding);
    }
    let mut all: Vec<Observation> = by_plane.into_values().collect();
    for observation in &mut all {
        observation
            .evidence
            .sort_by(|a, b| (&a.spot, a.how, &a.what, a.tier).cmp(&(&b.spot, b.how, &b.what, b.tier)));
        observation
            .evidence
            .dedup_by(|b, a| (&a.spot, &a.what, a.tier, a.how) == (&b.spot, &b.what, b.tier, b.how));
        observation.passed.sort();
        observation.passed.dedup();
    }
    all
}

fn add(observation: &mut Observation, path: &str, finding: &Finding) {
    let spot = |line, column| Spot {
        file: path.to_owned(),
        line: Some(line),
        column: Some(column),
    };
    observation.hosts.extend(finding.host.clone());
    observation.evidence.push(Evidence {
        how: finding.how,
        what: finding.what.clone(),
        spot: spot(finding.line, finding.column),
        tier: finding.tier,
        side: finding.side,
        confidence: finding.confidence,
        plain_http: finding.plain_http,
        role: None,
        alike: BTreeSet::new(),
    });
    if finding.tier.is_flow() {
        observation.passed.extend(finding.passed.iter().map(|one| Passed {
            element: one.element.clone(),
            subject: one.subject.clone(),
            spot: spot(one.line, one.column),
            confidence: one.confidence,
            role: None,
            consented: None,
            request: None,
            alike: BTreeSet::new(),
        }));
    }
}

/// The plane that a finding itself tells.
fn plane_of(finding: &Finding) -> Option<Plane> {
    match (finding.how, finding.side) {
        (How::Infrastructure | How::Workflow, _) => Some(Plane::Infrastructure),
        (How::Manifest | How::LockFile, Some(Side::Server)) => Some(Plane::Gateway),
        (How::Policy, Some(Side::Browser)) => Some(Plane::Browser),
        (How::Manifest | How::LockFile | How::Environment | How::Policy, _) => None,
        (_, Some(Side::Browser)) => Some(Plane::Browser),
        (_, Some(Side::Server)) => Some(Plane::Gateway),
        (_, None) => None,
    }
}

/// Where the strongest of the findings are that tell it; else what the catalog says of the third party.
fn usual_plane(party: &Party, findings: &[(&str, Finding)]) -> Plane {
    let told = findings
        .iter()
        .filter_map(|(_, finding)| Some((finding.tier, plane_of(finding)?)));
    let strongest = told.max_by_key(|(tier, plane)| (*tier, std::cmp::Reverse(*plane)));
    if let Some((_, plane)) = strongest.filter(|(tier, _)| *tier > Tier::Linked) {
        return plane;
    }
    let flows = match party {
        Party::Known(id) => catalog()
            .third_party(id)
            .map_or(&[][..], |party| party.flows.as_slice()),
        Party::Domain(_) => &[],
    };
    if flows.contains(&Flow::Browser) && !flows.contains(&Flow::Server) {
        Plane::Browser
    } else {
        Plane::Gateway
    }
}
