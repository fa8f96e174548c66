//! Claims about what an organisation does, holds, offers and has signed.

use averment_catalog::{Vocabulary, WordId};
use averment_register::{Period, RecipientRole, Words};
use jiff::civil::Date;

use super::Speaker;
use crate::terms::{date, labels, list, word};

pub(super) fn performed_every(activity: &WordId, period: Option<Period>) -> String {
    let what = word(Vocabulary::Activity, activity).label;
    match period {
        Some(period) => format!("{what} takes place at least once every {}.", every(period)),
        None => format!("{what} goes on all the time."),
    }
}

/// `year` for one year, `2 weeks` for more.
fn every(period: Period) -> String {
    let words = period.in_words();
    match words.strip_prefix("1 ").filter(|unit| !unit.contains(' ')) {
        Some(unit) => unit.to_owned(),
        None => words,
    }
}

pub(super) fn holds_certificate(speaker: Speaker, certificate: &WordId, until: Option<Date>) -> String {
    let which = word(Vocabulary::Certificate, certificate).label;
    let until = until.map_or_else(String::new, |until| format!(", valid until {}", date(until)));
    format!("{} holds this certificate: {which}{until}.", speaker.who())
}

pub(super) fn complies_with(speaker: Speaker, regimes: &Words) -> String {
    let laws = list(&labels(Vocabulary::Regime, regimes), "and");
    format!("{} says that it keeps to these laws: {laws}.", speaker.who())
}

pub(super) fn acts_as(speaker: Speaker, role: RecipientRole) -> String {
    let who = speaker.who();
    match role {
        RecipientRole::Processor => format!("{who} handles the data for the school (processor)."),
        RecipientRole::Subprocessor => format!("{who} works for another processor (sub-processor)."),
        RecipientRole::Controller => format!("{who} decides itself what the data is for (controller)."),
        RecipientRole::JointController => {
            format!("{who} decides together with others what the data is for (joint controller).")
        }
        RecipientRole::Conduit => format!("{who} carries data without reading it (conduit)."),
    }
}

pub(super) fn retired_since(speaker: Speaker, since: Date) -> String {
    format!("{} is not used from {} on.", speaker.who(), date(since))
}

pub(super) fn embeds_only(speaker: Speaker, host: &str) -> String {
    format!("Pages show {} only from this address: {host}.", speaker.who())
}

pub(super) fn contract_says(speaker: Speaker, term: &WordId) -> String {
    let term = word(Vocabulary::Term, term).label;
    match speaker.recipient {
        Some(recipient) => format!("The contract with {recipient} says: {term}."),
        None => format!("The contracts with all recipients say: {term}."),
    }
}

pub(super) fn offers(speaker: Speaker, offer: &WordId, url: Option<&str>) -> String {
    let what = word(Vocabulary::Offer, offer).label;
    let at = url.map_or_else(String::new, |url| format!(": {url}"));
    format!("{} offers {what}{at}.", speaker.who())
}
