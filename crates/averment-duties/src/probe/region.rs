//! `probe.region`: in which country stores are: what a bucket says, or the name of a managed database's host. What
//! the settings name is left to whoever vouches for it.

mod table;

use averment_catalog::{Plane, Region, catalog};
use averment_register::{Claim, ClaimKind, Engine, Store};

use super::buckets::bucket;
use super::target::{rows_of, speaks_of};
use super::{Probed, World};
use crate::Secret;
use table::country_of;

const BY: &str = "probe.region";
/// Of the European Economic Area, and not of the Union.
const NOT_OF_THE_UNION: [&str; 3] = ["IS", "LI", "NO"];

/// Where a store is.
enum Where {
    /// In this region, as told by something.
    Region(String, &'static str),
    /// Nothing says it.
    Unknown(String),
    /// It could not be asked.
    Failed(String),
}

pub(super) fn look(world: &mut World<'_>) -> Vec<Probed> {
    let charter = world.charter;
    let mut all = Vec::new();
    for claim in charter.content().claims.values() {
        let ClaimKind::StoredIn { places, .. } = &claim.kind else {
            continue;
        };
        let mut probed = Probed::new(claim, BY, Plane::Infrastructure);
        let stores: Vec<&Store> = charter
            .content()
            .data
            .values()
            .filter(|store| concerns(claim, store))
            .collect();
        let mut unknown = Vec::new();
        for store in &stores {
            let name = &store.id;
            match whereabouts(world, store) {
                Where::Region(region, by) => match country_of(&region) {
                    Some(country) => {
                        probed.saw(1);
                        probed.note(format!("store `{name}`: `{region}` ({country}), {by}"));
                        let fits = places.iter().any(|place| is_in(country, place));
                        probed.against(
                            u64::from(!fits),
                            format!("store `{name}` is in `{region}`, which is in {country}"),
                        );
                    }
                    None => unknown.push(format!(
                        "store `{name}`: nothing says in which country `{region}` is; attest"
                    )),
                },
                Where::Unknown(because) => unknown.push(format!("store `{name}`: {because}; attest")),
                Where::Failed(because) => probed.missed(1, format!("store `{name}`: {because}")),
            }
        }
        if stores.is_empty() {
            unknown.push("the data map has no store of which the sentence speaks; attest".to_owned());
        }
        super::unknowns(unknown, &mut probed);
        all.push(probed);
    }
    all
}

/// Whether a claim speaks of what a store holds; one about a recipient, of what runs there.
fn concerns(claim: &Claim, store: &Store) -> bool {
    let ClaimKind::StoredIn { elements, subjects, .. } = &claim.kind else {
        return false;
    };
    let runs_there = claim
        .recipient
        .as_ref()
        .is_none_or(|recipient| store.runs_on.contains(recipient));
    let held = store.tables.iter().any(|table| {
        let columns = table.columns.values().filter_map(|column| column.element.as_ref());
        let mut held = columns.chain(&table.elements);
        rows_of(table, subjects).is_some() && (elements.is_empty() || held.any(|element| speaks_of(elements, element)))
    });
    runs_there && (held || (store.tables.is_empty() && elements.is_empty()))
}

fn is_in(country: &str, place: &str) -> bool {
    let is_eea = || catalog().country(country).is_some_and(|row| row.region == Region::Eea);
    match place {
        "EEA" => is_eea(),
        "EU" => is_eea() && !NOT_OF_THE_UNION.contains(&country),
        place => place == country,
    }
}

fn whereabouts(world: &World<'_>, store: &Store) -> Where {
    if store.engine == Engine::S3 {
        let location = bucket(world, store).and_then(|bucket| bucket.location().map_err(|error| error.to_string()));
        return match location {
            Ok(region) => Where::Region(region, "as the bucket says"),
            Err(because) => Where::Failed(because),
        };
    }
    match by_its_host(world, store) {
        Where::Region(region, by) => Where::Region(region, by),
        // What somebody wrote down is somebody's word, and no look.
        otherwise => match world.settings.regions.get(&store.id) {
            Some(region) => Where::Unknown(format!("nothing but the settings says that it is in `{region}`")),
            None => otherwise,
        },
    }
}

fn by_its_host(world: &World<'_>, store: &Store) -> Where {
    let Some(access) = world.settings.stores.get(&store.id) else {
        return Where::Failed("nothing says how it is reached".to_owned());
    };
    let secret = Secret {
        env: access.url_env.clone(),
        file: access.url_file.clone(),
    };
    if access.path.is_some() {
        return Where::Unknown("nothing says where this machine is".to_owned());
    }
    match world.secrets.read(&secret) {
        Ok(address) => match table::region_in(&address) {
            Some(region) => Where::Region(region.to_owned(), "by the name of its host"),
            None => Where::Unknown("the name of its host does not say where it is".to_owned()),
        },
        Err(error) => Where::Failed(error.to_string()),
    }
}
