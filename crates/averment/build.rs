//! Lists the files of the bundled example register so that the program can embed them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../examples/codeorg");
    let mut files = Vec::new();
    for part in ["", "recipients", "claims"] {
        list(&root, part, &mut files)?;
    }
    files.sort();
    let mut rust = String::from("static FILES: &[(&str, &str)] = &[\n");
    for (name, path) in files {
        let _ = writeln!(rust, "    ({name:?}, include_str!({:?})),", path.display().to_string());
    }
    rust.push_str("];\n");
    std::fs::write(
        PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("example.rs"),
        rust,
    )
}

fn list(root: &Path, part: &str, files: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    let folder = root.join(part);
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((
                if part.is_empty() {
                    name
                } else {
                    format!("{part}/{name}")
                },
                path,
            ));
        }
    }
    Ok(())
}
