//! What names say about an address beside them: something that is contacted, something that is shown, something that is linked to.

use crate::words::split;

/// What is done with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A request goes there.
    Request,
    /// A page loads it.
    Load,
    /// Somebody may follow it, or it is only written down.
    Link,
    /// A policy or list lets it happen.
    Policy,
    /// Nothing: documentation of something, or of who may ask.
    Nothing,
}

/// Last names of calls that make a request, whatever they are called on.
const REQUESTS: [&str; 44] = [
    "fetch",
    "axios",
    "urlopen",
    "urlretrieve",
    "sendbeacon",
    "websocket",
    "eventsource",
    "httparty",
    "ky",
    "got",
    "superagent",
    "curl_init",
    "file_get_contents",
    "fsockopen",
    "get_response",
    "post_form",
    "postforobject",
    "getforobject",
    "postforentity",
    "getforentity",
    "httppost",
    "httpget",
    "httpput",
    "httprequest",
    "newrequest",
    "postform",
    "newrequestwithcontext",
    "openconnection",
    "ajax",
    "getjson",
    "xmlhttprequest",
    "open_uri",
    "download_file_content",
    "usefetch",
    "fetchjson",
    "http_build_query_post",
    "curl",
    "wget",
    "httpclient",
    "clientsession",
    "asyncclient",
    "curlopt_url",
    "drupal_http_request",
    "wp_remote_post",
];

/// Last names of calls that make one when what they are called on is a client.
const VERBS: [&str; 14] = [
    "get", "post", "put", "patch", "delete", "request", "head", "options", "new", "create", "start", "open", "send",
    "execute",
];

/// Names of clients.
const CLIENTS: [&str; 34] = [
    "http",
    "https",
    "axios",
    "requests",
    "httpx",
    "client",
    "session",
    "faraday",
    "conn",
    "connection",
    "restclient",
    "rest",
    "excon",
    "typhoeus",
    "httparty",
    "guzzle",
    "agent",
    "needle",
    "request",
    "reqwest",
    "xhr",
    "ajax",
    "$",
    "jquery",
    "urllib",
    "aiohttp",
    "fetcher",
    "$http",
    "superagent",
    "httpclient",
    "webclient",
    "resttemplate",
    "curl",
    "api",
];

/// Calls that load a script.
const LOADERS: [&str; 16] = [
    "getscript",
    "loadscript",
    "importscripts",
    "injectscript",
    "addscript",
    "appendscript",
    "javascript_include_tag",
    "stylesheet_link_tag",
    "image_tag",
    "video_tag",
    "audio_tag",
    "add_javascript",
    "loadcss",
    "loadjs",
    "preload_link_tag",
    "usescript",
];

/// Calls that lead somebody somewhere, or only write.
const LINKS: [&str; 30] = [
    "link_to",
    "mail_to",
    "redirect_to",
    "redirect",
    "httpresponseredirect",
    "link",
    "window.open",
    "location.assign",
    "location.replace",
    "navigate",
    "push",
    "log",
    "warn",
    "error",
    "info",
    "debug",
    "print",
    "puts",
    "printf",
    "echo",
    "raise",
    "throw",
    "exception",
    "format_html",
    "t",
    "_",
    "gettext",
    "ugettext",
    "button_to",
    "openurl",
];

/// Calls that compare texts, whatever they are called on.
const QUESTIONS: [&str; 14] = [
    "startswith",
    "starts_with",
    "starts_with?",
    "start_with?",
    "endswith",
    "ends_with",
    "ends_with?",
    "end_with?",
    "str_starts_with",
    "includes",
    "include?",
    "indexof",
    "match?",
    "hasprefix",
];

/// What a call does with an address that it is given.
pub(super) fn of_call(path: &str) -> Option<Use> {
    let path = path.strip_prefix("new ").unwrap_or(path).trim_end_matches("()");
    let segments: Vec<String> = path
        .split(['.', ':', '>', '-'])
        .filter(|segment| !segment.is_empty())
        .map(|segment| segment.trim_end_matches("()").to_ascii_lowercase())
        .collect();
    let last = segments.last()?.as_str();
    if super::policy::is_directive(path) {
        return Some(Use::Policy);
    }
    // Who may embed the page is not where the page goes; nor is what an address is compared with.
    if last.ends_with("ancestors") || QUESTIONS.contains(&last) {
        return Some(Use::Nothing);
    }
    let whole = segments.join(".");
    if LINKS.contains(&last) || LINKS.contains(&whole.as_str()) {
        return Some(Use::Link);
    }
    if LOADERS.contains(&last) {
        return Some(Use::Load);
    }
    let receiver = segments.len().checked_sub(2).and_then(|at| segments.get(at));
    // `Net::HTTP.new`, `http.get`, `apiClient.post`, `axios.create`.
    let client = receiver
        .is_some_and(|receiver| CLIENTS.contains(&receiver.as_str()) || split_has(receiver, &["client", "http"]));
    (REQUESTS.contains(&last) || (client && VERBS.contains(&last))).then_some(Use::Request)
}

