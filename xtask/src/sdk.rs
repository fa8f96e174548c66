//! Official clients of third parties: installs the packages that `tests/sdk/clients.toml` names, at the versions that it
//! names, into the target folder, and drives them through a gate (`crates/averment/tests/it/sdk.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::run::{Step, root, run};

/// What every script in Node.js needs to get to a proxy.
const NODE_AGENTS: [&str; 2] = ["https-proxy-agent@7.0.6", "undici@6.29.1"];

/// The engine of others that reads our Parquet files.
const ENGINE: &str = "duckdb==1.4.2";

#[derive(Debug, Deserialize)]
struct Table {
    clients: Vec<Client>,
}

#[derive(Debug, Deserialize)]
struct Client {
    id: String,
    registry: String,
    packages: Vec<String>,
    #[serde(default)]
    bounded: bool,
}

/// Installs what the bounded set needs.
pub(crate) fn install_bounded() -> Step {
    install(&read()?, |client| client.bounded)
}

/// Installs all clients, or some by their names, and drives them.
pub(crate) fn all(only: &[&str]) -> Step {
    let clients = read()?;
    let unknown = only.iter().find(|id| !clients.iter().any(|client| client.id == **id));
    if let Some(id) = unknown {
        return Err(format!("no client `{id}` in `tests/sdk/clients.toml`"));
    }
    install(&clients, |client| only.is_empty() || only.contains(&client.id.as_str()))?;
    let mut command = Command::new("cargo");
    command.args(["test", "-p", "averment", "--locked", "--test", "it", "--"]);
    command.args(["--nocapture", "sdk::official_clients_hold"]);
    let names = if only.is_empty() {
        "all".to_owned()
    } else {
        only.join(",")
    };
    run(command.env("AVERMENT_SDK", names).current_dir(root()))
}

fn read() -> Result<Vec<Client>, String> {
    let file = root().join("tests/sdk/clients.toml");
    let text = std::fs::read_to_string(&file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
    let table: Table = toml::from_str(&text).map_err(|error| format!("`{}`: {error}", file.display()))?;
    Ok(table.clients)
}

fn install(clients: &[Client], wanted: impl Fn(&Client) -> bool) -> Step {
    let of = |registry: &str| -> BTreeSet<String> {
        let wanted = clients
            .iter()
            .filter(|client| client.registry == registry && wanted(client));
        wanted.flat_map(|client| client.packages.iter().cloned()).collect()
    };
    let (mut npm, mut pypi) = (of("npm"), of("pypi"));
    pypi.insert(ENGINE.to_owned());
    npm.extend(NODE_AGENTS.map(str::to_owned));
    let folder = folder();
    once(&folder.join("npm"), &npm, install_npm)?;
    once(&folder.join("venv"), &pypi, install_pypi)
}

fn folder() -> PathBuf {
    crate::run::target().join("sdk")
}

/// Installs unless all of these are there; what is there stays.
fn once(folder: &Path, wanted: &BTreeSet<String>, install: impl Fn(&Path, &BTreeSet<String>) -> Step) -> Step {
    let stamp = folder.join("installed.txt");
    let there: BTreeSet<String> = std::fs::read_to_string(&stamp)
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect();
    if wanted.is_subset(&there) {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(|error| format!("cannot make `{}`: {error}", folder.display()))?;
    install(folder, wanted)?;
    let lines: Vec<&str> = wanted.iter().map(String::as_str).collect();
    write(&stamp, &(lines.join("\n") + "\n"))
}

fn install_npm(folder: &Path, packages: &BTreeSet<String>) -> Step {
    // The last `@` is before the version: names can begin with one.
    let pairs: BTreeMap<&str, &str> = packages.iter().filter_map(|package| package.rsplit_once('@')).collect();
    let document =
        serde_json::json!({ "name": "averment-sdk", "private": true, "type": "module", "dependencies": pairs });
    write(&folder.join("package.json"), &document.to_string())?;
    run(Command::new("npm")
        .args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--legacy-peer-deps",
        ])
        .current_dir(folder))
}

fn install_pypi(folder: &Path, packages: &BTreeSet<String>) -> Step {
    if !folder.join("bin/python").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    }
    run(Command::new(folder.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(packages))
}

fn write(file: &Path, text: &str) -> Step {
    std::fs::write(file, text).map_err(|error| format!("cannot write `{}`: {error}", file.display()))
}
