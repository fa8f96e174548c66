//! One request of a recording: whom it contacts, as what, what it sends and which cookies it leaves.

mod content;

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{SubjectId, ThirdParty};
use averment_detect::{KnownBy, Limits, Whose, inspect};
use jiff::Timestamp;

use super::attached::Attachments;
use super::gather::{Gather, Whom};
use super::mask::Mask;
use super::model::{Entry, Page};
use super::{Looker, cookies, mask, subject_of_role};
use crate::drift::Own;
use crate::identify::{registrable, tables};
use crate::observation::{Confidence, Evidence, How, Party, Passed, Side, Spot, Tier};
use content::{Blocked, Loaded, header};

/// Pages of one recording that are remembered.
const PAGES_MAX: usize = 10_000;

/// One recording while it is read.
pub(super) struct Recording<'l, 'g> {
    looker: &'l Looker<'l>,
    mask: &'l Mask<'l>,
    limits: &'l Limits,
    gather: &'g mut Gather,
    role: Option<&'l str>,
    subject: Option<SubjectId>,
    /// What was named, else the domain of the first page.
    own: Own,
    /// A page of one's own was opened: only from there on something is contacted because of it.
    was_home: bool,
    /// Addresses of pages by their reference, as the recording or their first request says.
    pages: BTreeMap<String, mask::Page>,
    /// Those whose first request was taken.
    opened: BTreeSet<String>,
    /// Files that it keeps bodies in.
    attachments: Attachments<'g>,
}

