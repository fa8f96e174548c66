//! What the names of calls say about an address that they are given.

use super::Use;

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
pub(in crate::code) fn of_call(path: &str) -> Option<Use> {
    let path = path.strip_prefix("new ").unwrap_or(path).trim_end_matches("()");
    let segments: Vec<String> = path
        .split(['.', ':', '>', '-'])
        .filter(|segment| !segment.is_empty())
        .map(|segment| segment.trim_end_matches("()").to_ascii_lowercase())
        .collect();
    let last = segments.last()?.as_str();
    if crate::code::policy::is_directive(path) {
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
