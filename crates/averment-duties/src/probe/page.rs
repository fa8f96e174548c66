//! `probe.page`: what people are offered is there: pages open, public lists name every recipient of the register, links on them
//! lead somewhere, somebody can be written to.

mod reading;

use averment_catalog::Plane;
use averment_register::{Charter, Claim, ClaimKind, Recipient};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::stores::all_certificates;
use super::{Probed, World};
use crate::web::{Answer, Origin, Visitor, resolve};
use reading::Page;

const BY: &str = "probe.page";
/// Most links of a page that are opened.
const LINKS_MAX: usize = 100;

/// Pages of the section `[pages]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PageSettings {
    /// PEM files with certificates to trust besides the system's.
    pub trust: Vec<PathBuf>,
    /// Where the page of a claim is, by the claim's identifier, where the register does not say it.
    pub urls: BTreeMap<String, String>,
    /// Texts that a page must show, by the claim's identifier.
    pub shows: BTreeMap<String, Vec<String>>,
}

pub(super) fn look(world: &mut World<'_>) -> Vec<Probed> {
    let charter = world.charter;
    let trust = all_certificates(&world.settings.pages.trust);
    let mut all = Vec::new();
    for claim in charter.content().claims.values() {
        let ClaimKind::Offers { offer, url } = &claim.kind else {
            continue;
        };
        let mut probed = Probed::new(claim, BY, Plane::Browser);
        let settings = &world.settings.pages;
        let page = settings
            .urls
            .get(claim.id.as_str())
            .or(url.as_ref())
            .or_else(|| of_list(charter, claim, offer.as_str()));
        match (page, &trust) {
            (_, Err(because)) => probed.missed(1, because.clone()),
            (None, _) if offer.as_str() == "contact" => contact(charter, &mut probed),
            (None, _) => {
                probed.vouch_for_it("nothing says on which page it is: `url` of the claim, or the section `[pages]`")
            }
            (Some(url), Ok(trust)) => {
                let mut visit = Visit {
                    trust,
                    probed: &mut probed,
                };
                if let Some(page) = visit.open(url) {
                    visit.shows(settings.shows.get(claim.id.as_str()), &page);
                    match offer.as_str() {
                        "public_list" => visit.list(charter, &page, world.now.to_zoned(TimeZone::UTC).date()),
                        "contact" => visit.somebody(&page),
                        _ => {}
                    }
                    visit.links(&page);
                }
            }
        }
        all.push(probed);
    }
    all
}

/// The list of the whole register is on its page.
fn of_list<'a>(charter: &'a Charter, claim: &Claim, offer: &str) -> Option<&'a String> {
    let page = charter.content().about.page.as_ref();
    page.filter(|_| offer == "public_list" && claim.recipient.is_none())
}

/// How to reach the organisation, as the register says it.
fn contact(charter: &Charter, probed: &mut Probed) {
    match charter.content().about.contact.as_deref() {
        None => probed.vouch_for_it("neither the claim nor `contact` of the register says how somebody is reached"),
        Some(contact) if reading::is_address(contact) || contact.starts_with("https://") => {
            // The register is what is said, and cannot show that it is so.
            probed.vouch_for_it("only `contact` of the register says how somebody is reached")
        }
        Some(_) => {
            probed.saw(1);
            probed.against(1, "`contact` of the register is neither an e-mail address nor a page");
        }
    }
}

struct Visit<'a> {
    trust: &'a [rustls::pki_types::CertificateDer<'static>],
    probed: &'a mut Probed,
}

impl Visit<'_> {
    /// The page of a claim; none where it does not open, which is then told.
    fn open(&mut self, url: &str) -> Option<Answer> {
        let Some(answer) = self.fetch(url) else {
            self.probed.missed(1, format!("`{url}` cannot be reached"));
            return None;
        };
        self.probed.saw(1);
        match answer.status {
            200 => Some(answer),
            500..=599 | 429 => {
                self.probed
                    .missed(1, format!("`{url}` answers with status {}", answer.status));
                None
            }
            status => {
                self.probed.against(1, format!("`{url}` answers with status {status}"));
                None
            }
        }
    }

    /// Opens any page without cookies; redirects may lead anywhere.
    fn fetch(&self, url: &str) -> Option<Answer> {
        let mut url: ureq::http::Uri = url.parse().ok()?;
        for _ in 0..10 {
            let origin = Origin::of(&url)?;
            let path = url.path_and_query()?.to_string();
            let mut visitor = Visitor::new(vec![origin], self.trust);
            let answer = visitor.once_without_following(&path).ok()?;
            let target = answer
                .header("location")
                .filter(|_| (300..400).contains(&answer.status));
            match target.map(|target| resolve(&url, target)) {
                None => return Some(answer),
                Some(next) => url = next?,
            }
        }
        None
    }

    fn shows(&mut self, texts: Option<&Vec<String>>, page: &Answer) {
        let read = Page::of(&page.body);
        for text in texts.into_iter().flatten() {
            self.probed.saw(1);
            let missing = u64::from(!read.says(text));
            self.probed.against(missing, format!("the page does not show `{text}`"));
        }
    }

    /// Whether a list names every recipient there is today, and when it was made.
    fn list(&mut self, charter: &Charter, page: &Answer, today: Date) {
        let read = Page::of(&page.body);
        for recipient in charter.content().recipients.values() {
            if is_retired(charter, recipient, today) {
                continue;
            }
            self.probed.saw(1);
            let named = read.says(&recipient.name) || recipient.operator.as_deref().is_some_and(|name| read.says(name));
            self.probed
                .against(u64::from(!named), format!("the list does not name `{}`", recipient.id));
        }
        match read.is_dated() {
            true => self.probed.note("the list says of which day it is"),
            false => self.probed.note("the list does not say of which day it is"),
        }
    }

    fn somebody(&mut self, page: &Answer) {
        self.probed.saw(1);
        let reachable = Page::of(&page.body).reaches_somebody();
        self.probed
            .against(u64::from(!reachable), "the page has no address, no number and no form");
    }

    /// Opens what the page links to. What is gone goes against it; what is refused or does not answer is no link seen.
    fn links(&mut self, page: &Answer) {
        let read = Page::of(&page.body);
        let mut links: Vec<String> = read
            .links
            .iter()
            .filter_map(|link| resolve(&page.url, link))
            .map(|link| link.to_string())
            .collect();
        links.sort();
        links.dedup();
        if links.len() > LINKS_MAX {
            self.probed
                .note(format!("{LINKS_MAX} of {} links were opened", links.len()));
            links.truncate(LINKS_MAX);
        }
        let (mut dead, mut silent) = (0, 0);
        for link in &links {
            match self.fetch(link).map(|answer| answer.status) {
                Some(404 | 410) => dead += 1,
                Some(200..=299) => {}
                _ => silent += 1,
            }
        }
        self.probed.saw(links.len() as u64 - silent);
        self.probed
            .against(dead, format!("{dead} of {} links lead to nothing", links.len()));
        // A page of others that is down today says nothing about this one.
        if silent > 0 {
            self.probed
                .note(format!("{silent} of {} links did not open", links.len()));
        }
    }
}

/// Addresses that a page links to, as it writes them.
pub(super) fn linked(body: &[u8]) -> Vec<String> {
    Page::of(body).links
}

fn is_retired(charter: &Charter, recipient: &Recipient, today: Date) -> bool {
    let claims = charter.content().claims.values();
    let mut own = claims.filter(|claim| claim.recipient.as_ref() == Some(&recipient.id));
    own.any(|claim| matches!(claim.kind, ClaimKind::RetiredSince { date } if date <= today))
}
