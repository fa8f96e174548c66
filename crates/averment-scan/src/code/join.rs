//! Files to observations: one third party on one plane, in a stable order.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{Flow, Plane, catalog};

use super::finding::{Finding, Looked};
use super::lacking::Lacking;
use crate::identify::registrable;
use crate::observation::{Confidence, Evidence, How, Observation, Party, Passed, Side, Spot, Tier};

/// Observations of all files, which are sorted by path.
pub(super) fn observations(files: &[Looked]) -> Vec<Observation> {
    let declared = Declared::of(files);
    let mut by_party: BTreeMap<Party, Vec<(&str, Finding)>> = BTreeMap::new();
    let clear = clear_parties(files);
    let lacking = Lacking::of(files);
    for file in files {
        let pinned = file.given.findings.iter().any(Finding::is_pinned);
        let around = if pinned {
            declared.around(&file.path)
        } else {
            BTreeSet::new()
        };
        for finding in &file.given.findings {
            let mut finding = settle(&around, finding);
            if lacking.is_called(&file.path, &finding) {
                finding.tier = Tier::Dead;
            }
            choose(&mut finding, &clear);
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
    let alone = findings.filter(|finding| finding.tier > Tier::Linked && finding.parties.len() == 1);
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
        let root = folder(path);
        let below = self.by_folder.iter().filter(|(folder, _)| {
            root.is_empty()
                || folder
                    .strip_prefix(root)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        below.flat_map(|(_, names)| names.iter().copied()).collect()
    }
}

/// A pinned package is as strong as the manifests around the lock file say; one that only other packages want is called by nothing here.
fn settle(around: &BTreeSet<&str>, finding: &Finding) -> Finding {
    let mut finding = finding.clone();
    if !finding.is_pinned() {
        return finding;
    }
    let direct = around.contains(format!("+{}", finding.what).as_str());
    let development = around.contains(format!("-{}", finding.what).as_str());
    match (direct, development) {
        (true, _) => finding.confidence = Confidence::Certain,
        (false, true) => finding.tier = Tier::Dead,
        // Where no manifest is to be seen, nothing says that it was not asked for.
        (false, false) if finding.wanted && !around.is_empty() => finding.tier = Tier::Dead,
        (false, false) => finding.confidence = Confidence::Possible,
    }
    finding
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
