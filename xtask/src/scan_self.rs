//! The project's own code, held against the project's own register: its own row holds as everybody's must.

use std::process::Command;

use crate::run::{Step, root, run};

/// Looks at the checkout.
pub(crate) fn check() -> Step {
    let baseline = "register-of-averment/averment-baseline.toml";
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--locked", "-p", "averment", "--"]);
    command.args([
        "scan",
        "code",
        ".",
        "--register",
        "register-of-averment",
        "--baseline",
        baseline,
    ]);
    run(command.current_dir(root()))
}
