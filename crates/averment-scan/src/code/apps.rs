//! Apps for telephones, where no grammar reads them: programs in Swift, Objective-C and Dart, the manifests and property lists that go into
//! an app, and the lanes that publish it.
//!
//! Start at [`read`]. Files are told by their names; everything else is left alone.

mod code;
mod lanes;
mod settings;

pub(super) use code::{Dead, verdict};

use super::look::Look;

/// Languages of apps that are read line by line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Swift,
    /// And its headers.
    ObjectiveC,
    Dart,
}

/// The language of a file; none where it is another one.
pub(super) fn script(path: &str) -> Option<Script> {
    let (_, ending) = path.rsplit_once('.')?;
    match ending {
        "swift" => Some(Script::Swift),
        "m" | "mm" => Some(Script::ObjectiveC),
        "dart" => Some(Script::Dart),
        _ => None,
    }
}

/// Adds what a live file of an app shows.
pub(super) fn read(look: &mut Look<'_>) {
    let name = look.path.rsplit('/').next().unwrap_or(look.path);
    if let Some(script) = script(name) {
        code::read(look, script);
    } else if name.starts_with("AndroidManifest") && name.ends_with(".xml") {
        settings::manifest(look);
    } else if (name.ends_with(".plist") || name.ends_with(".entitlements")) && !name.starts_with("GoogleService-Info") {
        settings::property_list(look);
    } else if lanes::is_file(look.path, name) {
        lanes::read(look);
    }
}

#[cfg(test)]
mod tests;
