//! Which claim a look or an attestation is about: its name, and what it said then. A register that promises something else
//! under the same name has not been looked at.

use std::collections::BTreeMap;

use averment_register::{Charter, Claim, ClaimId, ClaimKind, Digest};
use serde_json::Value;

/// Digest (`sha256:…`) of what a claim says: its kind, parameters and recipient, and of a statement, which has no parameters,
/// the sentence. Other words for the same, where it was said and who has to show something for it change nothing.
///
/// Of the claim as it stands in the charter's canonical form, without `id`, `said`, `evidence` and, but for a statement,
/// `sentence`: sorted keys, no white space.
pub fn claim_version(claim: &Claim) -> String {
    let Ok(Value::Object(members)) = serde_json::to_value(claim) else {
        unreachable!("a claim holds only strings, lists and tables")
    };
    let is_statement = matches!(claim.kind, ClaimKind::Statement);
    let says = |name: &str| !matches!(name, "id" | "said" | "evidence") && (is_statement || name != "sentence");
    let said: BTreeMap<String, Value> = members.into_iter().filter(|(name, _)| says(name)).collect();
    let text = serde_json::to_string(&said).expect("strings and lists");
    Digest::of(text.as_bytes()).to_string()
}

/// What every claim of a charter says.
pub(crate) type Versions = BTreeMap<ClaimId, String>;

pub(crate) fn versions(charter: &Charter) -> Versions {
    let claims = charter.content().claims.iter();
    claims.map(|(id, claim)| (id.clone(), claim_version(claim))).collect()
}