fn split_has(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| name.ends_with(word) || name.starts_with(word))
}

/// Words of names whose address goes nowhere.
const NEITHER: [&str; 31] = [
    "cors",
    "origin",
    "origins",
    "issuer",
    "iss",
    "xmlns",
    "namespace",
    "schema",
    "license",
    "licence",
    "context",
    "referer",
    "csrf",
    "ancestors",
    "copyright",
    "author",
    "placeholder",
    "example",
    "examples",
    "regex",
    "pattern",
    "audience",
    "claim",
    "claims",
    "scope",
    "scopes",
    "registry",
    "repository",
    "homepage",
    "bugs",
    "funding",
];
/// Words of names whose address people follow.
const LINKED: [&str; 52] = [
    "link",
    "links",
    "comment",
    "generated",
    "href",
    "docs",
    "documentation",
    "help",
    "support",
    "faq",
    "terms",
    "privacy",
    "tos",
    "policy",
    "blog",
    "social",
    "website",
    "homepage",
    "learn",
    "more",
    "info",
    "description",
    "message",
    "text",
    "title",
    "label",
    "store",
    "redirect",
    "guide",
    "tutorial",
    "download",
    "article",
    "feedback",
    "forum",
    "community",
    "about",
    "contact",
    "share",
    "sharing",
    "see",
    "reference",
    "source",
    "credit",
    "caption",
    "hint",
    "note",
    "readme",
    "changelog",
    "marketing",
    "tooltip",
    "error",
    "doc",
];
/// Words of names whose address a page loads.
const LOADED: [&str; 29] = [
    "src",
    "script",
    "scripts",
    "iframe",
    "embed",
    "stylesheet",
    "css",
    "font",
    "fonts",
    "cdn",
    "image",
    "img",
    "picture",
    "thumb",
    "thumbnail",
    "poster",
    "logo",
    "icon",
    "background",
    "tile",
    "tiles",
    "player",
    "widget",
    "js",
    "pixel",
    "externals",
    "srcset",
    "favicon",
    "avatar",
];
/// Words of names whose address a program asks.
const REQUESTED: [&str; 28] = [
    "api",
    "endpoint",
    "endpoints",
    "host",
    "hostname",
    "server",
    "webhook",
    "ingest",
    "collector",
    "dsn",
    "service",
    "gateway",
    "proxy",
    "upstream",
    "broker",
    "callout",
    "smtp",
    "rpc",
    "graphql",
    "baseurl",
    "authority",
    "fqdn",
    "upload",
    "telemetry",
    "jwks",
    "oauth",
    "homeserver",
    "discovery",
];
/// The same, where two words say it.
const BASES: [&str; 6] = [
    "base url",
    "base uri",
    "token url",
    "root url",
    "token uri",
    "service url",
];

/// What a name that an address is given to says.
pub(super) fn of_name(name: &str) -> Option<Use> {
    if super::policy::is_directive(name) || super::policy::is_allow_list(name) {
        return Some(Use::Policy);
    }
    let words = split(name);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let joined = words.join(" ");
    // Where a workflow shows what it has put out.
    if joined.contains("environment url") {
        return Some(Use::Link);
    }
    if has(&NEITHER) {
        return Some(Use::Nothing);
    }
    if has(&LINKED) {
        return Some(Use::Link);
    }
    if has(&LOADED) {
        return Some(Use::Load);
    }
    let is_base = BASES.iter().any(|base| joined.contains(base));
    (has(&REQUESTED) || is_base).then_some(Use::Request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_say_what_is_done_with_an_address() {
        for path in [
            "fetch",
            "axios.post",
            "requests.get",
            "Net::HTTP.post",
            "new WebSocket",
            "http.Get",
            "RestClient.post",
            "apiClient.post",
            "$.ajax",
            "navigator.sendBeacon",
            "Faraday.new",
        ] {
            assert_eq!(of_call(path), Some(Use::Request), "{path}");
        }
        for path in ["link_to", "redirect_to", "window.open", "console.log"] {
            assert_eq!(of_call(path), Some(Use::Link), "{path}");
        }
        assert_eq!(of_call("$.getScript"), Some(Use::Load));
        assert_eq!(of_call("policy.script_src"), Some(Use::Policy));
        assert_eq!(of_call("names.get"), None);
    }

    #[test]
    fn names_say_what_an_address_is_for() {
        for (name, means) in [
            ("apiHost", Use::Request),
            ("WEBHOOK_URL", Use::Request),
            ("base_url", Use::Request),
            ("docsUrl", Use::Link),
            ("href", Use::Link),
            ("helpLink", Use::Link),
            ("scriptSrc", Use::Policy),
            ("src", Use::Load),
            ("CORS_ORIGIN_WHITELIST", Use::Nothing),
            ("license", Use::Nothing),
        ] {
            assert_eq!(of_name(name), Some(means), "{name}");
        }
        assert_eq!(of_name("x"), None);
        assert_eq!(of_name("url"), None);
    }
}
