//! `probe.transit`: what goes over a network is encrypted – at the endpoints of the platform, and between programs and
//! databases.
//!
//! An endpoint must speak TLS 1.2 or later with a certificate that holds, refuse what is older, and give nothing over plain HTTP
//! but the way to TLS.

mod database;
mod endpoint;
mod old;
mod tls;

use averment_catalog::Plane;
use averment_register::{Charter, Claim, ClaimKind};
use serde::Deserialize;

use super::{Probed, World};

const BY: &str = "probe.transit";

/// A server of the platform: a row of `[[endpoints]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its name, which its certificate must have.
    pub host: String,
    /// Its port.
    #[serde(default = "https")]
    pub port: u16,
    /// Where to connect instead of what the name resolves to: `127.0.0.1:8443`.
    #[serde(default)]
    pub address: Option<String>,
    /// Where plain HTTP would answer; port 80 of the host when absent, nowhere when empty.
    #[serde(default)]
    pub plain: Option<String>,
    /// PEM files with certificates to trust besides the system's.
    #[serde(default)]
    pub trust: Vec<std::path::PathBuf>,
    /// A certificate that ends within so many days is told.
    #[serde(default = "fortnight")]
    pub days: u32,
}

fn https() -> u16 {
    443
}

fn fortnight() -> u32 {
    14
}

pub(super) fn look(world: &mut World<'_>) -> Vec<Probed> {
    let charter = world.charter;
    let about = |claim: &&Claim| matches!(claim.kind, ClaimKind::EncryptedInTransit { .. });
    let claims: Vec<&Claim> = charter.content().claims.values().filter(about).collect();
    let Some(first) = claims.first() else { return Vec::new() };
    let mut endpoints = Probed::new(first, BY, Plane::Infrastructure);
    let all = endpoints_of(world);
    if all.is_empty() {
        endpoints
            .vouch_for_it("nothing says which endpoints there are: `[[endpoints]]`, or `own_domains` of the register");
    }
    for one in &all {
        endpoint::look(one, world.now, &mut endpoints);
    }
    let mut databases = Probed::new(first, BY, Plane::Database);
    for store in charter.content().data.values() {
        database::look(world, store, &mut databases);
    }
    // Nothing of what is seen differs by what a sentence speaks of: the same wire carries all of it.
    let looks = [endpoints, databases];
    let told = looks
        .iter()
        .filter(|one| one.is_recorded() || one.plane == Plane::Infrastructure);
    told.flat_map(|one| {
        claims.iter().map(|claim| Probed {
            claim: claim.id.clone(),
            ..one.clone()
        })
    })
    .collect()
}

/// Those of the settings, and own domains of the register that none of them is of.
fn endpoints_of(world: &World<'_>) -> Vec<Endpoint> {
    let mut all = world.settings.endpoints.clone();
    for domain in own_domains(world.charter) {
        let below = format!(".{domain}");
        let is_known = all.iter().any(|one| one.host == domain || one.host.ends_with(&below));
        if !is_known {
            all.push(Endpoint {
                host: domain,
                port: https(),
                address: None,
                plain: None,
                trust: Vec::new(),
                days: fortnight(),
            });
        }
    }
    all
}

fn own_domains(charter: &Charter) -> Vec<String> {
    charter.content().about.own_domains.iter().cloned().collect()
}
