//! `probe.at_rest`: what is written to disk is encrypted, as far as the disk's owner lets that be seen: settings of buckets,
//! dm-crypt below local folders, tablespaces of MariaDB.
//!
//! That nothing shows encryption is no finding: whoever rents the disk may encrypt it out of sight. Then somebody has to vouch
//! for it, and what was measured of the rest is no pass for the whole.

mod device;

use std::path::{Path, PathBuf};

use averment_catalog::Plane;
use averment_register::{ClaimKind, Elements, Engine, Store};

use super::buckets::bucket;
use super::target::speaks_of;
use super::{Probed, World};
use crate::connect::Database;
use device::{Below, System};

const BY: &str = "probe.at_rest";

/// What is known of a store.
enum Rests {
    /// It is encrypted, and by what.
    Encrypted(String),
    /// It is not.
    Clear(String),
    /// Nothing shows it.
    Unknown(String),
    /// It could not be asked.
    Failed(String),
}

pub(super) fn look(world: &mut World<'_>) -> Vec<Probed> {
    let charter = world.charter;
    let mut all = Vec::new();
    for claim in charter.content().claims.values() {
        let ClaimKind::EncryptedAtRest { elements } = &claim.kind else {
            continue;
        };
        let mut probed = Probed::new(claim, BY, Plane::Infrastructure);
        let stores: Vec<&Store> = charter
            .content()
            .data
            .values()
            .filter(|store| keeps(store, elements))
            .collect();
        let mut unknown = Vec::new();
        for store in &stores {
            match rests(world, store) {
                Rests::Encrypted(by) => {
                    probed.saw(1);
                    probed.note(format!("store `{}`: {by}", store.id));
                }
                Rests::Clear(because) => {
                    probed.saw(1);
                    probed.against(1, format!("store `{}`: {because}", store.id));
                }
                Rests::Unknown(because) => unknown.push(format!("store `{}`: {because}; attest", store.id)),
                Rests::Failed(because) => probed.missed(1, format!("store `{}`: {because}", store.id)),
            }
        }
        if stores.is_empty() {
            unknown.push("the data map has no store that holds it; attest".to_owned());
        }
        super::unknowns(unknown, &mut probed);
        all.push(probed);
    }
    all
}

fn keeps(store: &Store, elements: &Elements) -> bool {
    elements.is_empty()
        || store.tables.iter().any(|table| {
            let columns = table.columns.values().filter_map(|column| column.element.as_ref());
            columns
                .chain(&table.elements)
                .any(|element| speaks_of(elements, element))
        })
}

fn rests(world: &mut World<'_>, store: &Store) -> Rests {
    match store.engine {
        Engine::S3 => {
            match bucket(world, store).and_then(|bucket| bucket.encryption().map_err(|error| error.to_string())) {
                Ok(Some(algorithm)) => Rests::Encrypted(format!("the bucket encrypts by `{algorithm}`")),
                Ok(None) => Rests::Clear("the bucket does not encrypt".to_owned()),
                Err(because) => Rests::Failed(because),
            }
        }
        Engine::Sqlite | Engine::Files => {
            let path = world
                .settings
                .stores
                .get(&store.id)
                .and_then(|access| access.path.clone());
            path.map_or_else(
                || Rests::Failed("nothing says where it is".to_owned()),
                |path| below(&path),
            )
        }
        Engine::Postgresql => asked(world, store, postgres),
        Engine::Mysql | Engine::Mariadb => asked(world, store, mysql),
    }
}

fn below(path: &Path) -> Rests {
    match System::this().below(path) {
        Below::Crypt => Rests::Encrypted("its files lie on a device with dm-crypt".to_owned()),
        Below::Other => Rests::Unknown("nothing on this machine shows that its disk is encrypted".to_owned()),
        Below::NotHere => Rests::Unknown("its disk is not one of this machine".to_owned()),
    }
}

fn asked(world: &mut World<'_>, store: &Store, ask: fn(&mut dyn Database) -> Rests) -> Rests {
    match world.stores.open(store, world.settings, world.secrets) {
        Ok(opened) => ask(&mut *opened.database),
        Err(because) => Rests::Failed(because),
    }
}

/// Where the server keeps its files, when that is here and we may know it.
fn postgres(database: &mut dyn Database) -> Rests {
    // Another machine may have a folder of the same name.
    let local = "select (inet_server_addr() is null or inet_server_addr() <<= '127.0.0.0/8')::text";
    let is_local = matches!(database.one(local, &[]), Ok(Some(text)) if text == "true");
    match database.one("select current_setting('data_directory')", &[]) {
        Ok(Some(folder)) if is_local => below(&PathBuf::from(folder)),
        _ => Rests::Unknown("the server does not say on which disk it writes".to_owned()),
    }
}

/// Tablespaces that MariaDB encrypts itself.
fn mysql(database: &mut dyn Database) -> Rests {
    let spaces = "select cast(count(*) as char), cast(coalesce(sum(encryption_scheme = 0), 0) as char) \
                  from information_schema.innodb_tablespaces_encryption where name like concat(database(), '/%')";
    let numbers = database.all(spaces, &[]).ok().and_then(|rows| {
        let row = rows.into_iter().next()?;
        let number = |place: usize| row.get(place)?.clone()?.parse::<u64>().ok();
        Some((number(0)?, number(1)?))
    });
    if let Some((all, clear)) = numbers.filter(|(all, clear)| clear < all) {
        return match clear {
            0 => Rests::Encrypted(format!("all {all} tablespaces are encrypted")),
            _ => Rests::Clear(format!("{clear} of {all} tablespaces are not encrypted")),
        };
    }
    match database.one("select cast(@@datadir as char)", &[]) {
        Ok(Some(folder)) => below(&PathBuf::from(folder)),
        _ => Rests::Unknown("the server does not say on which disk it writes".to_owned()),
    }
}
