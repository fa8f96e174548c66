//! `averment authority`: which hosts the gate's authority may speak for, and another certificate for those of the register.

use std::path::PathBuf;
use std::sync::Arc;

use averment_gate::{Authority, Clock, Scope, Settings};
use clap::{Args, Subcommand};
use sha2::{Digest as _, Sha256};

use crate::cli::Folders;
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};
use crate::{clock, reload, speaking};

#[derive(Debug, Subcommand)]
pub(crate) enum AuthorityCommand {
    /// Say whether the authority may speak for the hosts of the register, and for no others
    Show(AuthorityArgs),
    /// Write a certificate for the hosts of the register; programs go on with those that they know, and trust it for the others
    Renew(RenewArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AuthorityArgs {
    /// Folder of the register
    register: PathBuf,
    /// File with how the gate is run: domains besides the hosts of the register
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Debug, Args)]
pub(crate) struct RenewArgs {
    #[command(flatten)]
    of: AuthorityArgs,
    /// Where the key of the certificate is kept, when not in the folder of keys
    #[arg(long, value_name = "FILE", conflicts_with = "new_key")]
    root_key: Option<PathBuf>,
    /// Make another key too: after a theft, and where programs trusted a certificate for any host. Nothing works until they trust
    /// the new one
    #[arg(long)]
    new_key: bool,
}

pub(crate) fn run(command: &AuthorityCommand) -> Result<Outcome, Failure> {
    match command {
        AuthorityCommand::Show(arguments) => show(arguments),
        AuthorityCommand::Renew(arguments) => renew(arguments),
    }
}

fn show(arguments: &AuthorityArgs) -> Result<Outcome, Failure> {
    let (register, settings) = arguments.declared()?;
    let scope = speaking::scope(&register.charter, &settings);
    let authority = arguments.read()?;
    print(arguments, &authority);
    let unbound = speaking::unbound(&register.charter, &settings);
    let differences = speaking::differences(&authority, &scope);
    let shared = speaking::shared(&scope);
    let outside = authority.outside(&scope);
    let lacks_none = unbound.is_empty() && outside.hosts.is_empty() && !outside.all_others;
    let holds = lacks_none && authority.is_constrained();
    if holds {
        // A domain is more than what a pattern below it means, so this is about domains.
        let others = if outside.beyond.is_empty() {
            " and for no others"
        } else {
            ""
        };
        anstream::println!("speaks for the domains of what the register declares{others}");
    }
    let lines = unbound.iter().chain(&differences).chain(&shared);
    lines.for_each(|line| anstream::println!("{line}"));
    Ok(if holds { Outcome::Holds } else { Outcome::Contrary })
}

fn renew(arguments: &RenewArgs) -> Result<Outcome, Failure> {
    let of = &arguments.of;
    let (register, settings) = of.declared()?;
    let scope = speaking::scope(&register.charter, &settings);
    let (clock, folders) = (Clock::new(clock::now), &of.folders);
    let renewed = if arguments.new_key {
        Authority::replace(&folders.keys, &folders.data, &scope, clock)?
    } else {
        Authority::renew(
            (&folders.keys, &folders.data),
            arguments.root_key.as_deref(),
            &scope,
            clock,
        )?
    };
    print(of, &renewed);
    match &scope {
        Scope::Hosts(hosts) => anstream::println!("speaks for {} names and what is below them", hosts.len()),
        Scope::Everything => anstream::println!("speaks for any host"),
    }
    anstream::println!(
        "next: `averment env` writes it into the bundles, programs trust it, the gate takes it with a reload"
    );
    if arguments.new_key {
        anstream::println!("      until then tunnels fail; take the certificate of before out of every program");
    }
    Ok(Outcome::Holds)
}

fn print(of: &AuthorityArgs, authority: &Authority) {
    let digest = Sha256::digest(authority.certificate());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    anstream::println!("{}", of.folders.data.join("authority.pem").display());
    anstream::println!("sha256 {digest}");
}

impl AuthorityArgs {
    fn declared(&self) -> Result<(Register, Arc<Settings>), Failure> {
        let register = register::open(Some(&self.register))?;
        Ok((register, reload::settings(self.settings.as_deref())?))
    }

    fn read(&self) -> Result<Authority, Failure> {
        let Folders { data, keys } = &self.folders;
        let read = Authority::read(keys, data, Clock::new(clock::now))?;
        read.ok_or_else(|| {
            Failure::new(format!("there is no authority in `{}` yet", data.display()))
                .hint("start the gate once, or name its folders with `--data DIR` and `--keys DIR`")
        })
    }
}