impl<'l, 'g> Recording<'l, 'g> {
    pub(super) fn new(
        (looker, mask, limits): (&'l Looker<'l>, &'l Mask<'l>, &'l Limits),
        gather: &'g mut Gather,
        role: Option<&'l str>,
        attachments: Attachments<'g>,
    ) -> Self {
        Self {
            looker,
            mask,
            limits,
            gather,
            role,
            subject: role.and_then(subject_of_role),
            own: looker.own.clone(),
            pages: BTreeMap::new(),
            opened: BTreeSet::new(),
            was_home: false,
            attachments,
        }
    }

    pub(super) fn unread(&mut self, place: &str, because: &str) {
        self.gather.unread(place, because);
    }

    /// Takes what the recording says about a page. Chromium writes its address as the title, others write the title.
    pub(super) fn page(&mut self, page: &Page) {
        if let Some(target) = mask::target(page.title.as_str()) {
            self.is_home_of(&target);
            self.remember(page.id.as_str(), &target);
        }
    }

    /// Where nobody names one's own domains the first page does; a request that is no page never does, since it may be anybody's.
    fn is_home_of(&mut self, target: &mask::Target<'_>) {
        if self.own.is_empty() {
            self.own.add(registrable(&target.address.host));
        }
    }

    fn remember(&mut self, reference: &str, target: &mask::Target<'_>) {
        let page = self.mask.page(&target.address);
        if self.pages.len() < PAGES_MAX || self.pages.contains_key(reference) {
            self.pages.insert(reference.to_owned(), page);
        }
    }

    /// Takes one request.
    pub(super) fn entry(&mut self, entry: &Entry) {
        self.gather.coverage.read += 1;
        let (sent, answer) = (&entry.request.0.post_data.0, &entry.response.0.content.0);
        for file in [sent.file.as_str(), sent.sha1.as_str(), answer.file.as_str()] {
            self.attachments.name(file);
        }
        let Some(target) = mask::target(entry.request.0.url.as_str()) else {
            return self.gather.left_out("not an address on the web");
        };
        if let Ok(moment) = entry.started_date_time.as_str().parse::<Timestamp>() {
            self.gather.at(moment);
        }
        let reference = entry.pageref.as_str();
        let is_first = self.opened.len() < PAGES_MAX && self.opened.insert(reference.to_owned());
        let loaded = Loaded::of(entry, is_first);
        if loaded == Loaded::Page {
            self.is_home_of(&target);
        }
        if loaded == Loaded::Page || !self.pages.contains_key(reference) {
            self.remember(reference, &target);
        }
        let visit = self.visit(entry, &target, loaded);
        self.initiator(entry, &visit);
        self.redirect(entry, &visit);
        if self.is_own(&target.address.host) {
            self.was_home = true;
            self.live();
            return self.own_cookies(entry, &visit);
        }
        self.contact(entry, &target, &visit);
    }

    /// Counts a request that says something of the platform.
    fn live(&mut self) {
        self.gather.coverage.live += 1;
        if let Some(role) = self.role {
            *self.gather.of_role(role) += 1;
        }
    }

    fn is_own(&self, host: &str) -> bool {
        self.own.has(host)
    }

    fn visit(&self, entry: &Entry, target: &mask::Target<'_>, loaded: Loaded) -> Visit {
        let page = self.pages.get(entry.pageref.as_str());
        Visit {
            page: page.cloned().unwrap_or_else(|| self.mask.page(&target.address)),
            loaded,
            blocked: content::blocked(entry),
        }
    }

    /// A request to somebody else.
    fn contact(&mut self, entry: &Entry, target: &mask::Target<'_>, visit: &Visit) {
        if mask::is_local(&target.address.host) {
            return self.gather.left_out("an address in the network of the browser");
        }
        let comes_from_home = if visit.loaded == Loaded::Page {
            self.was_home
        } else {
            self.is_own(&visit.page.host)
        };
        if !comes_from_home {
            return self.elsewhere(visit);
        }
        self.live();
        let parties = self.mask.parties(&target.address);
        let host = self.mask.host(&target.address);
        let whom = Whom {
            parties: &parties,
            host: Some(&host),
        };
        let plain = target.address.is_plain();
        // What was never sent is no contact: the page only stands ready for it.
        let (how, tier) = match visit.blocked {
            Some(_) => (How::Resource, Tier::Configured),
            None => (How::Request, Tier::Contacted),
        };
        // What keeps one browser from it keeps no other.
        if visit.blocked == Some(Blocked::ByBrowser) {
            self.gather.coverage.pass_by("blocked in the browser that recorded");
        }
        let request = self.evidence(
            how,
            content::request_shown(entry, target, self.mask, visit.blocked.is_some()),
            visit,
        );
        self.gather.add(
            whom,
            Evidence {
                tier,
                plain_http: plain,
                ..request
            },
        );
        if let Some(how) = visit.loaded.embed().filter(|_| visit.blocked.is_none()) {
            let embed = self.evidence(how, host.clone(), visit);
            self.gather.add(
                whom,
                Evidence {
                    plain_http: plain,
                    ..embed
                },
            );
        }
        if visit.blocked.is_none() {
            self.elements(entry, target, whom, visit);
            self.third_party_cookies(entry, &tables().of_address(&target.address), whom, visit);
        }
    }

    /// Nobody can say whether what happens there has to do with one's own pages.
    fn elsewhere(&mut self, visit: &Visit) {
        self.gather.left_out("of a page of somebody else's site");
        let because = "a page that is not of your own domains: what it contacts was not judged (`--own` names yours)";
        self.gather.unread(&self.mask.known_host(&visit.page.host), because);
    }

    /// Evidence of somebody whom a page embeds.
    fn evidence(&self, how: How, what: String, visit: &Visit) -> Evidence {
        Evidence {
            how,
            what,
            spot: visit.spot(),
            tier: Tier::Embedded,
            side: Some(Side::Browser),
            confidence: Confidence::Certain,
            plain_http: false,
            role: self.role.map(str::to_owned),
            alike: BTreeSet::new(),
        }
    }

    /// A script of somebody else made the request: it is in the page, although it may have come from the browser's cache.
    fn initiator(&mut self, entry: &Entry, visit: &Visit) {
        let initiator = &entry.initiator.0;
        let frame = initiator
            .stack
            .0
            .call_frames
            .items
            .iter()
            .map(|frame| frame.0.url.as_str());
        let urls = frame.chain([initiator.url.as_str()]);
        let Some(script) = urls.filter_map(mask::target).next() else {
            return;
        };
        self.mention(How::Script, &script, visit);
    }

    /// The browser was sent on to somebody, whether or not it went.
    fn redirect(&mut self, entry: &Entry, visit: &Visit) {
        if let Some(next) = mask::target(entry.response.0.redirect_url.as_str()) {
            self.mention(How::Resource, &next, visit);
        }
    }

    fn mention(&mut self, how: How, target: &mask::Target<'_>, visit: &Visit) {
        let host = target.address.host.as_str();
        if self.is_own(host) || mask::is_local(host) || !self.is_own(&visit.page.host) {
            return;
        }
        let parties = self.mask.parties(&target.address);
        let host = self.mask.host(&target.address);
        let whom = Whom {
            parties: &parties,
            host: Some(&host),
        };
        let what = if how == How::Script {
            host.clone()
        } else {
            self.mask.shown(&target.address)
        };
        let evidence = self.evidence(how, what, visit);
        let plain_http = target.address.is_plain();
        self.gather.add(whom, Evidence { plain_http, ..evidence });
    }

    /// What the detection room finds in what is sent.
    fn elements(&mut self, entry: &Entry, target: &mask::Target<'_>, whom: Whom<'_>, visit: &Visit) {
        let sending = content::sending(entry, &mut self.attachments);
        if sending.is_cut {
            self.gather
                .unread(&visit.page.shown, "a part of a request is larger than the limit");
        }
        if sending.is_missing {
            let because = format!(
                "the body of a request to {} is not in the recording",
                self.mask.host(&target.address)
            );
            self.gather.unread(&visit.page.shown, &because);
        }
        let request = self.mask.shown(&target.address);
        for message in sending.messages {
            let found = inspect(&message.borrowed(target).message(), self.looker.directory, self.limits);
            for finding in found.findings {
                let is_known = matches!(finding.whose, Whose::Person { .. });
                let consented = self
                    .looker
                    .consents
                    .filter(|_| is_known)
                    .map(|known| known.of(&finding));
                let (subject, known) = match (finding.whose, finding.known_by) {
                    (Whose::Person { subject, .. }, KnownBy::Exact) => (Some(subject), Confidence::Certain),
                    (Whose::Person { subject, .. }, KnownBy::Pattern) => (Some(subject), Confidence::Likely),
                    (Whose::Unknown, _) => (self.subject.clone(), Confidence::Likely),
                };
                let passed = Passed {
                    element: finding.element,
                    subject,
                    spot: visit.spot(),
                    confidence: known,
                    role: self.role.map(str::to_owned),
                    consented,
                    request: Some(request.clone()),
                    alike: BTreeSet::new(),
                };
                self.gather.pass(whom, passed);
            }
            for hole in found.unreadable {
                let host = self.mask.host(&target.address);
                let because = format!(
                    "{} of a request to {host}: {}",
                    hole.place.part.as_str(),
                    hole.because.as_str()
                );
                self.gather.unread(&visit.page.shown, &because);
            }
        }
    }

    fn third_party_cookies(&mut self, entry: &Entry, known: &[&'static ThirdParty], whom: Whom<'_>, visit: &Visit) {
        for name in content::set_cookies(entry) {
            let evidence = self.evidence(How::Cookie, cookies::shown(known, &name, self.mask), visit);
            self.gather.add(whom, evidence);
        }
    }

    /// Cookies of the site's own domain that the catalog knows as somebody else's, set or sent.
    fn own_cookies(&mut self, entry: &Entry, visit: &Visit) {
        let sent: Vec<&str> = header(&entry.request.0.headers, "cookie")
            .flat_map(cookies::names_sent)
            .collect();
        let listed = entry.request.0.cookies.items.iter().map(|pair| pair.0.name.as_str());
        let set = content::set_cookies(entry);
        let names: BTreeSet<&str> = sent
            .into_iter()
            .chain(listed)
            .chain(set.iter().map(String::as_str))
            .collect();
        for name in names {
            let owners = cookies::first_party(name);
            let parties: Vec<Party> = owners
                .iter()
                .map(|owner| Party::Known(owner.party.id.clone()))
                .collect();
            let whom = Whom {
                parties: &parties,
                host: None,
            };
            if let Some(owner) = owners.first() {
                let tier = cookies::tier(owner.party);
                let evidence = self.evidence(How::Cookie, owner.name.to_owned(), visit);
                self.gather.add(
                    whom,
                    Evidence {
                        tier,
                        confidence: Confidence::Likely,
                        ..evidence
                    },
                );
            }
        }
    }
}

/// Where and how a request was made.
struct Visit {
    page: mask::Page,
    loaded: Loaded,
    blocked: Option<Blocked>,
}

impl Visit {
    fn spot(&self) -> Spot {
        Spot {
            file: self.page.shown.clone(),
            ..Spot::default()
        }
    }
}
