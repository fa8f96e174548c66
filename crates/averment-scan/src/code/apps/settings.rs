//! Names in what goes into an app beside its program: `AndroidManifest.xml`, `Info.plist`, `*.entitlements`.

use averment_catalog::ThirdParty;

use crate::code::look::{Look, Verdict};
use crate::identify::{Address, Kind};
use crate::observation::{Confidence, How, Tier};

const SET_UP: Verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);

/// Tags of a text of XML with the byte at which each begins, without comments.
fn tags(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(from..)?;
            let start = from + rest.find('<')?;
            let rest = text.get(start..)?;
            let (end, comment) = match rest.starts_with("<!--") {
                true => (rest.find("-->").map_or(rest.len(), |end| end + 3), true),
                false => (rest.find('>').map_or(rest.len(), |end| end + 1), false),
            };
            from = start + end;
            if !comment {
                return Some((start, rest.get(..end).unwrap_or_default()));
            }
        }
    })
}

/// `android:name` of every element that is not taken out, by the Java package that it lies in or by what only users of somebody write there.
/// What the manifest asks the system for, or looks for on it, is nobody's service.
pub(super) fn manifest(look: &mut Look<'_>) {
    let text = look.text;
    for (start, tag) in tags(text) {
        let asked = ["<package", "<uses-library", "<uses-feature"]
            .iter()
            .any(|begin| tag.starts_with(begin));
        let Some((front, rest)) = tag.split_once("android:name=\"") else {
            continue;
        };
        if asked || tag.contains("tools:node=\"remove\"") {
            continue;
        }
        let name = rest.split('"').next().unwrap_or_default();
        let names = look.tables.names();
        let known = [Kind::AppSetting, Kind::JavaPackage].map(|kind| names.look_up(kind, name));
        if let Some(parties) = known.into_iter().find(|parties| !parties.is_empty()) {
            look.known(parties, name, start + front.len(), SET_UP);
        }
    }
}

/// Keys and texts of a property list.
pub(super) fn property_list(look: &mut Look<'_>) {
    let text = look.text;
    for (start, tag) in tags(text) {
        if tag != "<key>" && tag != "<string>" {
            continue;
        }
        let at = start + tag.len();
        let value = text
            .get(at..)
            .and_then(|rest| rest.split('<').next())
            .unwrap_or_default();
        if let Some(host) = value.strip_prefix("applinks:").filter(|_| tag == "<string>") {
            linked(look, host, at);
            continue;
        }
        let parties = parties_of(look, value);
        look.known(parties, value, at, SET_UP);
    }
}

/// `FacebookAppID`, `com.googleusercontent.apps.1-a`, `fb1234567`, `1-a.apps.googleusercontent.com`.
fn parties_of(look: &Look<'_>, value: &str) -> &'static [&'static ThirdParty] {
    let names = look.tables.names();
    let stem = value.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let value = match value {
        _ if value.ends_with(".apps.googleusercontent.com") => "com.googleusercontent.apps",
        // A scheme that is made of the app's number there.
        _ if value.len() - stem.len() > 4 && ["fb", "vk"].contains(&stem) => stem,
        _ => value,
    };
    match value.len() < 200 {
        true => names.look_up(Kind::AppSetting, value),
        false => &[],
    }
}

/// `applinks:*.app.link`: links there are handed to the app.
fn linked(look: &mut Look<'_>, host: &str, at: usize) {
    let host = host.split('?').next().unwrap_or(host).trim_start_matches("*.");
    let Ok(address) = Address::parse(host) else { return };
    // A page of somebody's own, whoever serves it.
    let own = address.host.ends_with(".github.io");
    if !own && !look.tables.of_address(&address).is_empty() {
        look.address(&address, at, (Tier::Configured, How::Host, Confidence::Likely));
    }
}
