//! The page that checks bundles in a browser: one file with the verifying room in it, for `file://` and any server.
//!
//! The policy of the page allows its own script and style by digest, the module, and nothing else: no request can be made.

use std::path::PathBuf;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::run::{Step, root, run};

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the page into the target folder and says where it is.
pub(crate) fn build() -> Result<PathBuf, String> {
    add_target()?;
    let folder = root().join("wasm");
    let target = target_folder();
    let built = target.join("verifier-page");
    run(Command::new("cargo")
        .args(["build", "--release", "--locked", "--target", TARGET])
        .args(["--manifest-path", &folder.join("Cargo.toml").display().to_string()])
        .env("CARGO_TARGET_DIR", &built))?;
    let module = read(&built.join(TARGET).join("release/averment_verify_wasm.wasm"))?;
    let text = |name: &str| read(&folder.join(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let script = text("page.js")?.replace("@WASM@", &base64(&module));
    let style = text("page.css")?;
    let page = text("page.html")?
        .replace("@SCRIPT@", &base64(&Sha256::digest(&script)))
        .replace("@STYLE@", &base64(&Sha256::digest(&style)))
        .replace("@STYLE_TEXT@", &style)
        .replace("@SCRIPT_TEXT@", &script);
    let out = built.join("verifier.html");
    std::fs::write(&out, page).map_err(|error| format!("cannot write `{}`: {error}", out.display()))?;
    Ok(out)
}

/// The standard library for the target, where it is missing and a toolchain manager is there.
fn add_target() -> Step {
    let sysroot = crate::run::output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    if PathBuf::from(sysroot.trim()).is_dir() {
        return Ok(());
    }
    run(Command::new("rustup").args(["target", "add", TARGET])).map_err(|error| {
        format!("the page needs the target `{TARGET}` of Rust (`rustup target add {TARGET}`): {error}")
    })
}

fn target_folder() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    named.unwrap_or_else(|| root().join("target"))
}

fn read(path: &std::path::Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (word >> (18 - 6 * place)) & 63;
            text.push(if place <= chunk.len() {
                DIGITS[digit as usize].into()
            } else {
                '='
            });
        }
    }
    text
}
