//! The project's own code, held against the project's own register: its own row holds as everybody's must.

use std::path::Path;
use std::process::Command;

use crate::run::{Step, built, cargo, root, run};

/// Builds the program, and looks at the checkout.
pub(crate) fn check() -> Step {
    cargo(&["build", "--locked", "-p", "averment"])?;
    look(&built("averment"))
}

/// Looks at the checkout with a program that is built.
pub(crate) fn look(program: &Path) -> Step {
    let baseline = "register-of-averment/averment-baseline.toml";
    let mut command = Command::new(program);
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
