//! Lanes of fastlane: which services the actions of a build hand an app to.

use averment_catalog::{ThirdPartyId, catalog};

use crate::code::look::Look;
use crate::observation::{Confidence, How, Tier};

/// Actions, and whose service they ask.
const ACTIONS: [(&str, &str); 41] = [
    ("app_store_build_number", "apple-app-store"),
    ("app_store_connect_api_key", "apple-app-store"),
    ("appcenter_fetch_version_number", "app-center"),
    ("appcenter_upload", "app-center"),
    ("appstore", "apple-app-store"),
    ("aws_s3", "aws-s3"),
    ("browserstack_upload", "browserstack"),
    ("cert", "apple-app-store"),
    ("crashlytics", "firebase"),
    ("create_app_online", "apple-app-store"),
    ("deliver", "apple-app-store"),
    ("discord_notifier", "discord"),
    ("download_dsyms", "apple-app-store"),
    ("firebase_app_distribution", "firebase"),
    ("firebase_app_distribution_get_latest_release", "firebase"),
    ("get_certificates", "apple-app-store"),
    ("get_provisioning_profile", "apple-app-store"),
    ("google_play_track_version_codes", "google-play"),
    ("latest_testflight_build_number", "apple-app-store"),
    ("notarize", "apple-app-store"),
    ("pilot", "apple-app-store"),
    ("produce", "apple-app-store"),
    ("register_devices", "apple-app-store"),
    ("sentry_create_release", "sentry"),
    ("sentry_debug_files_upload", "sentry"),
    ("sentry_upload_dif", "sentry"),
    ("sentry_upload_dsym", "sentry"),
    ("sentry_upload_sourcemap", "sentry"),
    ("set_github_release", "github"),
    ("sigh", "apple-app-store"),
    ("slack", "slack"),
    ("supply", "google-play"),
    ("testflight", "apple-app-store"),
    ("upload_app_privacy_details_to_app_store", "apple-app-store"),
    ("upload_symbols_to_bugsnag", "bugsnag"),
    ("upload_symbols_to_crashlytics", "firebase"),
    ("upload_symbols_to_datadog", "datadog"),
    ("upload_to_app_store", "apple-app-store"),
    ("upload_to_play_store", "google-play"),
    ("upload_to_play_store_internal_app_sharing", "google-play"),
    ("upload_to_testflight", "apple-app-store"),
];

/// Whether a file holds lanes.
pub(super) fn is_file(path: &str, name: &str) -> bool {
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    name.starts_with("Fastfile") || (folder == "fastlane" && name.ends_with(".rb"))
}

/// Adds whoever an action of a lane asks; a lane of the program's own that is called like one is none.
pub(super) fn read(look: &mut Look<'_>) {
    let text = look.text;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let code = line.trim_start();
        let start = at + (line.len() - code.len());
        at += line.len();
        let code = code.trim_end();
        // `number = latest_testflight_build_number(…)`.
        let called = code.split_once(" = ").map_or(code, |(_, value)| value);
        let end = called
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
            .unwrap_or(called.len());
        let (name, rest) = called.split_at(end);
        let is_call = rest.is_empty() || rest.starts_with('(') || rest.starts_with(" if ");
        let Some((_, id)) = ACTIONS.iter().find(|(action, _)| is_call && *action == name) else {
            continue;
        };
        let id = ThirdPartyId::new(id).ok();
        if let Some(party) = id.and_then(|id| catalog().third_party(&id)) {
            look.known(
                &[party],
                name,
                start,
                (Tier::Configured, How::Call, Confidence::Certain),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_whom_an_action_asks_is_in_the_catalog() {
        for (action, id) in ACTIONS {
            let party = ThirdPartyId::new(id).ok().and_then(|id| catalog().third_party(&id));
            assert!(party.is_some(), "{action}: {id}");
        }
    }
}
