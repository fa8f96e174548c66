//! What the tests need besides Rust: installed here when that is possible, named when it is not.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{Step, output, root, run};

/// A program that the tests start, and the Debian package that brings it.
struct Program {
    name: &'static str,
    package: &'static str,
    /// With these arguments it ends well when it is there.
    probe: &'static [&'static str],
    why: &'static str,
}

const PROGRAMS: [Program; 10] = [
    Program {
        name: "node",
        package: "nodejs",
        probe: &["--version"],
        why: "runs the third parties' own clients",
    },
    Program {
        name: "npm",
        package: "npm",
        probe: &["--version"],
        why: "installs them",
    },
    Program {
        name: "chromium",
        package: "chromium",
        probe: &["--version"],
        why: "shows the pages",
    },
    Program {
        name: "curl",
        package: "curl",
        probe: &["--version"],
        why: "runs the walk-through as a newcomer would",
    },
    Program {
        name: "setpriv",
        package: "util-linux",
        probe: &["--version"],
        why: "ends what the statements are tried on with whoever tries them",
    },
    Program {
        name: "psql",
        package: "postgresql",
        probe: &["--version"],
        why: "gives people to the directory, and a schema to look at",
    },
    Program {
        name: "mariadbd",
        package: "mariadb-server",
        probe: &["--version"],
        why: "gives a schema to look at",
    },
    Program {
        name: "python3",
        package: "python3-venv",
        probe: &["-c", "import ensurepip, venv"],
        why: "runs the third parties' clients in Python",
    },
    Program {
        name: "go",
        package: "golang-go",
        probe: &["version"],
        why: "runs the judge of published ledgers",
    },
    Program {
        name: "test",
        package: "golang-golang-x-mod-dev",
        probe: &["-f", "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tile.go"],
        why: "is what that judge judges with",
    },
];

/// Folders with npm packages that tests use.
const NODE_FOLDERS: [&str; 2] = ["tests/browser", "tests/clients"];

/// Installs missing Debian packages when root, otherwise says which; then the npm packages.
pub(crate) fn install() -> Step {
    let missing: Vec<&Program> = PROGRAMS
        .iter()
        .filter(|program| !runs(program.name, program.probe))
        .collect();
    if !missing.is_empty() {
        install_packages(&missing)?;
    }
    NODE_FOLDERS
        .iter()
        .try_for_each(|folder| install_node_packages(&root().join(folder)))
}

fn runs(program: &str, probe: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(probe)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn install_packages(missing: &[&Program]) -> Step {
    let packages: Vec<&str> = missing.iter().map(|program| program.package).collect();
    let root_user = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root_user || !runs("apt-get", &["--version"]) {
        let reasons = missing
            .iter()
            .map(|p| format!("  {}: {}", p.package, p.why))
            .collect::<Vec<_>>()
            .join("\n");
        return Err(format!(
            "the tests need these Debian packages; install them and run again:\n{reasons}"
        ));
    }
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    let mut command = Command::new("apt-get");
    command
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages);
    run(command.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// `npm ci`, unless the packages of this very lock file are there already.
fn install_node_packages(folder: &Path) -> Step {
    let lock = folder.join("package-lock.json");
    let wanted = std::fs::read(&lock).map_err(|error| format!("cannot read `{}`: {error}", lock.display()))?;
    let stamp = folder.join("node_modules/.installed-lock");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(folder))?;
    std::fs::write(&stamp, wanted).map_err(|error| format!("cannot write `{}`: {error}", stamp.display()))
}
