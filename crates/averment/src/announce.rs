//! What `up` and `gate` say on standard output: addresses, files, and three requests to try.

use std::net::SocketAddr;

use averment_gate::{Authority, Settings};

use crate::cli::Folders;
use crate::house::House;
use crate::register::Register;
use crate::speaking;

/// Everything that `up` has to say.
pub(crate) struct Up<'a> {
    pub(crate) gate: SocketAddr,
    pub(crate) settings: &'a Settings,
    pub(crate) page: SocketAddr,
    pub(crate) admin: Option<SocketAddr>,
    /// Where decisions are served, and whether any sentence says who sees what.
    pub(crate) decides: Option<(SocketAddr, bool)>,
    pub(crate) sink: Option<SocketAddr>,
    pub(crate) register: &'a Register,
    pub(crate) folders: &'a Folders,
    pub(crate) authority: &'a Authority,
    pub(crate) house: &'a House,
}

/// The first line, before anything is opened.
pub(crate) fn hello() {
    anstream::println!(
        "averment {}: published sentences, held against what happens",
        env!("CARGO_PKG_VERSION")
    );
}

/// Says where everything is, and what to try.
pub(crate) fn up(up: &Up<'_>) {
    anstream::println!();
    own_address(up.gate, up.settings);
    anstream::println!("  page      http://{}/", up.page);
    anstream::println!("  status    http://{}/status", up.page);
    anstream::println!("  reports   http://{}/csp-reports takes what browsers report", up.page);
    admin(up.admin);
    decides(up.decides);
    if let Some(sink) = up.sink {
        anstream::println!("  sink      https://{sink} stands in for every third party");
    }
    common((up.register, up.settings), (up.folders, up.authority), up.house);
    if up.register.bundled {
        examples(up.gate, up.folders);
    }
    anstream::println!("\nready; Ctrl-C stops");
}

/// The same for the gate alone.
pub(crate) fn gate(
    (gate, admin_address): (SocketAddr, Option<SocketAddr>),
    settings: &Settings,
    register: &Register,
    (folders, authority): (&Folders, &Authority),
    house: &House,
) {
    own_address(gate, settings);
    admin(admin_address);
    common((register, settings), (folders, authority), house);
    anstream::println!("\nready; Ctrl-C stops");
}

/// The last line.
pub(crate) fn stopped() {
    anstream::println!("stopped; everything recorded is on disk");
}

fn own_address(gate: SocketAddr, settings: &Settings) {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    anstream::println!("  gate      {scheme}://{gate}");
    if !gate.ip().is_loopback() && !settings.services_required {
        anstream::println!(
            "            warning: `open = true`: whoever reaches this address can send through the gate"
        );
    }
}

fn admin(address: Option<SocketAddr>) {
    if let Some(address) = address {
        anstream::println!("  admin     http://{address}/");
    }
}

fn decides(decides: Option<(SocketAddr, bool)>) {
    let Some((address, says_anything)) = decides else {
        return;
    };
    anstream::println!("  decides   http://{address}/access/v1/evaluation");
    if !says_anything {
        anstream::println!("            the register does not say who sees what: everything is denied");
    }
}

fn common((register, settings): (&Register, &Settings), (folders, authority): (&Folders, &Authority), house: &House) {
    let snapshot = house.current();
    anstream::println!("  trust     {}", folders.data.join("authority.pem").display());
    for line in speaking::differences(authority, &speaking::scope(&register.charter, settings)) {
        anstream::println!("            {line}");
    }
    anstream::println!("  register  {}", register.name);
    anstream::println!("  charter   {}", register.charter.digest());
    let (people, identifiers) = (snapshot.directory.people(), snapshot.directory.identifiers());
    anstream::println!("  people    {people}, by {identifiers} identifiers");
    if house.stale {
        anstream::println!("            loaded too long ago (`directory_max_age_hours`): nothing is let out");
        anstream::println!("            until `averment people load FILE` or `averment people sync`");
    } else if people == 0 {
        anstream::println!("            nothing is let out until `averment people load FILE`");
    }
    let recovery = house.recovery;
    anstream::println!("  ledger    {} entries", recovery.entries);
    if recovery.cut_bytes > 0 {
        let (entries, bytes) = (recovery.cut_entries, recovery.cut_bytes);
        anstream::println!("            after a crash: {entries} unacknowledged entries ({bytes} bytes) removed");
    }
    if recovery.checkpoint_mended {
        anstream::println!(
            "            after a power failure: `checkpoint` held no note and was made anew from the log"
        );
    }
    if recovery.clock_behind_seconds > 0 {
        let seconds = recovery.clock_behind_seconds;
        anstream::println!(
            "  clock     {seconds} seconds behind the ledger: nothing is let out until it has caught up;"
        );
        anstream::println!("            if the clock is right now, stop and look at `averment ledger accept-clock`");
    }
}

/// A request to try.
struct Example {
    what: &'static str,
    url: &'static str,
    body: &'static str,
}

const EXAMPLES: [Example; 3] = [
    Example {
        what: "1. An event that names nobody reaches Amplitude:",
        url: "https://api2.amplitude.com/2/httpapi",
        body: r#"{"events":[{"event_type":"level_done","device_id":"d-1"}]}"#,
    },
    Example {
        what: "2. A student's address does not; Amplitude is enforced:",
        url: "https://api2.amplitude.com/2/httpapi",
        body: r#"{"events":[{"user_id":"maya.lindqvist@birch.example"}]}"#,
    },
    Example {
        what: "3. Statsig is in report mode: it is sent, recorded, and breaks the claim:",
        url: "https://events.statsigapi.net/v1/rgstr",
        body: r#"{"events":[{"user":{"email":"maya.lindqvist@birch.example"}}]}"#,
    },
];

/// The folders as flags, where they are not the default.
fn folder_flags(folders: &Folders) -> String {
    let flag = |name: &str, folder: &std::path::Path, default: &str| {
        if folder == std::path::Path::new(default) {
            String::new()
        } else {
            format!(" --{name} {}", folder.display())
        }
    };
    flag("data", &folders.data, "averment-data") + &flag("keys", &folders.keys, "averment-keys")
}

fn examples(gate: SocketAddr, folders: &Folders) {
    let trust = folders.data.join("authority.pem");
    anstream::println!("\nTry in another terminal, then look at the page:");
    for example in &EXAMPLES {
        anstream::println!("\n{}", example.what);
        anstream::println!("curl -sS -x http://{gate} --cacert {} \\", trust.display());
        anstream::println!("  {} \\", example.url);
        anstream::println!("  --json '{}'", example.body);
    }
    let program = std::env::current_exe().map_or_else(|_| "averment".into(), |path| path.display().to_string());
    let folders = folder_flags(folders);
    anstream::println!("\nThen:");
    for command in ["claims", "ledger person s-10421", "ledger verify"] {
        anstream::println!("{program} {command}{folders}");
    }
}
