//! Connections to database servers: ours, and all that the server lets us see.

use averment_register::{Engine, Store};

use super::super::{Probed, World};
use crate::connect::{Database, DatabaseError};

/// Sessions of clients: all, those from other machines, of these without TLS or with an old version of it, and those of which we
/// may see nothing.
const POSTGRES_SESSIONS: &str = "
select count(*)::text,
       count(*) filter (where elsewhere)::text,
       count(*) filter (where elsewhere and (not ssl or version in ('SSLv3', 'TLSv1', 'TLSv1.1')))::text,
       count(*) filter (where hidden)::text,
       current_setting('ssl'), current_setting('listen_addresses')
from (select coalesce(s.ssl, false) as ssl, coalesce(s.version, '') as version,
             a.client_addr is not null and not (a.client_addr <<= '127.0.0.0/8' or a.client_addr = '::1') as elsewhere,
             a.query = '<insufficient privilege>' as hidden
      from pg_stat_activity a left join pg_stat_ssl s on s.pid = a.pid
      where a.usesysid is not null and a.datid is not null) as sessions";

const MYSQL_SESSIONS: &str = "
select cast(count(*) as char), cast(coalesce(sum(elsewhere), 0) as char),
       cast(@@require_secure_transport as char), cast(@@skip_networking as char),
       cast(coalesce(@@bind_address, '') as char), cast(@@have_ssl as char)
from (select host <> '' and host not like 'localhost%' and host not like '127.%' and host not like '::1%' as elsewhere
      from information_schema.processlist) as sessions";

/// What a server says about its sessions.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sessions {
    all: u64,
    elsewhere: u64,
    /// Of those from elsewhere: without TLS that is good enough; none where that cannot be seen.
    open: Option<u64>,
    hidden: u64,
    /// Whether other machines may connect without TLS being possible at all.
    listens_open: bool,
}

pub(super) fn look(world: &mut World<'_>, store: &Store, probed: &mut Probed) {
    let place = format!("store `{}`", store.id);
    let asked = match store.engine {
        Engine::Sqlite | Engine::Files | Engine::S3 => return,
        Engine::Postgresql => postgres,
        Engine::Mysql | Engine::Mariadb => mysql,
    };
    let opened = match world.stores.open(store, world.settings, world.secrets) {
        Ok(opened) => opened,
        Err(because) => return probed.missed(1, because),
    };
    match asked(&mut *opened.database) {
        Ok(sessions) => tell(&sessions, &place, probed),
        Err(error) => probed.missed(1, format!("{place}: its sessions cannot be asked for: {error}")),
    }
}

fn number(text: Option<&Option<String>>) -> u64 {
    let text = text.cloned().flatten().unwrap_or_default();
    text.parse().unwrap_or_default()
}

fn postgres(database: &mut dyn Database) -> Result<Sessions, DatabaseError> {
    let rows = database.all(POSTGRES_SESSIONS, &[])?;
    let row = rows.first().cloned().unwrap_or_default();
    let text = |place: usize| row.get(place).cloned().flatten().unwrap_or_default();
    Ok(Sessions {
        all: number(row.first()),
        elsewhere: number(row.get(1)),
        open: Some(number(row.get(2))),
        hidden: number(row.get(3)),
        listens_open: text(4) != "on" && !is_this_machine(&text(5)),
    })
}

fn mysql(database: &mut dyn Database) -> Result<Sessions, DatabaseError> {
    let rows = database.all(MYSQL_SESSIONS, &[])?;
    let row = rows.first().cloned().unwrap_or_default();
    let text = |place: usize| row.get(place).cloned().flatten().unwrap_or_default();
    let elsewhere = number(row.get(1));
    let secure = ["1", "ON"].contains(&text(2).as_str());
    // Without an address it listens on all.
    let closed = ["1", "ON"].contains(&text(3).as_str()) || (!text(4).is_empty() && is_this_machine(&text(4)));
    Ok(Sessions {
        all: number(row.first()),
        elsewhere,
        open: (secure || elsewhere == 0).then_some(0),
        hidden: 0,
        listens_open: !closed && text(5) != "YES",
    })
}

/// Whether a server that listens there is reached by this machine only.
fn is_this_machine(addresses: &str) -> bool {
    let mut all = addresses.split(',').map(str::trim);
    all.all(|address| {
        let is_loopback = address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
        address.is_empty() || address == "localhost" || is_loopback
    })
}

fn tell(sessions: &Sessions, place: &str, probed: &mut Probed) {
    probed.saw(sessions.all - sessions.hidden.min(sessions.all));
    let (all, elsewhere) = (sessions.all, sessions.elsewhere);
    probed.note(format!(
        "{place}: {all} sessions, {elsewhere} of them from other machines"
    ));
    match sessions.open {
        Some(open) => probed.against(
            open,
            format!("{place}: {open} of {elsewhere} sessions from other machines are not encrypted as they must be"),
        ),
        None => probed.unread(
            elsewhere,
            format!("{place}: the server does not say which sessions are encrypted"),
        ),
    }
    let hidden = sessions.hidden;
    probed.missed(
        hidden,
        format!("{place}: {hidden} sessions of others may not be seen (`pg_read_all_stats` may)"),
    );
    if sessions.listens_open {
        probed.saw(1);
        probed.against(1, format!("{place} lets other machines connect and speaks no TLS"));
    }
}

#[cfg(test)]
mod tests {
    use averment_catalog::Plane;
    use averment_register::{Source, compile};

    use super::*;

    fn told(sessions: &Sessions) -> Probed {
        let mut source = Source::default();
        source.insert("organisation.toml", "organisation = \"Birch\"\n");
        let claim = "[[claims]]\nid = \"transit\"\nkind = \"encrypted_in_transit\"\nsentence = \"Encrypted.\"\n";
        source.insert("claims/list.toml", claim);
        let charter = compile(&source).charter.unwrap();
        let claim = charter.content().claims.values().next().unwrap();
        let mut probed = Probed::new(claim, "probe.transit", Plane::Database);
        tell(sessions, "store `app`", &mut probed);
        probed
    }

    #[test]
    fn sessions_from_other_machines_are_counted() {
        let sessions = |open, hidden, listens_open| Sessions {
            all: 5,
            elsewhere: 2,
            open,
            hidden,
            listens_open,
        };
        assert!(told(&sessions(Some(0), 0, false)).holds());
        assert_eq!(told(&sessions(Some(2), 0, false)).contrary, 2);
        assert_eq!(told(&sessions(None, 0, false)).unreadable, 2);
        assert_eq!(told(&sessions(Some(0), 3, false)).unseen, 3);
        assert_eq!(told(&sessions(Some(0), 0, true)).contrary, 1);
        assert!(is_this_machine("") && is_this_machine("localhost, ::1") && !is_this_machine("*"));
        assert!(!is_this_machine("127.0.0.1,10.0.0.7"));
    }
}
