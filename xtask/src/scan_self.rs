//! The project's own code, held against the project's own register: its own row holds as everybody's must.

use std::process::Command;

use crate::run::{Step, output, root, run};

/// Looks at the checkout. A program that cannot look at code yet is said to be one, and nothing is claimed.
pub(crate) fn check() -> Step {
    let averment = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command
            .args(["run", "--quiet", "--locked", "-p", "averment", "--"])
            .args(arguments)
            .current_dir(root());
        command
    };
    let help = output(&mut averment(&["scan", "--help"]))?;
    if !help.lines().any(|line| line.trim_start().starts_with("code ")) {
        println!("`averment scan code` is not there: the project's own code was not looked at");
        return Ok(());
    }
    let baseline = "register-of-averment/averment-baseline.toml";
    let mut arguments = vec!["scan", "code", ".", "--register", "register-of-averment"];
    if root().join(baseline).is_file() {
        arguments.extend(["--baseline", baseline]);
    }
    run(&mut averment(&arguments))
}
