//! What a claim says, in plain words made from its parameters: the reading that is checked, beside the published sentence.
//!
//! Start at [`claim`]; it has one function for every kind. Short sentences, no more than the parameters say.

mod data;
mod keeping;
mod organisation;
mod seeing;

use averment_register::{Claim, ClaimKind};

use crate::words::capital;

/// Who a claim speaks of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speaker<'a> {
    /// The organisation that publishes the register.
    pub(crate) organisation: &'a str,
    /// The recipient that the claim is about, by name; none for a claim about the list as a whole.
    pub(crate) recipient: Option<&'a str>,
}

impl<'a> Speaker<'a> {
    /// The recipient, or the organisation.
    fn who(self) -> &'a str {
        self.recipient.unwrap_or(self.organisation)
    }
}

/// `claim` in plain words; none for a `statement`, which has no parameters to read.
pub(crate) fn claim(claim: &Claim, speaker: Speaker) -> Option<String> {
    let said = match &claim.kind {
        ClaimKind::Shares => data::shares(speaker),
        ClaimKind::NeverShares { elements, subjects } => data::never_shares(speaker, elements, subjects),
        ClaimKind::ListComplete { unless } => data::list_complete(unless),
        ClaimKind::AggregatesOnly { elements, subjects } => data::aggregates_only(speaker, elements, subjects),
        ClaimKind::Collects {
            elements,
            subjects,
            when,
        } => data::collects(speaker, elements, subjects, when),
        ClaimKind::NotStored { elements, subjects } => keeping::not_stored(elements, subjects),
        ClaimKind::StoredAs {
            elements,
            subjects,
            form,
        } => keeping::stored_as(elements, subjects, form),
        ClaimKind::StoredIn {
            elements,
            subjects,
            places,
        } => keeping::stored_in(elements, subjects, places),
        ClaimKind::EncryptedInTransit { elements } => keeping::encrypted_in_transit(elements),
        ClaimKind::EncryptedAtRest { elements } => keeping::encrypted_at_rest(elements),
        ClaimKind::RetainedFor {
            elements,
            subjects,
            duration,
            after,
        } => keeping::retained_for(elements, subjects, *duration, after),
        ClaimKind::ErasedOn {
            elements,
            subjects,
            except,
            after,
            duration,
        } => keeping::erased_on(elements, subjects, except, after, *duration),
        ClaimKind::VisibleTo {
            elements,
            subjects,
            viewers,
            when,
            off_by,
        } => {
            let seen = seeing::visible_to(elements, subjects, viewers, when);
            seen + &seeing::off_by(off_by.as_ref())
        }
        ClaimKind::HiddenFrom {
            elements,
            subjects,
            viewers,
            unless,
        } => seeing::hidden_from(elements, subjects, viewers, unless),
        ClaimKind::NeedsConsent {
            consent,
            giver,
            elements,
            subjects,
        } => seeing::needs_consent(consent, giver, elements, subjects),
        ClaimKind::ExemptFrom { activity, subjects } => seeing::exempt_from(activity, subjects),
        ClaimKind::PerformedEvery { activity, period } => organisation::performed_every(activity, *period),
        ClaimKind::HoldsCertificate { certificate, until } => {
            organisation::holds_certificate(speaker, certificate, *until)
        }
        ClaimKind::CompliesWith { regimes } => organisation::complies_with(speaker, regimes),
        ClaimKind::ActsAs { role } => organisation::acts_as(speaker, *role),
        ClaimKind::RetiredSince { date } => organisation::retired_since(speaker, *date),
        ClaimKind::EmbedsOnly { host } => organisation::embeds_only(speaker, host),
        ClaimKind::ContractSays { term } => organisation::contract_says(speaker, term),
        ClaimKind::Offers { offer, url } => organisation::offers(speaker, offer, url.as_deref()),
        ClaimKind::Statement => return None,
    };
    Some(capital(&said))
}
