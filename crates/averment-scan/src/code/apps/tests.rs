use crate::code::tests::look;

#[test]
fn modules_of_apps_are_imports_and_what_is_called_on_them_is_a_call() {
    let text = "import UIKit\nimport FirebaseMessaging\n// import Amplitude\nfunc go() {\n    Messaging.messaging().delegate = self\n    Sentry.captureMessage(\"a\")\n}\n";
    assert_eq!(
        look("ios/App.swift", text),
        [
            "firebase-cloud-messaging contacted Import FirebaseMessaging @2",
            "firebase-cloud-messaging contacted Call Messaging @5",
            "sentry contacted Call Sentry.captureMessage @6",
        ]
    );
    let text = "import 'package:unsplash_client/unsplash_client.dart';\nimport 'package:flutter/material.dart';\nfinal client = UnsplashClient(settings: a);\n";
    assert_eq!(
        look("lib/cover.dart", text),
        [
            "unsplash contacted Import unsplash_client @1",
            "unsplash contacted Call UnsplashClient @3",
        ]
    );
    let text = "#import <FBSDKCoreKit/FBSDKCoreKit.h>\n@import Firebase;\n";
    assert_eq!(
        look("ios/AppDelegate.m", text),
        [
            "facebook-login contacted Import FBSDKCoreKit @1",
            "firebase contacted Import Firebase @2",
        ]
    );
}

#[test]
fn an_address_that_something_is_put_into_is_asked() {
    for (path, line, tier) in [
        (
            "lib/a.dart",
            "final url = 'https://www.new-desk.org/favicon/${link.host}?larger=true';",
            "contacted",
        ),
        (
            "lib/a.dart",
            "  return 'https://api.new-desk.org/items/$id';",
            "contacted",
        ),
        (
            "lib/a.dart",
            "await http.get(Uri.parse('https://new-desk.org/items'));",
            "contacted",
        ),
        (
            "A.swift",
            "let url = URL(string: \"https://new-desk.org/oembed?url=\\(video)\")",
            "contacted",
        ),
        ("A.swift", "AF.request(\"https://new-desk.org/items\")", "contacted"),
        (
            "lib/a.dart",
            "await launchUrl(Uri.parse('https://new-desk.org/api/${id}'));",
            "linked only",
        ),
        (
            "lib/a.dart",
            "final helpUrl = 'https://new-desk.org/help/${locale}';",
            "linked only",
        ),
        (
            "A.swift",
            "if link.hasPrefix(\"https://new-desk.org/api/\\(id)\") {",
            "linked only",
        ),
        (
            "A.swift",
            "let url = URL(string: \"https://new-desk.org/courses/\\(id)\")",
            "linked only",
        ),
    ] {
        let found = look(path, &format!("{line}\n"));
        let one = found.first().map(String::as_str).unwrap_or_default();
        assert!(one.starts_with(&format!("new-desk.org {tier}")), "{line}: {found:?}");
    }
}

#[test]
fn previews_and_debugging_are_in_no_app() {
    let text = "import SwiftUI\n#if DEBUG\nlet a = AF.request(\"https://new-desk.org/a\")\n#if os(iOS)\n#endif\nlet m = URLRequest(url: \"https://www.gravatar.com/avatar/1.png\")\n#endif\nstruct A_Previews: PreviewProvider {\n  static var previews: some View {\n    AsyncImage(url: \"https://www.gravatar.com/avatar/2.png\")\n  }\n}\nlet live = URLRequest(url: \"https://www.gravatar.com/avatar/3.png\")\n";
    assert_eq!(
        look("App/A.swift", text),
        [
            "gravatar dead code Host www.gravatar.com @6",
            "gravatar dead code Host www.gravatar.com @10",
            "gravatar contacted Host www.gravatar.com @13",
        ]
    );
    let text = "@Preview\n@Composable\nfun DeskPreview() {\n  Avatar(\"https://www.gravatar.com/avatar/1.png\")\n}\n@Composable\nfun Desk() {\n  load(\"https://www.gravatar.com/avatar/2.png\")\n}\n";
    let found = look("app/src/main/java/Desk.kt", text);
    assert!(
        found
            .iter()
            .any(|one| one.starts_with("gravatar dead code") && one.ends_with("@4")),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|one| !one.contains("dead code") && one.ends_with("@8")),
        "{found:?}"
    );
}

#[test]
fn names_in_manifests_and_property_lists() {
    let text = "<manifest>\n  <!-- <meta-data android:name=\"com.google.android.geo.API_KEY\" /> -->\n  <meta-data\n    android:name=\"io.branch.sdk.BranchKey\"\n    android:value=\"x\" />\n  <activity android:name=\"com.facebook.FacebookActivity\" tools:node=\"remove\" />\n  <service android:name=\".School\"><intent-filter><action android:name=\"com.google.firebase.MESSAGING_EVENT\"/></intent-filter></service>\n  <queries><package android:name=\"com.facebook.katana\"/></queries>\n</manifest>\n";
    assert_eq!(
        look("app/src/main/AndroidManifest.xml", text),
        [
            "branch-io configured Infrastructure io.branch.sdk.BranchKey @4",
            "firebase-cloud-messaging configured Infrastructure com.google.firebase.MESSAGING_EVENT @7",
        ]
    );
    let text = "<dict>\n  <key>FacebookAppID</key>\n  <string>1</string>\n  <string>fb1234567</string>\n  <string>com.googleusercontent.apps.1-a</string>\n  <!-- <key>branch_key</key> -->\n  <key>CFBundleName</key>\n  <key>com.apple.developer.applesignin</key>\n  <string>applinks:school.app.link</string>\n</dict>\n";
    assert_eq!(
        look("ios/Info.plist", text),
        [
            "facebook-login configured Infrastructure FacebookAppID @2",
            "facebook-login configured Infrastructure fb1234567 @4",
            "google-sign-in configured Infrastructure com.googleusercontent.apps.1-a @5",
            "apple-sign-in configured Infrastructure com.apple.developer.applesignin @8",
            "branch-io configured Host school.app.link @9",
        ]
    );
}

#[test]
fn a_build_asks_its_registries_and_no_other_address() {
    let text = "mavenPublishing {\n  pom { url.set(\"https://github.com/school/desk\") }\n}\n// https://square.github.io/a\nval token = System.getenv(\"SENTRY_AUTH_TOKEN\")\n";
    assert_eq!(
        look("api/build.gradle.kts", text),
        ["sentry configured Environment SENTRY_AUTH_TOKEN @5"]
    );
}

#[test]
fn lanes_hand_an_app_on() {
    let text = "lane :beta do\n  # slack(message: \"a\")\n  upload_to_testflight\n  slack(\n    message: \"a\",\n  )\n  number = latest_testflight_build_number(version: 1)\n  slack_mentions = 1\n  supply_desk\nend\n";
    assert_eq!(
        look("fastlane/Fastfile", text),
        [
            "apple-app-store configured Call upload_to_testflight @3",
            "slack configured Call slack @4",
            "apple-app-store configured Call latest_testflight_build_number @7",
        ]
    );
}
