//! `crawl.offers`: what people are offered is there: a page that can be opened, with the words or the form that make it so.
//!
//! The settings say which page offers what, and to whom ([`Offer`]). A page that is gone, or does not hold what it must, goes
//! against the claim; a page that could not be opened was not seen. Addresses that sentences name are the business of
//! `probe.page`.

use averment_catalog::{Plane, WordId};
use averment_register::{Claim, ClaimKind};
use jiff::civil::Date;
use serde::Deserialize;

use super::page::linked;
use super::views::{Guests, guests};
use super::{Probed, World};
use crate::web::{Answer, Form};

pub(super) const BY: &str = "crawl.offers";

/// A page that offers something: a row of `[[offers]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// What is offered, in the word of the claims.
    pub offer: WordId,
    /// Identifiers of the claims; all of this offer when empty.
    #[serde(default)]
    pub claims: Vec<String>,
    /// Which account of `[views.accounts]` opens it; nobody in particular when absent.
    #[serde(default, rename = "as")]
    pub account: Option<String>,
    /// Path of the page.
    pub path: String,
    /// Texts that must stand on it.
    #[serde(default)]
    pub texts: Vec<String>,
    /// Addresses that it must link to.
    #[serde(default)]
    pub links: Vec<String>,
    /// Where forms must go that it must have.
    #[serde(default)]
    pub forms: Vec<String>,
    /// Fields that its forms must ask for.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Days that the newest date of its `<time datetime>` may lie back.
    #[serde(default)]
    pub days: Option<i64>,
}

pub(super) fn look(world: &mut World<'_>) -> Vec<Probed> {
    let charter = world.charter;
    let claims = charter.content().claims.values();
    let offers: Vec<(&Claim, &WordId)> = claims
        .filter_map(|claim| match &claim.kind {
            ClaimKind::Offers { offer, .. } => Some((claim, offer)),
            _ => None,
        })
        .collect();
    if offers.is_empty() || world.settings.offers.is_empty() {
        return Vec::new();
    }
    let mut guests = guests(world);
    let looked = offers
        .into_iter()
        .map(|(claim, offer)| look_at(world, &mut guests, claim, offer));
    looked.collect()
}

fn look_at(world: &World<'_>, guests: &mut Result<Guests, String>, claim: &Claim, offer: &WordId) -> Probed {
    let mut probed = Probed::new(claim, BY, Plane::Browser);
    let means = |row: &&Offer| {
        let named = row.claims.iter().any(|id| *id == claim.id.as_str());
        row.offer == *offer && (named || row.claims.is_empty())
    };
    let rows: Vec<&Offer> = world.settings.offers.iter().filter(means).collect();
    for row in &rows {
        match guests {
            Ok(guests) => page(row, guests, world, &mut probed),
            Err(because) => probed.missed(1, because.clone()),
        }
    }
    if rows.is_empty() {
        probed.vouch_for_it("no row of `[[offers]]` says where it is offered");
    }
    probed
}

/// Whether a page is there.
fn alive(place: &str, answer: &Answer, probed: &mut Probed) {
    match answer.status {
        200..=299 => probed.saw(1),
        401 | 403 | 404 | 410 => {
            probed.saw(1);
            probed.against(1, format!("{place} answers with status {}", answer.status));
        }
        status => probed.missed(1, format!("{place} answers with status {status}")),
    }
}

fn page(row: &Offer, guests: &mut Guests, world: &World<'_>, probed: &mut Probed) {
    let place = format!("page `{}`", row.path);
    let visitor = match guests.of(row.account.as_deref().unwrap_or("public")) {
        Ok(visitor) => visitor,
        Err(because) => return probed.missed(1, because),
    };
    let answer = match visitor.open(&row.path) {
        Ok(answer) => answer,
        Err(error) => return probed.missed(1, format!("{place} {error}")),
    };
    alive(&place, &answer, probed);
    if !(200..=299).contains(&answer.status) {
        return;
    }
    let text = answer.text();
    for wanted in &row.texts {
        must(
            text.contains(wanted.as_str()),
            || format!("{place} does not say `{wanted}`"),
            probed,
        );
    }
    let links = linked(&answer.body);
    for wanted in &row.links {
        let has = links.contains(wanted);
        must(has, || format!("{place} does not link to `{wanted}`"), probed);
    }
    let forms = Form::all(&answer.body);
    for wanted in &row.forms {
        let has = forms.iter().any(|form| form.action == *wanted);
        must(has, || format!("{place} has no form that goes to `{wanted}`"), probed);
    }
    for wanted in &row.fields {
        let has = forms
            .iter()
            .flat_map(|form| &form.fields)
            .any(|(name, _)| name == wanted);
        must(has, || format!("{place} has no field `{wanted}`"), probed);
    }
    if let Some(days) = row.days {
        current(&place, &text, (days, world.now), probed);
    }
}

fn must(holds: bool, told: impl FnOnce() -> String, probed: &mut Probed) {
    probed.saw(1);
    if !holds {
        probed.against(1, told());
    }
}

/// Whether the newest date on the page is new enough.
fn current(place: &str, text: &str, (days, now): (i64, jiff::Timestamp), probed: &mut Probed) {
    let dates = text.split("datetime=\"").skip(1);
    let newest = dates.filter_map(|rest| rest.get(..10)?.parse::<Date>().ok()).max();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    match newest {
        None => probed.missed(1, format!("{place} does not say of when it is")),
        Some(date) => {
            let age = i64::from((today - date).get_days());
            must(age <= days, || format!("{place} is {age} days old"), probed);
        }
    }
}
