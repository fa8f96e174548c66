//! What the gate's authority may speak for, beside what the register declares: opened, and told where the two differ.

use averment_gate::{Authority, AuthorityError, Clock, Scope, Settings};
use averment_register::Charter;

use crate::cli::Folders;
use crate::clock;

/// How many hosts are named before the rest is only counted.
const NAMED_MAX: usize = 5;

/// What it should speak for.
pub(crate) fn scope(charter: &Charter, settings: &Settings) -> Scope {
    Scope::of(charter, &settings.authority.domains)
}

/// The authority of `folders`, made for what is declared when there is none yet.
pub(crate) fn open(folders: &Folders, charter: &Charter, settings: &Settings) -> Result<Authority, AuthorityError> {
    let scope = scope(charter, settings);
    Authority::open(&folders.keys, &folders.data, &scope, Clock::new(clock::now))
}

/// Where it speaks for more or less than it should: lines for whoever runs the gate; none where it does not.
pub(crate) fn differences(authority: &Authority, scope: &Scope) -> Vec<String> {
    let outside = authority.outside(scope);
    let mut lines = Vec::new();
    if !authority.is_constrained() {
        lines.push("its certificate lets it speak for any host, to every program that trusts it:".to_owned());
        lines.push(match scope {
            Scope::Hosts(_) => "`averment authority renew --new-key` binds it to the hosts of the register".to_owned(),
            Scope::Everything => {
                "the register lets any through (`unknown_hosts = \"report\"`); afterwards bind it to some".to_owned()
            }
        });
    }
    if outside.all_others {
        lines.push("it may not speak for hosts that nobody declares, so tunnels to them are refused,".to_owned());
        lines.push("though the register lets them through: `averment authority renew`".to_owned());
    }
    if !outside.hosts.is_empty() {
        lines.push(format!("it may not speak for {}:", some_of(&outside.hosts)));
        lines.push("tunnels to them are refused until `averment authority renew`".to_owned());
    }
    if !outside.beyond.is_empty() {
        let named = some_of(&outside.beyond);
        lines.push(format!("it permits what the register does not declare: {named};"));
        lines.push("`averment authority renew --new-key` narrows it".to_owned());
    }
    lines
}

/// Hosts of `scope` that are not one company's; none where all are.
pub(crate) fn shared(scope: &Scope) -> Vec<String> {
    let hosts = scope.shared();
    if hosts.is_empty() {
        return Vec::new();
    }
    vec![
        format!("anybody may have a name below {}:", some_of(&hosts)),
        "it may speak for all of them; hosts that the register names one by one narrow that".to_owned(),
    ]
}

/// Patterns of the register that no certificate can name; none where all can be.
pub(crate) fn unbound(charter: &Charter, settings: &Settings) -> Vec<String> {
    let patterns = Scope::unbound(charter, &settings.authority.domains);
    if patterns.is_empty() {
        return Vec::new();
    }
    vec![
        format!("no certificate can name the hosts of {}:", some_of(&patterns)),
        "tunnels to them are refused until `[authority] domains` of the settings says whose they are, and `averment authority renew`"
            .to_owned(),
    ]
}

fn some_of<S: AsRef<str>>(hosts: &[S]) -> String {
    let named = hosts.iter().take(NAMED_MAX);
    let named: Vec<String> = named.map(|host| format!("`{}`", host.as_ref())).collect();
    let more = hosts.len().saturating_sub(NAMED_MAX);
    match more {
        0 => named.join(", "),
        _ => format!("{} and {more} more", named.join(", ")),
    }
}
