//! Official clients of many third parties, each driven through the gate by a short script: `tests/sdk/clients.toml`.
//!
//! Each client sends a text that names nobody, straight to the sink and through the gate, then texts with a student's
//! address, name and number. Start at [`tried`].

mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::world::root;
#[cfg(feature = "lake")]
pub(crate) use world::packages;
use world::{Outcome, World};

/// One row of the table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    id: String,
    provider: String,
    registry: Registry,
    packages: Vec<String>,
    script: PathBuf,
    led: Led,
    /// Runs in every test run.
    #[serde(default)]
    bounded: bool,
    /// Why it does not get to the gate; such a client is a finding, not a pass.
    #[serde(default)]
    finding: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Registry {
    Npm,
    Pypi,
}

/// How a client gets to the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Led {
    Env,
    Preload,
    Agent,
    Option,
}

impl Led {
    fn word(self) -> &'static str {
        match self {
            Self::Env => "env",
            Self::Preload => "preload",
            Self::Agent => "agent",
            Self::Option => "option",
        }
    }
}

fn table() -> Vec<Client> {
    #[derive(Deserialize)]
    struct Table {
        clients: Vec<Client>,
    }
    let text = std::fs::read_to_string(root().join("tests/sdk/clients.toml")).expect("the table of clients");
    toml::from_str::<Table>(&text).expect("a table of clients").clients
}

/// Tries the clients one after the other, prints the table, gives what was seen by client.
#[expect(clippy::print_stdout, reason = "the table is for whoever asks for all clients")]
fn tried(clients: &[Client]) -> BTreeMap<String, Outcome> {
    let world = World::for_providers(clients.iter().map(|client| client.provider.as_str()));
    let mut seen = BTreeMap::new();
    println!("| client | led by | clean | planted | ledger | remark |\n|---|---|---|---|---|---|");
    for client in clients {
        let outcome = world.tried(client);
        println!("{}", outcome.row(client));
        seen.insert(client.id.clone(), outcome);
    }
    seen
}

/// Those that do not hold although the table knows nothing against them, and those that do although it does.
fn surprises(clients: &[Client], seen: &BTreeMap<String, Outcome>) -> Vec<String> {
    let surprising = clients.iter().filter(|client| {
        let holds = seen.get(&client.id).is_some_and(Outcome::holds);
        holds == client.finding.is_some()
    });
    surprising.map(|client| client.id.clone()).collect()
}

/// The bounded set, or those that `AVERMENT_SDK` names: `all`, or identifiers of the table.
fn wanted() -> Vec<Client> {
    let Some(names) = std::env::var_os("AVERMENT_SDK") else {
        let clients: Vec<Client> = table().into_iter().filter(|client| client.bounded).collect();
        assert!((6..=10).contains(&clients.len()));
        return clients;
    };
    let names = names.to_string_lossy();
    let is_wanted = |client: &Client| names == "all" || names.split(',').any(|name| name == client.id);
    let clients: Vec<Client> = table().into_iter().filter(is_wanted).collect();
    assert!(!clients.is_empty(), "no client in the table has one of these names");
    clients
}

#[test]
fn official_clients_hold() {
    let clients = wanted();
    let seen = tried(&clients);
    let leaked: Vec<&String> = seen
        .iter()
        .filter(|(_, outcome)| outcome.leaked())
        .map(|(id, _)| id)
        .collect();
    assert!(leaked.is_empty(), "planted people arrived by {leaked:?}");
    assert!(
        surprises(&clients, &seen).is_empty(),
        "{:?}",
        surprises(&clients, &seen)
    );
}
