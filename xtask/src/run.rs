//! Running other programs: said first, and an error when they fail.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A step of the build: done, or why not.
pub(crate) type Step = Result<(), String>;

/// Root of the checkout.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program that cargo built without optimisation.
pub(crate) fn built(program: &str) -> PathBuf {
    target().join("debug").join(program)
}

/// Runs cargo in the checkout.
pub(crate) fn cargo(arguments: &[&str]) -> Step {
    cargo_with(arguments, &[])
}

/// Runs cargo in the checkout with more environment.
pub(crate) fn cargo_with(arguments: &[&str], environment: &[(&str, &str)]) -> Step {
    let mut command = Command::new("cargo");
    command
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(root());
    run(&mut command)
}

/// Runs a program and waits.
pub(crate) fn run(command: &mut Command) -> Step {
    let line = line(command);
    println!("+ {line}");
    let status = command
        .status()
        .map_err(|error| format!("`{line}` cannot be started: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{line}` ended with {status}"))
    }
}

/// Runs a program and gives what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let line = line(command);
    let output = command
        .output()
        .map_err(|error| format!("`{line}` cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{line}` ended with {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{line}` printed something that is not UTF-8"))
}

/// A program with its arguments, as somebody would type it.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
